"""Follows the source: what changed becomes dirty keys, dirty keys become copies, until nothing is left or time is up.

One at a time: whoever reads the log and copies holds a lock for that one pass. So a measurement that needs the target to
stand still (`still`) gets its turn between two passes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from poco_migration.adapters import pgoutput, postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import connection_pair, source_log
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.follow import applier, change_capture, consistent_point, replication_slot
from poco_migration.engine.ledger import locks
from poco_migration.errors import SlotLost, StageRefused
from poco_migration.model import Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Lag:
    """How far the target is behind: bytes of log not read, seconds since the oldest dirty key, keys not copied."""

    bytes: int
    seconds: float
    keys: int

    def __str__(self) -> str:
        return f"{self.bytes} bytes of log not read, {self.keys} keys not copied, the oldest for {self.seconds:.1f} s"


def follow(place: Workplace, run: Run, until: Callable[[Link, Lag], bool]) -> Lag:
    """Capture and copy what changes until `until` says so, asked after every pass with what is left; returns that.

    Rerun: safe, beside another follower too: they take turns. Raises SlotLost, which is also noted in the ledger: from
    then on the cutover is refused until all rows have been compared.
    """
    with connection_pair.connect(place, run) as link:
        while True:
            copied = 0
            with locks.turn(link.target, wait=False) as mine:
                if mine:
                    copied = one_pass(link, place, run)[1]
            left = lag(link, place)
            if until(link, left):
                return left
            if not copied:
                time.sleep(place.settings.follow.idle_s)


def catch_up(place: Workplace, run: Run, seconds: float) -> bool:
    """Copy everything that was written before the call; returns whether that was reached before the time was up.

    For a store that is closed: one that goes on always leaves something. Nobody else reads the log meanwhile, so that the
    end of it is read here (source_log.say) and not believed. Rerun: safe. Raises SlotLost.
    """
    give_up, ended = time.monotonic() + seconds, False
    with connection_pair.connect(place, run, yielding=False) as link, locks.turn(link.target):
        word = source_log.say(link.source)
        while time.monotonic() < give_up:
            captured, copied = one_pass(link, place, run)
            ended = ended or word in captured.said
            if ended and not copied and not lag(link, place).keys:
                return True
            if not copied:
                time.sleep(0.05)
    return False


class _Patience:
    """So long the other side is waited for, and not longer."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._ends = seconds, time.monotonic() + seconds

    def require(self) -> None:
        if time.monotonic() > self._ends:
            raise StageRefused(
                f"what has changed at POCO could not be copied within {self._seconds:.0f} s, so the two sides cannot be compared at one "
                "instant. See why poco_follow is behind (docs/runbook.md, 'The backlog'), then clear this task."
            )


@contextmanager
def drained(place: Workplace, run: Run, patience_s: float) -> Iterator[str]:
    """As `still`, of a store that is closed, and of which nothing is measured again: the log has been read to its end, and the
    snapshot sees every transaction that was committed before the call.

    Raises StageRefused when that takes longer, when a commit is not seen though it stands in the log, and when nothing is
    followed; SlotLost.
    """
    patience = _Patience(patience_s)
    if replication_slot.require_slot(place).ended:
        raise StageRefused("nothing is followed any more: the shutdown has dropped the slot, so nothing can be handed over by a switch.")
    with connection_pair.connect(place, run, yielding=False) as link, locks.turn(link.target):
        _read_to_the_end(link, place, patience)
        # Only now: a snapshot that was taken before a commit came to its end would never see it.
        with _instant(link, place, run, patience) as at:
            yield at


def require_no_commit_hangs(place: Workplace, run: Run) -> None:
    """Read the log to where it ends now, and refuse while something in it is not seen. Raises StageRefused, SlotLost."""
    with connection_pair.connect(place, run, yielding=False) as link, locks.turn(link.target):
        _read_to_the_end(link, place, _Patience(consistent_point.LONGEST_STILL_S))


def _read_to_the_end(link: Link, place: Workplace, patience: _Patience) -> None:
    """Read the log until a word comes out of it that is written behind everything that is committed now."""
    word = source_log.say(link.source)
    while word not in (captured := _capture(link, place)).said:
        if captured.stopped:
            raise StageRefused(
                f"a transaction of POCO's is in the log and not seen after {change_capture.VISIBLE_SECONDS:.0f} s: its commit waits, mostly for a "
                "standby. What was written behind it is not read, so nothing was handed over; the store is open. Find the transaction in "
                "pg_stat_activity (docs/runbook.md, 'A commit that hangs'), then clear this task."
            )
        patience.require()


@contextmanager
def _instant(link: Link, place: Workplace, run: Run, patience: _Patience) -> Iterator[str]:
    """Bring the target to an instant of the source that is taken now; yields the name of its snapshot."""
    with consistent_point.exported_snapshot(place.source, "source") as (keeper, exported):
        goal, limit = replication_slot.end_of_log(link.source), change_capture.LIMIT
        while (captured := _capture(link, place, keeper, limit)).reached < goal:
            # What the snapshot does not see is read again each time; so that the read gets beyond it, it becomes longer.
            limit *= 2 if captured.stopped else 1
            patience.require()
        while _copied(replace(link, at=exported), place, run):
            patience.require()
        yield exported


def one_pass(link: Link, place: Workplace, run: Run) -> tuple[change_capture.Captured, int]:
    """Read the log once and copy what is dirty; returns what was read and how many keys were copied."""
    captured = _capture(link, place)
    return captured, _copied(link, place, run)


def _capture(
    link: Link, place: Workplace, seen_by: postgres.Connection | None = None, limit: int = change_capture.LIMIT
) -> change_capture.Captured:
    try:
        return change_capture.capture(link.source, link.target, place.settings.follow.slot, limit, seen_by)
    except SlotLost as lost:
        replication_slot.note_loss(link.target, place.settings.follow.slot, str(lost))
        raise


def _copied(link: Link, place: Workplace, run: Run) -> int:
    copied = applier.apply(link, place, run)
    if copied:
        log.info("follow: %d keys copied", copied)
    return copied


def lag(link: Link, place: Workplace) -> Lag:
    """How far the target is behind the source now."""
    row = postgres.run(link.target, SQL / "lag.sql", place.settings.follow.slot)[0]
    return Lag(max(0, replication_slot.written(link.source) - pgoutput.position(row["captured"])), float(row["seconds"]), row["keys"])
