"""Opens the store again after a switch that did not come to its end. Who owns a region is decided first, and stays so."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import fence, handover
from poco_migration.engine.ledger import locks, ownership, step_log
from poco_migration.errors import MigrationError

log = logging.getLogger(__name__)
# A server that crashed is back within this; while POCO's is away, nobody can write there either.
PATIENCE_SECONDS = 20.0


def open_again(place: Workplace, names: Collection[str], regions: Collection[str]) -> None:
    """Open these entities of these regions, unless they are mi.com's. Rerun: safe.

    Tries for PATIENCE_SECONDS and raises nothing when a server stays away: the deadline opens what is not closed for good,
    and watch() what is.
    """
    give_up = time.monotonic() + PATIENCE_SECONDS
    while regions:
        try:
            fence.lower(place, names, regions)
            if sealed(place, names, regions):
                handover.begin_attempt(place)  # from here on no earlier attempt hands these over
                fence.reopen(place, names, sorted(set(regions) - ownership.read_ownership(place, names).regions_away))
            return
        except MigrationError as error:
            if time.monotonic() > give_up:
                log.error("the store could not be opened by this task and opens by itself: %s", error)
                return
            time.sleep(0.5)


def watch(place: Workplace, names: Collection[str], last_step: str) -> list[str]:
    """Open what was closed for good and not handed over by a worker that died; returns the regions. Rerun: safe.

    While a switch is at work nothing is done, unless its last step before the handover began longer ago than the store
    may be closed. Where nothing is closed any more, the fence's triggers are put at rest.
    """
    with locks.only_switch(place) as nobody:
        if nobody:
            fence.rest(place)
        since = step_log.longest_open(place, last_step)
        if since is None or not (nobody or since > place.settings.freeze.budget_s):
            return []
        left = sealed(place, names, place.settings.moving()) - ownership.read_ownership(place, names).regions_away
        if left:
            handover.begin_attempt(place)
            left -= ownership.read_ownership(place, names).regions_away
            fence.reopen(place, names, sorted(left))
    return sorted(left)


def open_though_handed_over(place: Workplace) -> list[str]:
    """The entities and regions that mi.com owns and that POCO would sell all the same; none, unless POCO's database has forgotten its
    fence (a standby that lacks the last transactions, a restored backup, a hand). Reads only."""
    names = [entity.name for entity in cards.entities().values() if entity.moves != "never"]
    owners, closed = ownership.read_ownership(place, names).owners, fence.state(place)
    mine = sorted(pair for pair, owner in owners.items() if owner == "Xiaomi")
    return [f"{entity}/{region}" for entity, region in mine if closed.get(entity, {}).get(region) != fence.FOR_GOOD]


def sealed(place: Workplace, names: Collection[str], regions: Collection[str]) -> set[str]:
    """The regions in which any of these entities is closed for good."""
    state = fence.state(place)
    return {region for region in regions if any(state.get(name, {}).get(region) == fence.FOR_GOOD for name in names)}
