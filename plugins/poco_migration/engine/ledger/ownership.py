"""Who owns writes now: POCO until the switch, Xiaomi after it, per entity and region; and neither on the way back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.ledger import locks
from poco_migration.errors import StageRefused

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


def require_writable(target: postgres.Connection, entity: str, *, coming_back: bool = False) -> list[str]:
    """Hold off the handover of an entity until the transaction ends; returns the regions of it that mi.com owns already.

    Whoever copies rows that mi.com owns would undo what customers have changed there: a copy leaves them alone, and
    where no region is left, StageRefused is raised. Not so for rows that were made there and are `coming_back`: those
    mi.com has under other keys.
    """
    locks.share_ownership(target, entity)
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
