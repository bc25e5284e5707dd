"""Between the backfill and the handover the store goes on selling: whatever changes there is copied within seconds."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Any, NoReturn

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.follow import backlog, departures, follower, replication_slot
from poco_migration.engine.follow.follower import Lag
from poco_migration.errors import BacklogAlarm, NothingToDo, SlotLost
from poco_migration.model import Run
from poco_migration.stages import cutover

log = logging.getLogger(__name__)
LOOK_SECONDS = 15


def follow(place: Workplace, run: Run) -> dict[str, Any]:
    """Copy what changes for `follow.run_seconds`; the next run goes on. Returns the lag at the end. Rerun: safe.

    Raises SlotLost when keys may be missing, at once when that is news; BacklogAlarm at the end of the run when somebody
    should look; StageRefused before poco_prepare has made the slot; NothingToDo once the shutdown has dropped it.
    """
    ends = time.monotonic() + place.settings.follow.run_seconds
    stream, watch = replication_slot.require_slot(place), Watch(place, ends)
    if stream.ended:
        _ended(ends)
    try:
        left = follower.follow(place, run, watch.over)
    except SlotLost:
        if replication_slot.require_slot(place).ended:  # the shutdown has dropped it meanwhile
            _ended(ends)
        if stream.lost:  # known since an earlier run: one red run a minute is alarm enough
            _wait(ends)
        raise
    if alarms := watch.alarms + watch.departed:
        raise BacklogAlarm(f"poco_follow goes on by itself, but somebody should look: {' '.join(alarms)}")
    return {"bytes": left.bytes, "seconds": round(left.seconds, 1), "keys": left.keys}


@dataclass
class Watch:
    """Looks at the backlog now and then, says how far behind the target is, and knows when the run's time is over."""

    place: Workplace
    ends: float
    looked: float = float("-inf")
    alarms: list[str] = field(default_factory=list)
    departed: list[str] = field(default_factory=list)

    def over(self, link: Link, left: Lag) -> bool:
        if time.monotonic() > self.looked + LOOK_SECONDS:
            self.looked = time.monotonic()
            log.info("behind: %s", left)
            if opened := cutover.watch(self.place):
                log.warning("a switch died after it had closed the store and before it handed over: %s are open again", ", ".join(opened))
            self.alarms = backlog.alarms(backlog.sample(link, self.place), self.place.settings.follow)
            for alarm in self.alarms:
                log.warning(alarm)
            if said := departures.tell_departures(self.place, link.target):
                log.error("%s", said)
                self.departed.append(said)
        return time.monotonic() > self.ends


def _ended(ends: float) -> NoReturn:
    _wait(ends)  # the next run begins at once
    raise NothingToDo("nothing is followed any more: the shutdown has dropped the slot. Pause poco_follow.")


def _wait(ends: float) -> None:
    time.sleep(max(0.0, ends - time.monotonic()))
