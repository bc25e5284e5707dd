"""Customers who spend coupons at POCO and vouchers at mi.com while the reissue is at work, and somebody who looks all the time.

A look reads mi.com, POCO and mi.com again. A voucher becomes spendable once and stops being so once, so one that is spendable in both
readings was so in between, when POCO was read: a coupon that is in all three was spendable on both sides at one instant.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import psycopg
from faults.database_pairs import as_customer
from support.workplaces import RUN

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier
from poco_migration.engine.coupons import liability, reissue
from poco_migration.model import KeyRange

ZERO = 7_000_000_000_000_000
SPEND = """update poco.coupons set uses_left = uses_left - 1, status = case when uses_left = 1 then 2 else status end, reserved_order_id = null
            where id = %s and {} returning uses_left"""
FREE, MINE, CARELESS = "status = 1 and uses_left > 0 and reserved_order_id is null", "reserved_order_id = %s", "uses_left > 0"
NOTE = "insert into poco.coupon_redemptions (id, region, coupon_id, order_id, amount_minor, redeemed_at) values (%s, 'DE', %s, 1, 1, '2024-11-01')"
REDEEM = """update mi.vouchers set uses_left = uses_left - 1, state = case when uses_left = 1 then 'used_up' else state end
             where coupon_ref = %s and state = 'spendable' and uses_left > 0"""
SPENDABLE = "select coupon_ref - mi.poco_key(0) from mi.vouchers where coupon_ref >= mi.poco_key(%s) and coupon_ref < mi.poco_key(%s) and state = 'spendable' and uses_left > 0"
ACTIVE = f"select id from poco.coupons where id >= %s and id < %s and {FREE}"


@dataclass
class Market:
    """The coupons [first, last) that everybody is after at the moment, and what was seen of them."""

    place: Workplace
    seed: int = 1
    first: int = 0
    last: int = 0
    careless: bool = False
    looks: int = 0
    both: int = 0
    twice: int = 0
    spent: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._stop, self._threads = threading.Event(), list[threading.Thread]()
        self._orders = count(600_000_000_000 + self.seed * 1_000_000)

    @contextmanager
    def open(self, service: bool = True) -> Iterator[Market]:
        """Two customers on each side, somebody at POCO who takes coupons back, and the one who looks."""
        people: list[Callable[[random.Random], None]] = [self._at_poco] * 2 + [self._at_mi] * 2 + [self._look] + [self._take_back] * service
        self._stop.clear()
        self._threads = [
            threading.Thread(target=person, args=(random.Random(f"{self.seed}/{n}"),), daemon=True) for n, person in enumerate(people)
        ]
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self.close()

    def close(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(20)

    def _key(self, rng: random.Random) -> int:
        return rng.randrange(self.first, self.last)

    def _at_poco(self, rng: random.Random) -> None:
        with psycopg.connect(as_customer(self.place.source, "source")) as store:
            while not self._stop.wait(rng.random() * 0.004):
                key = self._key(rng)
                try:
                    if rng.random() < 0.2 and not self.careless:
                        self._order(store, rng, key)
                    else:
                        rule = CARELESS if self.careless else FREE
                        self._spend(store, rng, key, rule, (key,))
                except psycopg.errors.ReadOnlySqlTransaction:
                    store.rollback()
                    self.spent["refused by POCO's database"] += 1

    def _order(self, store: psycopg.Connection, rng: random.Random, key: int) -> None:
        """An order holds the coupon; a moment later it is paid or cancelled."""
        order = next(self._orders)
        held = store.execute(f"update poco.coupons set reserved_order_id = %s where id = %s and {FREE}", (order, key)).rowcount
        store.commit()
        if held:
            time.sleep(rng.random() * 0.01)
            if rng.random() < 0.5:
                self._spend(store, rng, key, MINE, (key, order))
            else:
                store.execute("update poco.coupons set reserved_order_id = null where id = %s and reserved_order_id = %s", (key, order))
                store.commit()

    def _spend(self, store: psycopg.Connection, rng: random.Random, key: int, rule: str, parameters: tuple[int, ...]) -> None:
        spent = store.execute(SPEND.format(rule), parameters).rowcount
        if spent:
            store.execute(NOTE, (next(self._orders), key))
            time.sleep(rng.random() * 0.003)  # under way: whoever reserves waits for it
        store.commit()
        self.spent["at POCO"] += spent

    def _at_mi(self, rng: random.Random) -> None:
        with psycopg.connect(as_customer(self.place.target, "target"), autocommit=True) as shop:
            while not self._stop.wait(rng.random() * 0.004):
                self.spent["at mi.com"] += shop.execute(REDEEM, (ZERO + self._key(rng),)).rowcount

    def _take_back(self, rng: random.Random) -> None:
        """Gives reserved coupons back to POCO's customers, as after an attempt that cannot be finished."""
        reserved = "select coupon_id, epoch from poco_export.reservation where coupon_id >= %s and coupon_id < %s and state = 'reserved'"
        with (
            psycopg.connect(self.place.source_owner, autocommit=True) as owner,
            psycopg.connect(self.place.source, autocommit=True) as migrator,
        ):
            while not self._stop.wait(0.002 + rng.random() * 0.01):
                found = owner.execute(reserved, (self.first, self.last)).fetchall()
                if found:
                    key, epoch = rng.choice(found)
                    given = migrator.execute("select poco_export.give_back_coupons(%s, %s)", ([key], [epoch])).rowcount
                    self.spent["given back"] += given

    def _look(self, rng: random.Random) -> None:
        with (
            psycopg.connect(as_customer(self.place.source, "source"), autocommit=True) as store,
            psycopg.connect(as_customer(self.place.target, "target"), autocommit=True) as shop,
        ):
            while not self._stop.is_set():
                slice_ = (self.first, self.last)
                before = [row[0] for row in shop.execute(SPENDABLE, slice_)]
                there = {row[0] for row in store.execute(ACTIVE, slice_)}
                after = {row[0] for row in shop.execute(SPENDABLE, slice_)}
                self.looks += 1
                self.both += len(set(before) & there & after)
                self.twice += len(before) - len(set(before))


# The reissue, and how it must end --------------------------------------------------------------------------------------


def make(place: Workplace, market: Market, number: int, rng: random.Random) -> None:
    """The next coupons: some personal, some public with several uses, of all kinds; planned, and noted as owed."""
    first = max(market.last, 700_000_000_000)
    with psycopg.connect(place.source_owner, autocommit=True) as store:
        owners = [row[0] for row in store.execute("select id from poco.customers where region = 'DE' and status = 1 order by id limit 50")]
        for n in range(number):
            kind, public = rng.choice((1, 2, 3)), rng.random() < 0.4
            uses = rng.randint(2, 30) if public else 1
            store.execute(
                "insert into poco.coupons (id, region, code, kind, value_minor, percent, currency, customer_id, uses_total, uses_left, status, valid_from, valid_until)"
                " values (%s, 'DE', %s, %s, %s, %s, 'EUR', %s, %s, %s, 1, '2024-01-01', '2025-06-30')",
                (first + n, f"OLD-{first + n}", kind, 500 if kind == 1 else None, 10 if kind == 2 else None, None if public else rng.choice(owners), uses, uses),
            )  # fmt: skip
    with connection_pair.connect(place, RUN) as link:
        copier.copy(link, cards.entities()["coupons"], KeyRange(first, first + number), RUN)
    liability.freeze(place, RUN)
    market.first, market.last = first, first + number


def finish(place: Workplace, market: Market) -> int:
    """Rerun, and try again what was given back or held, until each coupon has ended; returns how many reruns it took."""
    for turn in range(1, 30):
        reissue.move(place, ZERO + market.first, ZERO + market.last, RUN)
        with connection_pair.connect(place, RUN) as link:
            # Twice: the first copy notes why there is no voucher, the second plans it anew where it is active at POCO.
            for _ in range(2):
                copier.copy(link, cards.entities()["coupons"], KeyRange(market.first, market.last), RUN)
            left = link.target.execute(
                "select count(*) from migration.coupon_reissue where state <> 'done' and coupon_id >= %s and coupon_id < %s",
                (ZERO + market.first, ZERO + market.last),
            ).fetchone()
            waits = link.target.execute(
                "select count(*) from migration.quarantine where entity = 'coupons' and resolved_at is null and source_key >= %s and source_key < %s",
                (market.first, market.last),
            ).fetchone()
        if left == (0,) and waits == (0,):
            return turn
    return turn


def found(place: Workplace, market: Market) -> dict[str, int]:
    """What is wrong with these coupons, by what it is; nothing where all is well. Nobody may be at work any more."""
    span = (market.first, market.last)
    with psycopg.connect(place.source_owner) as store:
        used = Counter(
            row[0] for row in store.execute("select coupon_id from poco.coupon_redemptions where coupon_id >= %s and coupon_id < %s", span)
        )
        left = dict(store.execute("select id, uses_left from poco.coupons where id >= %s and id < %s and status = 1", span).fetchall())
    with psycopg.connect(place.target) as shop:
        had = dict(
            shop.execute("select coupon_id, uses from migration.coupon_freeze where coupon_id >= %s and coupon_id < %s", span).fetchall()
        )
        vouchers = shop.execute(
            "select v.coupon_ref - mi.poco_key(0), v.uses_total, v.uses_left, c.coupon_id is null from mi.vouchers v left join migration.coupon_reissue c"
            " using (reissue_id) where v.coupon_ref >= mi.poco_key(%s) and v.coupon_ref < mi.poco_key(%s) and v.state <> 'cancelled'", span,
        ).fetchall()  # fmt: skip
    liability.measure_liability(place, RUN)
    with psycopg.connect(place.target) as shop:
        unbalanced = shop.execute("select count(*) from migration.liability_open where run = %s", (RUN.id,)).fetchone()
    wrong = Counter(
        {"spendable on both sides": market.both, "spendable twice at mi.com": market.twice, "sums of the liability open": unbalanced[0]}
    )
    for key, uses in had.items():
        mine = [voucher for voucher in vouchers if voucher[0] == key]
        now = used[key] + left.get(key, 0) + sum(total for _, total, _, stranger in mine if not stranger)
        wrong["with more uses than it had"] += now > uses
        wrong["lost"] += now < uses
        wrong["issued twice"] += len(mine) > 1
    return {what: number for what, number in wrong.items() if number}


def told(wrong: dict[str, int]) -> str:
    return ", ".join(f"{number} {what}" for what, number in wrong.items()) or "equal"


def attempts(places: list[Workplace], market: Market) -> list[str]:
    """One move of the same coupons in each of these workplaces, all at once; returns what they raised."""
    start, errors = threading.Barrier(len(places)), list[str]()

    def work(place: Workplace) -> None:
        start.wait(60)
        try:
            reissue.move(place, ZERO + market.first, ZERO + market.last, RUN)
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=work, args=(place,)) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return errors
