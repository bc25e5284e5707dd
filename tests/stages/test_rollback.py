"""A rollback brings back what changed at mi.com, lists by key what cannot come, and leaves one side writable, never both."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from faults import report
from psycopg.conninfo import conninfo_to_dict
from support import fresh_migration
from support.certificates import signed
from support.mi_customers import Customers, Journal, rows, wrong
from support.workplaces import Servers, clone, compare_all, copy_all, followed, install

from legacy_store import generator
from legacy_store.traffic import Traffic
from local_stack import databases
from mi_platform import seed
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.copying import schema_drift
from poco_migration.engine.cutover import fence
from poco_migration.engine.follow import follower
from poco_migration.model import Run
from poco_migration.stages import cutover, reconcile, rollback

ENTITIES = [entity.name for entity in cards.moving_at("cutover")]
SWITCH, BACK = Run("poco_cutover/1"), Run("poco_rollback/1")


def switch(place: Workplace, run: Run) -> None:
    """As the data team does it: compared, rehearsed, signed."""
    compare_all(place)
    rollback.rehearse(place, run)
    cutover.switch(place, run, signed(place, "cutover", run))


def give_back(place: Workplace, run: Run, regions: str = "") -> dict[str, Any]:
    return rollback.give_back(place, run, signed(place, "rollback", run), regions)


@dataclass
class Store:
    """A store that was handed over, and everybody who may write on either side."""

    place: Workplace
    poco: psycopg.Connection[Any]
    mi: psycopg.Connection[Any]
    app: str

    def customers_can_write(self, region: str = "DE") -> bool:
        """As the store's own program, in a transaction that is taken back."""
        with psycopg.connect(self.app) as app:
            try:
                app.execute("update poco.orders set note = note where id = (select max(id) from poco.orders where region = %s)", (region,))
                app.execute(
                    "update poco.customers set note = note where id = (select max(id) from poco.customers where region = %s)", (region,)
                )
                return True
            except psycopg.errors.ReadOnlySqlTransaction:
                return False
            finally:
                app.rollback()

    def listed(self) -> dict[tuple[str, int], str]:
        found = self.mi.execute("select entity, target_key, reason from migration.not_returned where resolved_at is null").fetchall()
        return {(entity, key): reason for entity, key, reason in found}

    def owners(self) -> set[str]:
        return {row[0] for row in self.mi.execute("select distinct owner from migration.system_of_record").fetchall()}


def handed_over(servers: Servers, place: Workplace) -> Iterator[Store]:
    """The store after its cutover. One check of POCO's refuses what mi.com takes."""
    with followed(place) as with_slot:
        databases_of = {side: str(conninfo_to_dict(dsn)["dbname"]) for side, dsn in (("poco", place.source), ("mi", place.target))}
        owner = servers.target.dsn(databases_of["mi"], "mi_owner", servers.passwords["mi_owner"])
        app = servers.source.dsn(databases_of["poco"], "poco_app", servers.passwords["poco_app"])
        with psycopg.connect(place.source_owner, autocommit=True) as poco, psycopg.connect(owner, autocommit=True) as mi:
            databases.grant_source(servers.source, servers.passwords, databases_of["poco"])
            poco.execute("alter table poco.tickets add constraint subject_short check (length(subject) < 500)")
            schema_drift.pin(with_slot)
            copy_all(with_slot, "cutover")
            switch(with_slot, SWITCH)
            with psycopg.connect(place.ledger, autocommit=True) as ledger:
                ledger.execute("grant usage on schema migration to mi_owner; grant select on all tables in schema migration to mi_owner")
            yield Store(with_slot, poco, mi, app)


@pytest.fixture
def store(servers: Servers, place: Workplace) -> Iterator[Store]:
    yield from handed_over(servers, place)


@pytest.fixture
def large(servers: Servers) -> Iterator[Store]:
    """Large enough for ten thousand rows to change."""
    passwords = servers.passwords
    if databases.create_source(servers.source, passwords, "poco_large"):
        generator.generate(servers.source.dsn("poco_large", "poco_owner", passwords["poco_owner"]), scale=0.04)
        databases.create_target(servers.target, passwords, "mi_large")
        seed.create(servers.target.dsn("mi_large", "mi_owner", passwords["mi_owner"]), scale=0.04)
        databases.grant_target(servers.target, passwords, "mi_large")
    fresh = clone(servers, "poco_large", "mi_large")
    install(fresh)
    yield from handed_over(servers, fresh)


def busy(store: Store, acts: int, seed_: int = 1, *, confused: bool = True) -> tuple[Customers, dict[Any, Any]]:
    """mi.com sells for a while; returns who did it and what POCO said before."""
    before = rows(store.poco)
    customers = Customers(store.mi, store.poco, seed_)
    with store.mi.transaction():
        if confused:
            customers.confuse()
        while customers.journal.acts < acts:
            customers.act()
    return customers, before


def table(store: Store, run: Run, seconds: float) -> str:
    lines = store.mi.execute(
        "select entity, sum(found), sum(back), sum(listed) from migration.returned where run = %s group by 1 order by 1", (run.id,)
    ).fetchall()
    total = [sum(line[n] for line in lines) for n in (1, 2, 3)]
    text = "\n".join(f"{name:16} {found:7} {back:7} {listed:7}" for name, found, back, listed in [*lines, ("all", *total)])
    return f"\n{'at mi.com':16} changed    back  listed\n{text}\nin {seconds:.1f} s"


def check(store: Store, journal: Journal, before: dict[Any, Any]) -> None:
    after = rows(store.poco)
    assert Counter(wrong(before, after, journal)) == {}
    assert store.listed().keys() == journal.untranslatable


def test_ten_thousand_changes_come_back_or_are_listed(large: Store) -> None:
    customers, before = busy(large, 10_100)
    assert not large.customers_can_write()
    began = time.monotonic()
    done = give_back(large.place, BACK)
    report.say(table(large, BACK, time.monotonic() - began))
    check(large, customers.journal, before)
    assert large.customers_can_write() and large.owners() == {"POCO"} and fence.state(large.place) == {}
    assert done["found"] == done["back"] + done["listed"] and done["found"] > 10_000


def test_every_kind_of_change_comes_back_or_is_listed(store: Store) -> None:
    customers, before = busy(store, 800)
    give_back(store.place, BACK)
    check(store, customers.journal, before)
    assert Counter(store.listed().values()) == {
        "status_unknown": 1, "refused_by_source": 1, "parent_missing": 1, "round_trip_differs": 1, "attachment_elsewhere": 1,
        "amount_too_fine": 1, "account_joined_otherwise": 1, "no_longer_pocos": 1, "method_unknown": 1, "family_incomplete": 3,
    }  # fmt: skip


def reconciled(place: Workplace, run: Run) -> dict[str, int]:
    """What poco_reconcile does: compare every row, repair, look again, count and sum. Returns what is left."""
    for part in reconcile.parts_to_compare(place, run, "cutover"):
        reconcile.compare_part(place, run, part)
    reconcile.repair(place, run)
    left = reconcile.verify(place, run)
    return left | {"open": reconcile.measure(place, run, "cutover", "never")["open"]}


def test_after_a_rollback_the_store_sells_and_a_second_cutover_closes_every_equation(store: Store, servers: Servers) -> None:
    customers, before = busy(store, 400)
    give_back(store.place, BACK)
    check(store, customers.journal, before)
    shop = Traffic(store.app, seed=3, per_second=200)
    shop.start()
    time.sleep(3)
    journal = shop.stop()
    assert journal.acknowledged and not journal.refused
    follower.catch_up(store.place, Run("follow"), 60)

    # What is listed differs until somebody decides; a repair leaves it alone, and it keeps the next cutover away.
    waiting = reconciled(store.place, Run("poco_reconcile/1"))
    assert waiting["different"] and set(store.listed().values())
    with psycopg.connect(store.place.target, autocommit=True) as people:
        people.execute(
            "delete from mi.payments where order_id in (select target_key from migration.not_returned where entity = 'orders' and source_key is null)"
        )
        people.execute(
            "delete from mi.order_lines where order_id in (select target_key from migration.not_returned where entity = 'orders' and source_key is null)"
        )
        people.execute(
            "delete from mi.orders where order_id in (select target_key from migration.not_returned where entity = 'orders' and source_key is null)"
        )
        people.execute(
            "update mi.addresses set origin = 'poco' where address_id in (select target_key from migration.not_returned where entity = 'addresses')"
        )
        people.execute("update migration.not_returned set resolved_at = now(), owner = 'data team'")
    assert reconciled(store.place, Run("poco_reconcile/2")) == {"different": 0, "undecided": 0, "foreign": 0, "open": 0}

    switch(store.place, Run("poco_cutover/2"))
    assert store.owners() == {"Xiaomi"} and not store.customers_can_write()
    store.poco.close()  # the oracle copies the database
    assert fresh_migration.differences(store.place, servers, "cutover") == []
