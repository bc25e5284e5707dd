"""Who owns writes now: POCO until the switch, Xiaomi after it, per entity and region; and neither on the way back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, fence, parts
from poco_migration.errors import FenceFailed, StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"


def owners(place: Workplace, entities: Collection[str]) -> dict[tuple[str, str], str]:
    """Who has each (entity, region) that POCO does not own: Xiaomi, or nobody while it is `returning`. Before the ledger: none."""
    with postgres.connect(place.target, "target", name="system of record") as target:
        if not postgres.value(target, "select to_regclass('migration.system_of_record') is not null"):
            return {}
        return {(row["entity"], row["region"]): row["owner"] for row in postgres.run(target, SQL / "owners.sql", list(entities))}


def owned(place: Workplace, entities: Collection[str]) -> set[tuple[str, str]]:
    """The (entity, region) pairs that POCO does not own: Xiaomi's, and those on their way back."""
    return set(owners(place, entities))


def done(place: Workplace, entities: Collection[str]) -> set[str]:
    """The regions in which Xiaomi owns all of these entities."""
    pairs = owners(place, entities)
    return {region for _, region in pairs if all(pairs.get((entity, region)) == "Xiaomi" for entity in entities)}


def not_pocos(place: Workplace, entities: Collection[str]) -> set[str]:
    """The regions in which any of these entities is not POCO's, or is on its way."""
    return {region for _, region in owned(place, entities)}


def begin(place: Workplace) -> int:
    """A new attempt at the switch; every earlier one can hand nothing over any more.

    Waits for a handover that is under way: after this, who owns what is decided, and `owned` tells it. Rerun: safe.
    """
    options = "-c statement_timeout=30s"
    with postgres.connect(place.target, "target", name="switch", options=options) as target, postgres.telling("target", "switch"):
        return int(postgres.value(target, "update migration.attempt set number = number + 1 returning number"))


def to_xiaomi(
    place: Workplace, entities: Collection[str], regions: Collection[str], run: Run, patience_s: int = 30, attempt: int | None = None,
    still_proven: Callable[[postgres.Connection], None] | None = None,
) -> None:  # fmt: skip
    """Hand all of these over in one transaction. Copies that are in flight end first, and none begins any more; then `still_proven`
    is asked, and raises where one of those copies has written something that nobody has compared.

    Rerun: safe; `since` stays. Raises TargetError when those copies take longer than `patience_s`, FenceFailed when
    another attempt has begun since `attempt`, StageRefused while one of them is on its way back; then nothing is handed over.
    """
    refuse_returning(place, entities, regions)
    with (
        postgres.connect(place.target, "target", name=str(run), options=f"-c statement_timeout={patience_s}s") as target,
        postgres.telling("target", "handover"),
        target.transaction(),
    ):
        if attempt is not None and attempt != postgres.value(target, "select number from migration.attempt for update"):
            raise FenceFailed(
                "cutover: this try was taken for dead and the store has been opened again meanwhile. Nothing was handed over by it. "
                "Clear this task: it begins anew."
            )
        spaces = [parts.lock_space(entity) for entity in sorted(entities)]
        # One statement, so that the patience is for all of them together.
        target.execute("select pg_advisory_xact_lock(space, %s) from unnest(%s::int[]) space", (parts.OWNERSHIP, spaces))
        if still_proven is not None:
            still_proven(target)
        postgres.run_many(target, SQL / "owner_set.sql", [(entity, region, run.id) for entity in entities for region in regions])


def refuse_returning(place: Workplace, entities: Collection[str], regions: Collection[str]) -> None:
    """Raises StageRefused while any of these is on its way back to POCO: handing it over now would leave it half returned."""
    if found := sorted((entity, region) for entity, region in returning(place, entities) if region in regions):
        raise StageRefused(
            f"{len(found)} entities and regions are on their way back to POCO (first: {found[0][0]}, {found[0][1]}). Clear the failed task "
            "of poco_rollback and let it end, then clear this task."
        )


def returning(place: Workplace, entities: Collection[str]) -> set[tuple[str, str]]:
    """The (entity, region) pairs that are on their way back: neither side writes them."""
    return {pair for pair, owner in owners(place, entities).items() if owner == "returning"}


def theirs(target: postgres.Connection, entity: str) -> list[str]:
    """The regions of an entity that mi.com owns now."""
    return list(postgres.run(target, SQL / "owners_left.sql", entity)[0]["owned"])


def left_alone(target: postgres.Connection, entity: str, *, coming_back: bool = False) -> list[str]:
    """Hold off the handover of an entity until the transaction ends; returns the regions of it that mi.com owns already.

    Whoever copies rows that mi.com owns would undo what customers have changed there: a copy leaves them alone, and
    where no region is left, StageRefused is raised. Not so for rows that were made there and are `coming_back`: those
    mi.com has under other keys.
    """
    target.execute("select pg_advisory_xact_lock_shared(%s, %s)", (parts.lock_space(entity), parts.OWNERSHIP))
    if coming_back:
        return []
    found = postgres.run(target, SQL / "owners_left.sql", entity)[0]
    if found["owned"] and not found["left_over"]:
        raise StageRefused(
            f"{entity} belongs to mi.com since its handover, and a copy would undo what customers have changed there. "
            "Do not clear this task; poco_reconcile shows what differs."
        )
    return list(found["owned"])


def still_pocos(place: Workplace, entities: Iterable[str]) -> list[str]:
    """Which of these entities have a region that moves and is not handed over yet."""
    names = list(entities)
    pairs = owned(place, names)
    return [name for name in names if any((name, region) not in pairs for region in place.settings.moving())]


# The way back ---------------------------------------------------------------------------------------------------------


def begin_return(place: Workplace, entities: Collection[str], regions: Collection[str], run: Run, patience_s: int = 30) -> None:
    """mi.com stops writing these; all of them in one transaction, which waits for writers in flight.

    Rerun: safe. Raises StageRefused behind the point of no return, TargetError when a writer or a batch of the coupon
    reissue does not end within `patience_s`; then nothing has changed.
    """
    with _deciding(place, run, patience_s) as target:
        hold_coupons(target, together=False)
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
        postgres.telling("target", "handover"),
        target.transaction(),
    ):
        yield target


def hold_coupons(target: postgres.Connection, *, together: bool) -> None:
    """Batches of the coupon reissue go on together until the session ends; a return goes alone until its transaction ends."""
    name = "pg_advisory_lock_shared" if together else "pg_advisory_xact_lock"
    target.execute(sql.SQL("select {}(hashtextextended('poco_migration coupons', 0))").format(sql.SQL(name)))


def no_way_back(place: Workplace, target: postgres.Connection, regions: Collection[str]) -> list[str]:
    """Why these regions cannot return to POCO, one sentence each; none while they can. Reads only."""
    later = [entity.name for entity in cards.of("history", "reissue")]
    found = [f"{row['region']}: {row['why']}" for row in postgres.run(target, SQL / "no_way_back.sql", list(regions), later)]
    closed = fence.state(place)
    for entity in cards.of("reissue"):
        begun = [region for region in regions if closed.get(entity.name, {}).get(region) == fence.FOR_GOOD]
        found += [f"{region}: the reissue has closed {entity.name} at POCO" for region in begun]
    return found
