"""The certificate of a stage: canonical JSON, chained by hash to the one before, and a page for people.

A stage is certified when every gate of the run is green, or yellow and accepted by a person.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from poco_migration import settings
from poco_migration.adapters import postgres, rendering
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import canonical
from poco_migration.errors import StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Certificate:
    sequence: int
    stage: str
    run: str
    sha256: str
    report: str
    issued_at: datetime
    document: str


def issue(place: Workplace, stage: str, run: Run) -> Certificate:
    """Certify a stage by what this run has proven. Rerun: the same proof gives the same certificate back.

    Raises StageRefused when a gate of the run is missing, red, or yellow without an acceptance.
    """
    with postgres.connect(place.target, "target", name=f"certify {run.id}") as target, target.transaction():
        # One at a time, so that the chain has no fork.
        target.execute("lock table migration.certificate in share row exclusive mode")
        proof = _proof(place, target, stage, run)
        last = newest(target)
        known = newest(target, stage, run.id)
        if known and json.loads(known.document)["proof"] == proof:
            return known
        document = {
            "sequence": (last.sequence if last else 0) + 1, "stage": stage, "run": run.id, "previous": last.sha256 if last else None,
            "issued_at": datetime.now(UTC).isoformat(timespec="seconds"), "proof": proof,
        }  # fmt: skip
        return _keep(place, target, document)


def newest(target: postgres.Connection, stage: str | None = None, run: str | None = None) -> Certificate | None:
    """The newest certificate; of a stage and of a run where they are given."""
    found = postgres.run(target, SQL / "certificate_newest.sql", stage, run)
    return Certificate(**found[0]) if found else None


def _proof(place: Workplace, target: postgres.Connection, stage: str, run: Run) -> dict[str, Any]:
    calendar = place.settings.calendar
    deadline = getattr(calendar.deadline, stage, None)
    return {
        "code_sha256": code_digest(),
        "configuration_sha256": hashlib.sha256(settings.CONFIGURATION.read_bytes()).hexdigest(),
        "milestone": canonical.plain(getattr(calendar, stage, None)),
        "deadline": canonical.plain(deadline),
        "late": bool(deadline and calendar.today() >= deadline),
        "rehearsal_shift_seconds": int(calendar.shift.total_seconds()),
        "gates": _gates(target, stage, run),
        "equations": _facts(target, "proof_equations", run),
        "control_totals": _facts(target, "proof_totals", run),
        "approvals": _facts(target, "proof_approvals", run),
        "system_of_record": _facts(target, "proof_owners", run),
    }


def _facts(target: postgres.Connection, name: str, run: Run) -> list[dict[str, Any]]:
    rows = postgres.run(target, SQL / f"{name}.sql", run.id)
    return [{key: canonical.plain(value) for key, value in row.items()} for row in rows]


def _gates(target: postgres.Connection, stage: str, run: Run) -> list[dict[str, Any]]:
    gates = postgres.run(target, SQL / "gate_newest.sql", stage, run.id)
    accepted = {row["subject"] for row in postgres.run(target, SQL / "proof_approvals.sql", run.id)}
    if not gates:
        raise StageRefused(f"{stage}: no gate has been judged in run {run.id}, so there is nothing to certify. Run the whole DAG.")
    for gate in gates:
        if gate["verdict"] == "fail":
            raise StageRefused(
                f"{stage}: gate {gate['gate']} is red. Mend it, clear its task, and let the DAG go on. Report: {gate['report']}"
            )
        if gate["verdict"] == "warn" and f"warnings of {gate['gate']}" not in accepted:
            raise StageRefused(
                f"{stage}: gate {gate['gate']} has warnings nobody has accepted. "
                f"Clear its acceptance task and answer it. Report: {gate['report']}"
            )
    return gates


def _keep(place: Workplace, target: postgres.Connection, document: dict[str, Any]) -> Certificate:
    body = canonical.encode(document)
    digest = canonical.digest(body)
    bucket = place.settings.objects.evidence
    # The digest in the key lets a rerun after a crash write its own certificate beside one that never made the ledger.
    prefix = f"certificates/{document['sequence']:04d}-{document['stage']}-{digest[:12]}"
    place.objects.put_once(bucket, f"{prefix}/certificate.json", body, "application/json")
    page = rendering.page("certificate.html", document | {"sha256": digest})
    place.objects.put_once(bucket, f"{prefix}/certificate.html", page.encode(), "text/html; charset=utf-8")
    report = f"{bucket}/{prefix}/certificate.html"
    postgres.run(target, SQL / "certificate_store.sql", document["sequence"], document["stage"], document["run"], body.decode(), digest,
                 document["previous"], report)  # fmt: skip
    made = newest(target, document["stage"], document["run"])
    assert made is not None
    return made


def code_digest() -> str:
    """One hash over every file that decides what the migration does: package, DAGs and expectations."""
    total = hashlib.sha256()
    for folder in (settings.PACKAGE, settings.PROJECT / "dags", settings.EXPECTATIONS):
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
            total.update(f"{path.relative_to(settings.PROJECT)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()
