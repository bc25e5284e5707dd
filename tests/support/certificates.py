"""What every test of proof does: a gate that was judged, a draft that two people have signed, a certificate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg

from poco_migration import settings
from poco_migration.adapters import gate_suites
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import approvals, canonical_json, certificate, draft, gate
from poco_migration.model import GateResult, Judgement, Run, Verdict

SEVERITY = {"pass": "critical", "warn": "warning", "fail": "critical"}


def judged(place: Workplace, verdict: Verdict, stage: str, run: Run, name: str = "loaded") -> GateResult:
    """A gate with one expectation, its report in the bucket and its verdict in the ledger."""
    judgement = Judgement("numbers", "expect_column_values_to_be_in_set", "Nothing is missing", "P1 complete", SEVERITY[verdict],  # type: ignore[arg-type]
                          verdict == "pass", "", None,
                          {"number": 1, "kwargs": {"column": "missing", "value_set": [0]}, "query": "select 0 as missing", "rows": 3,
                           "unexpected": 0 if verdict == "pass" else 1, "keys": []}, "Do it again.")  # fmt: skip
    result = GateResult(stage, name, verdict, 1, 1, (judgement,))
    return gate._keep(place, gate_suites.Gate(stage, name, "audit", ()), result, run)


def answer(person: str, digest: str | None = None, option: str = "Approve") -> dict[str, object]:
    """What Airflow's approval task leaves behind."""
    said: dict[str, object] = {
        "chosen_options": [option],
        "responded_by_user": {"id": person},
        "responded_at": datetime.now(UTC).isoformat(),
    }
    return said | ({"draft": digest} if digest else {})


def signed(place: Workplace, stage: str, run: Run, people: Sequence[str] = ("alice", "bob")) -> list[approvals.Answer]:
    """Two signatures under the newest draft of the run. Without one, an empty draft in the ledger, for tests without a bucket."""
    with psycopg.connect(place.target, autocommit=True) as target:
        newest = draft.newest_draft(target, stage, run.id)
        if newest is None:
            body = canonical_json.encode({"kind": "draft", "stage": stage, "run": run.id, "proof": {"gates": []}})
            target.execute(
                "insert into migration.draft (stage, run, document, sha256, report) values (%s, %s, %s, %s, 'nowhere')",
                (stage, run.id, body.decode(), canonical_json.digest(body)),
            )
            newest = draft.newest_draft(target, stage, run.id)
        assert newest is not None
    return [answer(person, newest.sha256) for person in people]


def certified(place: Workplace, stage: str, run: Run) -> certificate.Certificate:
    """A whole stage in short: a green gate, a draft and its two signatures where the stage needs them, the certificate."""
    judged(place, "pass", stage, run)
    if stage in settings.SIGNED:
        draft.make_draft(place, stage, run, ["Something that cannot be undone."])
        approvals.require_signatures(place, stage, run, stage, signed(place, stage, run), 2)
    return certificate.issue(place, stage, run)
