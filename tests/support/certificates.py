"""What every test of proof does: a gate that was judged, a draft that two people have signed, a certificate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg

from local_stack import approver_keys
from poco_migration import settings
from poco_migration.adapters import gate_suites
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import approvals, canonical_json, certificate, certificate_content, draft, facts, gate
from poco_migration.model import GateResult, Judgement, Run, Verdict
from poco_migration.stages import personal_data, reconcile

SEVERITY = {"pass": "critical", "warn": "warning", "fail": "critical"}


def measured(place: Workplace, stage: str, run: Run, name: str) -> None:
    """The facts that this gate judges, as if a task had measured them to their end; what the run has measured already stands."""
    with psycopg.connect(place.target, autocommit=True) as target:
        there = facts.newest_facts(target, run)
    for what in facts.needed(stage, name):
        if not there.get(what, (0, False))[1]:
            with facts.measured(place, run, what):
                pass


def judged(place: Workplace, verdict: Verdict, stage: str, run: Run, name: str = "") -> GateResult:
    """A gate (the first one of the stage) with one expectation, on measured facts, with its report in the bucket and its verdict in the
    ledger."""
    name = name or next(iter(settings.GATES[stage]))
    measured(place, stage, run, name)
    judgement = Judgement("numbers", "expect_column_values_to_be_in_set", "Nothing is missing", "P1 complete", SEVERITY[verdict],  # type: ignore[arg-type]
                          verdict == "pass", "", None,
                          {"number": 1, "kwargs": {"column": "missing", "value_set": [0]}, "query": "select 0 as missing", "rows": 3,
                           "unexpected": 0 if verdict == "pass" else 1, "keys": []}, "Do it again.")  # fmt: skip
    result = GateResult(stage, name, verdict, 1, 1, (judgement,))
    with psycopg.connect(place.target, autocommit=True) as target:
        return gate._keep(place, gate_suites.Gate(stage, name, "audit", ()), result, run, facts.newest_facts(target, run))


def all_judged(place: Workplace, stage: str, run: Run) -> None:
    """Every gate of a stage, green."""
    for name in settings.GATES[stage]:
        judged(place, "pass", stage, run, name)


def answer(person: str, statement: str = "", option: str = "Approve", reason: str = "") -> dict[str, Any]:
    """What Airflow's approval task leaves behind: this line, signed with the person's own key; no signature where there is no line."""
    signature = approver_keys.sign(approver_keys.from_secret(f"test {person}"), statement) if statement else ""
    return {
        "chosen_options": [option],
        "params_input": {"signature": signature, "reason": reason},
        "responded_by_user": {"id": person, "name": person},
        "responded_at": datetime.now(UTC).isoformat(),
    }


def accepted(place: Workplace, stage: str, run: Run, gate_name: str, person: str = "alice") -> dict[str, Any]:
    """The warnings of this gate, as they are now, accepted."""
    subject = f"warnings of {gate_name}"
    with psycopg.connect(place.target) as target:
        shown = approvals.newest_shown(target, stage, run, subject)
    assert shown is not None
    return answer(person, approvals.statement(stage, run.id, subject, shown))


def confirmed(place: Workplace, run: Run, person: str = "alice") -> dict[str, Any]:
    """The erasure that this run asks for, confirmed for the person whom it names now."""
    shown = personal_data.identify(place, run)["sha256"]
    return answer(person, approvals.statement(personal_data.STAGE, run.id, approvals.ERASE, shown))


def signed(place: Workplace, stage: str, run: Run, people: Sequence[str] = ("alice", "bob")) -> list[approvals.Answer]:
    """Two signatures under the newest draft of the run. Without one, a short draft in the ledger, for tests without a bucket."""
    with psycopg.connect(place.target, autocommit=True) as target:
        newest = draft.newest_draft(target, stage, run.id)
        if newest is None:
            body = canonical_json.encode(
                {"kind": "draft", "stage": stage, "run": run.id, "proof": _shortly_proven(place, target, stage, run)}
            )
            target.execute(
                "insert into migration.draft (stage, run, document, sha256, report) values (%s, %s, %s, %s, 'nowhere')",
                (stage, run.id, body.decode(), canonical_json.digest(body)),
            )
            newest = draft.newest_draft(target, stage, run.id)
        assert newest is not None
    return [answer(person, approvals.statement(stage, run.id, stage, newest.sha256)) for person in people]


def _shortly_proven(place: Workplace, target: psycopg.Connection, stage: str, run: Run) -> dict[str, object]:
    """What a draft says where no gate was judged: green gates before the signatures and, for the cutover, the figures as they are."""
    gates: list[dict[str, object]] = []
    for name in settings.BEFORE_SIGNING.get(stage, ()):
        copied = target.execute("select exists (select from migration.receipt)").fetchone() == (True,)
        if copied and "counts" in facts.needed(stage, name) and not facts.newest_facts(target, run).get("counts", (0, False))[1]:
            reconcile.measure(place, run, "cutover", "never")
        measured(place, stage, run, name)
        numbers = {what: number for what, (number, _) in facts.newest_facts(target, run).items()}
        digest = canonical_json.digest(f"{stage}/{name} of {run.id}".encode())
        gates.append({"gate": name, "verdict": "pass", "sha256": digest, "measured": numbers})
        target.execute(
            "insert into migration.gate (stage, gate, run, try_number, verdict, expected, evaluated, failed, report, sha256)"
            " values (%s, %s, %s, 1, 'pass', 1, 1, 0, 'nowhere', %s)",
            (stage, name, run.id, digest),
        )
    told = {name: certificate_content.facts(target, f"proof_{name}", run) for name in ("equations", "excused", "measured")}
    return {"gates": gates, **told}


def certified(place: Workplace, stage: str, run: Run) -> certificate.Certificate:
    """A whole stage in short: its gates green, a draft and its two signatures where the stage needs them, the certificate."""
    all_judged(place, stage, run)
    if stage in settings.SIGNED:
        draft.make_draft(place, stage, run, ["Something that cannot be undone."])
        approvals.require_signatures(place, stage, run, stage, signed(place, stage, run), 2)
    return certificate.issue(place, stage, run)
