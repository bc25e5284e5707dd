"""Coupons become vouchers: reserve at POCO, issue at mi.com, void at POCO, release at mi.com. No two-phase commit.

Each step is one statement that is true afterwards whoever ran it, so a crash between two steps leaves a coupon
spendable nowhere, and the rerun goes on from where it stands. A voucher is spendable only after POCO can never give
its coupon back. Codes are never logged, and the old code is never read.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Sequence
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import handover
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
NAMESPACE = uuid.UUID("6c1f5a52-5d0f-4a53-9d1c-0b6a0c1f2e10")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no letter that reads like a digit
BATCH = 5_000


def reissue_id(coupon: int, epoch: int) -> uuid.UUID:
    """The same coupon and attempt always give the same id, so a voucher can be issued once only."""
    return uuid.uuid5(NAMESPACE, f"{coupon}/{epoch}")


def code(key: bytes, identity: uuid.UUID) -> str:
    """16 characters, 80 bits of an HMAC: unguessable without the key, and the same when a rerun makes it again."""
    number = int.from_bytes(hmac.digest(key, identity.bytes, hashlib.sha256)[:10], "big")
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(75, -1, -5))


def open_coupons(target: postgres.Connection) -> list[int]:
    """Target keys of the coupons that still have a step to go, ascending."""
    return [row["coupon_id"] for row in postgres.run(target, SQL / "reissue_open.sql")]


def move(place: Workplace, coupons: Sequence[int], run: Run) -> dict[str, int]:
    """Take these coupons (target keys) through all four steps; returns how many stand at which state. Rerun: safe."""
    with (
        postgres.connect(place.source, "source", name=str(run)) as source,
        postgres.connect(place.target, "target", name=str(run)) as target,
        postgres.telling("target", "coupon reissue"),
    ):
        # A return to POCO waits for the batches that are under way, and is then refused; or this waits, and reserves nothing.
        handover.hold_coupons(target, together=True)
        for start in range(0, len(coupons), BATCH):
            batch = list(coupons[start : start + BATCH])
            _reserve(source, target, batch)
            _issue(target, batch, place.voucher_key)
            _void(source, target, batch)
        return {row["state"]: row["number"] for row in postgres.run(target, SQL / "reissue_counts.sql", list(coupons))}


def _reserve(source: postgres.Connection, target: postgres.Connection, batch: list[int]) -> None:
    """After this, none of them can be spent at POCO; what was spent in between is refused, the uses left are final."""
    planned = [row["source_key"] for row in postgres.run(target, SQL / "reissue_at.sql", batch, "planned")]
    with postgres.telling("source", "reserve coupons"):
        reserved = postgres.run(source, SQL / "reissue_reserve_source.sql", planned)
    keys, uses = [row["coupon_id"] for row in reserved], [row["uses_left"] for row in reserved]
    postgres.run(target, SQL / "reissue_reserved.sql", planned, keys, uses)


def _issue(target: postgres.Connection, batch: list[int], key: bytes) -> None:
    """The voucher exists once, unspendable."""
    coupons = [(row["coupon_id"], row["epoch"]) for row in postgres.run(target, SQL / "reissue_at.sql", batch, "reserved")]
    identities = [reissue_id(coupon, epoch) for coupon, epoch in coupons]
    keys = [coupon for coupon, _ in coupons]
    with target.transaction():
        postgres.run(target, SQL / "reissue_voucher.sql", keys, identities, [code(key, identity) for identity in identities])
        postgres.run(target, SQL / "reissue_issued.sql", keys, identities)


def _void(source: postgres.Connection, target: postgres.Connection, batch: list[int]) -> None:
    """First POCO gives the coupon up for good, then the voucher becomes spendable; never the other way round."""
    issued = [row["source_key"] for row in postgres.run(target, SQL / "reissue_at.sql", batch, "issued")]
    with postgres.telling("source", "void coupons"):
        # IRREVERSIBLE: guarded by the two approvals of the coupon reissue.
        void = [row["source_key"] for row in postgres.run(source, SQL / "reissue_void_source.sql", issued)]
    with target.transaction():
        postgres.run(target, SQL / "reissue_release.sql", void)
        postgres.run(target, SQL / "reissue_done.sql", void)
