"""Control totals: sums over the original tables of both sides, written by the auditors without extract.sql or load.sql.

A total is a folder of expectations/control_totals with source.sql and target.sql; each gives region, bucket, amount. One that
is "Lasting" holds after the handover too, because POCO's tables are closed then and nothing at mi.com may change it. Beside them
a balance (engine/verify/balances.py) compares holder by holder what a sum of all would hide.
They run as the auditor's roles, so a right the migrator lost or a view that lies does not hide a loss.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.verify import balances
from poco_migration.errors import ConfigurationError
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
FOLDER = settings.EXPECTATIONS / "control_totals"
Sums = dict[tuple[str, str], Decimal]


def entity_of(total: Path) -> str:
    """The entity whose rows a total sums, as its source.sql says."""
    found = re.search(r"Entity: (\w+)", (total / "source.sql").read_text("utf-8"))
    if not found:
        raise ConfigurationError(f"control_totals/{total.name}/source.sql does not say 'Entity: <name>'")
    return found[1]


def lasting(total: Path) -> bool:
    """Whether a total holds after the handover, as its source.sql says."""
    return "\n-- Lasting: " in (total / "source.sql").read_text("utf-8")


def measure_totals(place: Workplace, entities: Collection[str], run: Run, at: str | None = None, there: str | None = None) -> int:
    """Measure the totals of these entities on both sides and store them under this run; returns how many buckets.

    With `at` and `there`, the source and the target are read as they were in those exported snapshots. Of what an earlier
    run handed over only lasting totals are summed again; the others stand as they were.
    Rerun: replaces the run's own totals. Rows in quarantine or left out are taken off the source's side by key.
    """
    measured, taken = 0, list[tuple[str, str]]()
    moving = place.settings.moving()
    with (
        postgres.connect(place.source_auditor, "source", name=f"totals {run.id}") as source,
        postgres.connect(place.target_auditor, "target", name=f"totals {run.id}") as auditor,
        postgres.connect(place.target, "target", name=f"totals {run.id}") as target,
    ):
        target.execute("delete from migration.control_total where run = %s", (run.id,))
        for total in sorted(FOLDER.iterdir()):
            if total.is_dir() and (entity := entity_of(total)) in entities:
                with _apart(source, auditor, entity, at, there):
                    left = _sums(source, total / "source.sql", "source", moving)
                    right = _sums(auditor, total / "target.sql", "target", moving)
                measured += _store(target, total.name, left, right, run)
                if not lasting(total):
                    taken.append((total.name, entity))
        for balance in balances.balances_of(entities):
            balances.prepare(auditor)
            with _apart(source, auditor, balance.entity, at, there):
                holders = balances.compare_balances(source, auditor, balance, moving)
            measured += _store(target, balance.name, *holders, run)
            taken.append((balance.name, balance.entity))
        with target.transaction():
            for script in ("totals_theirs.sql", "totals_carry.sql"):
                postgres.run(target, SQL / script, run.id, [name for name, _ in taken], [entity for _, entity in taken])
    return measured


@contextmanager
def _apart(source: postgres.Connection, auditor: postgres.Connection, entity: str, at: str | None, there: str | None) -> Iterator[None]:
    """Both sides in their snapshots, with the keys that rightly are not on the target in the source's table aside."""
    source.execute("drop table if exists pg_temp.aside")
    source.execute("create temp table aside (source_key bigint primary key)")
    with postgres.snapshot(source, at), postgres.snapshot(auditor, there, "target"):
        # Inside it: what was written before to a temporary table is too new for an older snapshot.
        _carry_aside(auditor, source, entity)
        yield


def _carry_aside(auditor: postgres.Connection, source: postgres.Connection, entity: str) -> None:
    query = sql.SQL(
        "select source_key from migration.quarantine where entity = {0} and resolved_at is null"
        " union select source_key from migration.left_out where entity = {0}"
    ).format(sql.Literal(entity))
    postgres.pipe(auditor, sql.SQL("copy ({}) to stdout").format(query), source, sql.SQL("copy aside from stdin"))
    source.execute("analyze aside")


def _sums(connection: postgres.Connection, path: Path, side: postgres.Side, moving: tuple[str, ...]) -> Sums:
    with postgres.translated_errors(side, f"control total {path.parent.name}"):
        rows = connection.execute(postgres.statement(path)).fetchall()
    return {(region, bucket): amount for region, bucket, amount in rows if region in moving}


def _store(target: postgres.Connection, total: str, left: Sums, right: Sums, run: Run) -> int:
    buckets = sorted(left.keys() | right.keys())
    rows = [(run.id, total, *key, left.get(key, Decimal(0)), right.get(key, Decimal(0))) for key in buckets]
    postgres.run_many(target, SQL / "total_store.sql", rows)
    return len(buckets)
