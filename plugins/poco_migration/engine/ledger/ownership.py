"""Who owns writes now: POCO until the switch, Xiaomi after it, per entity and region; and neither on the way back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.ledger import locks
from poco_migration.errors import StageRefused

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Ownership:
    """Who has each (entity, region) that POCO does not own, read once: mi.com ("Xiaomi"), or neither side ("returning").

    What is not in `owners` is POCO's. Read again where a later answer matters: a handover may happen in between.
    """

    owners: Mapping[tuple[str, str], str]

    @property
    def away(self) -> set[tuple[str, str]]:
        """The (entity, region) pairs that POCO does not own: mi.com's, and those on their way back."""
        return set(self.owners)

    @property
    def returning(self) -> set[tuple[str, str]]:
        """The (entity, region) pairs that are on their way back: neither side writes them."""
        return {pair for pair, owner in self.owners.items() if owner == "returning"}

    @property
    def regions_away(self) -> set[str]:
        """The regions in which POCO does not own every entity that was asked about."""
        return {region for _, region in self.owners}

    def handed_over(self, entities: Collection[str]) -> set[str]:
        """The regions in which mi.com owns all of these entities."""
        return {region for region in self.regions_away if all(self.owners.get((entity, region)) == "Xiaomi" for entity in entities)}

    def still_pocos(self, entities: Iterable[str], moving: Collection[str]) -> list[str]:
        """Which of these entities have a region that moves and is not handed over yet."""
        return [name for name in entities if any((name, region) not in self.owners for region in moving)]


def read_ownership(place: Workplace, entities: Collection[str]) -> Ownership:
    """Who owns these entities now. Before there is a ledger everything is POCO's. Reads only."""
    with postgres.connect(place.target, "target", name="system of record") as target:
        if not postgres.value(target, "select to_regclass('migration.system_of_record') is not null"):
            return Ownership({})
        rows = postgres.run(target, SQL / "owners.sql", list(entities))
        return Ownership({(row["entity"], row["region"]): row["owner"] for row in rows})


def refuse_returning(place: Workplace, entities: Collection[str], regions: Collection[str]) -> None:
    """Raises StageRefused while any of these is on its way back to POCO: handing it over now would leave it half returned."""
    if found := sorted((entity, region) for entity, region in read_ownership(place, entities).returning if region in regions):
        raise StageRefused(
            f"{len(found)} entities and regions are on their way back to POCO (first: {found[0][0]}, {found[0][1]}). Clear the failed task "
            "of poco_rollback and let it end, then clear this task."
        )


def owned_regions(target: postgres.Connection, entity: str) -> list[str]:
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
