"""Both sides at one instant of the source while the store goes on: exported snapshots, and the target brought to one of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import connection_pair
from poco_migration.engine.follow import follower, replication_slot
from poco_migration.engine.ledger import locks
from poco_migration.errors import StageRefused
from poco_migration.model import Run

# The target is brought to one instant of the source within this; the followers wait meanwhile.
LONGEST_STILL_S = 900.0


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
    stream, give_up = replication_slot.find_slot(place), time.monotonic() + patience_s
    if stream is None or stream.ended:
        yield None
        return
    with (
        connection_pair.connect(place, run, yielding=False) as link,
        locks.turn(link.target),
        exported_snapshot(place.source, "source") as (keeper, exported),
    ):
        goal = replication_slot.end_of_log(link.source)
        at = replace(link, at=exported)
        while True:
            captured, copied = follower.one_pass(at, place, run, keeper)
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
        with postgres.translated_errors(side, "snapshot"):
            exported = str(postgres.value(keeper, "select pg_export_snapshot()"))
        yield keeper, exported


@contextmanager
def pinned(place: Workplace, at: str) -> Iterator[Instant]:
    """Inside `still`: hold the instant on both sides beyond its end, so that it can be counted while life goes on."""
    with exported_snapshot(place.source, "source", at) as (_, ours), exported_snapshot(place.target, "target") as (_, theirs):
        yield Instant(ours, theirs)
