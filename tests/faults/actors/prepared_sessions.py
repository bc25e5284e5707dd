"""Sessions of the store's program as a driver with prepared statements makes them: one transaction over all regions, India first.

Such a session has every lock and every plan that it needs after its first statement, so nothing makes it hear of anything. And
each transaction waits for the disk, for a standby or for nothing, so that commits are seen in another order than they are logged.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from support.hanging_commit import no_standby

from local_stack.clusters import Cluster
from poco_migration.adapters.workplace import Workplace

NOTE = "update poco.orders set note = %s where id = %s"
COMMITS = ("off", "local", "on")


class Prepared:
    """One session that writes a note to orders of its own, over and over, until the store refuses it or nobody wants it."""

    def __init__(self, place: Workplace, dsn: str, seed: int, lane: int, lanes: int) -> None:
        self.acknowledged: dict[int, str] = {}
        self.written = self.refused = 0
        self._dsn, self._rng, self._name = dsn, random.Random(f"{seed}/prepared/{lane}"), f"{seed}/{lane}"
        self._orders = _orders(place, lane, lanes)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write_until_stopped, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def _write_until_stopped(self) -> None:
        with psycopg.connect(self._dsn, prepare_threshold=0) as session:
            number = 0
            while not self._stop.is_set():
                number += 1
                self._write(session, f"{self._name}/{number}")

    def _write(self, session: psycopg.Connection, note: str) -> None:
        regions = [region for region in self._orders if region != "IN"]
        keys = [self._rng.choice(self._orders[region]) for region in ("IN", *self._rng.sample(regions, 3))]
        try:
            session.execute(f"set local synchronous_commit = {self._rng.choice(COMMITS)}")  # a word of ours
            for key in keys:
                session.execute(NOTE, (note, key))
                time.sleep(self._rng.choice((0, 0.002, 0.05)))
            session.commit()
        except psycopg.errors.ReadOnlySqlTransaction:
            session.rollback()
            self.refused += 1
            time.sleep(0.01)
            return
        self.acknowledged |= dict.fromkeys(keys, note)
        self.written += len(keys)


def _orders(place: Workplace, lane: int, lanes: int) -> dict[str, list[int]]:
    """Orders of each region that nobody else writes to, and that are at mi.com but for India's."""
    with psycopg.connect(place.source_owner) as source, psycopg.connect(place.target) as target:
        there = {row[0] for row in target.execute("select order_id - mi.poco_key(0) from mi.orders where origin = 'poco'")}
        found: dict[str, list[int]] = {}
        for key, region in source.execute(
            "select id, region from poco.orders where id %% %s = %s and id < 900000000 order by id", (lanes, lane)
        ):
            if (key in there or region == "IN") and region in ("IN", *place.settings.moving()):
                found.setdefault(region, []).append(key)
    return found


@contextmanager
def writing(place: Workplace, dsn: str, seed: int, sessions: int) -> Iterator[list[Prepared]]:
    made = [Prepared(place, dsn, seed, lane, sessions) for lane in range(sessions)]
    try:
        yield made
    finally:
        for one in made:
            one.stop()


def lost(place: Workplace, sessions: list[Prepared]) -> list[int]:
    """Orders that moved and of which mi.com does not have what was acknowledged last."""
    with psycopg.connect(place.source_owner) as source, psycopg.connect(place.target) as target:
        notes = dict(target.execute("select order_id - mi.poco_key(0), note from mi.orders where origin = 'poco'").fetchall())
        india = {row[0] for row in source.execute("select id from poco.orders where region = 'IN'")}
    return [key for session in sessions for key, note in session.acknowledged.items() if key not in india and notes.get(key) != note]


@contextmanager
def hiccups(server: Cluster, seed: int) -> Iterator[None]:
    """Now and then the standby is away for a moment: then who asks for it waits, and who does not goes on."""
    stop, rng = threading.Event(), random.Random(f"{seed}/hiccups")

    def hiccup() -> None:
        while not stop.wait(rng.uniform(0.1, 0.5)):
            with no_standby(server):
                stop.wait(rng.uniform(0.05, 0.4))

    thread = threading.Thread(target=hiccup, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
