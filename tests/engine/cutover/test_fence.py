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
