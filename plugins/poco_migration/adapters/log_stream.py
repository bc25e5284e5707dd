"""The source's log as a stream: PostgreSQL's replication protocol, spoken with libpq's own functions (psycopg.pq).

A server that is asked for changes by SQL decodes its log anew each time, from where the oldest open transaction began. A sender
keeps its place in the log and in every open transaction, spills large ones to its own disk, and sends each whole transaction once
it has committed. Refuses to know what a message means (pgoutput.py) or what may be forgotten (engine: only what the ledger has).
Source: PostgreSQL manual, "Streaming Replication Protocol" and "Logical Streaming Replication Parameters".
"""

from __future__ import annotations

import select
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from psycopg.conninfo import make_conninfo
from psycopg.pq import ConnStatus, ExecStatus, abc
from psycopg.pq import PGconn as Libpq

from poco_migration.adapters import pgoutput, postgres
from poco_migration.adapters.postgres import sql

# How long a sender may say nothing at all, though it is asked; decoding, it answers between two records.
SILENT_S = 120.0
ASK_S = 0.1
PATIENCE_S = 60.0
_STATUS = struct.Struct(">cqqqqB")
_RELEASE = (
    "select pg_terminate_backend(a.pid) from pg_replication_slots s join pg_stat_activity a on a.pid = s.active_pid"
    " where s.slot_name = %s and a.backend_type = 'walsender'"
)


def take(source: postgres.Connection, slot: str, but: int | None = None, follower: str = "") -> bool:
    """Have no sender on the slot, or none but that process; returns whether that was otherwise.

    One that its owner has left open, or lost without a word, is ended: nothing is lost by it, what nobody confirmed is sent again.
    Only the role that follows may end it: `follower` is its connection string, where `source` is another role's.
    """
    give_up, first = time.monotonic() + SILENT_S, True
    while (active := postgres.value(source, "select active_pid from pg_replication_slots where slot_name = %s", (slot,))) != but:
        if active:
            _release(source, slot, follower)
            time.sleep(0.02)
        elif but:
            return True
        if time.monotonic() > give_up:
            raise postgres.Broken("the slot is in use")
        first = False
    return not first


def _release(source: postgres.Connection, slot: str, follower: str) -> None:
    if not follower:
        source.execute(_RELEASE, (slot,))
        return
    with postgres.connect(follower, "source", name="release") as own:
        own.execute(_RELEASE, (slot,))


@dataclass
class LogStream:
    """One slot's stream, opened when it is first read. Whoever reads takes the slot from a sender that another has left open:
    the engine lets one at a time read it. `dsn` is of the role that follows.

    After any failure it is closed, and begins anew at what the slot has not forgotten."""

    dsn: str
    name: str
    slot: str
    publication: str
    patience_s: float = PATIENCE_S  # one read waits for so long for what is written to be sent
    decoder: pgoutput.Decoder = field(default_factory=pgoutput.Decoder)
    reached: int = 0  # everything before this position has been sent
    passed_over: bool = field(default=False, init=False)  # something sent does not count yet: what is behind it is never confirmed
    _sender: abc.PGconn | None = field(default=None, init=False)
    _confirmed: int = field(default=0, init=False)
    _heard: float = field(default=0.0, init=False)
    _asked: float = field(default=0.0, init=False)

    def messages(self, source: postgres.Connection, begin: int, until: int, most: int) -> Iterator[bytes]:
        """What was committed before `until` and not read yet; ends behind a commit after about `most` messages, at `until`, or, between
        two transactions, when the sender has kept us waiting (it may wait for a standby itself): `reached` says how far it was.

        `source` sees who has the slot. `begin` is how far the ledger has read it. Raises SourceError when the sender ends.
        """
        with postgres.translated_errors("source", "log stream"):
            if self._sender is None or take(source, self.slot, self._sender.backend_pid, self.dsn):
                self.close()
                self._open(source, begin)
            rows, inside, give_up = 0, False, time.monotonic() + self.patience_s
            while inside or self.reached < until:
                message = self._next()
                if message is None:
                    if not inside and time.monotonic() > give_up:
                        return
                    continue
                rows, committed = rows + 1, pgoutput.committed(message)
                inside, self.reached = committed is None, max(self.reached, committed or 0)  # commits come in their order
                yield message
                if rows >= most and not inside:
                    return

    def feed(self, message: bytes) -> pgoutput.Event | None:
        """The event in a message; tables are described once for each sender."""
        return self.decoder.feed(message)

    def confirm(self, position: int) -> None:
        """Let the source forget its log up to here. Called only after the keys of that far are committed on the target."""
        with postgres.translated_errors("source", "log stream"):
            self._say(position, ask=False)

    def close(self) -> None:
        """End the sender; what it has sent and nobody has confirmed is sent again to the next one."""
        if self._sender is not None:
            self._sender.finish()
        self._sender, self.reached, self.decoder, self.passed_over = None, 0, pgoutput.Decoder(), False

    def _open(self, source: postgres.Connection, begin: int) -> None:
        take(source, self.slot, follower=self.dsn)
        # While a copy goes on for minutes nobody answers, and that is no reason to end.
        described = postgres.described(self.dsn, self.name, "-c wal_sender_timeout=0")
        sender = Libpq.connect(make_conninfo(described, replication="database").encode())
        if sender.status != ConnStatus.OK:
            sender.finish()
            raise postgres.Broken("no connection for the log stream")
        command = sql.SQL("START_REPLICATION SLOT {} LOGICAL {} (proto_version '1', messages 'true', publication_names {})").format(
            sql.Identifier(self.slot), sql.SQL(pgoutput.written(begin)), sql.Literal(self.publication)
        )
        begun = sender.exec_(command.as_bytes(source))
        if begun.status != ExecStatus.COPY_BOTH:
            sender.finish()
            raise postgres.Broken("the slot cannot be streamed")
        sender.nonblocking = 1
        self._sender, self.reached, self.decoder, self._heard, self._asked = sender, 0, pgoutput.Decoder(), time.monotonic(), 0.0
        self._confirmed = begin

    def _next(self) -> bytes | None:
        """The next message of a change; None after anything else."""
        assert self._sender is not None
        size, data = self._sender.get_copy_data(1)
        if size == 0:
            self._wait()
            return None
        if size < 0:
            raise postgres.Broken("the log stream has ended")
        self._heard = time.monotonic()
        if data[0] == ord("w"):
            return bytes(data[25:])
        self.reached = max(self.reached, int.from_bytes(data[1:9], "big"))
        if data[17]:
            self._say(self._confirmed, ask=False)
        return None

    def _wait(self) -> None:
        """Nothing has come: ask how far the sender is, and wait a moment for an answer."""
        assert self._sender is not None
        now = time.monotonic()
        if now - self._heard > SILENT_S:
            raise postgres.Broken("the log stream is silent")
        if now - self._asked > ASK_S:
            self._asked = now
            self._say(self._confirmed, ask=True)
        select.select([self._sender.socket], [], [], ASK_S)
        self._sender.consume_input()

    def _say(self, position: int, *, ask: bool) -> None:
        if self._sender is None:
            return
        self._confirmed = position
        # Microseconds since 2000: nobody reads them here.
        self._sender.put_copy_data(_STATUS.pack(b"r", position, position, position, 0, ask))
        while self._sender.flush():
            select.select([], [self._sender.socket], [], 1.0)
