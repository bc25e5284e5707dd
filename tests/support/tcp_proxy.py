"""A TCP proxy between the migration and a server, which can cut connections, make them half-open, or be slow."""

from __future__ import annotations

import ctypes
import select
import socket
import struct
import threading
import time
from contextlib import suppress
from typing import Self

SO_ATTACH_FILTER = 26
DROP_ALL = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF: return 0 bytes of every packet


class Proxy:
    """Forwards to a port of this machine; counts the bytes of both directions; acts once when a number of them has passed."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.passed = 0
        self.acts_at: int | None = None
        self.action = "cut"
        self.delay = 0.0
        self.silent = self.closed = False
        self.pairs: list[tuple[socket.socket, socket.socket]] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()

    def at(self, more: int, action: str) -> None:
        """Cut, or go half-open or silent, when so many more bytes have passed."""
        self.action, self.acts_at = action, self.passed + more

    def cut(self) -> None:
        """Every connection ends at once, as when a machine in between is switched off and on: both peers get a reset."""
        for pair in self.pairs:
            for end in pair:
                with suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                with suppress(OSError):
                    end.close()
        self.pairs.clear()

    def half_open(self) -> None:
        """The client's packets fall into a hole: nothing arrives, and nothing is acknowledged either."""
        program = struct.pack("HL", 1, ctypes.addressof(DROP_ALL))
        for client, _ in self.pairs:
            with suppress(OSError):
                client.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
        self.silent = True

    def _accept(self) -> None:
        while not self.closed:
            with suppress(OSError):
                client, _ = self.listener.accept()
                pair = (client, socket.create_connection(("127.0.0.1", self.target)))
                self.pairs.append(pair)
                threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while True:
                for end in select.select([client, server], [], [], 1)[0]:
                    data = end.recv(8192)
                    if not data:
                        raise ConnectionResetError
                    self._count(len(data))
                    while self.silent and not self.closed:
                        time.sleep(0.05)
                    time.sleep(self.delay)
                    (server if end is client else client).sendall(data)
        for end in (client, server):  # one of them is gone, so the other one hears of it
            with suppress(OSError):
                end.close()

    def _count(self, size: int) -> None:
        self.passed += size
        if self.acts_at is not None and self.passed >= self.acts_at:
            self.acts_at = None
            if self.action == "cut":
                self.cut()
            elif self.action == "half_open":
                self.half_open()
            else:
                self.silent = True
