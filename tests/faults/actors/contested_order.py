"""A customer of each store who tries to change the same order over and over, while it moves."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg

from poco_migration.adapters.workplace import Workplace


@dataclass
class Both:
    """A customer of each side who tries to change the same order over and over."""

    place: Workplace
    customers: dict[str, str]  # by side, how its customers connect
    both: int = 0
    tried: int = 0
    longest_neither: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        with psycopg.connect(self.place.source_owner) as source:
            found = source.execute(
                "select min(id) from poco.orders where region = 'DE' and customer_id is not null and id < 900000000"
            ).fetchone()
        assert found
        self.key = found[0]
        self.connections: dict[str, psycopg.Connection[Any]] = {}
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self._stop.set()
        self.thread.join(20)
        for connection in self.connections.values():
            connection.close()

    def writes(self, side: str) -> bool | None:
        """Whether the side takes a write now; None when its server does not answer."""
        statement = {
            "source": "update poco.orders set note = note where id = %s", "target": "update mi.orders set note = note where order_id = mi.poco_key(%s)",
        }[side]  # fmt: skip
        try:
            if side not in self.connections or self.connections[side].broken:
                self.connections[side] = psycopg.connect(
                    self.customers[side], autocommit=True, options="-c statement_timeout=3s", connect_timeout=2
                )
            return self.connections[side].execute(statement, (self.key,)).rowcount == 1
        except psycopg.errors.ReadOnlySqlTransaction:
            return False
        except psycopg.Error:
            self.connections.pop(side, None)
            return None

    def _watch(self) -> None:
        since = None
        while not self._stop.is_set():
            # Taken at POCO, then at mi.com, then at POCO again: in between both took it.
            seen = [self.writes("source"), self.writes("target"), self.writes("source")]
            self.tried += 1
            self.both += seen == [True, True, True]
            if any(seen):
                since = None
            elif None not in seen:  # a server that is down refuses everybody; that is not the switch's doing
                since = since or time.monotonic()
                self.longest_neither = max(self.longest_neither, time.monotonic() - since)
            time.sleep(0.01)
