"""TODO."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import connection_pair
from poco_migration.engine.follow import follower, replication_slot
from poco_migration.engine.ledger import locks
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

    The order is what makes it exact: nobody else reads the log; then the snapshot is taken; then of the log is read what the
    snapshot sees, and what is dirty is copied out of that snapshot. It says nothing of what is committed and not seen yet:
    where nothing is measured again, take `drained`.
    Yields None when nothing is followed (no slot, or no longer). Raises SlotLost, and StageRefused when it took too long.
    """
    stream, patience = replication_slot.find_slot(place), follower._Patience(patience_s)
    if stream is None or stream.ended:
        yield None
        return
    with (
        connection_pair.connect(place, run, yielding=False) as link,
        locks.turn(link.target),
        follower._instant(link, place, run, patience) as at,
    ):
        yield at


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
