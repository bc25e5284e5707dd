"""A wave: some regions are mi.com's, others POCO's still. What mi.com's program does to its rows is never undone by a copy."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from faults import database_pairs
from support.certificates import signed
from support.workplaces import RUN, Servers, clone, compare_all, copy_all, install

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.follow import follower, replication_slot
from poco_migration.model import Run
from poco_migration.stages import backfill, cutover, reconcile, rollback

WAVE = Run("poco_cutover/first wave", asked={"regions": ["DE", "FR"]})
NIGHT = Run("poco_reconcile/night")


@pytest.fixture(scope="module")
def first_wave(servers: Servers) -> Iterator[Workplace]:
    """DE and FR are handed over; the other regions are POCO's, followed by a slot."""
    template = clone(servers)
    install(template)
    replication_slot.create_publication(template)
    copy_all(template, "cutover")
    compare_all(template)
    rollback.rehearse(template, RUN)
    with database_pairs.following_pair(template, servers, "waves") as place:
        with psycopg.connect(place.source_owner, autocommit=True) as store:
            store.execute(SHARED_PERSON)
        follow(place)
        cutover.switch(place, WAVE, signed(place, "cutover", WAVE))
        yield place


# One person with a customer in a region of the wave and one in a region that stays POCO's for now: one account for both.
SHARED_PERSON = """
    insert into poco.customers (id, region, email, email_verified_at, full_name, birth_date, status, created_at)
    values (77000001, 'DE', 'shared.person@example.org', now(), 'Shared Person', '1980-01-01', 1, now()),
           (77000002, 'ES', 'shared.person@example.org', now(), 'Shared Person', '1980-01-01', 1, now())"""


@pytest.fixture
def app(first_wave: Workplace) -> Iterator[psycopg.Connection]:
    """mi.com's own program."""
    with psycopg.connect(database_pairs.as_customer(first_wave.target, "target"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def store(first_wave: Workplace) -> Iterator[psycopg.Connection]:
    with psycopg.connect(first_wave.source_owner, autocommit=True) as connection:
        yield connection


def follow(place: Workplace, seconds: float = 60) -> follower.Lag:
    give_up = time.monotonic() + seconds
    return follower.follow(place, RUN, lambda _, left: not left.keys or time.monotonic() > give_up)


def nightly(place: Workplace, *entities: str) -> dict[str, int]:
    """What poco_reconcile does at night with these entities; returns what is open at its end."""
    run = replace(NIGHT, id=f"{NIGHT.id} {time.monotonic_ns()}")
    short = place.settings.reconcile.model_copy(update={"catch_up_s": 5, "rounds": 1})
    place = replace(place, settings=place.settings.model_copy(update={"reconcile": short}))
    for part in reconcile.parts_to_compare(place, run, "cutover"):
        if part["entity"] in entities:
            reconcile.compare_part(place, run, part)
    reconcile.repair(place, run)
    return reconcile.verify(place, run)


NOTHING = {"different": 0, "undecided": 0, "foreign": 0}


def one(connection: psycopg.Connection, query: str, *values: object) -> object:
    row = connection.execute(query, values).fetchone()
    return row and row[0]


def test_a_row_that_mi_com_has_put_under_its_own_mark_is_not_deleted_at_night(first_wave: Workplace, app: psycopg.Connection) -> None:
    address = one(app, "select min(address_id) from mi.addresses join mi.profiles p using (profile_id) where p.market = 'de'"
                       " and addresses.origin = 'poco'")  # fmt: skip
    app.execute("update mi.addresses set origin = 'mi' where address_id = %s", (address,))
    assert nightly(first_wave, "addresses") == NOTHING
    assert one(app, "select count(*) from mi.addresses where address_id = %s", address) == 1


def test_an_order_that_mi_com_has_taken_over_keeps_what_hangs_on_it_and_following_comes_to_rest(
    first_wave: Workplace, app: psycopg.Connection
) -> None:
    order = one(app, "select min(order_id) from mi.orders where market = 'de' and origin = 'poco' and profile_id is not null")
    there = (
        "select count(*) from mi.orders o join mi.order_lines l using (order_id) join mi.payments p using (order_id) where o.order_id = %s"
    )
    before = one(app, there, order)
    app.execute("update mi.orders set origin = 'mi' where order_id = %s", (order,))
    assert nightly(first_wave, "orders") == NOTHING
    assert follow(first_wave, 20).keys == 0
    assert one(app, there, order) == before


@pytest.mark.parametrize("entity", ["addresses", "orders"])
def test_a_part_that_is_copied_whole_again_deletes_nothing_of_mi_coms(first_wave: Workplace, app: psycopg.Connection, entity: str) -> None:
    table, key = {"addresses": ("addresses", "address_id"), "orders": ("orders", "order_id")}[entity]
    app.execute(f"update mi.{table} set origin = 'mi' where {key} = (select max({key}) from mi.{table} t join mi.profiles p using (profile_id)"
                " where p.market = 'fr' and t.origin = 'poco')")  # fmt: skip
    count = f"select count(*) from mi.{table}"
    before = one(app, count)
    backfill.copy_part(first_wave, RUN, {"entity": entity, "lo": None, "hi": None})
    assert one(app, count) == before


def test_what_mi_com_says_of_a_shared_account_is_not_undone(
    first_wave: Workplace, app: psycopg.Connection, store: psycopg.Connection
) -> None:
    account = one(app, "select account_id from mi.profiles where profile_id = mi.poco_key(77000001)")
    assert account == one(app, "select account_id from mi.profiles where profile_id = mi.poco_key(77000002)")
    app.execute("insert into mi.account_identities values ('phone', '+4915111111111', %s, now())", (account,))
    app.execute("update mi.accounts set status = 'closed' where account_id = %s", (account,))
    store.execute("update poco.customers set note = 'hello' where id = 77000002")
    follow(first_wave)
    assert one(app, "select count(*) from mi.account_identities where account_id = %s and kind = 'phone'", account) == 1
    assert one(app, "select status from mi.accounts where account_id = %s", account) == "closed"
    assert nightly(first_wave, "customers") == NOTHING
