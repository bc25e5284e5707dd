"""Runs the store, its writers and the workers together; kills, restarts, stops, and compares.

An epoch ends when the writers have stopped, every worker is dead and one clean follower has caught up: then the target is
compared with two oracles. Everything random comes from the seed; what the operating system does with it does not.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psycopg
from support.fresh_migration import differences
from support.workplaces import RUN, Servers

from faults import boundaries, independent, mutations
from faults.actors import writers
from faults.database_pairs import released
from faults.workers.worker import Orders
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier
from poco_migration.engine.follow import follower
from poco_migration.engine.ledger import parts
from poco_migration.errors import TransientError
from poco_migration.settings import PROJECT

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(str(PROJECT / folder) for folder in ("plugins", ".", "tests"))}


@dataclass
class Arena:
    """A pair of databases under attack. `off` is a rule that does not hold in any worker."""

    place: Workplace
    servers: Servers
    seed: int
    log: Path
    off: str = ""
    standby: bool = True
    random: random.Random = field(init=False)
    writers: list[writers.Writer] = field(init=False)
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    _numbers: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.writers = [writers.Writer(self.place.source_owner, self.seed * 1000 + n) for n in range(3)]
        writers.prepare(self.place.source_owner)

    def start(self, stage: str, dies_at: str = "", nth: int = 1) -> subprocess.Popen[bytes]:
        """A worker process of a seed of its own."""
        self._numbers += 1
        place = self.place
        dsn = {
            name: getattr(place, name)
            for name in ("source", "source_owner", "source_auditor", "target", "target_auditor", "source_follower")
        }
        orders = Orders(stage, self.seed * 100_000 + self._numbers, place.settings.follow.slot, dsn, dies_at, nth, self.off)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "faults.workers.worker"], stdin=subprocess.PIPE, stdout=log, stderr=log, env=ENVIRONMENT
            )
        assert process.stdin
        process.stdin.write(json.dumps(asdict(orders)).encode())
        process.stdin.close()
        return process

    def kill(self, name: str) -> None:
        """SIGKILL, whatever it is doing. A worker that has ended by itself has found a fault."""
        process = self.workers.pop(name)
        ended = process.poll()
        process.kill()
        process.wait(30)
        if ended not in (None, -9):
            raise WorkerStopped(f"{name} stopped by itself: {self.last_words()}")
        self.done["killed"] += 1

    def last_words(self) -> str:
        lines = self.log.read_text("utf-8", errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1] if lines else "(nothing)"

    @contextmanager
    def under_attack(self) -> Iterator[None]:
        """The writers write, and commits wait now and then for a standby that is not there."""
        stop = threading.Event()
        threads = [threading.Thread(target=writer.write, args=(stop,), daemon=True) for writer in self.writers]
        if self.standby:
            threads.append(threading.Thread(target=self._standby, args=(stop, random.Random(self.random.random())), daemon=True))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(60)
            assert not any(thread.is_alive() for thread in threads), "a writer hangs"
            for writer in self.writers:
                if writer.stopped_by:
                    raise writer.stopped_by

    def _standby(self, stop: threading.Event, chance: random.Random) -> None:
        """A commit that waits for a standby stands in the log, and nobody sees it yet."""
        with psycopg.connect(self.servers.source.dsn(), autocommit=True) as server:
            try:
                while not stop.wait(chance.random() * 0.5):
                    server.execute("alter system set synchronous_standby_names = 'nobody'")
                    server.execute("select pg_reload_conf()")
                    stop.wait(0.05 + chance.random() * 0.3)
                    server.execute("alter system reset synchronous_standby_names")
                    server.execute("select pg_reload_conf()")
            finally:
                server.execute("alter system reset synchronous_standby_names")
                server.execute("select pg_reload_conf()")

    def epoch(self, stages: dict[str, str], seconds: float, kills: int, million: bool = False) -> None:
        """Let these workers (name: stage) run for a while and kill `kills` of them at random instants, and all at the end.

        With `million`, a transaction of a million rows goes on beside the others, however long it takes."""
        instants = sorted(self.random.random() * seconds for _ in range(kills))
        began = time.monotonic()
        with self.under_attack():
            for name, stage in stages.items():
                self.workers[name] = self.start(stage)
            large = threading.Thread(target=self.million if million else lambda: None, daemon=True)
            large.start()
            for instant in instants:
                time.sleep(max(0.0, began + instant - time.monotonic()))
                name = self.random.choice(sorted(self.workers))
                self.kill(name)
                self.workers[name] = self.start(stages[name])
            time.sleep(max(0.0, began + seconds - time.monotonic()))
            large.join(120)
        for name in sorted(self.workers):
            self.kill(name)

    def die_at(self, faults: list[tuple[str, str]], seconds: float = 150) -> list[tuple[str, str]]:
        """Start a worker for each (stage, boundary) that kills itself there, all under attack; returns who did not come there."""
        with self.under_attack():
            alive = [(fault, self.start(*fault, self.random.randint(1, 3) if fault[1].startswith("copy") else 1)) for fault in faults]
            give_up = time.monotonic() + seconds
            for _, process in alive:
                while process.poll() is None and time.monotonic() < give_up:
                    time.sleep(0.02)
        missed = []
        for fault, process in alive:
            if process.poll() is None:
                process.kill()
                process.wait(10)
                missed.append(fault)
            elif process.returncode != -9:
                raise WorkerStopped(f"{fault}: {self.last_words()}")
        self.done["died at a boundary"] += len(faults) - len(missed)
        return missed

    def million(self) -> None:
        """One transaction of a million rows, of which a few thousand are left at its end."""
        with psycopg.connect(self.place.source_owner) as source:
            source.execute(
                "insert into poco.points_ledger (id, region, customer_id, kind, state, points, created_at)"
                " select 50000000 + n, 'DE', n % 500, 'earned', 'posted', n, '2024-05-01' from generate_series(1, 1000000) n"
            )
            source.execute("delete from poco.points_ledger where id > 50000000 and id < 60000000 and id % 400 <> 0")
        self.done["a million rows at once"] += 1

    def catch_up(self, seconds: float) -> None:
        """Nobody writes and nobody else copies: bring the rest, with what a worker would have of the rules."""
        released(self.place, self.servers)
        give_up = time.monotonic() + seconds
        with mutations.off(self.off or None, self.place, here_only=True):
            self._copy_what_nobody_copied()
            done = False
            while not done:
                try:
                    done = follower.catch_up(self.place, RUN, 10)
                except TransientError:
                    time.sleep(0.1)
                if not done and time.monotonic() > give_up:
                    raise NeverDone(f"some keys are still dirty after {seconds:.0f} s of quiet")

    def _copy_what_nobody_copied(self) -> None:
        """The backfill's own duty: each part of the plan once."""
        with connection_pair.connect(self.place, RUN) as opened:
            for entity in cards.moving_at("cutover", "history", "reissue"):
                planned = parts.plan(opened.source, opened.target, entity, PART_ROWS)
                never = "select lo, hi from migration.part where entity = %s and copied_at is null"
                rows = opened.target.execute(never, (entity.name,)).fetchall()
                for part in planned:
                    if (part.lo, part.hi) in rows:
                        copier.copy(opened, entity, part, RUN)

    def compare(self) -> list[str]:
        """What differs, by both oracles; nothing when all is well."""
        released(self.place, self.servers)
        found = [f"{table} {key} {kind}" for table, key, kind in differences(self.place, self.servers)]
        return found + [f"{what} (independent)" for what in independent.differences(self.place)]

    def judged(self, patience: float = 240) -> list[str]:
        """Catch up and compare; what differs is printed with what the ledger says of it."""
        began = time.monotonic()
        self.catch_up(patience)
        caught_up = time.monotonic()
        found = self.compare()
        print(
            f"seed {self.seed}: caught up in {caught_up - began:.1f} s, compared in {time.monotonic() - caught_up:.1f} s: {len(found)} differences"
        )
        if found:
            print("\n".join(self._post_mortem(found)))
        return found

    def _post_mortem(self, found: list[str]) -> list[str]:
        """A few differences of each kind, with their line in quarantine."""
        shown, lines = Counter[str](), list[str]()
        with psycopg.connect(self.place.target) as target:
            for line in found:
                *kind, key, what = (word for word in line.split() if word != "(independent)")
                shown[f"{kind} {what}"] += 1
                if shown[f"{kind} {what}"] <= 4:
                    query = (
                        "select entity, source_key, region, reason, detail, resolved_at from migration.quarantine"
                        " where source_key in (select k - n from unnest(%s::bigint[]) k, (values (0), (7000000000000000)) v (n))"
                    )
                    keys = [int(key)] if key.lstrip("-").isdigit() else []
                    lines.append(f"{line}: {[row for row in target.execute(query, (keys,)).fetchall() if row[0] in kind]}")
        return [f"{count} {name}" for name, count in shown.items()] + lines

    def summary(self) -> str:
        """What was done, for whoever reads the test's output."""
        wrote = sum((writer.done for writer in self.writers), Counter[str]())
        said = self.log.read_text("utf-8", errors="replace") if self.log.exists() else ""
        wrote["parts searched for a refused row"] = said.count("looking for the rows")
        return (
            f"seed {self.seed}: {wrote['committed']} transactions, {wrote['rolled back']} rolled back, {self.done['killed']} workers killed,"
            f" {self.done['died at a boundary']} died at a boundary; "
            + ", ".join(f"{count} {name}" for name, count in wrote.most_common() if name[0].islower())
        )


PART_ROWS = 200
STAGES_AND_BOUNDARIES = [(stage, boundary) for stage, passed in boundaries.OF_STAGE.items() for boundary in passed]


class WorkerStopped(Exception):
    """A worker ended by itself, with an error that no rerun helps."""


class NeverDone(Exception):
    """Following does not come to an end though nobody writes."""
