"""Reads pgoutput, the format of a PostgreSQL replication slot, down to the keys that changed. Bytes in, changes out.

Protocol version 1 only: whole transactions in the order of their commits, so nothing has to be kept until a commit
comes and memory is flat, however large a transaction is. One Decoder per read of a slot: the server describes each
table anew in every read. Source: PostgreSQL manual, "Logical Replication Message Formats".
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from poco_migration.errors import ConfigurationError

_UINT32 = struct.Struct(">I")
_INT16 = struct.Struct(">h")
_BEGIN = struct.Struct(">QQI")
_COMMIT = struct.Struct(">BQQQ")

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A row of a table changed. `old` is its identity before, where it had another one; `new` its identity after.

    An insert has no old, a delete no new, an update that leaves the identity as it was has no old either. Every message
    that begins with `alike` (if that is not empty) says the same of another row, whose columns[0] is its key(), until its
    table is described again.
    """

    table: str
    columns: tuple[str, ...]
    kind: Literal["insert", "update", "delete"]
    old: Row | None
    new: Row | None
    alike: bytes = b""


@dataclass(frozen=True, slots=True)
class Described:
    """What a table looks like from here on."""

    table: str


@dataclass(frozen=True, slots=True)
class Truncated:
    """These tables lost all their rows."""

    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Committed:
    """Everything since the last one belongs to this transaction. Reading goes on at `end`."""

    xid: int
    end: int


@dataclass(frozen=True, slots=True)
class Said:
    """A message that somebody wrote into the log (pg_logical_emit_message): who by its prefix, and what."""

    prefix: str
    text: str


Event = Changed | Described | Truncated | Committed | Said


def committed(data: bytes) -> int | None:
    """Where reading goes on behind a transaction, if this is the message of its commit."""
    return int(_COMMIT.unpack_from(data, 1)[2]) if data[:1] == b"C" else None


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    identity: tuple[int, ...]


def messages(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The slot's rows out of blocks of them, in which each has its length before it (four bytes)."""
    for block in blocks:
        at, end = 0, len(block)
        while at < end:
            begin = at + 4
            at = begin + _UINT32.unpack_from(block, at)[0]
            yield block[begin:at]


def like(data: bytes) -> bytes:
    """What tells the kind of change, the table, and which row comes first: that before the change or that after it."""
    return data[:6]


def key(data: bytes) -> str:
    """The first value of the row in a message that is like another one: a number, so one byte tells its length."""
    return data[13 : 13 + data[12]].decode()


@dataclass
class Decoder:
    """Feed it the slot's rows in order. Raises ConfigurationError for a message that version 1 does not have."""

    _tables: dict[bytes, _Table] = field(default_factory=dict)
    _xid: int = 0

    def feed(self, data: bytes) -> Event | None:
        """The event in one row of the slot, if there is one."""
        match data[:1]:
            case b"I" | b"U" | b"D":
                return self._changed(data)
            case b"R":
                table = self._tables[data[1:5]] = _table(data)
                return Described(table.name)
            case b"B":
                self._xid = _BEGIN.unpack_from(data, 1)[2]
            case b"C":
                return Committed(self._xid, _COMMIT.unpack_from(data, 1)[2])
            case b"T":
                return Truncated(tuple(self._tables[data[at : at + 4]].name for at in range(6, len(data), 4)))
            case b"M":
                prefix, at = _text(data, 10)  # behind a byte of flags and the position
                return Said(prefix, data[at + 4 : at + 4 + _UINT32.unpack_from(data, at)[0]].decode("utf-8", "replace"))
            case b"Y" | b"O":  # a type, an origin: neither changes a key
                pass
            case other:
                raise ConfigurationError(f"the replication slot sends a message of kind {other!r}, which protocol version 1 does not have")
        return None

    def _changed(self, data: bytes) -> Changed:
        table = self._tables[data[1:5]]
        first, at = _row(data, 6, table.identity)
        alike = like(data) if table.identity[:1] == (0,) else b""
        if data[:1] == b"I":
            return Changed(table.name, table.columns, "insert", None, first, alike)
        if data[:1] == b"D":
            return Changed(table.name, table.columns, "delete", first, None, alike)
        if data[5:6] == b"N":
            return Changed(table.name, table.columns, "update", None, first, alike)
        # The server sends the old identity only where it differs. A value too long to be sent again is as it was.
        sent, _ = _row(data, at + 1, table.identity)
        new = tuple(before if after is _UNCHANGED else after for before, after in zip(first, sent, strict=True))
        return Changed(table.name, table.columns, "update", None if new == first else first, new)


_UNCHANGED = "\0unchanged"  # no text of PostgreSQL holds a NUL


def _row(data: bytes, at: int, wanted: tuple[int, ...]) -> tuple[Row, int]:
    """The wanted columns of the row that starts at `at`, and where it ends."""
    count = _INT16.unpack_from(data, at)[0]
    at += 2
    values: list[str | None] = []
    for n in range(count):
        kind = data[at]
        at += 1
        if kind == 0x74:  # 't': as text
            size = _UINT32.unpack_from(data, at)[0]
            at += 4
            if n in wanted:
                values.append(data[at : at + size].decode())
            at += size
        elif n in wanted:
            values.append(None if kind == 0x6E else _UNCHANGED)
    return tuple(values), at


def _table(data: bytes) -> _Table:
    schema, at = _text(data, 5)
    name, at = _text(data, at)
    count = _INT16.unpack_from(data, at + 1)[0]  # one byte before it tells the kind of identity
    at += 3
    columns, identity = [], []
    for n in range(count):
        part_of_identity = data[at] & 1
        column, at = _text(data, at + 1)
        at += 8  # the column's type and its modifier
        if part_of_identity:
            identity.append(n)
            columns.append(column)
    return _Table(f"{schema}.{name}", tuple(columns), tuple(identity))


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    return data[at:end].decode(), end + 1


def position(text: str) -> int:
    """A log position as a number: '16/B374D848' is high and low word in hexadecimal."""
    high, low = text.split("/")
    return int(high, 16) << 32 | int(low, 16)


def written(position: int) -> str:
    """A log position as PostgreSQL writes it."""
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"
