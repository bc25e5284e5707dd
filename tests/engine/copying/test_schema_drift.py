"""A table that changes its shape stops the copies that touch it, by name and before a row is written; pinning goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from support.workplaces import RUN, Servers, install, prepared

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier, schema_drift, staging
from poco_migration.engine.ledger import tombstones
from poco_migration.errors import SchemaDrift
from poco_migration.model import KeyRange, Receipt

ALL = KeyRange(None, None)
SOURCE, TARGET = "source", "target"


@pytest.fixture(scope="module")
def copied(servers: Servers) -> Workplace:
    """A workplace in which everything was copied once; the tests take back what they change."""
    return prepared(servers, "cutover", "history", "reissue")


@contextmanager
def owner(place: Workplace, side: str) -> Iterator[psycopg.Connection]:
    of_target = make_conninfo(**{**conninfo_to_dict(place.target), "user": "mi_owner", "password": "test-mi_owner"})
    with psycopg.connect(place.source_owner if side == SOURCE else of_target, autocommit=True) as connection:
        yield connection


def ddl(place: Workplace, side: str, statement: str) -> None:
    with owner(place, side) as connection:
        connection.execute("set lock_timeout = '10s'")  # what waits for a copy of this thread would wait for ever
        connection.execute(statement)


def copy(place: Workplace, name: str) -> Receipt:
    with connection_pair.connect(place, RUN) as opened:
        return copier.copy(opened, cards.entities()[name], ALL, RUN)


def state(place: Workplace) -> Any:
    """Rows of mi.com's orders and how often any was written, and the receipts."""
    with psycopg.connect(place.target) as target:
        return target.execute(
            "select (select (count(*), sum(xmin::text::bigint))::text from mi.orders), (select count(*) from migration.receipt)"
        ).fetchone()


# side, statement, how it is taken back, what the message says
FAULTS = {
    "a column added at POCO": (SOURCE, "alter table poco.orders add gift boolean", "alter table poco.orders drop gift", "source table poco.orders has changed: column gift (boolean) is new"),
    "a column of another type at POCO": (SOURCE, "alter table poco.customers alter password_hash type varchar(500)", "alter table poco.customers alter password_hash type text", "source table poco.customers has changed: column password_hash was text and is character varying(500)"),
    "a constraint dropped at POCO": (SOURCE, "alter table poco.currencies drop constraint currencies_exponent_check", "alter table poco.currencies add constraint currencies_exponent_check check (exponent between 0 and 3)", "source table poco.currencies has changed: constraint currencies_exponent_check (check) is gone"),
    "row security at POCO": (SOURCE, "alter table poco.orders enable row level security", "alter table poco.orders disable row level security", "table was table and is table, row security"),
    "a view of the export schema": (SOURCE, "create or replace view poco_export.units as select code as currency, 1::numeric as unit from poco.currencies", "", "source table poco_export.units has changed: rule _RETURN"),
    "a column added at mi.com": (TARGET, "alter table mi.orders add channel text not null default 'web'", "alter table mi.orders drop channel", "target table mi.orders has changed: column channel (text not null default) is new"),
    "a default changed at mi.com": (TARGET, "alter table mi.orders alter note set default 'none'", "alter table mi.orders alter note drop default", "column note was text and is text default"),
    "a unique constraint dropped at mi.com": (TARGET, "alter table mi.orders drop constraint orders_order_number_key", "alter table mi.orders add constraint orders_order_number_key unique (order_number)", "target table mi.orders has changed: constraint orders_order_number_key (unique) is gone"),
    "a trigger at mi.com": (TARGET, "create trigger audit before update on mi.orders for each row execute function suppress_redundant_updates_trigger()", "drop trigger audit on mi.orders", "trigger audit (trigger) is new"),
    "a rule at mi.com": (TARGET, "create rule quiet as on delete to mi.orders do instead nothing", "drop rule quiet on mi.orders", "rule quiet (rule) is new"),
    "a table that the load looks into": (TARGET, "alter table mi.profiles add nickname text", "alter table mi.profiles drop nickname", "target table mi.profiles has changed: column nickname (text) is new"),
    "a unique index at mi.com": (TARGET, "create unique index one_number on mi.orders (order_number, market)", "drop index mi.one_number", "index one_number (unique) is new"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_changed_table_stops_the_copy_by_name_until_it_is_pinned(copied: Workplace, fault: str) -> None:
    side, plant, mend, says = FAULTS[fault]
    before = state(copied)
    ddl(copied, side, plant)
    with pytest.raises(SchemaDrift) as told:
        copy(copied, "orders")
    assert says in str(told.value) and "poco_prepare" in str(told.value)
    assert "'web'" not in str(told.value) and "'none'" not in str(told.value)
    assert state(copied) == before
    assert any(says in change for change in schema_drift.pin(copied))
    copy(copied, "orders")
    if mend:
        ddl(copied, side, mend)
    install(copied)
    copy(copied, "orders")


def test_a_renamed_column_and_a_renamed_table_are_told(copied: Workplace) -> None:
    ddl(copied, SOURCE, "alter table poco.orders rename note to remark")
    with pytest.raises(SchemaDrift, match=r"column note \(text\) is gone, column remark \(text\) is new"):
        copy(copied, "orders")
    ddl(copied, SOURCE, "alter table poco.orders rename remark to note; alter table poco.orders rename to purchases")
    with pytest.raises(SchemaDrift, match="source table poco.orders is gone or has another name"):
        copy(copied, "orders")
    ddl(copied, SOURCE, "alter table poco.purchases rename to orders")
    copy(copied, "orders")


def test_what_another_entity_touches_stops_only_that(copied: Workplace) -> None:
    ddl(copied, TARGET, "alter table mi.reviews add votes integer")
    copy(copied, "orders")
    with pytest.raises(SchemaDrift, match="reviews: target table mi.reviews"):
        copy(copied, "reviews")
    ddl(copied, TARGET, "alter table mi.reviews drop votes")
    copy(copied, "reviews")


@pytest.mark.parametrize(
    ("side", "statement"),
    [
        (SOURCE, "create index faster on poco.orders (placed_at)"),
        (TARGET, "create index faster on mi.orders (placed_at)"),
        (SOURCE, "create unique index if not exists orders_identity on poco.orders (id, region, currency)"),
        (SOURCE, "alter table poco.orders replica identity full"),
        (SOURCE, "alter table poco.orders enable always trigger zz_migration_fence"),
    ],
)
def test_what_does_not_concern_a_copy_does_not_stop_it(copied: Workplace, side: str, statement: str) -> None:
    ddl(copied, side, statement)
    copy(copied, "orders")


def test_nothing_is_copied_before_anything_was_pinned(servers: Servers) -> None:
    place = prepared(servers)
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute("delete from migration.shape")
    with pytest.raises(SchemaDrift, match="stores: the shape of its tables was never pinned. Run poco_prepare"):
        copy(place, "stores")


@pytest.mark.parametrize(
    ("side", "step", "plant", "mend"),
    [
        (SOURCE, (staging, "declare"), "alter table poco.orders add gift boolean", "alter table poco.orders drop gift"),
        (TARGET, (tombstones, "hide_erased"), "alter table mi.orders add gift boolean", "alter table mi.orders drop gift"),
    ],
)
def test_ddl_between_the_first_look_and_the_commit_is_caught(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch, side: str, step: tuple[Any, str], plant: str, mend: str
) -> None:
    """It slips in where the copy holds no lock: when it has let go of the store, and before it touches mi.com's table."""
    real = getattr(*step)

    def slow(*arguments: Any) -> None:
        ddl(copied, side, plant)
        real(*arguments)

    before = state(copied)
    with monkeypatch.context() as patched:
        patched.setattr(*step, slow)
        with pytest.raises(SchemaDrift, match=r"column gift \(boolean\) is new"):
            copy(copied, "orders")
    assert state(copied) == before
    ddl(copied, side, mend)
    copy(copied, "orders")


def test_every_table_that_a_copy_touches_is_known() -> None:
    known = schema_drift.touched(cards.entities()["orders"])
    assert {"poco_export.orders", "poco_export.units", "poco.order_items"} <= set(known["source"])
    assert {"mi.orders", "mi.profiles", "mi.order_lines"} <= set(known["target"])
    for entity in cards.moving_at("cutover", "history", "reissue"):
        names = schema_drift.touched(entity)
        assert f"poco_export.{entity.name}" in names["source"] and entity.table in names["target"], entity.name


def test_tables_behind_the_views_are_pinned_for_their_readers(copied: Workplace) -> None:
    with psycopg.connect(copied.target) as target:
        readers = dict(target.execute("select side || ' ' || table_name, entities from migration.shape").fetchall())
    assert {"orders", "payments", "refunds"} <= set(readers["source poco.currencies"])
    assert {"customers", "orders", "addresses"} <= set(readers["source poco.customers"])
    with psycopg.connect(copied.source_owner) as source:
        tables = {row[0] for row in source.execute("select 'source poco.' || tablename from pg_tables where schemaname = 'poco'")}
    assert tables - readers.keys() == {"source poco.app_tokens"}, "what never moves is not watched"


def test_looking_is_cheap(copied: Workplace) -> None:
    """Twice per copy. Measured beside what opening a connection takes, because a busy machine is slow in both."""
    entity = cards.entities()["orders"]
    looks, opens = [], []
    with connection_pair.connect(copied, RUN) as opened:
        for _ in range(30):
            began = time.perf_counter()
            psycopg.connect(copied.target).close()
            opens.append(time.perf_counter() - began)
            began = time.perf_counter()
            schema_drift.check(replace(opened), entity)
            looks.append(time.perf_counter() - began)
    looked, reached = sorted(looks)[15], sorted(opens)[15]
    print(f"one look: {looked * 1000:.1f} ms, one connection: {reached * 1000:.1f} ms")
    assert looked < 4 * reached
