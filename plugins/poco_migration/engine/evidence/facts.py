"""Whether a run's facts were measured to their end, and which of them a gate has judged.

Every task that measures takes a number when it begins and notes its end. A gate notes the numbers that it has judged; so a
certificate can tell a gate that was judged before its facts, on facts of a worker that was killed, or on facts that were measured
again since. Numbers are an order that no clock decides, and the state of an Airflow task decides nothing here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.model import Judgement, Run

SQL = Path(__file__).parent / "sql"
SUITE = "facts"
P = ParamSpec("P")
R = TypeVar("R")
Step = Callable[Concatenate[Workplace, Run, P], R]
Newest = Mapping[str, tuple[int, bool]]  # the newest measurement of each kind: its number, and whether it has ended


@contextmanager
def measured(place: Workplace, run: Run, what: str) -> Iterator[None]:
    """Note that a measurement begins, and that it has ended; one that is cut short has no end. Rerun: another number."""
    with postgres.connect(place.target, "target", name=f"facts {run.id}") as target:
        number = postgres.run(target, SQL / "measured_begin.sql", run.id, what)[0]["number"]
    yield
    with postgres.connect(place.target, "target", name=f"facts {run.id}") as target:
        postgres.run(target, SQL / "measured_end.sql", number)


def measures(what: str) -> Callable[[Step[P, R]], Step[P, R]]:
    """Makes a task one that measures: see `measured`."""

    def around(step: Step[P, R]) -> Step[P, R]:
        @functools.wraps(step)
        def noted(place: Workplace, run: Run, /, *args: P.args, **named: P.kwargs) -> R:
            with measured(place, run, what):
                return step(place, run, *args, **named)

        return noted

    return around


def begins(place: Workplace, run: Run, what: str) -> None:
    """What was measured of this kind in the run is forgotten, and somebody else measures it anew and notes the end."""
    with postgres.connect(place.target, "target", name=f"facts {run.id}") as target:
        postgres.run(target, SQL / "measured_begin.sql", run.id, what)


def newest_facts(target: postgres.Connection, run: Run) -> Newest:
    """The newest measurement of each kind of this run. Reads only."""
    return {row["what"]: (row["number"], row["ended"]) for row in postgres.run(target, SQL / "proof_measured.sql", run.id)}


def needed(stage: str, gate: str) -> Sequence[str]:
    """The kinds of facts that a gate judges; none for a gate that no stage has."""
    return settings.GATES.get(stage, {}).get(gate, ())


def facts_problem(stage: str, gate: str, before: Newest, after: Newest) -> str:
    """Why a verdict that was made between these two looks would judge nothing, or nothing that lasts; empty where it would not."""
    for what in needed(stage, gate):
        if what not in before:
            return f"what is '{what}' was never measured in this run"
        if not before[what][1]:
            return f"what is '{what}' has not been measured to its end: it is under way, or its task was stopped"
        if after.get(what) != before[what]:
            return f"what is '{what}' was measured again while the gate judged"
    return ""


def facts_judgement(stage: str, gate: str, before: Newest, after: Newest) -> Judgement:
    """The same as the first thing that a gate judges."""
    wrong, kinds = facts_problem(stage, gate, before, after), list(needed(stage, gate))
    return Judgement(
        SUITE, "facts_of_this_run", "What is judged was measured in this run, to its end, before it was judged", "P9 provable", "critical",
        not wrong, "", wrong or None,
        {"number": 0, "kwargs": {"kinds": kinds}, "query": "the newest lines of migration.measured", "rows": len(kinds),
         "unexpected": 1 if wrong else 0, "keys": [{"why": wrong}] if wrong else []},
        "Clear the task that measures it (docs/runbook.md, 'A gate and its facts'), and let the DAG go on.",
    )  # fmt: skip
