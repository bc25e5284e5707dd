"""The connections of clients: bounded in number, in bytes and in time. uvicorn listens and starts and stops; what comes in is read here.

A connection holds at most one head that is not complete and the answers that its client has not read. Nobody who says nothing,
sends slowly or does not read stays longer than seconds; when all places are taken, the one that has been quiet longest makes room.
A body is never read: the answer is given without it, and the connection ends.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple, cast

from poco_migration.redirects import heads
from poco_migration.redirects.heads import Head, Refused

CONNECTIONS = 1_000
HEAD_S = 10.0  # from the first byte of a head to its last, and for a client to read what it asked for
IDLE_S = 15.0  # between two requests of a client
LINGER_S = 2.0  # behind the last answer, so that it is read before the connection is gone
TURN = 16  # requests that are answered before the others have their turn
BLOCK = 16 << 10  # bytes that are read at once
UNREAD = 16 << 10  # bytes of answers that wait for their client before it is asked for nothing more

_EMPTY = re.compile(rb"[\r\n]*")
_END = re.compile(rb"\n\r?\n")  # begins with a byte that is looked for in one step
_STATUS = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}


class Answer(NamedTuple):
    """`lines`: whole header lines, without what belongs to the connection."""

    status: int
    lines: bytes = b""
    body: bytes = b""


class Clients:
    """The open connections, the one that was quiet longest first."""

    def __init__(self, answer: Callable[[Head], Answer]) -> None:
        self.answer = answer
        self.open: OrderedDict[Client, None] = OrderedDict()
        self.block = bytearray(BLOCK)

    def add(self, client: Client) -> None:
        if len(self.open) >= CONNECTIONS:
            next(iter(self.open)).end()
        self.open[client] = None

    def sweep(self, now: float) -> None:
        """End whatever has had its time; called about every second."""
        for client in [client for client in self.open if client.deadline < now]:
            client.end()


class Client(asyncio.BufferedProtocol):
    """One connection, made by uvicorn in the place of its own protocol."""

    def __init__(self, config: Any, server_state: Any, app_state: Any, _loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.clients: Clients = config.app.clients
        self.server = server_state
        self.loop = _loop or asyncio.get_running_loop()
        self.transport: asyncio.Transport
        self.deadline = 0.0
        self.waiting = b""
        self.looked = 0  # before this byte of `waiting` no head ends
        self.full = self.last = self.leaving = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=UNREAD)
        self.deadline = self.loop.time() + HEAD_S
        self.clients.add(self)
        self.server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.last, self.waiting = True, b""
        self.clients.open.pop(self, None)
        self.server.connections.discard(self)

    def get_buffer(self, sizehint: int) -> bytearray:
        return self.clients.block

    def buffer_updated(self, nbytes: int) -> None:
        if self.last:
            return  # a body or what follows it
        if not self.waiting:
            self.deadline = self.loop.time() + HEAD_S
        self.waiting += self.clients.block[:nbytes]
        self.go_on()

    def pause_writing(self) -> None:
        self.full, self.deadline = True, self.loop.time() + HEAD_S
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.full = False
        self.resume()

    def resume(self) -> None:
        if not (self.last or self.full):
            self.transport.resume_reading()
            self.go_on()

    def go_on(self) -> None:
        """Answer the heads that are complete: some now, and the others when everybody else has had a turn."""
        at = turns = 0
        while not (self.last or self.full):
            if turns == TURN:
                self.transport.pause_reading()
                self.loop.call_soon(self.resume)
                break
            at = cast(re.Match[bytes], _EMPTY.match(self.waiting, at)).end()
            found = _END.search(self.waiting, max(at, self.looked))
            if found is None:
                self.looked = max(at, len(self.waiting) - 2)
                self._bound(at)
                break
            self._reply(self.waiting[at : found.start()].removesuffix(b"\r"))
            at = self.looked = found.end()
            turns += 1
        self.waiting = b"" if self.last else self.waiting[at:]
        self.looked -= at

    def _bound(self, at: int) -> None:
        """Refuse a head that has become too long before it was complete."""
        if len(self.waiting) - at > heads.BUFFER and self.waiting.find(b"\n", at, at + heads.BUFFER + 2) < 0:
            self._refuse(heads.too_long(self.waiting[at:]))
        elif len(self.waiting) - at > heads.HEAD:
            self._refuse(Refused(400))

    def _reply(self, head: bytes) -> None:
        try:
            asked = heads.read(head)
        except Refused as refused:
            self._refuse(refused)
            return
        answer = self.clients.answer(asked)
        lasts = asked.lasts and not self.leaving
        self._send(answer if asked.method != "HEAD" else answer._replace(body=b""), len(answer.body), lasts=lasts)

    def _refuse(self, refused: Refused) -> None:
        if refused.status:
            self._send(Answer(refused.status), 0, lasts=False)
        else:
            self.last = True
            self.transport.close()

    def _send(self, answer: Answer, length: int, *, lasts: bool) -> None:
        date = b"".join(b"%s: %s\r\n" % header for header in self.server.default_headers)
        ends = b"content-length: %d\r\n%s\r\n" % (length, b"" if lasts else b"connection: close\r\n")
        self.transport.write(b"".join((_STATUS[answer.status], date, answer.lines, ends, answer.body)))
        if lasts:
            self.deadline = self.loop.time() + IDLE_S
            self.clients.open.move_to_end(self)
        else:
            self.last, self.deadline = True, self.loop.time() + LINGER_S
            self.transport.resume_reading()
            self.transport.write_eof()

    def end(self) -> None:
        """Now, and whatever is unread is lost."""
        self.last = True
        self.clients.open.pop(self, None)
        self.transport.abort()

    def shutdown(self) -> None:
        """uvicorn stops: a head that has begun is answered yet."""
        self.leaving = True
        if not self.waiting:
            self.transport.close()
