"""Between the backfill and the handover the store goes on selling: whatever changes there is copied within seconds."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.cutover import reopening
from poco_migration.engine.follow import backlog, departures, follower, heartbeat, replication_slot
from poco_migration.engine.follow.follower import Lag
from poco_migration.errors import BacklogAlarm, MigrationError, NothingToDo, SlotLost
from poco_migration.model import Run
from poco_migration.stages import cutover

log = logging.getLogger(__name__)
LOOK_SECONDS = 15


def follow(place: Workplace, run: Run) -> dict[str, Any]:
    """Copy what changes for `follow.run_seconds`; the next run goes on. Returns the lag at the end. Rerun: safe.

    Raises SlotLost when keys may be missing, at once when that is news; BacklogAlarm at the end of the run when somebody
    should look; StageRefused before poco_prepare has made the slot; NothingToDo once the shutdown has dropped it.
    """
    stream = replication_slot.require_slot(place)
    if stream.ended:
        _ended(time.monotonic() + place.settings.follow.run_seconds)
    look(place)  # before anything that can fail, and fail again in every run
    ends = time.monotonic() + place.settings.follow.run_seconds
    watch = Watch(place, ends, looked=time.monotonic())
    try:
        left = follower.follow(place, run, watch.over)
    except MigrationError as error:
        if time.monotonic() > watch.looked + LOOK_SECONDS:  # else the next run looks soon enough
            with suppress(MigrationError):  # what has failed the pass may fail the look too
                look(place)
        if isinstance(error, SlotLost) and replication_slot.require_slot(place).ended:  # the shutdown has dropped it meanwhile
            _ended(ends)
        if isinstance(error, SlotLost) and stream.lost:  # known since an earlier run: one red run a minute is alarm enough
            _wait(place, ends)
        raise
    if alarms := [*watch.alarms, *watch.departed, *watch.set_aside]:
        raise BacklogAlarm(f"poco_follow goes on by itself, but somebody should look: {' '.join(alarms)}")
    return {"bytes": left.bytes, "seconds": round(left.seconds, 1), "keys": left.keys}


def look(place: Workplace) -> None:
    """Open what a switch that died has left closed, and note that somebody is here who does. Rerun: safe."""
    if opened := cutover.watch(place):
        log.warning("a switch died after it had closed the store and before it handed over: %s are open again", ", ".join(opened))
    heartbeat.note_look(place)


@dataclass
class Watch:
    """Looks at the backlog now and then, says how far behind the target is, and knows when the run's time is over."""

    place: Workplace
    ends: float
    looked: float
    measured: float = float("-inf")
    alarms: list[str] = field(default_factory=list)
    set_aside: tuple[str, ...] = ()
    departed: list[str] = field(default_factory=list)

    def over(self, link: Link, left: Lag) -> bool:
        self.set_aside = left.set_aside
        if time.monotonic() > self.looked + LOOK_SECONDS:
            self.looked = time.monotonic()
            look(self.place)
        if time.monotonic() > self.measured + LOOK_SECONDS:
            self.measured = time.monotonic()
            log.info("behind: %s", left)
            self.alarms = backlog.alarms(backlog.sample(link, self.place), self.place.settings.follow)
            if sold := reopening.open_though_handed_over(self.place):
                self.alarms.append(
                    f"POCO takes writes of {len(sold)} entities and regions that mi.com owns (first: {sold[0]}), which nobody copies. "
                    "Call the lead at once (docs/runbook.md, 'Is the fence up')."
                )
            for alarm in self.alarms:
                log.warning(alarm)
            if said := departures.tell_departures(self.place, link.target):
                log.error("%s", said)
                self.departed.append(said)
        return time.monotonic() > self.ends


def _ended(ends: float) -> NoReturn:
    time.sleep(max(0.0, ends - time.monotonic()))  # the next run begins at once
    raise NothingToDo("nothing is followed any more: the shutdown has dropped the slot. Pause poco_follow.")


def _wait(place: Workplace, ends: float) -> None:
    """Until the run is over, with a look now and then."""
    while (left := ends - time.monotonic()) > 0:
        time.sleep(min(left, LOOK_SECONDS))
        look(place)
