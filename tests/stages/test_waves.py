"""A wave: some regions are mi.com's, others POCO's still. What mi.com's program does to its rows is never undone by a copy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from faults import database_pairs
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from support import waves
from support.waves import NOTHING, follow, nightly
from support.workplaces import RUN, Servers

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.copying import schema_drift
from poco_migration.errors import BacklogAlarm
from poco_migration.stages import backfill
from poco_migration.stages import follow as follow_stage


@pytest.fixture(scope="module")
def first_wave(servers: Servers) -> Iterator[Workplace]:
    with waves.first_wave(servers) as place:
        yield place


@pytest.fixture
def app(first_wave: Workplace) -> Iterator[psycopg.Connection]:
    """mi.com's own program."""
    with psycopg.connect(database_pairs.as_customer(first_wave.target, "target"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def store(first_wave: Workplace) -> Iterator[psycopg.Connection]:
    with psycopg.connect(first_wave.source_owner, autocommit=True) as connection:
        yield connection


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


# What hangs on a row that POCO deletes ---------------------------------------------------------------------------------


def owner_of(place: Workplace) -> psycopg.Connection:
    """mi.com's administrator, whom the guard lets pass."""
    dsn = make_conninfo(**{**conninfo_to_dict(place.target), "user": "mi_owner", "password": "test-mi_owner"})
    return psycopg.connect(dsn, autocommit=True)


def test_a_row_that_something_of_mi_coms_hangs_on_is_kept_and_holds_up_nobody(
    first_wave: Workplace, app: psycopg.Connection, store: psycopg.Connection
) -> None:
    """An article of a region that is POCO's is in an order of mi.com's own, and POCO deletes it; an unlooked-for table refers to another."""
    with owner_of(first_wave) as owner:
        items = owner.execute(
            "select item_id from mi.brand_items where origin = 'poco' and market = 'es' order by 1 desc limit 2"
        ).fetchall()
        (sold, noted) = [int(row[0]) for row in items]
        owner.execute(
            "insert into mi.order_lines (order_id, item_id, sku, title, quantity, unit_price, total)"
            " select min(order_id), %s, 'X', 'x', 1, 1, 1 from mi.orders where origin = 'mi'",
            (sold,),
        )
        owner.execute("create table mi.picks (item_id bigint references mi.brand_items on delete cascade)")
        owner.execute("grant select on mi.picks to mi_migrator, mi_app")
        owner.execute("insert into mi.picks values (%s)", (noted,))
    zero = one(app, "select mi.poco_key(0)")
    assert isinstance(zero, int)
    for item in (sold - zero, noted - zero):
        store.execute("delete from poco.product_prices where product_id = %s", (item,))
        store.execute("delete from poco.products where id = %s", (item,))
    order = one(store, "select max(id) from poco.orders where region = 'ES'")
    store.execute("update poco.orders set note = 'an order of somebody else' where id = %s", (order,))
    assert follow(first_wave, 30).keys == 0
    assert one(app, "select note from mi.orders where order_id = mi.poco_key(%s)", order) == "an order of somebody else"
    assert one(app, "select count(*) from mi.brand_items where item_id = any (%s) and origin = 'mi'", [sold, noted]) == 2
    assert one(app, "select count(*) from mi.picks") == 1
    with psycopg.connect(first_wave.target) as ledger:
        told = ledger.execute(
            "select detail from migration.quarantine where reason = 'kept_at_mi' and resolved_at is null order by 1"
        ).fetchall()
    assert told == [("mi.order_lines",), ("mi.picks",)]
    assert nightly(first_wave, "products", "product_prices", "order_items") == NOTHING
    # POCO has it again, under the same key: it is POCO's once more.
    store.execute("insert into poco.products (id, region, sku, slug, name, model, category, status, created_at)"
                  " select %s, region, sku || '-again', slug || '-again', name, model, category, status, created_at"
                  " from poco.products where region = 'ES' order by id limit 1", (sold - zero,))  # fmt: skip
    assert follow(first_wave, 30).keys == 0
    assert one(app, "select origin from mi.brand_items where item_id = %s", sold) == "poco"


def test_a_table_that_has_changed_stops_its_own_entity_and_no_other(
    first_wave: Workplace, app: psycopg.Connection, store: psycopg.Connection
) -> None:
    short = first_wave.settings.follow.model_copy(update={"run_seconds": 3})
    place = replace(first_wave, settings=first_wave.settings.model_copy(update={"follow": short}))
    with owner_of(first_wave) as owner:
        owner.execute("alter table mi.addresses add column floor text")
        try:
            address = one(store, "select max(id) from poco.addresses where region = 'ES'")
            order = one(store, "select max(id) from poco.orders where region = 'ES'")
            store.execute("update poco.addresses set is_default = not is_default where id = %s", (address,))
            store.execute("update poco.orders set note = 'beside it' where id = %s", (order,))
            with pytest.raises(BacklogAlarm, match=r"addresses cannot be copied \(SchemaDrift\): addresses: target table mi.addresses"):
                follow_stage.follow(place, RUN)
            assert one(app, "select note from mi.orders where order_id = mi.poco_key(%s)", order) == "beside it"
        finally:
            owner.execute("alter table mi.addresses drop column floor")
    schema_drift.pin(first_wave)
    assert follow(first_wave, 30).keys == 0


# What the backfill has made, before the handover ------------------------------------------------------------------------


def test_a_person_signs_up_at_mi_com_between_backfill_and_cutover(first_wave: Workplace, app: psycopg.Connection) -> None:
    customer, email = app.execute(
        "select min(profile_id), min(email) from mi.profiles where profile_id = (select min(profile_id) from mi.profiles p where joined_by = 'created'"
        " and email_verified and market = 'es' and (select count(*) from mi.profiles o where o.account_id = p.account_id) = 1)"
    ).fetchone() or (None, None)
    assert email and one(app, "select count(*) from mi.account_identities where value = %s", email) == 0
    account = one(app, "insert into mi.accounts (status, created_at) values ('active', now()) returning account_id")
    app.execute("insert into mi.account_identities values ('email', %s, %s, now())", (email, account))
    assert follow(first_wave).keys == 0
    assert app.execute("select account_id, joined_by from mi.profiles where profile_id = %s", (customer,)).fetchone() == (account, "email")
    assert nightly(first_wave, "customers") == NOTHING


def test_mi_com_lists_an_article_number_of_pocos_between_backfill_and_cutover(first_wave: Workplace, app: psycopg.Connection) -> None:
    item, sku = app.execute(
        "select item_id, sku from mi.brand_items i where market = 'es' and joined_by = 'created' and origin = 'poco' and status = 'on_sale'"
        " and (select count(*) from mi.brand_items o where o.listing_id = i.listing_id) = 1 order by item_id limit 1"
    ).fetchone() or (None, None)
    assert one(app, "select count(*) from mi.listings where market = 'es' and origin = 'poco'") == 0
    listing = one(
        app,
        "insert into mi.listings (market, sku_key, brand, status) values ('es', upper(btrim(%s)), 'Xiaomi', 'on_sale') returning listing_id",
        sku,
    )
    assert follow(first_wave).keys == 0
    assert app.execute("select listing_id, joined_by from mi.brand_items where item_id = %s", (item,)).fetchone() == (listing, "sku")
    assert nightly(first_wave, "products") == NOTHING
