"""A function that runs with the owner's rights believes no argument: whoever has the migrator's login asks for what is not the migration's."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from support.workplaces import Servers, prepared

from poco_migration.adapters.workplace import Workplace


@pytest.fixture(scope="module")
def house(servers: Servers) -> Workplace:
    return prepared(servers)


@pytest.fixture
def owner(house: Workplace) -> Iterator[psycopg.Connection]:
    with psycopg.connect(house.source_owner, autocommit=True) as opened:
        yield opened


@pytest.fixture
def migrator(house: Workplace) -> Iterator[psycopg.Connection]:
    """What it writes is taken back at the end."""
    with psycopg.connect(house.source) as opened:
        yield opened
        opened.rollback()


def one(connection: psycopg.Connection, query: str, *parameters: Any) -> Any:
    found = connection.execute(query.encode(), parameters or None).fetchone()
    return found[0] if found else None


def test_a_coupon_of_india_is_neither_reserved_nor_voided(owner: psycopg.Connection, migrator: psycopg.Connection) -> None:
    spendable = (
        "select array_agg(id order by id) from poco.coupons where region {} and status = 1 and uses_left > 0 and reserved_order_id is null"
    )
    india, german = one(owner, spendable.format("= 'IN'")), one(owner, spendable.format("= 'DE'"))
    assert india and german
    taken = {row[0] for row in migrator.execute("select coupon_id from poco_export.reserve_coupons(%s)", (india + german[:1],))}
    assert taken == {german[0]}
    assert migrator.execute("select * from poco_export.void_coupons(%s, %s)", (india[:1], [1])).fetchall() == []


@pytest.mark.parametrize(("regions", "said"), [(["IN"], "does not move"), (["DE", "IN"], "does not move"), (["DE"], "not closed for good")])
def test_no_login_is_ended_that_goes_on(migrator: psycopg.Connection, regions: list[str], said: str) -> None:
    with pytest.raises(psycopg.Error, match=said):
        migrator.execute("select poco_export.revoke_logins(%s)", (regions,))


def test_the_store_is_not_erased_in_one_go(owner: psycopg.Connection, migrator: psycopg.Connection) -> None:
    everybody = one(owner, "select array_agg(id) from poco.customers where region <> 'IN'")
    assert len(everybody) > 200
    with pytest.raises(psycopg.errors.ProgramLimitExceeded, match="erasures_a_day"), migrator.transaction():
        migrator.execute("select poco_export.bury(%s)", (everybody,))
    erased = 0
    with pytest.raises(psycopg.errors.ProgramLimitExceeded):  # nor one by one
        for customer in everybody:
            migrator.execute("select poco_export.bury(%s)", ([customer],))
            erased += 1
    assert erased == 200


def test_who_rises_again_is_buried_again_without_a_limit(migrator: psycopg.Connection, owner: psycopg.Connection) -> None:
    some = one(owner, "select array_agg(id) from (select id from poco.customers where region = 'DE' and status = 1 limit 50) c")
    for _ in range(6):
        assert len(migrator.execute("select poco_export.bury(%s)", (some,)).fetchall()) == 50


def test_no_question_spells_a_secret_or_a_person_of_india(owner: psycopg.Connection, migrator: psycopg.Connection) -> None:
    """Yes and no are enough to spell a text, letter by letter; nothing that is not shown anyway may answer."""
    code = one(owner, "select lower(code) from poco.coupons where region = 'IN' limit 1")
    own, hashed = owner.execute(
        "select id, lower(left(password_hash, 8)) from poco.customers where region = 'DE' and password_hash <> '' limit 1"
    ).fetchone()
    mail = one(owner, "select lower(email) from poco.customers where region = 'IN' and length(email) > 8 limit 1")
    for entity, text in (("coupons", code), ("customers", hashed), ("customers", mail)):
        assert text and one(migrator, "select sum(others) from poco_export.search_pages(%s, 0, 1000000, '{}', %s)", entity, [text]) == 0, (
            entity
        )
    letters = [f"\n{letter}" for letter in string.ascii_lowercase + string.digits]
    assert one(migrator, "select sum(own) from poco_export.person_search(%s, '{}', %s)", [own], letters) in (0, None), "not buried"
    migrator.execute("select poco_export.bury(%s)", ([own],))
    assert one(migrator, "select sum(own) from poco_export.person_search(%s, %s, %s)", [own], [hashed], [hashed]) == 0


def test_people_of_regions_that_do_not_move_are_not_shown(owner: psycopg.Connection, migrator: psycopg.Connection) -> None:
    for region in ("IN", "XX"):
        found = one(owner, "select array_agg(id) from poco.customers where region = %s", region)
        if found:
            assert migrator.execute("select * from poco_export.person_rows(%s)", (found,)).fetchall() == [], region


def test_no_part_begins_with_a_key_of_india(house: Workplace, owner: psycopg.Connection, migrator: psycopg.Connection) -> None:
    for table in ("customers", "orders", "tickets", "app_tokens"):
        for rows in (1, 7):
            starts = {row[0] for row in migrator.execute("select poco_export.part_starts(%s, %s)", (table, rows))}
            india = {row[0] for row in owner.execute(f"select id from poco.{table} where region = 'IN'".encode())}
            assert len(starts) > 5 and not starts & india, table


@pytest.mark.parametrize(
    "call",
    ["part_starts('currencies', 1)", "part_starts('no_such_table', 1)", "children('app_tokens', 'customer_id', '{1}')", "children('coupons', 'code', '{1}')",
     "children('customers', 'password_hash', '{1}')", "children('orders', 'coupon_id', '{1}')", "take_away('app_tokens', '{}', '{1}')"],
)  # fmt: skip
def test_a_table_or_column_that_no_view_shows_is_not_asked(migrator: psycopg.Connection, call: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="not the migration's to ask for"):
        migrator.execute(f"select poco_export.{call}".encode())


def test_what_something_hangs_on_stays_whatever_the_caller_says(house: Workplace, owner: psycopg.Connection) -> None:
    order = one(
        owner, "select o.id from poco.orders o where region = 'DE' and exists (select from poco.payments p where p.order_id = o.id) limit 1"
    )
    fenced = one(owner, "select prosrc from pg_proc where oid = 'poco_export.fenced()'::regprocedure")
    closed = "create or replace function poco_export.fenced() returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $f${}$f$"
    owner.execute(closed.format(""" select '{"orders": {"DE": "infinity"}}'::pg_catalog.jsonb """).encode())
    try:
        with psycopg.connect(house.source) as migrator:
            assert migrator.execute("select poco_export.take_away('orders', '{}', %s)", ([order],)).fetchall() == []
            migrator.rollback()
    finally:
        owner.execute(closed.format(fenced).encode())
