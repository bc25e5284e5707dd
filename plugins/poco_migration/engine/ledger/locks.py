"""TODO."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace

OWNERSHIP = -1


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


_TURN = "hashtextextended('poco_migration follow', 0)"


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
