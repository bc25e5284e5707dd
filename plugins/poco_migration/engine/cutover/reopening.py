"""Opens the store again after a switch that did not come to its end. Who owns a region is decided first, and stays so."""

from __future__ import annotations

import logging
from collections.abc import Collection

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.cutover import fence, handover
from poco_migration.engine.ledger import locks, ownership, step_log
from poco_migration.errors import MigrationError

log = logging.getLogger(__name__)


def open_again(place: Workplace, names: Collection[str], regions: Collection[str]) -> None:
    """Open these entities of these regions, unless they are mi.com's. Rerun: safe.

    Raises nothing when a server is gone: the deadline opens what is not closed for good, and watch() what is.
    """
    if not regions:
        return
    try:
        fence.lower(place, names, regions)
        if sealed(place, names, regions):
            handover.begin_attempt(place)  # from here on no earlier attempt hands these over
            fence.reopen(place, names, sorted(set(regions) - ownership.read_ownership(place, names).regions_away))
    except MigrationError as error:
        log.error("the store could not be opened by this task and opens by itself: %s", error)


def watch(place: Workplace, names: Collection[str], last_step: str) -> list[str]:
    """Open what was closed for good and not handed over by a worker that died; returns the regions. Rerun: safe.

    While a switch is at work nothing is done, unless its last step before the handover began longer ago than the store
    may be closed.
    """
    with locks.only_switch(place) as nobody:
        since = step_log.longest_open(place, last_step)
        if since is None or not (nobody or since > place.settings.freeze.budget_s):
            return []
        left = sealed(place, names, place.settings.moving()) - ownership.read_ownership(place, names).regions_away
        if left:
            handover.begin_attempt(place)
            left -= ownership.read_ownership(place, names).regions_away
            fence.reopen(place, names, sorted(left))
    return sorted(left)


def sealed(place: Workplace, names: Collection[str], regions: Collection[str]) -> set[str]:
    """The regions in which any of these entities is closed for good."""
    state = fence.state(place)
    return {region for region in regions if any(state.get(name, {}).get(region) == fence.FOR_GOOD for name in names)}
