"""The steps of the switch and of the shutdown: what one of their pages is made of, and what the ledger remembers of each step: when it
was taken, for which regions, how long."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.model import Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
Attempt = TypeVar("Attempt")


def _unasked(_: object) -> bool:
    return False


@dataclass(frozen=True)
class PlannedStep(Generic[Attempt]):
    """One step of a stage's page."""

    name: str
    about: str
    undo: str | None  # what is left when it fails, and what leads back; None: nothing leads back
    do: Callable[[Attempt], int | None]  # returns how many things it has looked at or changed
    so: Callable[[Attempt], bool] = _unasked  # whether it is so already, seen by somebody else than the step

    @property
    def irreversible(self) -> bool:
        return self.undo is None


@dataclass
class Taken:
    """One step under way; `keys` is how many rows it looked at."""

    keys: int = 0
    seconds: float = 0.0


@contextmanager
def taken(place: Workplace, run: Run, attempt: int, name: str, regions: Sequence[str], stage: str = "cutover") -> Iterator[Taken]:
    """Note that a step has begun, and when it has ended. One that is cut short keeps no duration. Rerun: a line more."""
    step, started = Taken(), time.monotonic()
    with postgres.connect(place.target, "target", name=str(run)) as target:
        number = postgres.run(target, SQL / "switch_step_begin.sql", run.id, attempt, name, list(regions), stage)[0]["step_id"]
    yield step
    step.seconds = time.monotonic() - started
    with postgres.connect(place.target, "target", name=str(run)) as target:
        postgres.run(target, SQL / "switch_step_end.sql", number, step.keys, step.seconds)
    log.info("%s: %.2f s, %d keys", name, step.seconds, step.keys)


def ended(place: Workplace, stage: str) -> set[str]:
    """The steps of a stage that have come to their end, in whichever run."""
    with postgres.connect(place.target, "target", name=stage) as target:
        if not postgres.value(target, "select to_regclass('migration.switch_step') is not null"):
            return set()
        return {row["step"] for row in postgres.run(target, SQL / "steps_taken.sql", stage)}


def longest_open(place: Workplace, name: str) -> float | None:
    """Seconds since the newest step of this name began; None when there was none."""
    with postgres.connect(place.target, "target", name="switch") as target:
        since = "select extract(epoch from clock_timestamp() - max(began_at))::float8 from migration.switch_step where step = %s"
        found: float | None = postgres.value(target, since, (name,))
        return found
