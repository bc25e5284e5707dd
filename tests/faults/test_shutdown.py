"""The shutdown, killed in and behind every step of it: a rerun comes to the same end, also where its own way in is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from support import shutdown_day
from support.crashable_servers import Stoppable, running
from support.shutdown_day import LAST_DAY, RUN, on
from support.workplaces import clone

from faults import database_pairs, report
from faults.workers.shutter import orders
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.ledger import step_log
from poco_migration.engine.shutdown import decommission
from poco_migration.settings import PROJECT
from poco_migration.stages import final_shutdown

STEPS = [step.name for step in final_shutdown.PLAN]
KILLS = [pytest.param(dies, step, id=f"{dies} {step}") for step in STEPS for dies in ("in", "behind")]
KILLS.append(pytest.param("half of", "forget", id="half of forget"))
pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stoppable]:
    """Servers of our own: logins belong to a server, and not to one of its databases."""
    with running(tmp_path_factory.mktemp("shutdown")) as made:
        yield made


@pytest.fixture(scope="module")
def handed_over(own: Stoppable, objects: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    buckets = {"evidence": "killed-shutdown", "redirects": "killed-shutdown-redirects"}
    for bucket in buckets.values():
        objects.ensure_bucket(bucket)
    place = clone(own.servers)
    kept = place.settings.objects.model_copy(update=buckets)
    place = replace(place, objects=objects, settings=place.settings.model_copy(update={"objects": kept}))
    shutdown_day.hand_over(place, tmp_path_factory.mktemp("redirects") / "cache")
    return shutdown_day.measured(place)


@pytest.mark.parametrize(("dies", "step"), KILLS)
def test_the_shutdown_is_killed(handed_over: Workplace, own: Stoppable, tmp_path: Path, dies: str, step: str) -> None:
    with database_pairs.following_pair(handed_over, own.servers, "killed") as fresh:
        follow = handed_over.settings.follow.model_copy(update={"slot": "killed", "idle_s": 0.05})
        told = handed_over.settings.model_copy(update={"follow": follow})
        place = on(replace(fresh, objects=handed_over.objects, settings=told), LAST_DAY)
        secrets = shutdown_day.FileKeyring(tmp_path / "secrets").fill()
        try:
            dead = _process(place, secrets.folder, dies, step)
            assert dead.returncode == -9, dead.stderr[-2000:]
            taken = step_log.ended(place, final_shutdown.STAGE)
            expected = set(STEPS[: STEPS.index(step) + (dies == "behind")])
            whole = _process(place, secrets.folder, "never", "")
            left = sum(decommission.remains(place).values())
            ok = whole.returncode == 0 and taken == expected and left == 0 and not secrets.left() and _ended_in_order(place)
            outcome = f"{len(taken)} steps noted at its death; rerun finished; {left} things and {len(secrets.left())} secrets left"
            report.cell("shutdown", f"the task is killed {dies} {step}", outcome, ok)
            assert ok, (outcome, taken, whole.stderr[-2000:])
        finally:
            shutdown_day.let_in_again(own.servers)


def _ended_in_order(place: Workplace) -> bool:
    with psycopg.connect(place.target) as target:
        rows = target.execute("select step from migration.switch_step where stage = 'final_shutdown' and run = %s and seconds is not null"
                              " group by step order by min(began_at)", (RUN.id,)).fetchall()  # fmt: skip
    return [step for (step,) in rows] == STEPS


def _process(place: Workplace, secrets: Path, dies: str, of: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": f"{PROJECT / 'plugins'}:{PROJECT}:{PROJECT / 'tests'}"}
    return subprocess.run([sys.executable, "-m", "faults.workers.shutter"], input=orders(place, secrets, dies, of), text=True, capture_output=True,
                          check=False, timeout=120, cwd=PROJECT, env=environment)  # fmt: skip
