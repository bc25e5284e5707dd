"""Control totals: sums over the original tables of both sides, written by the auditors without extract.sql or load.sql.

A total is a folder of expectations/control_totals with source.sql and target.sql; each gives region, bucket, amount, or, if it is
"Hashed", rows whose columns are summed one by one (column_hash.py). One that is "Lasting" holds after the handover too, because
POCO's tables are closed then and nothing at mi.com may change it. Beside them a balance (balances.py) compares holder by
holder what a sum of all would hide, and each row that is set aside is asked for its reason (kept_back.py).
They run as the auditor's roles, so a right the migrator lost or a view that lies does not hide a loss.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.totals import balances, column_hash, kept_back
from poco_migration.errors import ConfigurationError
from poco_migration.model import Entity, Run

SQL = Path(__file__).parent / "sql"
FOLDER = settings.EXPECTATIONS / "control_totals"
Sums = dict[tuple[str, str], Decimal]


@dataclass(frozen=True)
class Measured:
    """What a total is called, both sides by region and bucket, and whether it holds after the handover."""

    name: str
    left: Sums
    right: Sums
    lasting: bool


def entity_of(total: Path) -> str:
    """The entity whose rows a total sums, as its source.sql says."""
    found = re.search(r"Entity: (\w+)", (total / "source.sql").read_text("utf-8"))
    if not found:
        raise ConfigurationError(f"control_totals/{total.name}/source.sql does not say 'Entity: <name>'")
    return found[1]


def lasting(total: Path) -> bool:
    """Whether a total holds after the handover, as its source.sql says."""
    return "\n-- Lasting: " in (total / "source.sql").read_text("utf-8")


def of(entity: str) -> list[Path]:
    """The folders of an entity's totals, in the order of their names."""
    return [folder for folder in sorted(FOLDER.iterdir()) if folder.is_dir() and entity_of(folder) == entity]


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
        for entity in (entity for entity in cards.entities().values() if entity.name in entities and entity.moves != "never"):
            prepare_totals(source, auditor)
            with _apart(source, auditor, entity, at, there):
                for total in compare_totals(source, auditor, entity, moving):
                    measured += store_total(target, total, run)
                    if not total.lasting:
                        taken.append((total.name, entity.name))
        with target.transaction():
            for script in ("totals_theirs.sql", "totals_carry.sql"):
                postgres.run(target, SQL / script, run.id, [name for name, _ in taken], [entity for _, entity in taken])
    return measured


def compare_totals(
    source: postgres.Connection, auditor: postgres.Connection, entity: Entity, moving: tuple[str, ...]
) -> Iterator[Measured]:
    """Every total of an entity, one after the other: control totals, what is kept back, balances.

    Both sessions are the auditors', in the snapshots that are compared; the source has its table aside (set_aside).
    """
    for folder in of(entity.name):
        left = total_sums(source, folder / "source.sql", "source", moving)
        right = total_sums(auditor, folder / "target.sql", "target", moving)
        yield Measured(folder.name, left, right, lasting(folder))
    yield Measured(kept_back.name(entity.name), *kept_back.compare_kept_back(source, entity.name, moving), False)
    for balance in balances.balances_of([entity.name]):
        yield Measured(balance.name, *balances.compare_balances(source, auditor, balance, moving), False)


@contextmanager
def _apart(source: postgres.Connection, auditor: postgres.Connection, entity: Entity, at: str | None, there: str | None) -> Iterator[None]:
    """Both sides in their snapshots, with the rows that rightly are not on the target in the source's table aside."""
    with postgres.snapshot(source, at), postgres.snapshot(auditor, there, "target"):
        # Inside it: what was written before to a temporary table is too new for an older snapshot.
        set_aside(source, auditor, entity)
        yield


def prepare_totals(source: postgres.Connection, auditor: postgres.Connection) -> None:
    """Make the temporary tables of one entity's comparison, empty: what is set aside, and the balances."""
    balances.prepare_balances(auditor)
    source.execute("drop table if exists pg_temp.aside")
    source.execute("create temp table aside (source_key bigint primary key, region text, reason text, detail text)")


def set_aside(source: postgres.Connection, auditor: postgres.Connection, entity: Entity) -> None:
    """Carry the rows of an entity that the ledger says do not move into the source's table aside."""
    listed = sql.SQL("copy ({}) to stdout").format(kept_back.set_aside_keys(entity))
    postgres.pipe(auditor, listed, source, sql.SQL("copy aside from stdin"), sides=("target", "source"))
    source.execute("analyze aside")


def total_sums(connection: postgres.Connection, path: Path, side: postgres.Side, moving: tuple[str, ...]) -> Sums:
    """One side of a control total, by region and bucket."""
    query = postgres.statement(path)
    with postgres.translated_errors(side, f"control total {path.parent.name}"):
        if column_hash.wants_hashes(postgres.statement(path.parent / "source.sql")):
            found = column_hash.column_sums(connection, query, f"control_totals/{path.parent.name}/{path.name}")
        else:
            found = {(region, bucket): amount for region, bucket, amount in connection.execute(query)}
    return {(region, bucket): amount for (region, bucket), amount in found.items() if region in moving}


def store_total(target: postgres.Connection, total: Measured, run: Run) -> int:
    """Write the buckets of a total into the ledger; a side that has nothing of a bucket has zero. Returns how many there are."""
    buckets = sorted(total.left.keys() | total.right.keys())
    rows = [(run.id, total.name, *key, total.left.get(key, Decimal(0)), total.right.get(key, Decimal(0))) for key in buckets]
    postgres.run_many(target, SQL / "total_store.sql", rows)
    return len(buckets)
