"""Is everything there that the migration needs? Each check is one .sql file of readiness/; adding one adds no Python.

A check's header names its side, what is demanded and what to do; its query gives region, measured and ok. Checks only
read: on the source they run in a read-only session.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import ConfigurationError, ObjectStoreError
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
FOLDER = settings.PACKAGE / "readiness"
READ_ONLY = "-c default_transaction_read_only=on -c statement_timeout=300s"


@dataclass(frozen=True)
class Check:
    name: str
    side: postgres.Side
    demanded: str
    next_action: str
    query: str


@dataclass(frozen=True)
class Finding:
    region: str
    check: str
    measured: str
    demanded: str
    ok: bool
    next_action: str


def checks() -> list[Check]:
    """All checks by name. Raises ConfigurationError for a header that lacks a line."""
    return [_read(path) for path in sorted(FOLDER.glob("*.sql"))]


def _read(path: Path) -> Check:
    text = path.read_text("utf-8")
    found = {key: re.search(rf"^-- {key}: (.+)$", text, re.MULTILINE) for key in ("Side", "Demanded", "Next")}
    if missing := [key for key, match in found.items() if not match]:
        raise ConfigurationError(f"readiness/{path.name} lacks the header lines {missing}")
    side, demanded, next_action = (match[1].strip() for match in found.values() if match)
    if side == "source":
        return Check(path.stem, "source", demanded, next_action, text)
    if side != "target":
        raise ConfigurationError(f"readiness/{path.name}: side {side!r} is neither source nor target")
    return Check(path.stem, "target", demanded, next_action, text)


def measure(place: Workplace, run: Run) -> list[Finding]:
    """Run all checks and store the findings under this run. Rerun: replaces the run's own findings."""
    regions = ",".join(place.settings.regions)
    follow = place.settings.follow
    options = (
        f"{READ_ONLY} -c migration.regions={regions} -c migration.slot={follow.slot} -c migration.wal_budget_mb={follow.wal_budget_mb}"
    )
    findings = []
    with (
        postgres.connect(place.source_owner, "source", name=f"assess {run.id}", options=options) as source,
        postgres.connect(place.target, "target", name=f"assess {run.id}", options=options) as target,
    ):
        for check in checks():
            connection = source if check.side == "source" else target
            with postgres.telling(check.side, f"readiness check {check.name}"):
                for region, measured, ok in connection.execute(check.query):
                    findings.append(Finding(region, check.name, str(measured), check.demanded, bool(ok), check.next_action))
    findings += _objects(place)
    _store(place, findings, run)
    return findings


def _objects(place: Workplace) -> list[Finding]:
    """The buckets that every stage writes to or reads from."""
    findings = []
    for bucket in (place.settings.objects.evidence, place.settings.objects.media_source, place.settings.objects.media_target):
        try:
            sum(1 for _ in place.objects.keys(bucket, "no such prefix/"))
            measured, ok = "answers", True
        except ObjectStoreError as error:
            measured, ok = str(error), False
        findings.append(
            Finding(
                "ALL",
                f"bucket {bucket}",
                measured,
                "the bucket answers",
                ok,
                "Create the bucket or mend the connection evidence_s3, then clear this task.",
            )
        )
    return findings


def _store(place: Workplace, findings: list[Finding], run: Run) -> None:
    with postgres.connect(place.target, "target", name=f"assess {run.id}") as target, target.transaction():
        target.execute("delete from migration.readiness where run = %s", (run.id,))
        postgres.run_many(
            target,
            SQL / "readiness_store.sql",
            [(run.id, f.region, f.check, f.measured, f.demanded, f.ok, f.next_action) for f in findings],
        )
