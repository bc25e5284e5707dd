"""What is owed in coupons and points: taken key by key at the handover of the orders; and where it is after the reissue.

From the handover on nobody can spend a coupon or a point, and POCO's own jobs go on expiring them: so what counts is what was
owed then. It is read at the snapshot of the switch, behind the handover, and so costs the closed store nothing.

freeze = issued + spent at POCO since + refused by a reason, in coupons, in uses and in worth. Both ends come from the original
tables, by SQL of the auditors (expectations/liability) that shares nothing with extract.sql and load.sql.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.model import Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
FOLDER = settings.EXPECTATIONS / "liability"
FROZEN = "source_key bigint, region text, currency text, kind text, audience text, customer bigint, uses integer, worth numeric"
POINTS = "region text, customer bigint, kind text, state text, points numeric"
EXPIRED = "expired_in_the_gap"
LEFT = "source_key bigint primary key, uses integer"


def at_handover(place: Workplace, run: Run, regions: Sequence[str], at: str | None = None) -> None:
    """Keep what POCO owes in these regions, as it was in the exported snapshot `at` of the source, or now.

    POCO's side keeps the same for itself, by its own statement: it is asked what was active when its jobs have expired it.
    Rerun: replaces what was kept, but for a region of which a coupon has left POCO.
    """
    with (
        postgres.connect(place.source_owner, "source", name=f"owed {run.id}") as source,
        postgres.translated_errors("source", "owed"),
        postgres.snapshot(source, at, writing=True),
    ):
        noted = postgres.value(source, "select poco_export.note_owed(%s)", (list(regions),))
    with _both(place, run, at) as (source, target):
        _carry(source, target, FOLDER / "freeze.sql", "poco_owed", FROZEN)
        _carry(source, target, FOLDER / "points.sql", "poco_points", POINTS)
        postgres.run(target, SQL / "liability_at_handover.sql", list(regions))
    log.info("%d coupons are owed at the handover of %s", noted, ", ".join(regions))


def freeze(place: Workplace, run: Run) -> int:
    """Keep what POCO owes besides, before the first coupon is reserved; returns how many coupons are owed in all.

    Rerun: what was owed at the first time stands. Memory is flat.
    """
    with _both(place, run) as (source, target):
        _carry(source, target, FOLDER / "freeze.sql", "poco_owed", FROZEN)
        postgres.run(target, SQL / "liability_freeze.sql")
        return int(postgres.value(target, "select count(*) from migration.coupon_freeze"))


def measure_liability(place: Workplace, run: Run) -> int:
    """Note where the liability of the freeze is now; returns how many sums do not close. Rerun: measures again."""
    with _both(place, run) as (source, target):
        target.execute("delete from migration.liability where run = %s", (run.id,))
        _carry(source, target, FOLDER / "left.sql", "poco_left", LEFT)
        postgres.run(target, FOLDER / "lines.sql", run.id)
        open_ = len(postgres.run(target, SQL / "liability_open.sql", run.id))
    _measure_points(place, run)
    return open_


def _measure_points(place: Workplace, run: Run) -> None:
    """Note what POCO has booked in points since the handover, and what of it is left out by the ruling."""
    with _both(place, run) as (source, target):
        target.execute("delete from migration.points_gap where run = %s", (run.id,))
        left_out = [row["source_key"] for row in postgres.run(target, SQL / "points_left_out.sql", EXPIRED)]
        source.execute("create temp table poco_entries as select unnest(%s::bigint[]) as source_key", (postgres.array(left_out),))
        _carry(source, target, FOLDER / "points.sql", "poco_points", POINTS)
        _carry(source, target, FOLDER / "points_left_out.sql", "poco_left_out", POINTS)
        postgres.run(target, FOLDER / "points_lines.sql", run.id, place.settings.points_gap.expired)


@contextmanager
def _both(place: Workplace, run: Run, at: str | None = None) -> Iterator[tuple[postgres.Connection, postgres.Connection]]:
    """The auditor's view of POCO, in the snapshot where there is one, and the ledger in one transaction."""
    with (
        postgres.connect(place.source_auditor, "source", name=f"liability {run.id}") as source,
        postgres.connect(place.target, "target", name=f"liability {run.id}") as target,
        postgres.translated_errors("target", "liability"),
        target.transaction(),
        postgres.snapshot(source, at) if at else nullcontext(),
    ):
        yield source, target


def _carry(source: postgres.Connection, target: postgres.Connection, query: Path, table: str, columns: str) -> None:
    target.execute(sql.SQL("create temp table {} ({}) on commit drop").format(sql.Identifier(table), sql.SQL(columns)))
    out = sql.SQL("copy ({}\n) to stdout").format(sql.SQL(postgres.statement(query)))
    postgres.pipe(source, out, target, sql.SQL("copy {} from stdin").format(sql.Identifier(table)))
    target.execute(sql.SQL("analyze {}").format(sql.Identifier(table)))
