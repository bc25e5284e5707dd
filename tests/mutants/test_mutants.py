"""Whatever column extract.sql or load.sql gets wrong, a gate that uses neither is red. The sample is played always, all by `make mutants`."""

from __future__ import annotations

import os
import random

import psycopg
import pytest
from support.workplaces import Servers, clone, install

from mutants import bench, playing, report, statements
from mutants.accepted import BOUND
from mutants.report import Line
from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards

# At most so many of a hundred may be accepted instead of killed, and fewer than so many mutants were no proof.
ACCEPTED_PERCENT = 2
AT_LEAST = 300
SEED = 20241021
ONLY = os.environ.get("ENTITY", "").split()  # make mutants ENTITY="orders refunds"; nothing means all


@pytest.fixture
def store(servers: Servers) -> Workplace:
    """Nothing copied yet; points have another rate in two regions, so that what is left of a point is written too."""
    place = clone(servers)
    install(place)
    for dsn, scope in ((place.source_owner, "poco_export.scope"), (place.target, "migration.scope")):
        with psycopg.connect(dsn) as connection:
            connection.execute(f"update {scope} set points_new = 3, points_old = 7 where region in ('DE', 'FR')")
    return place


def columns(place: Workplace) -> set[tuple[str, str]]:
    """Every column of every extract.sql but the two that say which row it is, and every column that a load.sql writes."""
    found = set[tuple[str, str]]()
    for entity in (entity for entity in cards.entities().values() if entity.moves != "never"):
        with postgres.connect(place.source, "source", name="test") as source:
            found |= {(entity.name, name) for name, _ in postgres.columns(source, entity.extract)[2:]}
        found |= {
            (entity.name, f"{written.table}.{written.column}") for written in (*statements.inserted(entity), *statements.assigned(entity))
        }
    return found


def survivors(lines: list[Line]) -> list[str]:
    return [str(line) for line in lines if line.survived]


def test_a_sample_of_mutants_is_killed(store: Workplace) -> None:
    with bench.opened(store) as opened:
        lines = list(playing.played(opened, random.Random(SEED)))
    assert len(lines) >= 15 and not survivors(lines)


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_every_mutant_of_every_column_is_killed_by_a_gate_that_uses_neither_extract_nor_load(store: Workplace) -> None:
    lines = list[Line]()
    with bench.opened(store) as opened:
        try:
            for line in playing.played(opened, only=ONLY):
                lines.append(line)
                print(line, line.killers[:1], line.stopped[:90], flush=True)
        finally:
            report.write(lines)
            print(report.table(lines))
    counted = [line for line in lines if line.counted]
    assert not survivors(lines)
    assert ONLY or len(counted) >= AT_LEAST
    assert sum(line.accepted is not None for line in counted) * 100 <= ACCEPTED_PERCENT * len(counted)
    judged = {(line.entity, line.column) for line in lines if line.killed_by or line.accepted}
    asked = {(entity, column) for entity, column in columns(store) if not ONLY or entity in ONLY}
    asked -= {(line.entity, line.column) for line in lines if (line.entity, line.column) in BOUND and line.stopped}
    assert asked <= judged, f"no gate has judged a value of {sorted(asked - judged)}: every mutant stops the copy, or there is none"
