"""The store's live traffic: visits that write, one after the other, until the store refuses them or nobody wants them.

Every visit that the database acknowledged is in the journal, so that whoever moves the store can be asked where it went.
A visit whose commit was not acknowledged (the connection broke) counts as neither.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from legacy_store.population import LAST_DAY

VISITS = {path.stem: path.read_text("utf-8") for path in sorted((Path(__file__).parent / "visits").glob("*.sql"))}
OFTEN = {"order": 8, "progress": 6, "profile": 3}
FIRST_KEY = 400_000_000_000_000
ROLLED_BACK = 0.03

Written = tuple[str, int, str]  # entity, source key, region


@dataclass
class Journal:
    """What was acknowledged, in its order, and how many visits the store refused because it moves."""

    acknowledged: list[Written] = field(default_factory=list)
    visits: int = 0
    refused: int = 0
    broken: int = 0


class Traffic:
    """A thread that visits the store `per_second` times; the same seed makes the same visits.

    Several at once each take a lane (number, of how many), so that none of them uses another's keys.
    """

    def __init__(self, dsn: str, *, seed: int = 2024, per_second: float = 20, lane: tuple[int, int] = (0, 1)) -> None:
        self.journal = Journal()
        self._dsn, self._pause = dsn, 1 / per_second
        self._lane, self._lanes = lane
        self._rng = random.Random(f"{seed}/traffic/{self._lane}")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._visit_until_stopped, name="traffic", daemon=True)

    def start(self) -> Traffic:
        self._thread.start()
        return self

    def stop(self) -> Journal:
        """No visit is under way when this returns. Stopping twice is harmless."""
        self._stop.set()
        self._thread.join()
        return self.journal

    def _visit_until_stopped(self) -> None:
        key = FIRST_KEY
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            key = max(key, int(_one(connection, "select greatest(max(o.id), 0) from poco.orders o")))
        key += self._lanes - key % self._lanes + self._lane
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._dsn, application_name="store") as connection:
                    while not self._stop.is_set():
                        key += self._lanes
                        self._visit(connection, key)
                        self._stop.wait(self._pause)
            except psycopg.OperationalError:
                self.journal.broken += 1
                time.sleep(0.2)

    def _visit(self, connection: psycopg.Connection[Any], key: int) -> None:
        name = self._rng.choices(list(VISITS), [OFTEN.get(visit, 1) for visit in VISITS])[0]
        number, forgets = self._rng.getrandbits(40), self._rng.random() < ROLLED_BACK
        try:
            with psycopg.RawCursor(connection) as cursor:
                cursor.execute(VISITS[name], (key, number, LAST_DAY + timedelta(seconds=key - FIRST_KEY)))
                written = cursor.fetchall()
            if forgets:
                connection.rollback()
                return
            connection.commit()
        except psycopg.errors.ReadOnlySqlTransaction:
            connection.rollback()
            self.journal.refused += 1
            return
        self.journal.visits += 1
        self.journal.acknowledged.extend(written)


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
