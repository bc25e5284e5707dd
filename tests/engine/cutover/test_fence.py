"""The fence holds against everybody but the migrator, row by row, and opens by itself at its deadline."""

from __future__ import annotations

import time
from dataclasses import replace
from threading import Thread

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from support.workplaces import install

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import fence
from poco_migration.errors import FenceFailed

DE, IN = "update poco.orders set note = 'x' where id = 900002001", "update poco.orders set note = 'x' where id = 900026002"
CHILD = "update poco.order_items set title = title where id = {}"


def as_role(place: Workplace, role: str) -> str:
    parts = conninfo_to_dict(place.source)
    secret = "postgres" if role == "postgres" else f"test-{role}"
    return make_conninfo(**{**parts, "user": role, "password": secret})


@pytest.fixture
def store(place: Workplace) -> Workplace:
    with psycopg.connect(place.source_owner, autocommit=True) as owner:
        owner.execute("grant usage on schema poco to poco_app")
        owner.execute("grant select, insert, update, delete on all tables in schema poco to poco_app")
        owner.execute(
            "create function poco.sneak() returns void language sql security definer as $$ update poco.orders set note = 'x' where id = 900002001 $$"
        )
    return place


def refused(place: Workplace, role: str, *statements: str) -> bool:
    with psycopg.connect(as_role(place, role), autocommit=True) as connection:
        try:
            for statement in statements:
                connection.execute(statement)
        except psycopg.errors.ReadOnlySqlTransaction:
            return True
        return False


WRITERS = {
    "the store's program": ("poco_app", DE),
    "its owner": ("poco_owner", DE),
    "the superuser": ("postgres", DE),
    "the superuser as a replica": ("postgres", "set session_replication_role = replica", DE),
    "a session that overrides read only": ("poco_app", "set default_transaction_read_only = off", DE),
    "an insert": ("poco_app", "insert into poco.orders select id + 7, region, 'n', null, null, null, 10, currency, 1,0,0,0,1, null, null, null, placed_at, placed_at from poco.orders where id = 900002001"),
    "a delete": ("poco_app", "delete from poco.orders where id = 900002001"),
    "a function of the owner's": ("poco_app", "select poco.sneak()"),
    "a child of an order": ("poco_app", CHILD.format(900026002)),
    "a row moved out of the region": ("poco_app", "update poco.orders set region = 'IN' where id = 900002001"),
    "a row moved into the region": ("poco_app", "update poco.orders set region = 'DE' where id = 900026002"),
    "truncate": ("poco_owner", "truncate poco.orders"),
}  # fmt: skip


@pytest.mark.parametrize("writer", WRITERS)
def test_every_way_to_write_is_refused(store: Workplace, writer: str) -> None:
    role, *statements = WRITERS[writer]
    if role == "poco_app" and "sneak" in statements[0]:
        statements.insert(0, "select 1")
    fence.raise_(store, ["orders", "order_items"], ["DE"])
    assert refused(store, role, *statements)
    fence.lower(store, ["orders", "order_items"], ["DE"])
    assert not refused(store, role, *statements)


def test_india_and_regions_that_are_not_named_go_on(store: Workplace) -> None:
    fence.raise_(store, list(cards.entities()), store.settings.moving(), for_good=True)
    assert refused(store, "poco_app", DE)
    assert not refused(store, "poco_app", IN, CHILD.format(900026001))
    assert not refused(store, "poco_app", "insert into poco.app_tokens values (-1, 'IN', 900026001, 't', null, now(), null, null)")


def test_a_transaction_on_an_old_snapshot_is_refused_too(store: Workplace) -> None:
    with psycopg.connect(as_role(store, "poco_app")) as old:
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        old.execute("select count(*) from poco.products")
        fence.raise_(store, ["orders"], ["DE"])
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            old.execute(DE)


def test_a_second_region_is_closed_for_transactions_that_began_before(store: Workplace) -> None:
    fence.raise_(store, ["orders"], ["FR"])
    with psycopg.connect(as_role(store, "poco_app")) as old:
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        old.execute("select count(*) from poco.products")
        fence.raise_(store, ["orders"], ["DE"])
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            old.execute(DE)
    assert fence.state(store)["orders"].keys() == {"FR", "DE"}


def test_a_writer_that_is_still_open_is_waited_for_and_its_write_counts(store: Workplace) -> None:
    with psycopg.connect(as_role(store, "poco_app")) as writer:
        writer.execute(DE)
        raising = Thread(target=fence.raise_, args=(store, ["orders"], ["DE"]))
        raising.start()
        time.sleep(1.5)
        assert raising.is_alive(), "the fence was raised over an open writer"
        writer.commit()
        raising.join(10)
    assert not raising.is_alive() and refused(store, "poco_app", DE)


def test_a_writer_that_never_ends_leaves_the_store_open(store: Workplace) -> None:
    short = replace(store, settings=store.settings.model_copy(update={"freeze": store.settings.freeze.model_copy(update={"budget_s": 2})}))
    with psycopg.connect(as_role(store, "poco_app")) as writer:
        writer.execute(DE)
        with pytest.raises(FenceFailed, match="what was open is open"):
            fence.raise_(short, ["orders"], ["DE"])
    assert fence.state(store) == {} and not refused(store, "poco_app", DE)


def test_the_store_opens_at_the_deadline_though_nobody_lowers_the_fence(store: Workplace) -> None:
    short = replace(store, settings=store.settings.model_copy(update={"freeze": store.settings.freeze.model_copy(update={"budget_s": 2})}))
    fence.raise_(short, ["orders"], ["DE"])
    assert refused(store, "poco_app", DE)
    time.sleep(2.2)
    assert not refused(store, "poco_app", DE)


def test_closed_for_good_stays_closed_whoever_raises_lowers_or_installs_again(store: Workplace) -> None:
    fence.raise_(store, ["orders"], ["DE"], for_good=True)
    fence.raise_(store, ["orders"], ["DE"])
    fence.lower(store, ["orders"], ["DE"])
    install(store)
    assert fence.state(store) == {"orders": {"DE": "infinity"}} and refused(store, "poco_app", DE)


# The seal ------------------------------------------------------------------------------------------------------------

NOTED = "update poco.orders set note = %s where id = %s"
GERMAN, INDIAN = 900002001, 900026002


def soon(store: Workplace, seconds: float) -> Workplace:
    """The same store with a deadline that comes soon."""
    return replace(
        store, settings=store.settings.model_copy(update={"freeze": store.settings.freeze.model_copy(update={"budget_s": seconds})})
    )


def german_note(store: Workplace) -> str | None:
    with psycopg.connect(store.source_owner) as owner:
        found = owner.execute("select note from poco.orders where id = %s", (GERMAN,)).fetchone()
    assert found
    return found[0]


def test_a_session_that_has_read_the_old_deadline_never_writes_behind_the_seal(store: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """India goes on, in one transaction, with one prepared statement: nothing makes such a session hear that the text has changed."""
    monkeypatch.setattr(fence, "SEAL_SECONDS", 1.0)
    place = soon(store, 4)
    with psycopg.connect(as_role(store, "poco_app"), prepare_threshold=0) as india:
        for _ in range(8):
            india.execute(NOTED, ("warm", INDIAN))
        india.commit()
        fence.raise_(place, ["orders"], ["DE"])
        india.execute(NOTED, ("goes on", INDIAN))
        with pytest.raises(FenceFailed, match="some session keeps a transaction open that could write later on"):
            fence.seal(place, ["orders"], ["DE"], 1)
        india.commit()
        fence.seal(place, ["orders"], ["DE"], 1)
        time.sleep(4.2)  # the old deadline has passed
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            india.execute(NOTED, ("behind the seal", GERMAN))
    assert german_note(store) != "behind the seal" and fence.state(store) == {"orders": {"DE": "infinity"}}


def test_a_batch_that_walks_over_the_regions_is_not_sealed_over(store: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fence, "SEAL_SECONDS", 1.0)
    place = soon(store, 3)
    with psycopg.connect(store.source_owner, autocommit=True) as owner:
        owner.execute("""create function poco.walk() returns void language plpgsql as $$
            begin
                update poco.orders set note = 'batch' where id = 900026002;
                perform pg_sleep(3.5);
                update poco.orders set note = 'batch' where id = 900002001;
            end $$""")
    fence.raise_(place, ["orders"], ["DE"])
    with psycopg.connect(as_role(store, "poco_app"), autocommit=True) as program:
        walking = Thread(target=program.execute, args=("select poco.walk()",))
        walking.start()
        time.sleep(0.4)
        with pytest.raises(FenceFailed):
            fence.seal(place, ["orders"], ["DE"], 0.5)
        walking.join(20)
    # Not sealed, so the deadline has opened the store, and the batch has written what is POCO's.
    assert german_note(store) == "batch" and fence.state(store)["orders"]["DE"] != "infinity"


def test_the_fence_never_has_a_transaction_of_the_store_ended_as_a_deadlock(store: Workplace) -> None:
    """The store takes its tables in another order than the fence, and waits for longer than its deadlock_timeout."""
    addresses = "update poco.addresses set region = region where id = (select min(id) from poco.addresses where region = 'IN')"
    with psycopg.connect(as_role(store, "poco_app")) as first, psycopg.connect(as_role(store, "poco_app")) as second:
        first.execute(addresses)
        second.execute(IN)
        raising = Thread(target=fence.raise_, args=(store, ["addresses", "orders"], ["DE"]))
        raising.start()
        time.sleep(0.2)
        waiting = Thread(target=second.execute, args=(addresses,))  # behind the fence, which waits for `first`
        waiting.start()
        time.sleep(0.6)
        first.commit()  # now the fence could have addresses, and would wait for orders
        waiting.join(20)
        second.execute("select 1")  # raises where it was ended
        second.commit()
        raising.join(60)
    assert fence.state(store).keys() == {"addresses", "orders"}


def test_two_who_change_what_is_closed_never_lose_each_others_change(store: Workplace) -> None:
    """One has read what is closed, has tried in vain, and waits for its turn again while the other closes something."""
    review = "update poco.reviews set rating = rating where id = (select min(id) from poco.reviews where region = 'IN')"
    with psycopg.connect(as_role(store, "poco_app")) as first, psycopg.connect(as_role(store, "poco_app")) as second:
        first.execute(IN)
        second.execute(review)
        raising = [
            Thread(target=fence.raise_, args=(store, ["orders"], ["DE"])),
            Thread(target=fence.raise_, args=(store, ["reviews"], ["FR"])),
        ]
        raising[0].start()
        time.sleep(0.1)
        raising[1].start()
        time.sleep(1.2)
        second.commit()
        time.sleep(0.1)
        first.commit()
        for thread in raising:
            thread.join(60)
    assert {table: set(regions) for table, regions in fence.state(store).items()} == {"orders": {"DE"}, "reviews": {"FR"}}


def armed(store: Workplace) -> set[str]:
    with psycopg.connect(store.source_owner) as owner:
        return {row[0] for row in owner.execute("select tgrelid::regclass::text from pg_trigger where tgname = 'zz_migration_fence' and tgenabled <> 'D'")}  # fmt: skip


def test_where_nothing_is_closed_any_more_no_write_calls_the_fence(store: Workplace) -> None:
    fence.raise_(store, ["orders", "order_items", "reviews"], ["DE", "FR"])
    fence.lower(store, ["orders", "order_items"], ["DE", "FR"])
    assert armed(store) == {"poco.reviews"}
    with psycopg.connect(as_role(store, "poco_app")) as writer:
        writer.execute("update poco.reviews set rating = rating where id = (select min(id) from poco.reviews where region = 'IN')")
        fence.lower(store, ["reviews"], ["DE", "FR"])  # opens at once, and does not wait for the writer
        assert fence.state(store) == {} and armed(store) == {"poco.reviews"}
    assert fence.rest(store) == ["reviews"] and armed(store) == set()
    fence.raise_(store, ["orders"], ["DE"])
    assert refused(store, "poco_app", DE)


def test_a_deadline_that_nobody_took_away_does_not_keep_the_triggers_on(store: Workplace) -> None:
    fence.raise_(store, ["reviews"], ["DE"], for_good=True)
    fence.raise_(soon(store, 1), ["orders"], ["DE"])
    assert fence.rest(store) == []
    time.sleep(1.1)
    assert fence.rest(store) == ["orders"] and fence.state(store) == {"reviews": {"DE": "infinity"}}
