"""Airflow's scheduler is killed at every step of a real switch, with customers at work on both sides.

The switch is held at the step from outside, by a lock that the step needs. What LocalExecutor has begun may live on as an
orphan, beside the next try; both must be harmless.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import psycopg
import pytest

from faults import report
from faults.actors.contested_order import Both
from local_stack import rehearsal, stores
from local_stack.airflow_api import Airflow
from local_stack.stack import Stack
from local_stack.state import State
from poco_migration import settings
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import fence
from poco_migration.engine.ledger import ownership
from poco_migration.stages import cutover

pytestmark = [pytest.mark.stack, pytest.mark.faults, pytest.mark.timeout(1500)]
DAG = "poco_cutover"
NAMES = [entity.name for entity in cards.moving_at("cutover")]
TURN = ("target", "select pg_advisory_lock(hashtextextended('poco_migration follow', 0))")
CLOSING = ("source", "lock table poco.stores in share mode")
# What each step needs and cannot have while it is to stand still. prove, seal and remember (no region is left) are too short to be
# held: killed as they begin.
HELD = {
    "approach": TURN,
    "close": CLOSING,
    "drain": TURN,
    "prove": None,
    "seal": None,
    "hand over": ("target", "select number from migration.attempt for update"),
    "remember": None,
    "recount": ("target", "lock table migration.recon in access exclusive mode"),
}
# The store may be closed for so long, and the follower's watchdog looks every fifteen seconds.
NEITHER_SECONDS = settings.load().freeze.budget_s + 30


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A rehearsal played to the end of its cutover."""
    made = Stack(State(tmp_path_factory.mktemp("scheduler")))
    try:
        made.up()
        stores.fill(made.deployment, 0.004)
        for stage in ("prepare", "backfill", "reconcile", "cutover"):
            assert rehearsal.Player(made, stage).play()
            if stage == "prepare":
                made.airflow("dana").unpause(rehearsal.FOLLOWER)
        yield made
    finally:
        made.down()


@pytest.fixture
def place(stack: Stack) -> Workplace:
    passwords = stack.deployment.passwords
    source, target = (
        (lambda role: stack.source.dsn("poco", role, passwords[role])),
        (lambda role: stack.target.dsn("mi", role, passwords[role])),
    )
    return Workplace(settings.load(), source("poco_migrator"), source("poco_owner"), source("poco_auditor"), target("mi_migrator"),
                     target("mi_auditor"), ObjectStore(None, "", ""), b"")  # fmt: skip


@contextmanager
def standing(stack: Stack, lock: tuple[str, str]) -> Iterator[None]:
    side, statement = lock
    with psycopg.connect(stack.source.dsn("poco") if side == "source" else stack.target.dsn("mi")) as holder:
        holder.execute(statement.encode())
        yield


def as_before(place: Workplace) -> None:
    """POCO owns everything again: nothing has changed at mi.com that would have to come back."""
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute("delete from migration.system_of_record")
        target.execute("delete from migration.switch_step")
    fence.reopen(place, NAMES, place.settings.moving())


def begun(place: Workplace, step: str, seconds: float = 120) -> None:
    """Wait until the step is under way."""
    give_up = time.monotonic() + seconds
    with psycopg.connect(place.target, autocommit=True) as target:
        while not target.execute("select 1 from migration.switch_step where step = %s", (step,)).fetchone():
            assert time.monotonic() < give_up, f"{step} did not begin"
            time.sleep(0.01)


def kill_scheduler(stack: Stack) -> None:
    for process in psutil.process_iter(["cmdline", "environ"]):
        words = " ".join(process.info["cmdline"] or [])
        if "airflow scheduler" in words and (process.info["environ"] or {}).get("AIRFLOW_HOME", "").startswith(str(stack.state.folder)):
            os.kill(process.pid, signal.SIGKILL)


def finished(dana: Airflow, run: str, seconds: float = 300) -> str:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        task = next(task for task in dana.tasks(DAG, run) if task["task_id"] == "switch")
        if task["state"] in ("success", "failed"):
            return f"{task['state']} at try {task['try_number']}"
        time.sleep(1)
    raise AssertionError("the switch did not come to an end")


@pytest.mark.parametrize("step", [step.name for step in cutover.PLAN])
def test_the_scheduler_is_killed(stack: Stack, place: Workplace, step: str) -> None:
    dana, passwords = stack.airflow("dana"), stack.deployment.passwords
    run = str(dana.runs(DAG)[0]["dag_run_id"])
    as_before(place)
    customers = {
        "source": stack.source.dsn("poco", "poco_app", passwords["poco_app"]),
        "target": stack.target.dsn("mi", "mi_app", passwords["mi_app"]),
    }
    both = Both(place, customers)
    lock = HELD[step]
    try:
        with standing(stack, lock if step in ("approach", "close") and lock else CLOSING) as _:
            dana.clear(DAG, run, ["switch"])
            begun(place, step if step == "approach" else "close")
            if step in ("approach", "close"):
                kill_scheduler(stack)
        if step not in ("approach", "close"):
            if lock:
                with standing(stack, lock):
                    begun(place, step)
                    kill_scheduler(stack)
            else:
                begun(place, step)
                kill_scheduler(stack)
        stack.up()
        outcome = finished(dana, run)
        if "failed" in outcome:
            dana.clear(DAG, run, ["switch"])
            outcome += f", cleared: {finished(dana, run)}"
    finally:
        both.stop()
    whole = ownership.read_ownership(place, NAMES).handed_over(NAMES) == set(place.settings.moving())
    ok = whole and "success" in outcome and not both.both and both.longest_neither < NEITHER_SECONDS
    said = f"{outcome}; mi.com owns all; neither side for {both.longest_neither:.1f} s at most, both {both.both} of {both.tried} looks"
    report.cell("switch", f"the scheduler is killed at: {step}", said, ok)
    assert ok, said
