"""Reading the log: whatever way a message takes through the decoder, it names the same keys."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from poco_migration.adapters import pgoutput
from poco_migration.engine.follow import change_capture

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

    return [tuple(line.split("\t")) for line in "".join(change_capture._lines(blocks(), change_capture._Read([], []))).splitlines()]


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
