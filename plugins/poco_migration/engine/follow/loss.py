"""What a lost slot means: is it lost, and of which tables can nothing be missing although it is."""

from __future__ import annotations

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import fence
from poco_migration.engine.follow import published_tables, replication_slot
from poco_migration.engine.ledger import parts
from poco_migration.errors import SlotLost


def lost(place: Workplace) -> str:
    """Why changes may be missing, as the ledger has noted it or the source says now; nothing when none are, or nothing is followed.

    Reads only.
    """
    stream, slot = replication_slot.find_slot(place), place.settings.follow.slot
    if stream is None or stream.ended:
        return ""
    if stream.lost:
        return stream.lost
    try:
        with (
            postgres.connect(place.source, "source", name="slot") as source,
            postgres.connect(place.target, "target", name="slot") as target,
            replication_slot.held(target, slot) as read,
        ):
            replication_slot.confirmed_position(source, slot, read)
    except SlotLost as why:
        return str(why)
    return ""


def withdrawn(place: Workplace) -> list[str]:
    """What POCO has closed for good and publishes no more: it was brought up to date, and only the migration changes it since.

    None before there is a publication. Reads only.
    """
    names, regions = [entity.name for entity in cards.entities().values() if entity.moves != "never"], place.settings.moving()
    closed = fence.state(place)
    for_good = [name for name in names if all(closed.get(name, {}).get(region) == fence.FOR_GOOD for region in regions)]
    if not for_good or not published_tables.published(place, names):
        return []
    return sorted(set(for_good) - set(published_tables.published(place, for_good)))


def entities_followed(place: Workplace) -> list[str]:
    """What is followed, parents first, but for what is withdrawn: where something can be missing when the slot is lost."""
    with postgres.connect(place.target, "target", name="followed") as target:
        names = parts.followed(target)
    away = withdrawn(place)
    return [name for name in cards.entities() if name in names and name not in away]
