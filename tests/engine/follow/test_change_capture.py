"""Reading the log: whatever way a message takes through the decoder, it names the same keys."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from unittest import mock

import psycopg
import pytest
from support.workplaces import RUN, followed

from poco_migration.adapters import pgoutput
from poco_migration.adapters.log_stream import LogStream
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.follow import change_capture, replication_slot
from poco_migration.engine.ledger import parts

ORDERS, MESSAGES, EVENTS = 16_500, 16_600, 16_700
COMMIT = b"C" + struct.pack(">BQQQ", 0, 1, 2, 3)


def described(table: int, name: str, *columns: str, identity: tuple[str, ...] = ()) -> bytes:
    told = b"".join(
        (b"\1" if column in (identity or columns) else b"\0") + column.encode() + b"\0" + struct.pack(">Ii", 20, -1) for column in columns
    )
    return b"R" + struct.pack(">I", table) + b"poco\0" + name.encode() + b"\0i" + struct.pack(">h", len(columns)) + told


def row(*values: str | None) -> bytes:
    told = b"".join(b"n" if value is None else b"t" + struct.pack(">I", len(value)) + value.encode() for value in values)
    return struct.pack(">h", len(values)) + told


def inserted(table: int, *values: str) -> bytes:
    return b"I" + struct.pack(">I", table) + b"N" + row(*values)


def updated(table: int, *values: str, old: tuple[str, ...] = ()) -> bytes:
    return b"U" + struct.pack(">I", table) + (b"K" + row(*old) if old else b"") + b"N" + row(*values)


def deleted(table: int, *values: str) -> bytes:
    return b"D" + struct.pack(">I", table) + b"K" + row(*values)


def keys(*messages: bytes) -> list[tuple[str, ...]]:
    """The lines that go into the table seen; several messages are in one block, as the source sends them."""

    def blocks() -> Iterator[bytes]:
        for some in (messages[:3], messages[3:]):
            yield b"".join(struct.pack(">I", len(message)) + message for message in some)

    lines = change_capture._lines(pgoutput.messages(blocks()), pgoutput.Decoder().feed, change_capture._Read([], []))
    return [tuple(line.split("\t")) for line in "".join(lines).splitlines()]


def test_a_message_like_an_earlier_one_tells_the_same_of_its_own_key() -> None:
    orders = described(ORDERS, "orders", "id", "region", "currency")
    assert keys(
        orders,
        *(updated(ORDERS, str(n), "DE", "EUR") for n in (1, 20, -3)),
        inserted(ORDERS, "5", "DE", "EUR"),
        inserted(ORDERS, "6", "DE", "EUR"),
        COMMIT,
        updated(ORDERS, "70", "FR", "EUR"),
        updated(ORDERS, "81", "FR", "EUR", old=("8", "FR", "EUR")),
        updated(ORDERS, "9", "FR", "EUR"),
        deleted(ORDERS, "10", "FR", "EUR"),
        deleted(ORDERS, "11", "FR", "EUR"),
    ) == [
        *(("0", "orders", key, "f") for key in ("1", "20", "-3")),
        ("0", "orders", "5", "t"),
        ("0", "orders", "6", "t"),
        ("1", "orders", "70", "f"),
        ("1", "orders", "8", "t"),
        ("1", "orders", "81", "t"),
        ("1", "orders", "9", "f"),
        ("1", "orders", "10", "t"),
        ("1", "orders", "11", "t"),
    ]  # fmt: skip


def test_a_row_that_comes_among_siblings_is_never_taken_for_its_key_alone() -> None:
    events = described(EVENTS, "shipment_events", "id", "region", "shipment_id", "sequence_no")
    told = keys(events, *(inserted(EVENTS, str(n), "DE", str(n * 10), "1") for n in (1, 2)), updated(EVENTS, "3", "DE", "30", "1"))
    assert told == [
        ("0", "shipment_events", "1", "t"), ("0", "shipments", "10", "t"),
        ("0", "shipment_events", "2", "t"), ("0", "shipments", "20", "t"),
        ("0", "shipment_events", "3", "f"),
    ]  # fmt: skip


def test_what_was_learned_of_a_table_ends_when_it_is_described_again() -> None:
    told = keys(
        described(ORDERS, "orders", "id", "region"),
        updated(ORDERS, "1", "DE"),
        updated(ORDERS, "2", "DE"),
        described(ORDERS, "orders", "region", "id"),
        updated(ORDERS, "DE", "3"),
        updated(ORDERS, "DE", "4"),
        described(ORDERS, "orders", "number", "id", identity=("id",)),
        updated(ORDERS, "77", "5"),
        updated(ORDERS, "88", "6"),
    )
    assert [line[2] for line in told] == ["1", "2", "3", "4", "5", "6"]


def test_a_long_value_and_a_null_do_not_shift_what_follows() -> None:
    decoder = pgoutput.Decoder()
    decoder.feed(described(MESSAGES, "ticket_messages", "note", "body", "id", identity=("note", "id")))
    event = decoder.feed(b"I" + struct.pack(">I", MESSAGES) + b"N" + row(None, "x" * 100_000, "12"))
    assert isinstance(event, pgoutput.Changed)
    assert (event.columns, event.new, event.alike) == (("note", "id"), (None, "12"), b"I" + struct.pack(">I", MESSAGES) + b"N")


def looks(live: Workplace, stream: LogStream | None) -> float:
    """How long a look at the log takes that brings nothing, at the quickest of three."""
    slot = live.settings.follow.slot
    as_follower = replace(live, source=live.source_follower)
    with psycopg.connect(live.source_owner, autocommit=True) as store, connection_pair.connect(as_follower, RUN) as link:
        seconds = []
        for _ in range(4):
            store.execute("select pg_logical_emit_message(true, 'test', 'x')")
            seconds.append(change_capture.capture(link.source, link.target, slot, stream=stream).seconds)
    return min(seconds[1:])  # the first one opens the stream


def test_a_look_costs_the_same_however_old_the_oldest_open_transaction_is(place: Workplace) -> None:
    """A stream keeps its place in it; asked for by SQL, all the log since its begin is decoded at every look."""
    with followed(place) as live, psycopg.connect(live.source_owner) as old, psycopg.connect(live.source_owner, autocommit=True) as store:
        old.execute("update poco.stores set domain = domain where id = (select min(id) from poco.stores)")
        store.execute("create table poco.scratch (n integer, filler text)")
        store.execute("insert into poco.scratch select g, repeat('x', 100) from generate_series(1, 400000) g")
        asked = looks(live, None)
        with closing(change_capture.streamed(live, "test")) as stream:
            kept = looks(live, stream)
        print(f"measured: a look that brings nothing, 64 MB of log behind: {asked * 1000:.0f} ms by SQL, {kept * 1000:.0f} ms by stream")
        assert kept < asked / 2
        store.execute("drop table poco.scratch")


def test_a_stream_that_dies_before_the_ledger_has_its_keys_loses_none(place: Workplace) -> None:
    """The position is confirmed behind the commit and by nothing else: not by what was sent, and not by a failed capture."""
    with followed(place) as live, psycopg.connect(live.source_owner, autocommit=True) as store, connection_pair.connect(live, RUN) as link:
        slot, key = live.settings.follow.slot, store.execute("select min(id) from poco.orders where region = 'DE'").fetchone()
        assert key
        with link.target.transaction():
            parts.plan(link.source, link.target, cards.entities()["orders"], 10**6)
        with closing(change_capture.streamed(live, "test")) as stream:
            change_capture.capture(link.source, link.target, slot, stream=stream)
            store.execute("update poco.orders set note = 'x' where id = %s", key)
            with pytest.raises(ZeroDivisionError), mock.patch.object(change_capture, "_store", side_effect=ZeroDivisionError):
                change_capture.capture(link.source, link.target, slot, stream=stream)
            assert change_capture.capture(link.source, link.target, slot, stream=stream).keys == 1
            store.execute("update poco.orders set note = 'y' where id = %s", key)
            with pytest.raises(ZeroDivisionError), mock.patch.object(replication_slot, "advance", side_effect=ZeroDivisionError):
                change_capture.capture(link.source, link.target, slot, stream=stream)
            assert link.target.execute("select count(*) from migration.dirty where source_key = %s", key).fetchone() == (2,)
            assert change_capture.capture(link.source, link.target, slot, stream=stream).keys == 0
