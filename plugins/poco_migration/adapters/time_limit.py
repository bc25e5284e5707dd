"""A limit to what is waited for on connections, kept by this process: no server has to answer for it."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol


class Socketed(Protocol):
    """A connection of whichever driver that can tell its socket."""

    def fileno(self) -> int: ...


@contextmanager
def bounded(seconds: float, *connections: Socketed) -> Iterator[None]:
    """Break these connections if what is inside takes longer; it then fails like with any lost connection.

    A machine in between can go on answering for a server that is gone. Then no probe and no limit of the server helps, and
    even a request to cancel would wait for ever, so the sockets are shut down underneath.
    """

    def break_off() -> None:
        for connection in connections:
            # Whatever state the connection is in: one that is closed already needs no breaking.
            with suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as handle:
                handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, break_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
