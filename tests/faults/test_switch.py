"""The switch, with customers writing on both sides all the time, and with everything killed at every step of it.

Whatever happens: no row is ever writable on both sides; none is writable on neither for longer than the store may be
closed (and the watchdog looks); what the store acknowledged is at mi.com; and a rerun finishes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from support.crashable_servers import Stoppable, running
from support.fresh_migration import differences
from support.hanging_commit import a_commit_hangs
from support.workplaces import Servers, clone, compare_all, copy_all, install

from faults import database_pairs, report
from faults.actors import prepared_sessions
from faults.actors.contested_order import Both
from faults.database_pairs import as_customer
from faults.workers.switcher import orders, switch, with_freeze
from legacy_store.traffic import Journal, Traffic
from local_stack import journal
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import fence
from poco_migration.engine.follow import follower, replication_slot
from poco_migration.engine.ledger import ownership
from poco_migration.errors import FenceFailed, MigrationError, SlotLost, SourceReplaced, StageRefused
from poco_migration.model import Run
from poco_migration.settings import PROJECT
from poco_migration.stages import cutover, reconcile, rollback
from poco_migration.stages.switch_attempt import Switch

STEPS = [step.name for step in cutover.PLAN]
NAMES = [entity.name for entity in cards.moving_at("cutover")]
WRITERS = 8
PREPARED = 6
BUDGET = 20  # of a machine that is slow and busy
# The watchdog of the test looks every second; a crashed server takes a moment to come back.
LATE = 4.0


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stoppable]:
    with running(tmp_path_factory.mktemp("switch")) as made:
        yield made


@pytest.fixture(scope="module")
def moved(own: Stoppable) -> Workplace:
    """Everything copied and compared: a pair to clone."""
    place = clone(own.servers)
    install(place)
    replication_slot.create_publication(place)
    copy_all(place)
    compare_all(place)
    rollback.rehearse(place, Run("faults/rehearsal"))
    return place


@contextmanager
def selling(place: Workplace, servers: Servers, seed: int, writers: int, per_second: float = 40) -> Iterator[list[Traffic]]:
    dsn = as_customer(place.source, "source")
    made = [Traffic(dsn, seed=seed, per_second=per_second, lane=(n, writers)).start() for n in range(writers)]
    try:
        yield made
    finally:
        for traffic in made:
            traffic.stop()


def lost(place: Workplace, servers: Servers, written: list[Journal]) -> list[Any]:
    """Acknowledged writes that are not where they belong, and every other row that differs."""
    source, target = database_pairs.names(place)
    both = servers.source.dsn(source), servers.target.dsn(target)
    wrong: list[Any] = [found for journal_ in written for found in journal.missing(*both, place.settings.moving(), journal_)]
    moved = {entity.name for entity in cards.moving_at("cutover")} | {"accounts", "listings"}
    return wrong + [found for found in differences(place, servers) if found[0] in moved]


@contextmanager
def watched(place: Workplace) -> Iterator[list[str]]:
    """The follower's watchdog, every second."""
    stop, opened = threading.Event(), list[str]()

    def look() -> None:
        while not stop.wait(1):
            with suppress(MigrationError):  # a server is down; the next look comes
                opened.extend(cutover.watch(place))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield opened
    finally:
        stop.set()
        thread.join(20)


SEEDS = [pytest.param(seed, marks=() if seed <= 1 else pytest.mark.faults) for seed in range(1, 21)]


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_that_eight_writers_were_told_was_written_is_lost(moved: Workplace, own: Stoppable, seed: int) -> None:
    with database_pairs.following_pair(moved, own.servers, f"journal_{seed}") as place:
        both = Both(place, {side: as_customer(getattr(place, side), side) for side in ("source", "target")})
        with selling(place, own.servers, seed, WRITERS) as traffic:
            time.sleep(1 + seed % 3)
            done = switch(place)
            time.sleep(0.5)
        both.stop()
        written = [made.journal for made in traffic]
        wrong = lost(place, own.servers, written)
        rows, refused = sum(len(j.acknowledged) for j in written), sum(j.refused for j in written)
        ok = not wrong and not both.both and rows > 50 and refused > 0
        outcome = f"{rows} rows acknowledged, {len(wrong)} lost, {refused} visits refused, closed {done['closed_seconds']} s, {both.both} of {both.tried} looks found both sides open"
        report.cell("cutover", f"{WRITERS} writers, seed {seed:2}", outcome, ok)
        assert ok, (outcome, wrong[:5])


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_that_sessions_with_prepared_statements_were_told_in_any_order_of_commits(
    moved: Workplace, own: Stoppable, seed: int
) -> None:
    with database_pairs.following_pair(moved, own.servers, f"prepared_{seed}") as place:
        with prepared_sessions.writing(place, as_customer(place.source, "source"), seed, PREPARED) as sessions:
            with prepared_sessions.hiccups(own.servers.source, seed):
                time.sleep(1)
                tries = _switch_until_it_ends(place)
            time.sleep(0.3)
            before = sum(one.written for one in sessions)
        wrong = prepared_sessions.lost(place, sessions)
        written, refused = sum(one.written for one in sessions), sum(one.refused for one in sessions)
        ok = not wrong and before > 20 and refused > 0
        outcome = f"{written} writes acknowledged, {len(wrong)} lost, {refused} transactions refused, {tries} tries"
        report.cell("cutover", f"prepared statements and mixed commits, seed {seed:2}", outcome, ok)
        assert ok, (outcome, wrong[:5])


def _switch_until_it_ends(place: Workplace) -> int:
    """As Airflow and on-call would: a switch that has refused and opened the store is tried again. Returns how often."""
    for number in range(1, 11):
        try:
            switch(place)
            return number
        except MigrationError:
            assert fence.FOR_GOOD not in str(fence.state(place)), "refused, and not open"
    raise AssertionError("ten tries, and the store could not be switched")


@pytest.mark.faults
def test_a_transaction_that_is_open_at_the_seal(moved: Workplace, own: Stoppable, monkeypatch: pytest.MonkeyPatch) -> None:
    """It writes to India, as it may, with a statement that it has prepared; after the old deadline it writes to Germany."""
    monkeypatch.setattr(fence, "SEAL_SECONDS", 1.0)
    with database_pairs.following_pair(moved, own.servers, "open_at_the_seal") as fresh:
        place = with_freeze(fresh, budget_s=BUDGET)
        india, germany = (_order(place, region) for region in ("IN", "DE"))
        with psycopg.connect(as_customer(place.source, "source"), prepare_threshold=0) as session:
            for key in (india, india):
                session.execute(prepared_sessions.NOTE, ("warm", key))
            session.commit()

            def open_transaction(switch_: Switch) -> None:
                session.execute(prepared_sessions.NOTE, ("goes on", india))
                seal.do(switch_)

            seal = next(step for step in cutover.PLAN if step.name == cutover.SEAL)
            with monkeypatch.context() as patched:
                patched.setattr(cutover, "PLAN", tuple(replace(s, do=open_transaction) if s is seal else s for s in cutover.PLAN))
                try:
                    switch(place)
                    outcome = "handed over"
                except FenceFailed:
                    outcome = "refused, and open" if not fence.state(place) else "refused, and CLOSED"
            time.sleep(BUDGET if outcome == "handed over" else 0)
            _told_acknowledged("open transaction at the seal", place, session, germany, outcome, None)


@pytest.mark.faults
def test_a_commit_that_hangs_at_the_drain(moved: Workplace, own: Stoppable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind it in the log an order of Germany that was acknowledged right before the store closed."""
    with database_pairs.following_pair(moved, own.servers, "hangs_at_the_drain") as place, ExitStack() as hanging:
        germany = _order(place, "DE")
        store = hanging.enter_context(psycopg.connect(as_customer(place.source, "source"), autocommit=True))
        close = next(step for step in cutover.PLAN if step.name == "close")

        def hang(switch_: Switch) -> None:
            hanging.enter_context(a_commit_hangs(own.servers.source, place))
            store.execute(prepared_sessions.NOTE, ("acknowledged", germany))
            close.do(switch_)

        with monkeypatch.context() as patched:
            patched.setattr(cutover, "PLAN", tuple(replace(s, do=hang) if s is close else s for s in cutover.PLAN))
            try:
                switch(place)
                outcome = "handed over"
            except StageRefused:
                outcome = "refused, and open" if not fence.state(place) else "refused, and CLOSED"
        hanging.pop_all().close()
        with psycopg.connect(as_customer(place.source, "source")) as session:
            _told_acknowledged("commit that hangs at the drain", place, session, germany, outcome, "acknowledged")


def _order(place: Workplace, region: str) -> int:
    with psycopg.connect(place.source_owner) as source:
        found = source.execute(
            "select min(id) from poco.orders where region = %s and customer_id is not null and id < 900000000", (region,)
        ).fetchone()
    assert found
    return int(found[0])


def _told_acknowledged(fault: str, place: Workplace, session: psycopg.Connection, key: int, outcome: str, told: str | None) -> None:
    """A last write is refused, or is at mi.com once a rerun has finished; and so is what was `told` before, if it is the last."""
    with suppress(psycopg.errors.ReadOnlySqlTransaction):
        session.execute(prepared_sessions.NOTE, ("last", key))
        session.commit()
        told = "last"
    session.rollback()
    if outcome != "handed over":
        _switch_until_it_ends(place)
    with psycopg.connect(place.target) as target:
        found = target.execute("select note from mi.orders where order_id = mi.poco_key(%s)", (key,)).fetchone()
    assert found
    lost = found[0] != told if told else found[0] == "last"
    report.cell("cutover", fault, f"{outcome}; {int(lost)} acknowledged writes lost", "CLOSED" not in outcome and not lost)
    assert not lost and "CLOSED" not in outcome, (outcome, told, found)


TASKS = [pytest.param(step, marks=() if step in ("drain", "hand over") else pytest.mark.faults) for step in (*STEPS, "the end")]


@pytest.mark.parametrize("step", TASKS)
def test_the_task_is_killed(moved: Workplace, own: Stoppable, step: str) -> None:
    with database_pairs.following_pair(moved, own.servers, "killed_task") as fresh:
        place = with_freeze(fresh, budget_s=BUDGET)
        both = Both(place, {side: as_customer(getattr(place, side), side) for side in ("source", "target")})
        with selling(place, own.servers, 1, 2) as traffic, watched(place) as opened:
            dead = subprocess.run([sys.executable, "-m", "faults.workers.switcher"], input=orders(place, step), text=True, capture_output=True,
                                  check=False, timeout=60, cwd=PROJECT, env=_environment())  # fmt: skip
            assert dead.returncode == -9, dead.stderr[-2000:]
            state = _comes_to_rest(place, both)
            _rerun(place)
        both.stop()
        _told(
            "the task", step, place, own.servers, both, [made.journal for made in traffic], state + (" by the follower" if opened else "")
        )


@pytest.mark.faults
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("side", ["source", "target"])
def test_a_server_is_killed(moved: Workplace, own: Stoppable, side: str, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash() -> None:
        own.stop(side)
        own.start(side)

    steps = [
        replace(known, do=lambda switch, do=known.do: (crash(), do(switch))[1]) if known.name == step else known for known in cutover.PLAN
    ]
    with database_pairs.following_pair(moved, own.servers, "killed_server") as fresh:
        place = with_freeze(fresh, budget_s=BUDGET)
        both = Both(place, {side: as_customer(getattr(place, side), side) for side in ("source", "target")})
        with selling(place, own.servers, 1, 2) as traffic, watched(place):
            with monkeypatch.context() as patched:
                patched.setattr(cutover, "PLAN", tuple(steps))
                try:
                    switch(place)
                except MigrationError as error:
                    assert "rerun the task" in str(error) or "clear this task" in str(error), error
            state = _comes_to_rest(place, both)
            _rerun(place)
        both.stop()
        _told(f"the {side} server", step, place, own.servers, both, [made.journal for made in traffic], state)


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": f"{PROJECT / 'plugins'}:{PROJECT}:{PROJECT / 'tests'}"}


def _comes_to_rest(place: Workplace, both: Both) -> str:
    """Wait, without a rerun, until the store is open or mi.com owns it; that has to come by itself."""
    give_up = time.monotonic() + BUDGET + LATE
    while time.monotonic() < give_up:
        if ownership.read_ownership(place, NAMES).handed_over(NAMES) == set(place.settings.moving()):
            return "finished"
        closed = {region for table in fence.state(place).values() for region, until in table.items() if until == fence.FOR_GOOD}
        if not closed and both.writes("source"):
            return "open again"
        time.sleep(0.1)
    raise AssertionError(f"closed for {BUDGET + LATE} s, and nobody owns it: {fence.state(place)}")


def _rerun(place: Workplace) -> None:
    for _ in range(3):  # as Airflow would: a server may still be coming up
        try:
            switch(place)
            return
        except MigrationError:
            time.sleep(2)
    switch(place)


def _told(fault: str, step: str, place: Workplace, servers: Servers, both: Both, written: list[Journal], state: str) -> None:
    wrong = lost(place, servers, written)
    whole = ownership.read_ownership(place, NAMES).handed_over(NAMES) == set(place.settings.moving())
    ok = whole and not wrong and not both.both and both.longest_neither < BUDGET + LATE
    outcome = f"{state}; rerun finished; neither side for {both.longest_neither:.1f} s at most, both {both.both} of {both.tried} looks, {len(wrong)} rows lost"
    report.cell("switch", f"{fault} is killed before: {step}", outcome, ok)
    assert ok, (outcome, wrong[:5])


@pytest.mark.faults
def test_pocos_server_is_replaced_by_a_standby_that_lacks_the_last_transactions(moved: Workplace, own: Stoppable) -> None:
    """What it lacks is at mi.com already, and the new log soon goes on behind where the old one was read."""
    with database_pairs.following_pair(moved, own.servers, "failover") as place:
        key, data = _order(place, "DE"), own.servers.source.data
        standby = data.with_name("standby")
        own.stop("source")
        subprocess.run(["cp", "-a", str(data), str(standby)], check=True)
        own.start("source")
        with psycopg.connect(as_customer(place.source, "source"), autocommit=True) as store:
            store.execute(prepared_sessions.NOTE, ("POCO will not have it", key))
        follower.follow(place, Run("faults/failover"), lambda _, left: not left.keys)
        own.stop("source")
        shutil.rmtree(data)
        standby.rename(data)
        subprocess.run(["cp", "-a", str(data / "PG_VERSION"), str(data / "standby.signal")], check=True)  # its owner is the server's
        own.start("source")
        with psycopg.connect(own.servers.source.dsn(), autocommit=True) as superuser:
            superuser.execute("select pg_promote()")
        with psycopg.connect(as_customer(place.source, "source"), autocommit=True) as store:
            for number in range(50):
                store.execute(prepared_sessions.NOTE, (f"life goes on {number}", _order(place, "FR")))
        with pytest.raises(SourceReplaced):
            follower.follow(place, Run("faults/failover"), lambda _, left: not left.keys)
        with pytest.raises(SlotLost, match="all rows must be compared"):
            switch(place)
        night = Run("poco_reconcile/failover")
        assert reconcile.renew_slot(place, night) == {"renewed": True}
        for part in reconcile.parts_to_compare(place, night, "cutover", "history", "reissue"):
            reconcile.compare_part(place, night, part)
        reconcile.repair(place, night)
        assert not any(reconcile.verify(place, night).values())
        switch(place)
        with psycopg.connect(place.target) as target:
            found = target.execute("select count(*) from mi.orders where note = 'POCO will not have it'").fetchone()
        report.cell(
            "cutover", "failover to a standby that lacks writes", f"noticed; compared; {found} phantoms after the switch", found == (0,)
        )
        assert found == (0,)
