"""Whoever is killed at any step of an erasure runs it again, and nothing of the person is left."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from support.population import People, erase
from support.whole_person import everywhere

from faults import report
from poco_migration.adapters import postgres
from poco_migration.engine.privacy import erasure
from poco_migration.stages import personal_data

STEPS = ["tombstones at mi.com", "tombstones at POCO", "objects", "before both commit", "between the commits", "at the end"]


def dies_at(step: str) -> Callable[[Any], None]:
    """A way to be killed there, set up in a process of its own."""

    def die(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def plant(patch: Any) -> None:
        if step == "objects":
            patch(erasure.searching, "values", die)
        elif step == "before both commit":
            patch(erasure, "_proven", die)
        elif step == "at the end":
            patch(personal_data.log, "info", die)
        else:
            side, what = {"tombstones at mi.com": ("target", "tombstone"), "tombstones at POCO": ("source", "tombstone"),
                          "between the commits": ("target", "erase")}[step]  # fmt: skip
            telling = postgres.translated_errors

            class Deadly:
                def __init__(self, *given: str) -> None:
                    self.given, self.inner = given, telling(*given)

                def __enter__(self) -> None:
                    self.inner.__enter__()

                def __exit__(self, *error: Any) -> Any:
                    return die() if self.given == (side, what) else self.inner.__exit__(*error)

            patch(postgres, "translated_errors", Deadly)

    return plant


@pytest.mark.faults
@pytest.mark.parametrize("step", STEPS)
def test_who_is_killed_at_any_step_runs_again_and_nothing_is_left(people: People, step: str) -> None:
    child = os.fork()
    if child == 0:
        dies_at(step)(setattr)
        try:
            erase(people.place)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    erase(people.place)
    assert everywhere(people.place, people.anna) == {} and people.equations() == {}
    with psycopg.connect(people.place.target) as target:
        assert target.execute("select count(*) from migration.erasure where erased_at is not null and proof is not null").fetchone() == (1,)
    report.cell("personal data", f"SIGKILL at '{step}'", "rerun: erased and proven, nothing is left, the equations close", True)
