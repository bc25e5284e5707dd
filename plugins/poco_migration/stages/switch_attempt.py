"""One attempt at the switch: what its steps (stages/switch_steps.py) hand to each other."""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass, field

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import since_signed
from poco_migration.engine.follow import consistent_point
from poco_migration.model import Entity, Run, Unequal

log = logging.getLogger(__name__)


@dataclass
class Switch:
    """One attempt: whose regions are still to be switched, and what has been found on the way."""

    place: Workplace
    run: Run
    regions: list[str]
    attempt: int
    held: ExitStack  # what follows stands still, until the handover
    kept: ExitStack  # the instant of the switch, until it is counted
    signed: bool = True  # a dry run is not
    entities: list[Entity] = field(default_factory=lambda: cards.moving_at("cutover"))
    failed: dict[str, str] = field(default_factory=dict)
    predicted: float = 0.0
    at: str = ""  # the snapshot of the closed store
    instant: consistent_point.Instant | None = None
    closed: float = 0.0  # when, on this worker's clock
    parked: since_signed.Parked = field(default_factory=since_signed.Parked)  # what was in quarantine when the figures were measured again
    left: list[Unequal] = field(default_factory=list)  # what the newest proof left over, in whichever region
    handed_over: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [entity.name for entity in self.entities]

    def drop(self, unequal: Collection[Unequal]) -> None:
        """Leave out the regions that are not proven; the others go on."""
        for region in sorted({found.region for found in unequal}):
            first = next(found for found in unequal if found.region == region)
            rows = sum(found.region == region for found in unequal)
            self.failed[region] = f"{region}: {rows} rows differ, first {first.entity} {first.key} ({first.kind})"
            log.error("%s", self.failed[region])
        if self.failed.keys() - set(self.place.settings.moving()):
            self.regions = []  # a row of a region that does not move concerns everybody
        self.regions = [region for region in self.regions if region not in self.failed]
