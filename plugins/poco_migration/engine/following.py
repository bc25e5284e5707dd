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
from poco_migration.engine import applying, changes, slots
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
    """How far the target is behind: bytes of log not read, seconds since the oldest dirty key, keys not copied.

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
    with links.opened(place, run) as link:
        while True:
            copied = 0
            with turn(link.target, wait=False) as mine:
                if mine:
                    copied = _pass(link, place, run)[1]
            left = lag(link, place)
            left = replace(left, set_aside=tuple(why for _, why in link.set_aside.values()), stuck=bool(link.set_aside) and not copied)
            if until(link, left):
                return left
            if not copied:
                time.sleep(place.settings.follow.idle_s)


def catch_up(place: Workplace, run: Run, seconds: float) -> bool:
    """Copy everything that was written before the call; returns whether that was reached before the time was up.

    For a store that is closed: one that goes on always leaves something. Rerun: safe. Raises SlotLost.
    """
    give_up = time.monotonic() + seconds
    with links.opened(place, run, yielding=False) as link:
        goal = slots.end_of_log(link.source)
        while time.monotonic() < give_up:
            with turn(link.target):
                captured, copied = _pass(link, place, run)
            if captured.position >= goal and not copied and not lag(link, place).keys:
                return True
            if not copied:
                time.sleep(0.05)
    return False


@dataclass(frozen=True)
class Instant:
    """An exported snapshot of each side, taken when both said the same."""

    source: str
    target: str


@contextmanager
def still(place: Workplace, run: Run, patience_s: float = LONGEST_STILL_S) -> Iterator[str | None]:
    """Hold both sides at one instant while the store goes on: yields the name of a snapshot of the source, and what
    follows the source has brought the target to exactly that snapshot and goes no further until the end.

    The order is what makes it exact: nobody else reads the log; then the snapshot is taken; then the log is read as far
    as the snapshot sees, and what is dirty is copied out of that snapshot. A transaction that the snapshot sees behind
    one that it does not see yet waits for the next pass; a measurement that is off by it is taken again.
    Yields None when nothing is followed (no slot, or no longer). Raises SlotLost, and StageRefused when it took too long.
    """
    stream, give_up = slots.find(place), time.monotonic() + patience_s
    if stream is None or stream.ended:
        yield None
        return
    with (
        links.opened(place, run, yielding=False) as link,
        turn(link.target),
        exported_snapshot(place.source, "source") as (keeper, exported),
    ):
        goal = slots.end_of_log(link.source)
        at = replace(link, at=exported)
        while True:
            captured, copied = _pass(at, place, run, keeper)
            if (captured.stopped or captured.position >= goal) and not copied:
                break
            if time.monotonic() > give_up:
                raise StageRefused(
                    f"what has changed at POCO could not be copied within {patience_s:.0f} s, so the two sides cannot be compared at one "
                    "instant. See why poco_follow is behind (docs/runbook.md, 'The backlog'), then clear this task."
                )
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


def _pass(link: Link, place: Workplace, run: Run, seen_by: postgres.Connection | None = None) -> tuple[changes.Captured, int]:
    """Read the log once and copy what is dirty; returns what was read and how many keys were copied."""
    try:
        captured = changes.capture(link.source, link.target, place.settings.follow.slot, seen_by=seen_by)
    except SlotLost as lost:
        slots.note_loss(link.target, place.settings.follow.slot, str(lost))
        raise
    copied = applying.apply(link, place, run)
    if copied:
        log.info("follow: %d keys copied", copied)
    return captured, copied


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
