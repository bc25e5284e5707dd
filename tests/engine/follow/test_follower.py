"""Following a store that goes on: after catching up, the target is what a fresh migration of the store would be.

The oracle is a second migration: the store as it is then, copied whole into an untouched mi.com. It knows nothing of the
log, of dirty keys or of the order in which things happened.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from faults.schedules import Play
from psycopg.conninfo import conninfo_to_dict
from support import workplaces
from support.fresh_migration import differences
from support.hanging_commit import a_commit_hangs
from support.workplaces import RUN, Servers, copy_all, prepared

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier, dependents, staging
from poco_migration.engine.cutover import handover
from poco_migration.engine.follow import applier, change_capture, consistent_point, follower, replication_slot
from poco_migration.errors import SlotLost
from poco_migration.model import Entity, KeySet, Receipt
from poco_migration.stages import reconcile


@pytest.fixture(scope="module")
def followed(servers: Servers) -> Iterator[Workplace]:
    """A workplace with a slot, everything copied once. The changes come one after the other, each on top of the last."""
    place = prepared(servers)
    with pytest.MonkeyPatch.context() as patch, workplaces.followed(place) as place:
        patch.setattr(applier, "MANY_KEYS", 0)  # two entities at once, which is the harder way
        copy_all(place, part_rows=500)
        yield place


def happens(place: Workplace, statements: str) -> None:
    """On a connection of its own: the oracle copies the store's database, which nobody may be using then."""
    with psycopg.connect(place.source_owner, autocommit=True) as source:
        source.execute(statements.encode())


# What happens to the store, each followed and compared on its own.
CHANGES = {
    "nothing": "",
    "an update": "update poco.orders set status = 60 where region = 'DE' and status = 20",
    "an insert": "insert into poco.orders select id + 5000000, region, order_number || 'x', customer_id, guest_email, guest_phone, status, currency,"
    " subtotal_minor, discount_minor, shipping_minor, tax_minor, total_minor, coupon_id, shipping_address, note, placed_at, updated_at"
    " from poco.orders where region = 'FR'",
    "a delete of parents that leaves orphans": "delete from poco.customers where region = 'ES' and id % 3 = 0",
    "a delete of whole families": "delete from poco.customers where region = 'ES'; delete from poco.orders where region = 'ES';"
    " delete from poco.order_items where region = 'ES'; delete from poco.payments where region = 'ES'",
    "a person erased": "update poco.customers set status = 3, email = null, full_name = null where region = 'DE' and id % 4 = 0",
    "a person no longer erased": "update poco.customers set status = 1 where status = 3",
    "a region moved into India": "update poco.customers set region = 'IN' where region = 'IT' and id % 5 = 0",
    "a region moved out of India": "update poco.customers set region = 'UK' where region = 'IN' and id % 50 = 0",
    "an order moved with its buyer": "update poco.customers set region = 'UK' where region = 'FR' and id % 7 = 0;"
    " update poco.orders o set region = 'UK', order_number = order_number || 'uk' from poco.customers c where c.id = o.customer_id and c.region = 'UK' and o.region = 'FR'",
    "a key changed": "update poco.orders set id = id + 6000000 where region = 'ID' and id % 3 = 0",
    "a key used again by another region": "delete from poco.addresses where region = 'DE' and id % 2 = 0;"
    " update poco.addresses set id = -id where region = 'FR' and id % 2 = 0",
    "people abroad erased in India": "update poco.customers set region = 'IN' where region = 'ES' and id % 4 = 1;"
    " update poco.orders set currency = 'IDR', region = 'IN', order_number = order_number || 'in' where region = 'ES' and id % 4 = 1",
    "and nobody hears of it": "update poco.customers set status = 3 where region = 'IN'; update poco.orders set currency = 'ZZZ' where region = 'IN'",
    "a status nobody knows": "update poco.orders set status = 99 where region = 'IT' and id % 2 = 0;"
    " update poco.products set status = 9 where id % 5 = 0; update poco.customers set status = 7 where region = 'IT' and id % 3 = 0",
    "the status corrected": "update poco.orders set status = 50 where status = 99; update poco.products set status = 1 where status = 9;"
    " update poco.customers set status = 1 where status = 7",
    "a currency corrected": "update poco.orders set currency = 'GBP' where region = 'UK' and id % 2 = 0",
    "numbers swapped between scans": "update poco.shipment_events e set sequence_no = m.highest + 1 - e.sequence_no"
    " from (select shipment_id, max(sequence_no) as highest from poco.shipment_events group by 1) m where m.shipment_id = e.shipment_id and e.region = 'DE'",
    "two scans with one number, then one goes": "update poco.shipment_events set sequence_no = 1 where region = 'FR' and sequence_no = 2;"
    " delete from poco.shipment_events where region = 'FR' and sequence_no = 1 and id % 2 = 0",
    "people joined by a verified address": "update poco.customers set email = 'one@example.com', email_verified_at = created_at where region = 'GLOBAL' and id % 9 = 0",
    "people parted again": "update poco.customers set email = 'p' || id || '@example.com' where email_verified_at is not null and id % 2 = 0",
    "an article gets another number": "update poco.products set sku = sku || '-B' where id % 3 = 0",
    "an article goes": "delete from poco.products where id % 4 = 0 and region <> 'IN'",
    "a table truncated": "truncate poco.addresses",
    "a parent truncated": "truncate poco.shipments",
    "a savepoint and a rollback": "begin; update poco.tickets set status = 4; savepoint a; delete from poco.tickets; rollback to a; commit;"
    " begin; delete from poco.tickets; rollback",
    "a megabyte": "update poco.customers set note = repeat('é', 500000) where id = (select min(id) from poco.customers where region = 'DE')",
    "a megabyte that stays while the row changes": "update poco.customers set locale = 'xx' where length(note) > 100000",
}


# Each costs a second migration, which is the oracle. `make test` plays one of each kind, `make faults` all of them.
SAMPLE = {
    "an update",
    "an insert",
    "a delete of parents that leaves orphans",
    "a person erased",
    "a region moved into India",
    "a key used again by another region",
    "two scans with one number, then one goes",
    "people joined by a verified address",
    "an article goes",
    "a parent truncated",
    "a savepoint and a rollback",
    "a megabyte",
    "a megabyte that stays while the row changes",
}


@pytest.mark.parametrize("change", [pytest.param(name, marks=() if name in SAMPLE else pytest.mark.faults) for name in CHANGES])
def test_a_change_arrives(followed: Workplace, servers: Servers, change: str) -> None:
    happens(followed, CHANGES[change])
    assert follower.catch_up(followed, RUN, 60)
    found = differences(followed, servers)
    assert found == [], Counter((table, kind) for table, _, kind in found)


def test_following_twice_copies_nothing(followed: Workplace) -> None:
    follower.catch_up(followed, RUN, 60)
    with psycopg.connect(followed.target, autocommit=True) as target:
        before = target.execute("select count(*) from migration.receipt").fetchone()
        follower.catch_up(followed, RUN, 60)
        assert target.execute("select count(*) from migration.receipt").fetchone() == before


def test_a_parent_that_goes_while_its_child_is_being_loaded_is_no_bad_row(followed: Workplace, servers: Servers) -> None:
    """The child's copy has seen the parent at mi.com; before it inserts, another copy deletes the parent, as the store has."""
    play = Play(followed, servers)
    columns = "region, order_number || 'race', null::bigint, guest_email, guest_phone, 20, currency, subtotal_minor, discount_minor, shipping_minor, tax_minor,"
    play.store(
        f"insert into poco.orders select 77000001, {columns} total_minor, null, null, null, placed_at, updated_at from poco.orders where id = {play.there('orders')}",
        "insert into poco.payments select 77000002, region, 77000001, 'card', 'race', null, 100, currency, 2, null from poco.orders where id = 77000001",
    )
    play.copy("orders", 77000001)

    def both_go() -> None:
        play.store("delete from poco.payments where id = 77000002", "delete from poco.orders where id = 77000001")
        play.beside(lambda: play.copy("orders", 77000001))

    with play.at("copy holds what is gone", "payments", both_go):
        play.copy("payments", 77000002)
    play.catch_up()
    assert differences(followed, servers) == []


def test_children_of_parents_that_only_the_target_still_has_are_no_bad_rows(followed: Workplace, servers: Servers) -> None:
    """They are copied after their parents went at POCO and before mi.com has heard of it."""
    play = Play(followed, servers)
    play.store("delete from poco.orders where region = 'UK'", "delete from poco.payments where region = 'UK'")
    for entity in ("order_items", "refunds", "coupon_redemptions"):
        play.copy(entity)
    with psycopg.connect(followed.target) as target:
        assert target.execute("select count(*) from migration.quarantine where reason = 'refused_by_target'").fetchone() == (0,)
    play.catch_up()
    assert differences(followed, servers) == []


def test_a_batch_does_not_compare_every_dirty_row_with_every_key(place: Workplace) -> None:
    """After a transaction of a million rows each of fifty batches took minutes."""
    with connection_pair.connect(place, RUN) as opened, opened.target.transaction():
        opened.target.execute(
            "insert into migration.dirty (entity, source_key, family) select 'orders', n, true from generate_series(1, 300000) n"
        )
        opened.target.execute((staging.SQL / "scratch.sql").read_text("utf-8"))
        orders, batch = cards.entities()["orders"], KeySet(tuple(range(1, 20_001)))
        opened.target.execute("set local plan_cache_mode = force_generic_plan")
        for _ in range(12):  # after some runs the server may make a plan that knows no parameter
            dependents.read_changed(opened, orders, KeySet((1,)))
        began = time.monotonic()
        dependents.read_changed(opened, orders, batch)
        assert time.monotonic() - began < 4


def test_no_key_of_india_is_captured(followed: Workplace) -> None:
    follower.catch_up(followed, RUN, 60)
    for entity in cards.moving_at("cutover", "history", "reissue"):
        happens(followed, f"update poco.{entity.name} set region = region where region = 'IN'")
    with psycopg.connect(followed.source_follower, autocommit=True) as source, psycopg.connect(followed.target, autocommit=True) as target:
        assert change_capture.capture(source, target, followed.settings.follow.slot).keys == 0


@pytest.fixture
def lost(followed: Workplace) -> Iterator[Workplace]:
    """The same ledger with a slot of another name, which a test may spoil."""
    follow = followed.settings.follow.model_copy(update={"slot": "lost_test"})
    place = replace(followed, settings=followed.settings.model_copy(update={"follow": follow}))
    replication_slot.create(place)
    yield place
    with psycopg.connect(place.source_follower, autocommit=True) as source:
        source.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = 'lost_test'")
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute("delete from migration.stream where slot = 'lost_test'")


def test_a_slot_that_was_dropped_is_told_and_not_made_again_in_silence(lost: Workplace) -> None:
    with psycopg.connect(lost.source_follower, autocommit=True) as source:
        source.execute("select pg_drop_replication_slot('lost_test')")
    with pytest.raises(SlotLost, match="the source does not have it"):
        follower.catch_up(lost, RUN, 5)
    with pytest.raises(SlotLost):
        replication_slot.create(lost)


def test_a_slot_that_somebody_else_advanced_is_told(lost: Workplace) -> None:
    happens(lost, "set synchronous_commit = on; update poco.orders set note = 'x' where region = 'DE'")
    with psycopg.connect(lost.source_follower, autocommit=True) as source:
        source.execute("select pg_replication_slot_advance('lost_test', pg_current_wal_flush_lsn())")
    with pytest.raises(SlotLost, match="has forgotten the log"):
        follower.catch_up(lost, RUN, 5)


def test_the_store_goes_on_writing_under_the_row_filter(followed: Workplace) -> None:
    """A filter on a column that the identity does not hold would make the store's own updates and deletes fail."""
    for entity in cards.moving_at("cutover", "history", "reissue"):
        happens(followed, f"begin; update poco.{entity.name} set region = region; delete from poco.{entity.name}; rollback")


def test_without_its_identity_a_table_cannot_be_published(followed: Workplace) -> None:
    with psycopg.connect(followed.source_owner) as source:
        source.execute("alter table poco.orders replica identity default")
        source.execute("select poco_export.publish()")
        listed = {row[0] for row in source.execute("select tablename from pg_publication_tables where pubname = 'poco_migration'")}
        source.rollback()
    assert "orders" not in listed and "payments" in listed


def test_both_sides_are_measured_at_one_instant_while_the_store_goes_on(followed: Workplace) -> None:
    """Rows come, go and change their amounts all the time; counts and sums still agree to the last unit."""
    stop, written = threading.Event(), []

    def sell() -> None:
        with psycopg.connect(followed.source_owner, autocommit=True) as source:
            while not stop.is_set():
                number = len(written)
                source.execute(
                    "insert into poco.orders select 8000000 + %s, region, 'L' || %s, customer_id, guest_email, guest_phone, status, currency,"
                    " subtotal_minor, discount_minor, shipping_minor, tax_minor, total_minor + %s, coupon_id, shipping_address, note, placed_at,"
                    " updated_at from poco.orders where region = 'FR' and id < 5000000 order by id limit 1", (number, number, number))  # fmt: skip
                source.execute(
                    "update poco.payments set amount_minor = amount_minor + 1 where region = 'DE' and id %% 50 = %s", (number % 50,)
                )
                source.execute("delete from poco.orders where id = %s", (8000000 + number - 40,))
                written.append(number)

    seller = threading.Thread(target=sell)
    seller.start()
    try:
        measured = [reconcile.measure(followed, RUN, "cutover") for _ in range(4)]
    finally:
        stop.set()
        seller.join()
    assert len(written) > 100 and [found["open"] for found in measured] == [0, 0, 0, 0]


CUSTOMER = "update poco.customers set note = 'hangs' where id = (select min(id) from poco.customers where region = 'DE' and id < 900000000)"


def test_a_write_that_was_acknowledged_behind_a_commit_that_hangs_is_in_the_measurement(followed: Workplace, servers: Servers) -> None:
    """The log has it behind a transaction that the snapshot does not see; the snapshot sees it, so mi.com must have it too."""
    with a_commit_hangs(servers.source, followed, CUSTOMER):
        happens(followed, "update poco.orders set note = 'acknowledged' where id = (select min(id) from poco.orders where region = 'DE')")
        with consistent_point.still(followed, RUN), psycopg.connect(followed.target) as target:
            assert target.execute("select count(*) from mi.orders where note = 'acknowledged'").fetchone() == (1,)
    assert follower.catch_up(followed, RUN, 60)
    assert differences(followed, servers) == []


def test_what_is_read_again_behind_a_commit_that_hangs_does_not_keep_the_measurement_from_its_end(
    followed: Workplace, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More changes stand behind it than are read at once."""
    monkeypatch.setattr(change_capture, "LIMIT", 40)
    with a_commit_hangs(servers.source, followed, CUSTOMER):
        happens(followed, ";".join("update poco.orders set note = 'many' where region = 'DE' and id %% 9 = {}".replace("%%", "%").format(n) for n in range(9)))  # fmt: skip
        with consistent_point.still(followed, RUN, 60), psycopg.connect(followed.target) as target:
            there = target.execute("select count(*) from mi.orders where note = 'many'").fetchone()
    assert there is not None and there[0] > 40


def test_two_followers_take_turns(followed: Workplace) -> None:
    happens(followed, "update poco.orders set note = 'turn' where region = 'DE'")
    passes = 0

    def until(_: object, left: follower.Lag) -> bool:
        nonlocal passes
        passes += 1
        return passes > 3

    with consistent_point.still(followed, RUN), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(follower.follow, followed, RUN, until)
        assert waiting.result(30).keys == 0  # it had no turn, and read nothing
        happens(followed, "update poco.orders set note = 'turned' where region = 'DE'")
        with psycopg.connect(followed.target) as target:
            assert target.execute("select count(*) from migration.dirty").fetchone() == (0,)
    assert follower.catch_up(followed, RUN, 30)


@pytest.mark.parametrize("many", [0, 5_000], ids=["two at once", "one by one"])
def test_copies_do_not_wait_for_the_disk_and_what_the_slot_advances_behind_does(
    followed: Workplace, servers: Servers, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    capture, copy, waits = change_capture.capture, copier.copy, set[tuple[str, str]]()

    def note(what: str, target: psycopg.Connection) -> None:
        waits.update((what, row[0]) for row in target.execute("show synchronous_commit"))

    def captured(source: psycopg.Connection, target: psycopg.Connection, *rest: object, **more: object) -> object:
        note("capture", target)
        return capture(source, target, *rest, **more)

    def copied(by: connection_pair.Link, *rest: object) -> Receipt:
        note("copy", by.target)
        return copy(by, *rest)

    with psycopg.connect(servers.target.dsn(), autocommit=True) as dba:  # this server waits for nothing, unless it is told to
        dba.execute(f"alter database {conninfo_to_dict(followed.target)['dbname']} set synchronous_commit = on".encode())
    monkeypatch.setattr(applier, "MANY_KEYS", many)
    monkeypatch.setattr(change_capture, "capture", captured)
    monkeypatch.setattr(copier, "copy", copied)
    happens(
        followed, "update poco.orders set note = note || '.' where region = 'FR'; update poco.payments set provider_ref = md5(provider_ref)"
    )
    assert follower.catch_up(followed, RUN, 30)
    assert waits == {("capture", "on"), ("copy", "off")}


def test_what_mi_com_owns_is_not_followed(followed: Workplace) -> None:
    """Last in this module: it hands the addresses over."""
    handover.to_xiaomi(followed, ["addresses"], followed.settings.moving(), RUN)
    happens(followed, "update poco.addresses set is_default = not is_default where region = 'FR'")
    with psycopg.connect(followed.target, autocommit=True) as target:
        before = target.execute("select * from mi.addresses order by 1").fetchall()
        assert follower.catch_up(followed, RUN, 30)
        assert target.execute("select * from mi.addresses order by 1").fetchall() == before


@pytest.mark.parametrize(("change", "together"), [("update poco.orders set updated_at = updated_at + interval '1 hour';"
    " update poco.payments set provider_ref = md5(provider_ref)", True),
    ("update poco.orders set id = id + 8000000 where id > 0; update poco.payments set order_id = order_id + 8000000 where order_id > 0", False)],
    ids=["rows that change in themselves", "rows that come and go"])  # fmt: skip
def test_a_child_is_copied_beside_its_parent_only_where_no_parent_comes_or_goes(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, change: str, together: bool
) -> None:
    monkeypatch.setattr(applier, "MANY_KEYS", 0)
    at_work, seen, whole = set[str](), set[frozenset[str]](), copier.copy

    def copy(link_: connection_pair.Link, entity: Entity, *rest: object) -> Receipt:
        at_work.add(entity.name)
        time.sleep(0.2)
        seen.add(frozenset(at_work))
        try:
            return whole(link_, entity, *rest)
        finally:
            at_work.remove(entity.name)

    with workplaces.followed(place) as at:
        copy_all(at, "cutover")
        assert follower.catch_up(at, RUN, 60)  # what the first copies asked for
        happens(at, change)
        with monkeypatch.context() as patch:
            patch.setattr(copier, "copy", copy)
            assert follower.catch_up(at, RUN, 60)
    assert any({"orders", "payments"} <= names for names in seen) is together
    assert max(map(len, seen)) <= 2
