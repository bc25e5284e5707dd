"""What each step of the switch does. Their order, and what is left when one fails, is the PLAN of stages/cutover.py: read that first."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from functools import partial

from poco_migration.engine import connection_pair
from poco_migration.engine.coupons.liability import at_handover
from poco_migration.engine.cutover import fence, handover
from poco_migration.engine.follow import backlog, consistent_point, follower, heartbeat, replication_slot
from poco_migration.engine.ledger import handed_over, ownership
from poco_migration.engine.rollback import change_list, rehearsal
from poco_migration.engine.verify import currency_list, reverification
from poco_migration.errors import FenceFailed, StageRefused
from poco_migration.model import Unequal
from poco_migration.stages import recounting
from poco_migration.stages.switch_attempt import Switch

log = logging.getLogger(__name__)
# What seal and hand over need of the budget; with less left they are not begun.
HANDOVER_SECONDS = 3
# Rounds of copying and proving with the store open: each is shorter than the one before, until only the newest changes are left.
ROUNDS = 8
SHORT_SECONDS = 1.0


def approach(switch_: Switch) -> int:
    """Refuse what must not be switched, hold the facts against what was signed, and prove until little is left. Changes no row."""
    place = switch_.place
    _require_ready(switch_)
    looked, took = _prove_until_little_is_left(switch_)
    if switch_.regions:
        if switch_.signed:  # only now: a region that differs row by row is left out and does not hold up the others
            switch_.parked = recounting.refuse_changed(place, switch_.run, switch_.names, switch_.regions)
        # For a switch whose worker dies before it can keep what was owed at its own instant.
        at_handover(place, switch_.run, switch_.regions)
        keys, took = _prove_until_little_is_left(switch_)  # what changed while all was counted
        looked += keys
    switch_.predicted = place.settings.freeze.lock_timeout_s + took + HANDOVER_SECONDS
    log.info("the store will be closed for about %.1f s", switch_.predicted)
    if switch_.predicted > place.settings.freeze.budget_s:
        raise StageRefused(
            f"cutover: the store would be closed for about {switch_.predicted:.0f} s, and it may be for {place.settings.freeze.budget_s} s "
            "(freeze.budget_s). The store is open. Choose a quieter hour, or see why following is slow (docs/runbook.md, 'The backlog'), "
            "then clear this task."
        )
    return looked


def _require_ready(switch_: Switch) -> None:
    """What can be asked at once, before anything that takes long."""
    place = switch_.place
    ownership.refuse_returning(place, switch_.names, switch_.regions)
    replication_slot.require_whole(place)
    rehearsal.require_rehearsal(place)
    change_list.begin(place)
    heartbeat.require(place)
    consistent_point.require_no_commit_hangs(place, switch_.run)
    with connection_pair.connect(place, switch_.run) as link:
        reverification.require_compared(link.target, switch_.entities)
        currency_list.require_same_currencies(link, switch_.names)
        backlog.require_quick(link.source, place)


def _prove_until_little_is_left(switch_: Switch) -> tuple[int, float]:
    """Drops the regions that differ; returns how many keys were looked at, and how many seconds the last round took."""
    looked, last, suspected = 0, float("inf"), list[Unequal]()
    for _ in range(ROUNDS):
        began = time.monotonic()
        with consistent_point.still(switch_.place, switch_.run) as at:
            keys, unequal = _settled(switch_, at)
        looked, took = looked + keys, time.monotonic() - began
        # What differs is looked at once more: while others write, a commit can become visible out of its order in the log.
        if unequal == suspected and (took < SHORT_SECONDS or took > 0.8 * last):
            break
        last, suspected = took, unequal
    switch_.drop(unequal)
    return looked, took


def close(switch_: Switch) -> None:
    """Close the store until a deadline. Raises FenceFailed; then it is open."""
    heartbeat.require(switch_.place)  # once more, as what follows: the approach can take long
    with connection_pair.connect(switch_.place, switch_.run) as link:
        backlog.require_quick(link.source, switch_.place)
    switch_.closed = time.monotonic()
    fence.raise_(switch_.place, switch_.names, switch_.regions)


def drain(switch_: Switch) -> int:
    """Copy all that was written before the store closed; what follows stands still from here on."""
    patience = switch_.place.settings.freeze.budget_s - HANDOVER_SECONDS - (time.monotonic() - switch_.closed)
    switch_.at = switch_.held.enter_context(consistent_point.drained(switch_.place, switch_.run, patience))
    with connection_pair.connect(switch_.place, switch_.run) as link:
        if left := follower.lag(link, switch_.place).keys:
            raise FenceFailed(
                f"cutover: {left} keys that were written before the store closed could not be copied. Nothing was handed over, the store "
                "is open. See why poco_follow is behind (docs/runbook.md, 'The backlog'), then clear this task."
            )
    return 0


def prove(switch_: Switch) -> int:
    """Compare what was copied last, look at the quarantine once more, and keep the instant for the count."""
    looked, unequal = _settled(switch_, switch_.at)
    switch_.drop(unequal)
    recounting.still_parked(switch_.place, switch_.run, switch_.names, switch_.parked)
    switch_.instant = switch_.kept.enter_context(consistent_point.pinned(switch_.place, switch_.at))
    return looked


def seal(switch_: Switch) -> None:
    """Close the store for good."""
    fence.seal(switch_.place, switch_.names, switch_.regions, HANDOVER_SECONDS)


def hand_over(switch_: Switch) -> None:
    """mi.com owns the regions, unless a copy has ended behind the proof."""
    recounting.begins(switch_.place, switch_.run)
    # IRREVERSIBLE without poco_rollback: from here customers change things at mi.com; guarded by the two approvals.
    still_proven = partial(reverification.require_proven, entities=switch_.entities, left=switch_.left)
    handover.to_xiaomi(switch_.place, switch_.names, switch_.regions, switch_.run, HANDOVER_SECONDS, switch_.attempt, still_proven)
    switch_.handed_over, switch_.regions = switch_.regions, []
    switch_.held.close()


def remember(switch_: Switch) -> int:
    """Write down by key what was handed over."""
    return handed_over.remember_wave(switch_.place, switch_.run, switch_.entities)


def recount(switch_: Switch) -> None:
    """Count and sum everything, and what is owed, as it was at the instant of the switch."""
    assert switch_.instant
    at_handover(switch_.place, switch_.run, switch_.handed_over, switch_.instant.source)
    recounting.at_the_switch(switch_.place, switch_.run, switch_.instant, switch_.handed_over)


def _settled(switch_: Switch, at: str | None) -> tuple[int, list[Unequal]]:
    """Look at every row that has changed since it was compared; returns how many, and which differ.

    Regions that move later, and still sell, are no concern of this switch.
    """
    with connection_pair.connect(switch_.place, switch_.run, yielding=False) as link:
        currency_list.require_same_currencies(replace(link, at=at), switch_.names)
        looked, unequal = reverification.reverify(replace(link, at=at), switch_.entities)
    switch_.left = unequal
    later = set(switch_.place.settings.moving()) - set(switch_.regions)
    return looked, [found for found in unequal if found.region not in later]
