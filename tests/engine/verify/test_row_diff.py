"""The comparison row by row finds every planted fault by its exact key, repairs it, and ends at zero."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from support.fresh_migration import differences
from support.workplaces import RUN, Servers, clone, copy_all, install, prepared

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.cutover import handover
from poco_migration.engine.evidence import gate
from poco_migration.engine.follow import change_capture, replication_slot
from poco_migration.engine.verify import recheck, row_diff, row_hash
from poco_migration.errors import GateStopped
from poco_migration.model import Entity, Run
from poco_migration.stages import reconcile

ENTITIES = [entity for entity in cards.moving_at("cutover", "history", "reissue") if entity.table.startswith("mi.")]
Finding = tuple[str, int | None, str]


@pytest.fixture(scope="module")
def whole(servers: Servers) -> Workplace:
    """Everything copied; a test breaks something and has it repaired."""
    return prepared(servers, "cutover", "history", "reissue", part_rows=4_000)


def owner(place: Workplace) -> str:
    return make_conninfo(**{**conninfo_to_dict(place.target), "user": "mi_owner", "password": "test-mi_owner"})


def plant(place: Workplace, statement: str) -> int:
    with psycopg.connect(owner(place), autocommit=True) as target:
        return target.execute(statement.encode()).rowcount


def ledger(place: Workplace, query: str, *parameters: object) -> list[tuple]:
    with psycopg.connect(place.target, autocommit=True) as target:
        return target.execute(query.encode(), parameters or None).fetchall()


def compared(place: Workplace, run: Run = RUN) -> None:
    for part in reconcile.parts_to_compare(place, run, "cutover", "history"):
        reconcile.compare_part(place, run, part=part)


def noted(place: Workplace, run: Run = RUN) -> set[Finding]:
    """Everything of the run that is a difference, repaired or not."""
    return set(ledger(place, "select entity, coalesce(source_key, target_key), kind from migration.difference"
                             " where run = %s and confirmed_at is not null", run.id))  # fmt: skip


def proven(place: Workplace, run: Run = RUN) -> tuple[set[Finding], dict[str, int]]:
    """Compare, repair and verify: what was a difference, and what is left."""
    compared(place, run)
    reconcile.repair(place, run)
    return noted(place, run), reconcile.verify(place, run)


ZERO = {"different": 0, "undecided": 0, "foreign": 0}


def test_after_a_whole_copy_nothing_differs(whole: Workplace) -> None:
    assert proven(whole) == (set(), ZERO)
    rows = ledger(whole, "select sum(rows_source), sum(rows_target), bool_and(counted_source = rows_source + set_aside and counted_target = rows_target)"
                         " from migration.difference_part where run = %s", RUN.id)[0]  # fmt: skip
    assert rows[0] == rows[1] > 5_000 and rows[2]


def key(number: int) -> str:
    return f"mi.poco_key({number})"


def of(table: str, column: str, condition: str = "true") -> str:
    """The lowest of POCO's rows of a table for which a condition holds."""
    return f"{column} = (select min({column}) from {table} where origin = 'poco' and {condition})"


MESSAGE = of("mi.case_messages", "message_id", "length(body) > 3")
PROFILE = of("mi.profiles", "profile_id", "joined_by = 'created' and email_verified")
LONE = "(select count(*) from mi.profiles q where q.account_id = mi.profiles.account_id) = 1"
REVIEW = of("mi.reviews", "review_id", "market_of(item_id)").replace("market_of(item_id)", "item_id is not null")

# Statements planted on the target as its owner: (entity, expected kind, statement). The keys are taken before planting.
FAULTS: dict[str, tuple[str, str, str, str]] = {
    "one cent": ("payments", "stale", f"payment_id = {key(900022001)}", "update mi.payments set amount = amount + 0.01 where {}"),
    "two columns swapped": ("orders", "stale", f"order_id = {key(900022001)}", "update mi.orders set shipping = tax, tax = shipping where {}"),
    "a shifted zone": ("orders", "stale", of("mi.orders", "order_id", "market = 'es'"), "update mi.orders set placed_at = placed_at + interval '1 hour' where {}"),
    "a local time shifted": ("shipment_events", "stale", of("mi.shipment_events", "event_id"), "update mi.shipment_events set occurred_local = occurred_local - interval '1 hour' where {}"),
    "a lost order line": ("order_items", "lost", of("mi.order_lines", "line_id", "not exists (select from mi.returns r where r.line_id = mi.order_lines.line_id) and not exists"
                          " (select from mi.warranties w where w.line_id = mi.order_lines.line_id)"), "delete from mi.order_lines where {}"),
    "a lost scan": ("shipment_events", "lost", of("mi.shipment_events", "event_id", "market_is"), "delete from mi.shipment_events where {}"),
    "a lost consent": ("consents", "lost", of("mi.consents", "consent_id"), "delete from mi.consents where {}"),
    "a wrong parent": ("payments", "stale", of("mi.payments", "payment_id"), "update mi.payments set order_id = (select max(order_id) from mi.orders where origin = 'poco') where {}"),
    "a parent of another market": ("addresses", "stale", of("mi.addresses", "address_id"), "update mi.addresses set profile_id = (select max(profile_id) from mi.profiles where origin = 'poco' and"
                                   " market <> (select p.market from mi.profiles p where p.profile_id = mi.addresses.profile_id)) where {}"),
    "a review under the wrong article": ("reviews", "stale", of("mi.reviews", "review_id"), "update mi.reviews set item_id = (select max(item_id) from mi.brand_items where origin = 'poco') where {}"),
    "a letter lost": ("ticket_messages", "stale", MESSAGE, "update mi.case_messages set body = left(body, -1) where {}"),
    "an empty string for NULL": ("orders", "stale", of("mi.orders", "order_id", "note is null"), "update mi.orders set note = '' where {}"),
    "a blank for NULL": ("customers", "stale", of("mi.profiles", "profile_id", "note is null"), "update mi.profiles set note = ' ' where {}"),
    "NULL for a value": ("orders", "stale", of("mi.orders", "order_id", "ship_to is not null"), "update mi.orders set ship_to = null where {}"),
    "a blank at the end": ("addresses", "stale", of("mi.addresses", "address_id", "city is not null"), "update mi.addresses set city = city || ' ' where {}"),
    "a photo's place": ("reviews", "stale", of("mi.reviews", "review_id"), "update mi.reviews set photos = photos || array['x'] where {}"),
    "a number in JSON": ("orders", "stale", of("mi.orders", "order_id", "ship_to is not null"), "update mi.orders set ship_to = ship_to || '{{\"n\": 1.0}}' where {}"),
    "a stale row": ("tickets", "stale", of("mi.service_cases", "case_id", "status <> 'open'"), "update mi.service_cases set status = 'open' where {}"),
    "points for somebody else": ("points_ledger", "stale", of("mi.loyalty_entries", "entry_id"), "update mi.loyalty_entries set points = points + 1 where {}"),
    "a derived phone": ("customers", "stale", of("mi.profiles", "profile_id", "phone is not null and not phone_verified"), "update mi.profiles set phone = '+4915112345678' where {}"),
    "a derived phone that is gone": ("customers", "stale", of("mi.profiles", "profile_id", "phone is not null and not phone_verified"), "update mi.profiles set phone = null where {}"),
    "an account closed": ("customers", "stale", PROFILE.replace("email_verified", f"email_verified and {LONE} and status = 'active'"),
                          "update mi.accounts set status = 'closed' where account_id = (select account_id from mi.profiles where {})"),
    "an identity of somebody else": ("customers", "stale", PROFILE.replace("email_verified", f"email_verified and {LONE}"),
                                     "update mi.account_identities set value = 'wrong@example.com' where account_id = (select account_id from mi.profiles where {})"),
    "an account made for somebody else": ("customers", "stale", PROFILE.replace("email_verified", f"email_verified and {LONE}"),
                                          "update mi.accounts set origin_person = '\\x00' where account_id = (select account_id from mi.profiles where {})"),
    "a profile under another account": ("customers", "stale", PROFILE.replace("email_verified", f"email_verified and {LONE}"),
                                        "update mi.profiles set account_id = (select min(account_id) from mi.accounts where origin = 'mi') where {}"),
    "a listing hidden": ("products", "stale", of("mi.brand_items", "item_id", "joined_by = 'created' and status = 'on_sale' and (select count(*) from mi.brand_items q where"
                         " q.listing_id = mi.brand_items.listing_id) = 1"), "update mi.listings set status = 'hidden' where listing_id = (select listing_id from mi.brand_items where {})"),
    "another brand": ("products", "stale", of("mi.brand_items", "item_id"), "update mi.brand_items set brand = 'Redmi' where {}"),
    "a price of another currency": ("product_prices", "stale", of("mi.item_prices", "price_id", "currency = 'EUR'"), "update mi.item_prices set currency = 'GBP' where {}"),
}  # fmt: skip
FAULTS["a lost scan"] = ("shipment_events", "lost", of("mi.shipment_events", "event_id"), "delete from mi.shipment_events where {}")


def everything(place: Workplace, run: Run = RUN) -> None:
    for part in reconcile.parts_to_compare(place, run, "cutover", "history", "reissue"):
        if part["entity"] != "coupons":
            reconcile.compare_part(place, run, part=part)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_by_key_and_repaired(whole: Workplace, fault: str) -> None:
    name, kind, condition, statement = FAULTS[fault]
    entity = cards.entities()[name]
    found = ledger(whole, f"select {entity.key} - mi.poco_key(0) from {entity.table} where {condition}")[0][0]
    exact = f"{entity.key} = {key(found)}"
    assert plant(whole, statement.format(exact)) == 1
    everything(whole)
    reconcile.repair(whole, RUN)
    assert noted(whole) == {(name, found, kind)}
    assert reconcile.verify(whole, RUN) == ZERO
    assert ledger(whole, "select repaired_at is not null from migration.difference where run = %s", RUN.id) == [(True,)]


def test_after_all_repairs_the_target_is_what_a_fresh_migration_would_be(whole: Workplace, servers: Servers) -> None:
    assert proven(whole) == (set(), ZERO)
    assert differences(whole, servers) == []


# -- Rows that nobody at POCO has -----------------------------------------------------------------------------------------


def test_an_extra_row_under_a_key_of_pocos_is_found_and_deleted(whole: Workplace) -> None:
    plant(whole, "insert into mi.consents (consent_id, profile_id, purpose, granted, origin, recorded_at)"
                 " select mi.poco_key(899999999), min(profile_id), 'sms', true, 'poco', now() from mi.profiles where origin = 'poco'")  # fmt: skip
    assert proven(whole) == ({("consents", 899999999, "extra")}, ZERO)
    assert ledger(whole, "select count(*) from mi.consents where consent_id = mi.poco_key(899999999)") == [(0,)]


def test_a_child_row_that_is_there_twice_under_pocos_keys_is_found_and_deleted(whole: Workplace) -> None:
    plant(whole, "insert into mi.order_lines (line_id, order_id, item_id, sku, title, quantity, unit_price, total, origin)"
                 " select mi.poco_key(899999998), order_id, item_id, sku, title, quantity, unit_price, total, origin from mi.order_lines"
                 " where origin = 'poco' order by line_id limit 1")  # fmt: skip
    assert proven(whole) == ({("order_items", 899999998, "extra")}, ZERO)


def test_a_row_of_india_is_found_though_readback_does_not_show_it_and_deleted(whole: Workplace) -> None:
    with psycopg.connect(whole.source_owner) as source:
        india = source.execute("select min(id) from poco.orders where region = 'IN'").fetchone()[0]
    plant(whole, "insert into mi.markets select 'in', 'IN', currency, language, time_zone, store_front, loyalty from mi.markets"
                 " where market = 'de' on conflict do nothing")  # fmt: skip
    plant(whole, f"insert into mi.orders select (jsonb_populate_record(o, jsonb_build_object('order_id', {key(india)}, 'market', 'in',"
                 " 'order_number', 'planted', 'buyer', 'guest') || '{\"profile_id\": null}')).* from mi.orders o"
                 f" where {of('mi.orders', 'order_id')}")  # fmt: skip
    assert ledger(whole, f"select market from mi.orders where order_id = {key(india)}") == [("in",)]
    assert proven(whole) == ({("orders", india, "extra")}, ZERO)
    assert ledger(whole, f"select count(*) from mi.orders where order_id = {key(india)}") == [(0,)]


@pytest.mark.parametrize("origin", ["poco", "mi"])
def test_a_child_row_under_a_key_of_mi_coms_is_named_and_never_deleted(whole: Workplace, origin: str) -> None:
    plant(whole, "insert into mi.order_lines (order_id, item_id, sku, title, quantity, unit_price, total, origin)"
                 f" select order_id, item_id, sku, title, quantity, unit_price, total, '{origin}' from mi.order_lines"
                 " where origin = 'poco' order by line_id limit 1")  # fmt: skip
    own = "order_id > mi.poco_key(0) and line_id < mi.poco_key(-100000000000000)"
    line = ledger(whole, f"select line_id from mi.order_lines where {own}")[0][0]
    assert proven(whole) == ({("order_items", line, "foreign")}, ZERO | {"foreign": 1})
    assert plant(whole, f"delete from mi.order_lines where {own}") == 1
    assert reconcile.verify(whole, RUN) == ZERO


def test_a_row_whose_mark_was_taken_away_is_named_and_not_taken_back_in_silence(whole: Workplace) -> None:
    refund = f"refund_id = {key(900022001)}"
    plant(whole, f"update mi.refunds set origin = 'mi' where {refund}")
    assert proven(whole) == ({("refunds", 900022001, "stale")}, ZERO | {"different": 1})
    plant(whole, f"update mi.refunds set origin = 'poco' where {refund}")
    assert reconcile.verify(whole, RUN) == ZERO


def test_a_good_row_in_quarantine_moves_and_one_that_cannot_move_is_no_difference(whole: Workplace) -> None:
    review = ledger(whole, f"select review_id - mi.poco_key(0) from mi.reviews where {of('mi.reviews', 'review_id')}")[0][0]
    plant(whole, f"delete from mi.reviews where review_id = {key(review)}")
    with psycopg.connect(whole.target, autocommit=True) as target:
        target.execute("insert into migration.quarantine (entity, source_key, region, reason, next_action) values ('reviews', %s, 'DE',"
                       " 'parent_missing', 'x')", (review,))  # fmt: skip
    held = ledger(whole, "select count(*) from migration.quarantine where resolved_at is null")[0][0]
    assert proven(whole)[1] == ZERO and noted(whole) == {("reviews", review, "held")}
    assert ledger(whole, "select count(*) from migration.quarantine where resolved_at is null") == [(held - 1,)]
    assert ledger(whole, f"select count(*) from mi.reviews where review_id = {key(review)}") == [(1,)]


# -- Nothing is left out ---------------------------------------------------------------------------------------------------

CHANGED = {
    "text": "coalesce({0}, '') || 'x'", "boolean": "not coalesce({0}, false)", "jsonb": "coalesce({0}, '{{}}') || '{{\"n\": 1}}'",
    "date": "coalesce({0}, '2000-01-01') + 1", "text[]": "{0} || 'x'::text", "numeric(18,3)": "coalesce({0}, 0) + 0.001",
    "timestamp without time zone": "coalesce({0}, '2000-01-01') + interval '1 microsecond'",
    "timestamp with time zone": "coalesce({0}, '2000-01-01') + interval '1 microsecond'",
    "bigint": "coalesce({0}, 0) + 1", "integer": "coalesce({0}, 0) + 1", "smallint": "coalesce({0}, 0) + 1",
}  # fmt: skip


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_column_of_the_target_counts(whole: Workplace, servers: Servers, entity: Entity) -> None:
    """Each column of mi.com's table, the key included, is changed in one row: the smallest change of it is found."""
    superuser = servers.target.dsn(str(conninfo_to_dict(whole.target)["dbname"]))
    missed = []
    with connection_pair.connect(whole, RUN) as link, psycopg.connect(superuser, options="-c timezone=UTC") as target:
        broken = replace(link, target=target)
        target.execute("set session_replication_role = replica")
        for (name,) in target.execute(
            "select conname from pg_constraint where conrelid = %s::regclass and contype = 'c'", (entity.table,)
        ).fetchall():
            target.execute(f'alter table {entity.table} drop constraint "{name}"')
        row = target.execute(f"select max(e.source_key) from ({entity.readback}) e").fetchone()[0]
        columns = postgres.columns(target, f"select * from {entity.table}")
        for name, kind in columns:
            target.execute("savepoint before")
            target.execute(f'update {entity.table} set "{name}" = {CHANGED[kind].format(name)} where {entity.key} = {key(row)}')
            with postgres.snapshot(link.source):
                found = row_diff.of_keys(broken, entity, [row, row + 1])
            if row not in found:
                missed.append(name)
            target.execute("rollback to before")
        target.rollback()
    assert len(columns) > 5 and missed == []


SAME = [
    (("a", "b"), ("ab", "")), ((None, ""), ("", None)), (("", "x"), (" ", "x")), ((None, "x"), ("", "x")), (("a,b", "c"), ("a", "b,c")),
    (("NULL", "x"), (None, "x")), (("a\x1fb", "c"), ("a", "b\x1fc")), (("😀", "x"), ("\ufffd", "x")), (("é", "x"), ("e\u0301", "x")), (("a ", "x"), ("a", "x")),
    (('("a"', "b"), ('("a",b', "")), (("a", "b"), ("b", "a")),
]  # fmt: skip


def hashed(connection: psycopg.Connection, query: str, types: list[str]) -> list[str]:
    side = row_hash.Side("source", connection, query, postgres.sql.Identifier("e", "source_key"), None)
    with connection.transaction():
        row_hash.set_encoding(connection)
        part = row_diff.KeySet((1, 2))
        return [h for _, h in row_hash.listed(side, [(f"c{n}", kind) for n, kind in enumerate(types)], part, [])]


@pytest.mark.parametrize("pair", SAME)
def test_rows_that_only_look_alike_have_other_hashes(whole: Workplace, pair: tuple) -> None:
    with psycopg.connect(whole.source, autocommit=True) as source:
        values = ", ".join(
            source.execute("select format('(%%s, %%L::text, %%L::text)', %s::int, %s::text, %s::text)", (n, *row)).fetchone()[0]
            for n, row in enumerate(pair, start=1)
        )
        one, other = hashed(source, f"select * from (values {values}) v (source_key, c0, c1)", ["text", "text"])
    assert one != other


def test_the_same_row_has_the_same_hash_in_every_session(whole: Workplace) -> None:
    query = ("select 1::bigint as source_key, 1.0::numeric as c0, timestamptz '2024-03-31 01:30:00.000001+00' as c1, 'é😀'::text as c2, '{\"a\": 1.50}'::jsonb"
             " as c3, array['x', null]::text[] as c4, 'NaN'::numeric as c5")  # fmt: skip
    types = ["numeric(18,3)", "timestamp with time zone", "text", "jsonb", "text[]", "text"]
    seen = set()
    for options in ("-c timezone=UTC", "-c timezone=Asia/Jakarta -c datestyle=German -c client_encoding=UTF8", "-c extra_float_digits=0 -c intervalstyle=iso_8601"):  # fmt: skip
        for dsn in (whole.source, whole.target):
            with psycopg.connect(dsn, autocommit=True, options=options) as connection:
                seen.update(hashed(connection, query, types))
    with psycopg.connect(whole.source, autocommit=True, client_encoding="latin1") as connection:
        seen.update(hashed(connection, query, types))
    assert len(seen) == 1


# -- Killed, live, handed over ---------------------------------------------------------------------------------------------


def test_a_killed_comparison_goes_on_behind_the_parts_that_are_done(whole: Workplace) -> None:
    run = Run("test/killed")
    planned = reconcile.parts_to_compare(whole, run, "cutover")
    plant(whole, f"update mi.payments set amount = amount + 1 where payment_id = {key(900022001)}")
    with psycopg.connect(whole.ledger, autocommit=True) as target:
        target.execute(
            "create function migration.planted() returns trigger language plpgsql as $$ begin if new.entity = 'payments' then"
            " perform pg_terminate_backend(pg_backend_pid()); end if; return new; end $$;"
            " create trigger planted before insert on migration.difference_part for each row execute function migration.planted()"
        )
        outcomes = {}
        for part in planned:
            try:
                outcomes[part["entity"]] = reconcile.compare_part(whole, run, part=part)["rows"] > 0
            except postgres.TargetError:
                outcomes[part["entity"]] = False
        assert [name for name, done in outcomes.items() if not done] == ["payments"]
        assert ledger(whole, "select count(*) from migration.difference where run = %s and entity = 'payments'", run.id) == [(0,)], (
            "keys without their part"
        )
        target.execute("drop function migration.planted() cascade")
    again = {part["entity"] for part in planned if reconcile.compare_part(whole, run, part=part)["rows"] > 0}
    assert again == {"payments"}
    reconcile.repair(whole, run)
    assert noted(whole, run) == {("payments", 900022001, "stale")} and reconcile.verify(whole, run) == ZERO


def test_what_mi_com_owns_is_not_compared_and_not_written_over(servers: Servers) -> None:
    place = prepared(servers, "cutover")
    run = Run("test/owned")
    plant(place, f"update mi.orders set note = 'changed by its buyer' where {of('mi.orders', 'order_id')}")
    compared(place, run)
    handover.to_xiaomi(place, ["orders"], place.settings.moving(), run)
    reconcile.repair(place, run)
    reconcile.verify(place, run)
    assert ledger(place, "select count(*) from mi.orders where note = 'changed by its buyer'") == [(1,)]
    assert not [part for part in reconcile.parts_to_compare(place, run, "cutover") if part["entity"] == "orders"]


@pytest.fixture
def followed(servers: Servers) -> Iterator[Workplace]:
    place = clone(servers)
    follow = place.settings.follow.model_copy(update={"slot": "difference_test"})
    place = replace(place, settings=place.settings.model_copy(update={"follow": follow}))
    install(place)
    replication_slot.create_publication(place)
    replication_slot.create(place)
    copy_all(place, part_rows=4_000)
    yield place
    with psycopg.connect(place.source_follower, autocommit=True) as source:
        source.execute("select pg_drop_replication_slot('difference_test')")


SALES = [
    "update poco.orders set status = case status when 20 then 30 else 20 end, total_minor = total_minor + 1 where id % 211 = {0} % 211 and region = 'DE'",
    "update poco.customers set full_name = full_name || {0}, status = 1 where id % 197 = {0} % 197 and status = 1",
    "update poco.order_items set quantity = quantity + 1 where id % 499 = {0} % 499",
    "delete from poco.consents where id % 197 = {0} % 197",
    "update poco.orders set currency = case currency when 'EUR' then 'GBP' else 'EUR' end where id % 311 = {0} % 311 and region = 'FR'",
    "insert into poco.consents select id + 3000000 + {0}, region, customer_id, purpose, granted, recorded_at from poco.consents where id % 401 = 5 and id < 2000000",
]  # fmt: skip


def test_a_store_that_goes_on_selling_shows_no_difference_that_is_none(followed: Workplace, servers: Servers) -> None:
    stop, run, turns = threading.Event(), Run("test/live"), [0]

    def sell() -> None:
        with psycopg.connect(followed.source_owner, autocommit=True) as source:
            while not stop.wait(0.05):
                turns[0] += 1
                source.execute(SALES[turns[0] % len(SALES)].format(turns[0]).encode())

    seller = threading.Thread(target=sell)
    seller.start()
    try:
        plant(followed, f"update mi.payments set amount = amount + 1 where payment_id = {key(900022001)}")
        compared(followed, run)
        suspected = ledger(followed, "select count(*) from migration.difference where run = %s and kind <> 'held'", run.id)[0][0]
        reconcile.repair(followed, run)
        found = noted(followed, run)
    finally:
        stop.set()
        seller.join()
    assert turns[0] > 20 and suspected > 5, "nothing happened meanwhile, so nothing was shown"
    assert found == {("payments", 900022001, "stale")}
    assert reconcile.verify(followed, run) == ZERO
    assert noted(followed, run) == {("payments", 900022001, "stale")}
    assert differences(followed, servers) == []


def test_a_key_that_is_on_its_way_is_neither_equal_nor_different(followed: Workplace) -> None:
    with connection_pair.connect(followed, RUN) as link, psycopg.connect(followed.source_owner, autocommit=True) as source:
        order = source.execute("select min(id) from poco.orders where region = 'DE'").fetchone()[0]
        compared(followed)
        source.execute("update poco.orders set note = 'on its way' where id = %s", (order,))
        row_diff.store(link.target, cards.entities()["orders"], row_diff.PartDiff({order: "stale"}), RUN)
        with closing(change_capture.streamed(followed, str(RUN))) as stream:
            assert recheck._look(link, followed, cards.entities()["orders"], [order], RUN, stream) == 1
        assert noted(followed) == set()
        assert recheck.recheck(link, followed, RUN)["different"] == 0 and noted(followed) == set()
        assert ledger(
            followed, "select count(*) from migration.difference where run = %s and entity = 'orders' and source_key = %s", RUN.id, order
        ) == [(0,)]


# -- The gate --------------------------------------------------------------------------------------------------------------


class TestTheGate:
    @pytest.fixture
    def judged(self, whole: Workplace, objects):
        site = replace(whole, objects=objects)
        numbers = iter(range(1, 100))

        def judge(run: Run) -> str:
            try:
                return gate.judge(site, "reconcile", "rows", replace(run, try_number=next(numbers))).verdict
            except GateStopped as stopped:
                return str(stopped)

        return judge

    def facts(self, place: Workplace, name: str) -> Run:
        run = Run(f"test/gate-{name}", "gate_rows")
        compared(place, run)
        reconcile.repair(place, run)
        reconcile.verify(place, run)
        reconcile.measure(place, run, "cutover", "never")
        return run

    def test_is_green_when_everything_was_compared_and_nothing_is_left(self, whole: Workplace, judged) -> None:
        assert judged(self.facts(whole, "green")) == "pass"

    @pytest.mark.parametrize(
        ("statement", "says"),
        [
            ("delete from migration.difference_part where run = '{0}' and entity = 'orders' and part_no = 0", "orders/0"),
            ("delete from migration.difference_part where run = '{0}'", "Every planned part has been compared"),
            ("delete from migration.recon where run = '{0}'", "At least 14 rows were looked at"),
            ("update migration.difference_part set rows_source = rows_source - 1 where run = '{0}' and entity = 'refunds'", "As many rows were compared on the source"),
            ("update migration.difference_part set rows_target = rows_target - 1 where run = '{0}' and entity = 'refunds'", "As many rows were compared on the target"),
            ("update migration.difference_part set hi = 5 where run = '{0}' and entity = 'orders'", "orders/"),
            ("insert into migration.difference (run, entity, target_key, source_key, kind) values ('{0}', 'orders', 1, 1, 'stale')", "Every key that was suspected"),
            ("insert into migration.difference (run, entity, target_key, source_key, kind, confirmed_at) values ('{0}', 'orders', 1, 1, 'lost', now())", "No row differs after its repair: not so for orders/1/lost"),
            ("insert into migration.difference (run, entity, target_key, kind, confirmed_at) values ('{0}', 'orders', 1, 'foreign', now())", "orders/1/foreign"),
        ],
    )  # fmt: skip
    def test_is_red_when_something_is_missing_or_left(self, whole: Workplace, judged, statement: str, says: str) -> None:
        run = self.facts(whole, f"red-{abs(hash((statement, says)))}")
        with psycopg.connect(whole.target, autocommit=True) as target:
            assert target.execute(statement.format(run.id).encode()).rowcount > 0
        assert says in judged(run)
