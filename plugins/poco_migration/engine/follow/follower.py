"""Follows the source: what changed becomes dirty keys, dirty keys become copies, until nothing is left or time is up.

One at a time: whoever reads the log and copies holds a lock for that one pass. So a measurement that needs the target to
stand still (`still`) gets its turn between two passes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace

from poco_migration.adapters import pgoutput, postgres
from poco_migration.adapters.log_stream import LogStream
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import connection_pair
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.follow import applier, change_capture, replication_slot, source_log
from poco_migration.engine.ledger import locks
from poco_migration.errors import SlotLost
from poco_migration.model import Run

log = logging.getLogger(__name__)
# The first look of a stream decodes all log since POCO's oldest open transaction began. Where that is slow, the stream is kept for
# so many times as long before the next run opens one of its own.
SLOW_LOOK_S = 5.0
OPENINGS = 10


@dataclass(frozen=True)
class Lag:
    """How far the target is behind: bytes of log not read, seconds since the oldest dirty key, keys not copied (replication_slot.behind).

    `set_aside` says what the last pass could not copy and a person must look at; `stuck`, that it copied nothing else.
    """

    bytes: int
    seconds: float
    keys: int
    set_aside: tuple[str, ...] = ()
    stuck: bool = False

    def __str__(self) -> str:
        return f"{self.bytes} bytes of log not read, {self.keys} keys not copied, the oldest for {self.seconds:.1f} s"


def follow(place: Workplace, run: Run, until: Callable[[Link, Lag], bool]) -> Lag:
    """Capture and copy what changes until `until` says so, asked after every pass with what is left; returns that.

    Rerun: safe, beside another follower too: they take turns. Raises SlotLost, which is also noted in the ledger: from
    then on the cutover is refused until all rows have been compared.
    """
    with connection_pair.connect(place, run) as link, closing(change_capture.streamed(place, str(run))) as stream:
        worth = 0.0  # until when it is a waste to close the stream
        while True:
            copied = 0
            with locks.turn(link.target, wait=False) as mine:
                if mine:
                    captured, copied = one_pass(link, place, run, stream)
                    if captured.seconds > SLOW_LOOK_S:
                        worth = max(worth, time.monotonic() + OPENINGS * captured.seconds)
            left = lag(link, place)
            left = replace(left, set_aside=tuple(why for _, why in link.set_aside.values()), stuck=bool(link.set_aside) and not copied)
            if until(link, left) and time.monotonic() > worth:
                return left
            if not copied:
                time.sleep(place.settings.follow.idle_s)


def catch_up(place: Workplace, run: Run, seconds: float) -> bool:
    """Copy everything that was written before the call; returns whether that was reached before the time was up.

    For a store that is closed: one that goes on always leaves something. Nobody else reads the log meanwhile, so that the
    end of it is read here (source_log.say) and not believed. Rerun: safe. Raises SlotLost.
    """
    give_up, ended = time.monotonic() + seconds, False
    with (
        connection_pair.connect(place, run, yielding=False) as link,
        locks.turn(link.target),
        closing(change_capture.streamed(place, str(run))) as stream,
    ):
        word = source_log.say(link.source)
        while time.monotonic() < give_up:
            captured, copied = one_pass(link, place, run, stream)
            ended = ended or word in captured.said
            if ended and not copied and not lag(link, place).keys:
                return True
            if not copied:
                time.sleep(0.05)
    return False


def one_pass(link: Link, place: Workplace, run: Run, stream: LogStream) -> tuple[change_capture.Captured, int]:
    """Read the log once and copy what is dirty; returns what was read and how many keys were copied."""
    captured = read_log(link, place, stream)
    return captured, copy_dirty(link, place, run)


def read_log(link: Link, place: Workplace, stream: LogStream, seen_by: postgres.Connection | None = None) -> change_capture.Captured:
    """Read the log on into the ledger (change_capture.capture); that keys may be missing is noted there too. Raises SlotLost."""
    try:
        return change_capture.capture(link.source, link.target, place.settings.follow.slot, change_capture.LIMIT, seen_by, stream=stream)
    except SlotLost as lost:
        replication_slot.note_loss(link.target, place.settings.follow.slot, str(lost))
        raise


def copy_dirty(link: Link, place: Workplace, run: Run) -> int:
    """Copy what is dirty (applier.apply); returns how many keys."""
    copied = applier.apply(link, place, run)
    if copied:
        log.info("follow: %d keys copied", copied)
    return copied


def lag(link: Link, place: Workplace) -> Lag:
    """How far the target is behind the source now."""
    row = replication_slot.behind(link.target, place.settings.follow.slot)
    return Lag(max(0, replication_slot.written(link.source) - pgoutput.position(row["captured"])), float(row["seconds"]), row["keys"])
