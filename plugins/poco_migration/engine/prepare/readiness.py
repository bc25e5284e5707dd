"""Is everything there that the migration needs? Each check is one .sql file of readiness/; adding one adds no Python.

A check's header names its side, what is demanded and what to do; its query gives region, measured and ok. Checks only
read, in sessions that cannot write. What they compare with comes as settings of the session: migration.regions, .moving,
.slot, .wal_budget_mb, .single_rows, .long_transaction_s, .backfill_s, .wal_bytes_per_s, .wal_from (engine/prepare/forecast.py) and .cards
(what the entity cards say, as JSON).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.copying import schema_drift
from poco_migration.engine.prepare import bucket_readiness, constraint_conflicts, forecast, secret_readiness
from poco_migration.errors import ConfigurationError
from poco_migration.model import Finding, Run

SQL = Path(__file__).parent / "sql"
FOLDER = settings.PACKAGE / "readiness"
HEADER = ("Side", "Demanded", "Next")
Severity = Literal["critical", "warning", "info"]


@dataclass(frozen=True)
class Check:
    name: str
    side: postgres.Side
    demanded: str
    next_action: str
    query: str
    severity: Severity = "critical"
    needs: str = ""  # a function that an administrator installs; where it is not, the check is not ok and says so


def checks() -> list[Check]:
    """All checks by name. Raises ConfigurationError for a header that lacks a line or says something impossible."""
    return [_read(path) for path in sorted(FOLDER.glob("*.sql"))]


def _read(path: Path) -> Check:
    text = path.read_text("utf-8")
    found = dict(re.findall(r"^-- (Side|Demanded|Next|Severity|Needs): (.+)$", text, re.MULTILINE))
    if missing := [key for key in HEADER if key not in found]:
        raise ConfigurationError(f"readiness/{path.name} lacks the header lines {missing}")
    side, severity = found["Side"].strip(), found.get("Severity", "critical").strip()
    if side not in get_args(postgres.Side):
        raise ConfigurationError(f"readiness/{path.name}: side {side!r} is neither source nor target")
    if severity not in get_args(Severity):
        raise ConfigurationError(f"readiness/{path.name}: severity {severity!r} is none of {', '.join(get_args(Severity))}")
    return Check(
        path.stem,
        cast("postgres.Side", side),
        found["Demanded"].strip(),
        found["Next"].strip(),
        text,
        cast("Severity", severity),
        found.get("Needs", ""),
    )


def run_checks(place: Workplace, run: Run, more: Mapping[str, str] | None = None) -> list[Finding]:
    """Run all checks and store the findings under this run; `more` is what a forecast demands, made here where it is not given.

    Writes nothing to the source. Rerun: replaces the run's own findings.
    """
    findings = [
        *_by_sql(place, run, {**_given(place), **(more or forecast.make_forecast(place, run).demands())}),
        *bucket_readiness.find_buckets(place),
        *secret_readiness.find_keys(place),
        secret_readiness.find_approvers(place),
        *_shapes(place),
        *constraint_conflicts.find_conflicts(place, run),
    ]
    _store(place, findings, run)
    return findings


def ask_checks(place: Workplace, run: Run, names: Collection[str]) -> list[Finding]:
    """Ask these checks alone, and keep nothing. They must need no forecast. Reads only."""
    return list(_by_sql(place, run, _given(place), names))


def read_only(place: Workplace) -> str:
    """The options of a session that assesses: it cannot write, and gives up after assess.statement_timeout_s."""
    return f"-c default_transaction_read_only=on -c statement_timeout={place.settings.assess.statement_timeout_s}s"


def _given(place: Workplace) -> dict[str, str]:
    said = place.settings
    named = {
        entity.name: {"moves": entity.moves, "table": entity.table, "columns": dict(entity.columns)} for entity in cards.entities().values()
    }
    return {
        "regions": ",".join(said.regions),
        "moving": ",".join(said.moving()),
        "slot": said.follow.slot,
        "wal_budget_mb": str(said.follow.wal_budget_mb),
        "single_rows": str(said.assess.single_rows),
        "long_transaction_s": str(said.assess.long_transaction_s),
        "cards": json.dumps(named),
    }


def _by_sql(place: Workplace, run: Run, given: Mapping[str, str], names: Collection[str] | None = None) -> Iterator[Finding]:
    options = read_only(place)
    with (
        postgres.connect(place.source_owner, "source", name=f"assess {run.id}", options=options) as source,
        postgres.connect(place.target, "target", name=f"assess {run.id}", options=options) as target,
    ):
        sides: dict[postgres.Side, postgres.Connection] = {"source": source, "target": target}
        for connection in sides.values():
            postgres.run(connection, SQL / "assess_given.sql", json.dumps(given))
        for check in [check for check in checks() if names is None or check.name in names]:
            with postgres.translated_errors(check.side, f"readiness check {check.name}"):
                if check.needs and not postgres.value(sides[check.side], "select to_regprocedure(%s) is not null", (check.needs,)):
                    measured = f"cannot be seen: {check.needs} is not installed"
                    yield Finding("ALL", check.name, measured, check.demanded, False, check.next_action, check.severity)
                    continue
                for region, measured, ok in sides[check.side].execute(check.query).fetchall():
                    yield Finding(region, check.name, str(measured), check.demanded, bool(ok), check.next_action, check.severity)


def _shapes(place: Workplace) -> Iterator[Finding]:
    """A table that is not as it was pinned: a person accepts it, because the install that follows pins it anew."""
    changes = schema_drift.changed_shapes(place)
    yield Finding(
        "ALL",
        "shape",
        "never pinned" if changes is None else "; ".join(changes) or "as it was pinned",
        "the tables that copies touch are as they were when the prepare stage last accepted them",
        not changes,
        "If the change is right, adapt the entity where it must be and accept the warning: the task install pins the tables anew. "
        "If it is not, undo it and clear this task (docs/runbook.md, 'A table has changed its shape').",
        "warning",
    )


def ask_again(place: Workplace, run: Run) -> list[Finding]:
    """Ask mi.com's constraints, now that the export views are there; the other findings of the run stay. Rerun: asks again."""
    asked = constraint_conflicts.find_conflicts(place, run)
    with postgres.connect(place.target, "target", name=f"assess {run.id}") as target, target.transaction():
        target.execute("delete from migration.readiness where run = %s and check_name like 'constraints of %%'", (run.id,))
        _insert(target, asked, run)
        rows = postgres.run(target, SQL / "readiness_of_run.sql", run.id)
    return [Finding(**row) for row in rows]


def _store(place: Workplace, findings: list[Finding], run: Run) -> None:
    with postgres.connect(place.target, "target", name=f"assess {run.id}") as target, target.transaction():
        target.execute("delete from migration.readiness where run = %s", (run.id,))
        _insert(target, findings, run)


def _insert(target: postgres.Connection, findings: list[Finding], run: Run) -> None:
    lines = [(run.id, f.region, f.check, f.measured, f.demanded, f.ok, f.next_action, f.severity) for f in findings]
    postgres.run_many(target, SQL / "readiness_store.sql", lines)
