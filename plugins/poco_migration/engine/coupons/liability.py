"""What is owed in coupons: taken once, key by key, when POCO's coupons are closed; and where it is after the reissue.

freeze = issued + spent at POCO since + refused by a reason, in coupons, in uses and in worth. Both ends come from the original
tables, by SQL of the auditors (expectations/liability) that shares nothing with extract.sql and load.sql.
"""

from __future__ import annotations

from pathlib import Path

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
FOLDER = settings.EXPECTATIONS / "liability"
FROZEN = "source_key bigint, region text, currency text, kind text, audience text, uses integer, worth numeric"
LEFT = "source_key bigint primary key, uses integer"


def freeze(place: Workplace, run: Run) -> int:
    """Keep what POCO owes, before the first coupon is reserved; returns how many coupons are owed in all.

    Rerun: what was owed at the first time stands. Memory is flat.
    """
    with (
        postgres.connect(place.source_auditor, "source", name=f"liability {run.id}") as source,
        postgres.connect(place.target, "target", name=f"liability {run.id}") as target,
        postgres.translated_errors("target", "liability"),
        target.transaction(),
    ):
        _carry(source, target, "freeze.sql", "poco_owed", FROZEN)
        postgres.run(target, SQL / "liability_freeze.sql")
        return int(postgres.value(target, "select count(*) from migration.coupon_freeze"))


def measure_liability(place: Workplace, run: Run) -> int:
    """Note where the liability of the freeze is now; returns how many sums do not close. Rerun: measures again."""
    with (
        postgres.connect(place.source_auditor, "source", name=f"liability {run.id}") as source,
        postgres.connect(place.target, "target", name=f"liability {run.id}") as target,
        postgres.translated_errors("target", "liability"),
        target.transaction(),
    ):
        target.execute("delete from migration.liability where run = %s", (run.id,))
        _carry(source, target, "left.sql", "poco_left", LEFT)
        postgres.run(target, FOLDER / "lines.sql", run.id)
        return len(postgres.run(target, SQL / "liability_open.sql", run.id))


def _carry(source: postgres.Connection, target: postgres.Connection, query: str, table: str, columns: str) -> None:
    target.execute(sql.SQL("create temp table {} ({}) on commit drop").format(sql.Identifier(table), sql.SQL(columns)))
    out = sql.SQL("copy ({}\n) to stdout").format(sql.SQL(postgres.statement(FOLDER / query)))
    postgres.pipe(source, out, target, sql.SQL("copy {} from stdin").format(sql.Identifier(table)))
    target.execute(sql.SQL("analyze {}").format(sql.Identifier(table)))
