"""Coupons become vouchers: reserve at POCO, issue at mi.com, void at POCO, release at mi.com. No two-phase commit.

Where a coupon is, POCO's row decides: a reservation ends once, as void or returned, under the epoch that POCO gave it. So a
voucher that is released after the void can be spent at mi.com only, one whose coupon POCO has again is cancelled, and a
crash between two steps leaves the coupon spendable nowhere until a rerun goes on from there. Each step is one transaction
over thousands of coupons, true afterwards whoever ran it. Codes are never logged, and the old code is never read.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres, secret_keys
from poco_migration.adapters.postgres import RowsRefused, array
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import isolation
from poco_migration.engine.ledger import locks
from poco_migration.errors import DataRefused
from poco_migration.model import Run
from poco_migration.settings import Calendar

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
NAMESPACE = uuid.UUID("6c1f5a52-5d0f-4a53-9d1c-0b6a0c1f2e10")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no letter that reads like a digit
# Two characters at a time: 16 look-ups of one took as long as the rest of a coupon's way through Python.
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
# In one transaction of each step. Five commits of each side are nothing beside thousands of rows; a row is locked for about a second.
BATCH = 5_000

# A generic plan takes an array of keys for a handful, and a join of two batches then compares each with each: 8 s instead of 40 ms.
PLANS = "-c plan_cache_mode=force_custom_plan -c random_page_cost=1.1"


@dataclass(frozen=True)
class Attempt:
    """One coupon on its way: its keys on both sides, and the epoch of its reservation."""

    coupon_id: int
    source_key: int
    epoch: int


def reissue_id(coupon: int, epoch: int) -> uuid.UUID:
    """The same coupon and attempt always give the same id, so a voucher can be issued once only."""
    return uuid.uuid5(NAMESPACE, f"{coupon}/{epoch}")


def code(key: bytes, identity: uuid.UUID) -> str:
    """16 characters, 80 bits of an HMAC: unguessable without the key, and the same when a rerun makes it again."""
    number = int.from_bytes(hmac.digest(key, identity.bytes, hashlib.sha256)[:10], "big")
    return "".join([PAIRS[(number >> shift) & 1023] for shift in range(70, -1, -10)])


def plan_batches(target: postgres.Connection, at_most: int) -> list[tuple[int, int]]:
    """Ranges [lo, hi) of coupons (target keys) that still have a step to go, about equal, ascending."""
    return [(row["lo"], row["hi"]) for row in postgres.run(target, SQL / "reissue_cuts.sql", BATCH, at_most)]


def move(place: Workplace, lo: int, hi: int, run: Run) -> dict[str, int]:
    """Take the coupons [lo, hi) (target keys) through all four steps; returns how many stand at which state. Memory is flat.

    Rerun: safe at any step, by any number of workers at once. Raises DataRefused when mi.com refuses more vouchers of a
    batch than can be single bad rows; then the batch is reserved, and spendable nowhere until it is mended. Raises OperatorNeeded,
    and touches nothing, where the key of the codes could be guessed.
    """
    secret_keys.voucher_key(place.voucher_key)
    with (
        postgres.connect(place.source, "source", name=str(run)) as source,
        postgres.connect(place.target, "target", name=str(run), options=PLANS) as target,
        postgres.translated_errors("target", "coupon reissue"),
    ):
        # A return to POCO waits for the batches that are under way, and is then refused; or this waits, and reserves nothing.
        locks.hold_coupons(target, together=True)
        for batch in _batches(target, lo, hi):
            _reserve(source, target, batch)
            _issue(source, target, batch, place)
            _finish(source, target, batch)
        return {row["state"]: row["number"] for row in postgres.run(target, SQL / "reissue_counts.sql", lo, hi)}


def _batches(target: postgres.Connection, lo: int, hi: int) -> Iterator[str]:
    for page in postgres.pages(target, SQL / "reissue_next.sql", hi, key="coupon_id", size=BATCH, after=lo - 1):
        yield array(row["coupon_id"] for row in page)


def _at(target: postgres.Connection, batch: str, state: str) -> list[Attempt]:
    return [Attempt(**row) for row in postgres.run(target, SQL / "reissue_at.sql", batch, state)]


def _reserve(source: postgres.Connection, target: postgres.Connection, batch: str) -> None:
    """After this, none of them can be spent at POCO; what was spent in between is refused, the uses left are final."""
    keys = [attempt.source_key for attempt in _at(target, batch, "planned")]
    planned = array(keys)
    with postgres.translated_errors("source", "reserve coupons"):
        taken = postgres.run(source, SQL / "reissue_reserve_source.sql", planned)
    known = {row["coupon_id"]: row for row in taken}
    columns = (_texts(str(known[key][name]) if key in known else "null" for key in keys) for name in ("epoch", "uses_left"))
    postgres.run(target, SQL / "reissue_reserved.sql", planned, *columns)


def _issue(source: postgres.Connection, target: postgres.Connection, batch: str, place: Workplace) -> None:
    """The voucher of each exists once, unspendable. A single one that mi.com refuses is found by halving and given back."""
    found = isolation.isolate(_at(target, batch, "reserved"), lambda some: _refusal(target, some, place))
    for refused, (attempt, refusal) in enumerate(found, start=1):
        if refused > place.settings.copying.poisoned_rows_limit:
            raise DataRefused(
                f"coupon reissue: mi.com refuses more than {place.settings.copying.poisoned_rows_limit} vouchers of one batch "
                f"({refusal.detail}). They are reserved and spendable nowhere. Mend the constraint or the rule, then clear this task."
            )
        _give_back(source, target, [attempt], refusal.detail)


def _refusal(target: postgres.Connection, attempts: Sequence[Attempt], place: Workplace) -> RowsRefused | None:
    try:
        _make_vouchers(target, attempts, place.voucher_key, place.settings.calendar)
    except RowsRefused as refusal:
        return refusal
    return None


def _make_vouchers(target: postgres.Connection, attempts: Sequence[Attempt], key: bytes, calendar: Calendar) -> None:
    """Each is good for as long as its coupon was at the cutover, from today on if that is later than planned."""
    identities = [reissue_id(attempt.coupon_id, attempt.epoch) for attempt in attempts]
    coupons, epochs = array(attempt.coupon_id for attempt in attempts), array(attempt.epoch for attempt in attempts)
    named = _texts(map(str, identities))
    codes, today = _texts(code(key, identity) for identity in identities), calendar.today()
    with postgres.translated_errors("target", "vouchers"), target.transaction():
        gap = today, calendar.cutover, calendar.deadline.coupon_reissue
        postgres.run(target, SQL / "reissue_voucher.sql", coupons, epochs, named, codes, *gap)
        postgres.run(target, SQL / "reissue_issued.sql", coupons, epochs, named, today)


def _give_back(source: postgres.Connection, target: postgres.Connection, attempts: Sequence[Attempt], problem: str) -> None:
    """POCO has them again, and under this epoch they can never be void: whoever still works on it is refused there."""
    keys, epochs = array(attempt.source_key for attempt in attempts), array(attempt.epoch for attempt in attempts)
    with postgres.translated_errors("source", "give coupons back"):
        given = {row["source_key"] for row in postgres.run(source, SQL / "reissue_give_back_source.sql", keys, epochs)}
    over = [attempt for attempt in attempts if attempt.source_key in given]
    log.warning("%d coupons are given back to POCO, because mi.com refuses their vouchers: %s", len(over), problem)
    keys, epochs = array(attempt.source_key for attempt in over), array(attempt.epoch for attempt in over)
    postgres.run(target, SQL / "reissue_given_back.sql", keys, epochs, problem)


def _finish(source: postgres.Connection, target: postgres.Connection, batch: str) -> None:
    """First POCO gives the coupon up for good, then the voucher becomes spendable; never the other way round."""
    issued = _at(target, batch, "issued")
    _release(target, _void(source, issued), issued)


def _void(source: postgres.Connection, issued: Sequence[Attempt]) -> dict[int, bool]:
    """Whether POCO has given each up; those whose attempt is not over are not in it."""
    keys, epochs = array(attempt.source_key for attempt in issued), array(attempt.epoch for attempt in issued)
    with postgres.translated_errors("source", "void coupons"):
        # IRREVERSIBLE: guarded by the two approvals of the coupon reissue.
        return {row["source_key"]: row["void"] for row in postgres.run(source, SQL / "reissue_void_source.sql", keys, epochs)}


def _release(target: postgres.Connection, ended: dict[int, bool], issued: Sequence[Attempt]) -> None:
    over = [attempt for attempt in issued if attempt.source_key in ended]
    keys, epochs = array(attempt.source_key for attempt in over), array(attempt.epoch for attempt in over)
    postgres.run(target, SQL / "reissue_release.sql", keys, epochs, [ended[attempt.source_key] for attempt in over])


def _texts(values: Iterable[str]) -> str:
    """Texts without a character that means something in an array, as PostgreSQL writes one."""
    return "{" + ",".join(values) + "}"


# What waits ------------------------------------------------------------------------------------------------------------


def take_up_decisions(source: postgres.Connection, target: postgres.Connection, entity: str) -> list[int]:
    """Tell POCO how the orders that hold coupons were decided at mi.com; returns the coupons that waited and are to be looked at again.

    Rerun: safe. An order that is paid has used its coupon, one that was cancelled has freed it; any other goes on holding it.
    """
    waiting = [row["source_key"] for row in postgres.run(target, SQL / "reissue_waiting.sql", entity)]
    with postgres.translated_errors("source", "orders that hold coupons"):
        held = postgres.run(source, SQL / "reissue_held_source.sql", array(waiting))
        orders = array(row["order_key"] for row in held)
        used = {row["order_key"]: row["used"] for row in postgres.run(target, SQL / "reissue_decided.sql", orders)}
        settled = [row for row in held if row["order_key"] in used]
        if settled:
            coupons, of = array(row["source_key"] for row in settled), array(row["order_key"] for row in settled)
            postgres.run(source, SQL / "reissue_settle_held_source.sql", coupons, of, [used[row["order_key"]] for row in settled])
            log.info("%d orders that held a coupon are decided", len(settled))
    return waiting


def planned_coupons(target: postgres.Connection) -> list[dict[str, Any]]:
    """What is planned to be reissued: {region, kind, coupons, uses}. Reads only."""
    return postgres.run(target, SQL / "reissue_planned.sql")


def refused_keys(target: postgres.Connection) -> list[int]:
    """Source keys of the coupons that get no voucher. Reads only."""
    return [row["source_key"] for row in postgres.run(target, SQL / "reissue_refused.sql")]


def waiting_regions(target: postgres.Connection, entity: str) -> set[str]:
    """The regions in which a coupon waits for its order, or for another attempt. Reads only."""
    return {row["region"] for row in postgres.run(target, SQL / "reissue_waiting.sql", entity)}
