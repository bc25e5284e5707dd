"""The owner on the way back: mi.com stops, POCO owns again; and why a region cannot return any more."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import fence
from poco_migration.engine.ledger import locks
from poco_migration.errors import StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"


def begin_return(place: Workplace, entities: Collection[str], regions: Collection[str], run: Run, patience_s: int = 30) -> None:
    """mi.com stops writing these; all of them in one transaction, which waits for writers in flight.

    Rerun: safe. Raises StageRefused behind the point of no return, TargetError when a writer or a batch of the coupon
    reissue does not end within `patience_s`; then nothing has changed.
    """
    with _deciding(place, run, patience_s) as target:
        locks.hold_coupons(target, together=False)
        if reasons := no_way_back(place, target, regions):
            raise StageRefused(
                f"rollback: there is no way back any more: {'; '.join(reasons)}. Nothing has changed. What is wrong is mended at mi.com "
                "from here on (docs/runbook.md, 'The way back')."
            )
        postgres.run(target, SQL / "owner_return.sql", list(entities), list(regions), run.id)


def to_poco(place: Workplace, entities: Collection[str], regions: Collection[str], run: Run, patience_s: int = 30) -> None:
    """What was on its way back is POCO's again; the store is still closed. Rerun: safe."""
    with _deciding(place, run, patience_s) as target:
        postgres.run(target, SQL / "owner_back.sql", list(entities), list(regions), run.id)
        postgres.run(target, SQL / "parts_unproven.sql", list(entities))


def closed_though_pocos(place: Workplace, entities: Collection[str]) -> set[str]:
    """Regions that have returned to POCO and whose store was not opened: whoever was to open it was killed before."""
    closed = fence.state(place)
    with postgres.connect(place.target, "target", name="system of record") as target:
        rows = postgres.run(target, SQL / "owners_back.sql", list(entities))
    return {row["region"] for row in rows if closed.get(row["entity"], {}).get(row["region"]) == fence.FOR_GOOD}


@contextmanager
def _deciding(place: Workplace, run: Run, patience_s: int) -> Iterator[postgres.Connection]:
    """One transaction that changes owners, and gives up rather than queue mi.com's writers behind it."""
    options = f"-c lock_timeout={patience_s}s -c statement_timeout={patience_s}s"
    with (
        postgres.connect(place.target, "target", name=str(run), options=options) as target,
        postgres.translated_errors("target", "handover"),
        target.transaction(),
    ):
        yield target


def no_way_back(place: Workplace, target: postgres.Connection, regions: Collection[str]) -> list[str]:
    """Why these regions cannot return to POCO, one sentence each; none while they can. Reads only."""
    later = [entity.name for entity in cards.moving_at("history", "reissue")]
    found = [f"{row['region']}: {row['why']}" for row in postgres.run(target, SQL / "no_way_back.sql", list(regions), later)]
    closed = fence.state(place)
    for entity in cards.moving_at("reissue"):
        begun = [region for region in regions if closed.get(entity.name, {}).get(region) == fence.FOR_GOOD]
        found += [f"{region}: the reissue has closed {entity.name} at POCO" for region in begun]
    return found
