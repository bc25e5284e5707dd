"""Both sides at one instant of the source while the store goes on: exported snapshots, and the target brought to one of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from poco_migration.adapters import postgres
from poco_migration.adapters.log_stream import LogStream
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import connection_pair
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.follow import change_capture, follower, replication_slot, source_log
from poco_migration.engine.ledger import locks
from poco_migration.errors import StageRefused
from poco_migration.model import Run

# The target is brought to one instant of the source within this; the followers wait meanwhile.
LONGEST_STILL_S = 900.0
# One read of the log waits no longer for a sender that sends nothing, so that who is patient only for seconds notices.
SHORT_READ_S = 1.0


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
    followed, patience = replication_slot.find_slot(place), _Patience(patience_s)
    if followed is None or followed.ended:
        yield None
        return
    with _turn(place, run) as (link, stream), _instant(link, place, run, stream, patience) as at:
        yield at


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
    with _turn(place, run) as (link, stream):
        _read_to_the_end(link, place, stream, patience)
        # Only now: a snapshot that was taken before a commit came to its end would never see it.
        with _instant(link, place, run, stream, patience) as at:
            yield at


def require_no_commit_hangs(place: Workplace, run: Run) -> None:
    """Read the log to where it ends now, and refuse while something in it is not seen. Raises StageRefused, SlotLost."""
    with _turn(place, run) as (link, stream):
        _read_to_the_end(link, place, stream, _Patience(LONGEST_STILL_S))


@contextmanager
def _turn(place: Workplace, run: Run) -> Iterator[tuple[Link, LogStream]]:
    """Be the only one who reads the log, by one stream that is read on from read to read: what it opens with is decoded once."""
    with (
        connection_pair.connect(place, run, yielding=False) as link,
        locks.turn(link.target),
        closing(change_capture.streamed(place, str(run), SHORT_READ_S)) as stream,
    ):
        yield link, stream


def _read_to_the_end(link: Link, place: Workplace, stream: LogStream, patience: _Patience) -> None:
    """Read the log until a word comes out of it that is written behind everything that is committed now."""
    word = source_log.say(link.source)
    while word not in (captured := follower.read_log(link, place, stream)).said:
        if captured.stopped:
            raise StageRefused(
                f"a transaction of POCO's is in the log and not seen after {change_capture.VISIBLE_SECONDS:.0f} s: its commit waits, "
                "mostly for a standby. What was written behind it is not read, so nothing was handed over; the store is open. Find the "
                "transaction in pg_stat_activity (docs/runbook.md, 'A commit that hangs'), then clear this task."
            )
        patience.require()


@contextmanager
def _instant(link: Link, place: Workplace, run: Run, stream: LogStream, patience: _Patience) -> Iterator[str]:
    """Bring the target to an instant of the source that is taken now; yields the name of its snapshot."""
    with exported_snapshot(place.source, "source") as (keeper, exported):
        goal = replication_slot.end_of_log(link.source)
        while follower.read_log(link, place, stream, keeper).reached < goal:
            patience.require()
        while follower.copy_dirty(replace(link, at=exported), place, run):
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
        with postgres.translated_errors(side, "snapshot"):
            exported = str(postgres.value(keeper, "select pg_export_snapshot()"))
        yield keeper, exported


@contextmanager
def pinned(place: Workplace, at: str) -> Iterator[Instant]:
    """Inside `still`: hold the instant on both sides beyond its end, so that it can be counted while life goes on."""
    with exported_snapshot(place.source, "source", at) as (_, ours), exported_snapshot(place.target, "target") as (_, theirs):
        yield Instant(ours, theirs)
