"""Between the backfill and the handover the store goes on selling: whatever changes there is copied within seconds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import following, slots
from poco_migration.engine.following import Lag
from poco_migration.errors import SlotLost
from poco_migration.model import Run

log = logging.getLogger(__name__)
TELL_SECONDS = 15


def follow(place: Workplace, run: Run) -> dict[str, Any]:
    """Copy what changes for `follow.run_seconds`; the next run goes on. Returns the lag at the end. Rerun: safe.

    Raises SlotLost when keys may be missing, at once when that is news; StageRefused before poco_prepare has made the slot.
    """
    ends = time.monotonic() + place.settings.follow.run_seconds
    stream = slots.known(place)
    if stream.ended:
        log.info("nothing is followed any more: the shutdown has dropped the slot. Pause this DAG.")
        _wait(ends)
        return {"ended": True}
    try:
        left = following.follow(place, run, _telling(ends))
    except SlotLost:
        if stream.lost:  # known since an earlier run: one red run a minute is alarm enough
            _wait(ends)
        raise
    return {"bytes": left.bytes, "seconds": round(left.seconds, 1), "keys": left.keys}


def _telling(ends: float) -> Callable[[Lag], bool]:
    """Says how far behind the target is, now and then, until the run's time is over."""
    told = [float("-inf")]

    def until(left: Lag) -> bool:
        if time.monotonic() > told[0] + TELL_SECONDS:
            told[0] = time.monotonic()
            log.info("behind: %s", left)
        return time.monotonic() > ends

    return until


def _wait(ends: float) -> None:
    time.sleep(max(0.0, ends - time.monotonic()))
