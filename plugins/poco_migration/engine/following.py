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
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import applying, changes, slots, source_log
from poco_migration.engine import link as links
from poco_migration.engine.link import Link
from poco_migration.errors import SlotLost, StageRefused
from poco_migration.model import Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
# The target is brought to one instant of the source within this; the followers wait meanwhile.
LONGEST_STILL_S = 900.0
_TURN = "hashtextextended('poco_migration follow', 0)"


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
    with links.opened(place, run) as link:
        while True:
            copied = 0
            with turn(link.target, wait=False) as mine:
                if mine:
                    copied = _pass(link, place, run)[1]
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
    with links.opened(place, run, yielding=False) as link, turn(link.target):
        word = source_log.say(link.source)
        while time.monotonic() < give_up:
            captured, copied = _pass(link, place, run)
            ended = ended or word in captured.said
            if ended and not copied and not lag(link, place).keys:
                return True
            if not copied:
                time.sleep(0.05)
    return False


@dataclass(frozen=True)
class Instant:
    """An exported snapshot of each side, taken when both said the same."""

    source: str
    target: str


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
def still(place: Workplace, run: Run, patience_s: float = LONGEST_STILL_S) -> Iterator[str | None]:
    """Hold both sides at one instant while the store goes on: yields the name of a snapshot of the source, and what
    follows the source has brought the target to exactly that snapshot and goes no further until the end.

    The order is what makes it exact: nobody else reads the log; then the snapshot is taken; then of the log is read what the
    snapshot sees, and what is dirty is copied out of that snapshot. It says nothing of what is committed and not seen yet:
    where nothing is measured again, take `drained`.
    Yields None when nothing is followed (no slot, or no longer). Raises SlotLost, and StageRefused when it took too long.
    """
    stream, patience = slots.find(place), _Patience(patience_s)
    if stream is None or stream.ended:
        yield None
        return
    with links.opened(place, run, yielding=False) as link, turn(link.target), _instant(link, place, run, patience) as at:
        yield at


@contextmanager
def drained(place: Workplace, run: Run, patience_s: float) -> Iterator[str]:
    """As `still`, of a store that is closed, and of which nothing is measured again: the log has been read to its end, and the
    snapshot sees every transaction that was committed before the call.

    Raises StageRefused when that takes longer, when a commit is not seen though it stands in the log, and when nothing is
    followed; SlotLost.
    """
    patience = _Patience(patience_s)
    if slots.known(place).ended:
        raise StageRefused("nothing is followed any more: the shutdown has dropped the slot, so nothing can be handed over by a switch.")
    with links.opened(place, run, yielding=False) as link, turn(link.target):
        _read_to_the_end(link, place, patience)
        # Only now: a snapshot that was taken before a commit came to its end would never see it.
        with _instant(link, place, run, patience) as at:
            yield at


def require_no_commit_hangs(place: Workplace, run: Run) -> None:
    """Read the log to where it ends now, and refuse while something in it is not seen. Raises StageRefused, SlotLost."""
    with links.opened(place, run, yielding=False) as link, turn(link.target):
        _read_to_the_end(link, place, _Patience(LONGEST_STILL_S))


def _read_to_the_end(link: Link, place: Workplace, patience: _Patience) -> None:
    """Read the log until a word comes out of it that is written behind everything that is committed now."""
    word = source_log.say(link.source)
    while word not in (captured := _capture(link, place)).said:
        if captured.stopped:
            raise StageRefused(
                f"a transaction of POCO's is in the log and not seen after {changes.VISIBLE_SECONDS:.0f} s: its commit waits, mostly for a "
                "standby. What was written behind it is not read, so nothing was handed over; the store is open. Find the transaction in "
                "pg_stat_activity (docs/runbook.md, 'A commit that hangs'), then clear this task."
            )
        patience.require()


@contextmanager
def _instant(link: Link, place: Workplace, run: Run, patience: _Patience) -> Iterator[str]:
    """Bring the target to an instant of the source that is taken now; yields the name of its snapshot."""
    with exported_snapshot(place.source, "source") as (keeper, exported):
        goal, limit = slots.end_of_log(link.source), changes.LIMIT
        while (captured := _capture(link, place, keeper, limit)).reached < goal:
            # What the snapshot does not see is read again each time; so that the read gets beyond it, it becomes longer.
            limit *= 2 if captured.stopped else 1
            patience.require()
        while _copied(replace(link, at=exported), place, run):
            patience.require()
        yield exported


@contextmanager
def exported_snapshot(dsn: str, side: postgres.Side, at: str | None = None) -> Iterator[tuple[postgres.Connection, str]]:
    """A connection that holds one instant, and the name under which others read it too; that of `at` where it is given."""
    # Idle in its transaction is what it is for.
    with (
        postgres.connect(dsn, side, name="snapshot", options="-c idle_in_transaction_session_timeout=0") as keeper,
        postgres.snapshot(keeper, at, side),
    ):
        with postgres.telling(side, "snapshot"):
            exported = str(postgres.value(keeper, "select pg_export_snapshot()"))
        yield keeper, exported


@contextmanager
def pinned(place: Workplace, at: str) -> Iterator[Instant]:
    """Inside `still`: hold the instant on both sides beyond its end, so that it can be counted while life goes on."""
    with exported_snapshot(place.source, "source", at) as (_, ours), exported_snapshot(place.target, "target") as (_, theirs):
        yield Instant(ours, theirs)


def _pass(link: Link, place: Workplace, run: Run) -> tuple[changes.Captured, int]:
    """Read the log once and copy what is dirty; returns what was read and how many keys were copied."""
    captured = _capture(link, place)
    return captured, _copied(link, place, run)


def _capture(link: Link, place: Workplace, seen_by: postgres.Connection | None = None, limit: int = changes.LIMIT) -> changes.Captured:
    try:
        return changes.capture(link.source, link.target, place.settings.follow.slot, limit, seen_by)
    except SlotLost as lost:
        slots.note_loss(link.target, place.settings.follow.slot, str(lost))
        raise


def _copied(link: Link, place: Workplace, run: Run) -> int:
    copied = applying.apply(link, place, run)
    if copied:
        log.info("follow: %d keys copied", copied)
    return copied


def lag(link: Link, place: Workplace) -> Lag:
    """How far the target is behind the source now."""
    row = postgres.run(link.target, SQL / "lag.sql", place.settings.follow.slot)[0]
    return Lag(max(0, slots.written(link.source) - pgoutput.position(row["captured"])), float(row["seconds"]), row["keys"])


@contextmanager
def turn(target: postgres.Connection, *, wait: bool = True) -> Iterator[bool]:
    """Be the only one who reads the log, and copies what it brought. Whoever waits is served first.

    Without waiting, yields whether it was free. Taken before any lock of a part, never after one.
    """
    take = sql.SQL("select pg_advisory_lock({})" if wait else "select pg_try_advisory_lock({})").format(sql.SQL(_TURN))
    with postgres.telling("target", "turn"):
        mine = postgres.value(target, take) is not False
    try:
        yield mine
    finally:
        if mine and not target.closed:
            target.execute(sql.SQL("select pg_advisory_unlock({})").format(sql.SQL(_TURN)))
