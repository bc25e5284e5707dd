"""The draft of a certificate: what a run has proven so far and what will happen, which two people read and sign.

Their signatures name its digest, and the step that cannot be undone asks for signatures of the newest draft.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from poco_migration import settings
from poco_migration.adapters import postgres, rendering
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import canonical_json, certificate, certificate_content, evidence_files, lateness
from poco_migration.errors import StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Draft:
    stage: str
    run: str
    made_at: datetime
    document: str
    sha256: str
    report: str

    @property
    def gates(self) -> dict[str, str]:
        """The digest of each gate's result that this draft stands on."""
        return {gate["gate"]: gate["sha256"] for gate in self.proof["gates"]}

    @property
    def proof(self) -> dict[str, Any]:
        """What had been proven when it was made."""
        proof: dict[str, Any] = json.loads(self.document)["proof"]
        return proof


def make_draft(place: Workplace, stage: str, run: Run, happens: Sequence[str]) -> Draft:
    """Draft the certificate of a run; `happens` says what the signatures let happen. Rerun: the same facts, the same draft.

    Raises StageRefused when a gate that comes before the signatures is missing, red, yellow without an acceptance, or was judged on
    other facts than the newest ones, or when there is no key to sign the certificate with in the end.
    """
    key = certificate.signing_key_name(place, stage)
    with postgres.connect(place.target, "target", name=f"draft {run.id}") as target:
        found = certificate_content.before_signing(place, target, stage, run)
        _refuse(target, stage, run, found)
        facts = {
            "kind": "draft",
            "schema": certificate.SCHEMA,
            "stage": stage,
            "run": run.id,
            "key": key,
            "happens": list(happens),
            "proof": found,
        }
        known = newest_draft(target, stage, run.id)
        if known and _facts(json.loads(known.document)) == canonical_json.encode(facts):
            return known
        last = certificate.newest_certificate(target)
        now = datetime.now(UTC).replace(microsecond=0)
        late = lateness.seconds(place.settings.calendar, stage, now)
        body = canonical_json.encode(facts | {"previous": last.sha256 if last else None, "made_at": now.isoformat(), "late_seconds": late})
        _keep(place, target, stage, run, body)
        made = newest_draft(target, stage, run.id)
    assert made is not None
    return made


def newest_draft(target: postgres.Connection, stage: str, run: str) -> Draft | None:
    found = postgres.run(target, SQL / "draft_newest.sql", stage, run)
    return Draft(**found[0]) if found else None


def judged_again(target: postgres.Connection, draft: Draft) -> list[str]:
    """The gates that have another result now than the one that the draft shows."""
    now = {row["gate"]: row["sha256"] for row in postgres.run(target, SQL / "gate_newest.sql", draft.stage, draft.run)}
    return [name for name, digest in draft.gates.items() if now.get(name) != digest]


def measured_again(target: postgres.Connection, draft: Draft) -> str:
    """Why the gates before the signatures do not stand on the newest facts of the run any more; empty where they do."""
    measured = certificate_content.facts(target, "proof_measured", Run(draft.run))
    return certificate.unjudged(draft.stage, settings.BEFORE_SIGNING.get(draft.stage, ()), draft.proof | {"measured": measured})


def _refuse(target: postgres.Connection, stage: str, run: Run, found: certificate_content.Proof) -> None:
    before = settings.BEFORE_SIGNING.get(stage, ())
    accepted = certificate_content.accepted(found["gates"], certificate_content.facts(target, "proof_approvals", run))
    for gate in found["gates"]:
        if gate["verdict"] == "fail":
            raise StageRefused(
                f"{stage}: gate {gate['gate']} is red, and nobody is asked to sign that. Mend it, clear its task, and let the DAG go "
                f"on. Report: {gate['report']}"
            )
        if gate["gate"] in before and gate["verdict"] == "warn" and gate["gate"] not in accepted:
            raise StageRefused(
                f"{stage}: gate {gate['gate']} has warnings nobody has accepted, and nobody is asked to sign that. "
                f"Clear its acceptance task and answer it. Report: {gate['report']}"
            )
    if wrong := certificate.unjudged(stage, before, found):
        raise StageRefused(f"{stage}: {wrong} Nobody is asked to sign before that; then clear this task.")


def _facts(document: dict[str, Any]) -> bytes:
    return canonical_json.encode({name: value for name, value in document.items() if name not in ("previous", "made_at", "late_seconds")})


def _keep(place: Workplace, target: postgres.Connection, stage: str, run: Run, body: bytes) -> None:
    """Into the bucket first: a draft that never makes the ledger lies there unread, and is named as part of the run."""
    bucket, digest = place.settings.objects.evidence, canonical_json.digest(body)
    prefix = f"{evidence_files.DRAFTS}{stage}/{evidence_files.slug(run.id)}/{digest[:12]}"
    page = rendering.page("certificate.html", certificate.page_content(json.loads(body), digest))
    place.objects.put_once(bucket, f"{prefix}/draft.json", body, "application/json")
    place.objects.put_once(bucket, f"{prefix}/draft.html", page.encode(), "text/html; charset=utf-8")
    postgres.run(target, SQL / "draft_store.sql", stage, run.id, body.decode(), digest, f"{bucket}/{prefix}/draft.html")
