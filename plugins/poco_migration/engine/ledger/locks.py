"""Every advisory lock of the migration. They are taken in the order in which they stand here, and never in another one.

1. switch     only_switch: one switch at a time; held by a session.
2. follow     turn: one reader of the log at a time; held by a session.
3. coupons    hold_coupons: batches of the reissue together, a return alone.
4. ownership  (lock_space(entity), OWNERSHIP): copies share it, a handover takes it alone; until the transaction ends.
5. parts      (lock_space(entity), part number), ascending: parts.lock; until the transaction ends.

The card of an entity may take locks of its own after these, in its load.sql (points_ledger does). Every lock but the first three ends
with a transaction, so that a worker that dies gives all of them back. POCO's server has one of its own: hold_fence.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace

OWNERSHIP = -1
_TURN = "hashtextextended('poco_migration follow', 0)"


def lock_space(entity: str) -> int:
    """The first half of an entity's advisory locks; the second is a part's number or OWNERSHIP."""
    return zlib.crc32(entity.encode()) - (1 << 31)


def hold_coupons(target: postgres.Connection, *, together: bool) -> None:
    """Batches of the coupon reissue go on together until the session ends; a return goes alone until its transaction ends."""
    name = "pg_advisory_lock_shared" if together else "pg_advisory_xact_lock"
    target.execute(sql.SQL("select {}(hashtextextended('poco_migration coupons', 0))").format(sql.SQL(name)))


@contextmanager
def only_switch(place: Workplace, patience_s: float = 0) -> Iterator[bool]:
    """Be the only one who switches; yields whether that is so. Held by a session: who dies gives it back."""
    give_up = time.monotonic() + patience_s
    with postgres.connect(place.target, "target", name="switch") as target:
        while not (mine := postgres.value(target, "select pg_try_advisory_lock(hashtextextended('poco_migration switch', 0))")):
            if time.monotonic() >= give_up:
                break
            time.sleep(0.5)
        yield bool(mine)


@contextmanager
def turn(target: postgres.Connection, *, wait: bool = True) -> Iterator[bool]:
    """Be the only one who reads the log, and copies what it brought. Whoever waits is served first.

    Without waiting, yields whether it was free. Taken before any lock of a part, never after one.
    """
    take = sql.SQL("select pg_advisory_lock({})" if wait else "select pg_try_advisory_lock({})").format(sql.SQL(_TURN))
    with postgres.translated_errors("target", "turn"):
        mine = postgres.value(target, take) is not False
    try:
        yield mine
    finally:
        if mine and not target.closed:
            target.execute(sql.SQL("select pg_advisory_unlock({})").format(sql.SQL(_TURN)))


def share_ownership(target: postgres.Connection, entity: str) -> None:
    """Hold off the handover of an entity until the transaction ends; copies do it together."""
    target.execute("select pg_advisory_xact_lock_shared(%s, %s)", (lock_space(entity), OWNERSHIP))


def take_ownership(target: postgres.Connection, entities: Collection[str]) -> None:
    """Wait for the copies of these entities that are in flight; none begins until the transaction ends.

    One statement, so that the statement's time limit is for all of them together.
    """
    spaces = [lock_space(entity) for entity in sorted(entities)]
    target.execute("select pg_advisory_xact_lock(space, %s) from unnest(%s::int[]) space", (OWNERSHIP, spaces))


def hold_parts(target: postgres.Connection, entity: str, numbers: Sequence[int]) -> None:
    """Hold these parts of an entity, given in ascending order, until the transaction ends.

    One statement takes them in the order of the array; one for each would be a round trip for each part of a large table.
    """
    target.execute("select pg_advisory_xact_lock(%s, number) from unnest(%s::int[]) number", (lock_space(entity), list(numbers)))


def hold_fence(source: postgres.Connection) -> None:
    """Be the only one who changes the fence, until the transaction on POCO's server ends."""
    source.execute("select pg_advisory_xact_lock(hashtextextended('poco_migration fence', 0))")
