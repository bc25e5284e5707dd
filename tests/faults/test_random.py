"""Backfill, followers and repair at once, under hostile writers and SIGKILL: after catching up the target is f(source)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.workplaces import Servers, prepared

from faults import boundaries, mutations, report
from faults.database_pairs import following_pair
from faults.driver import PART_ROWS, STAGES_AND_BOUNDARIES, Arena, NeverDone, WorkerStopped
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.follow import replication_slot
from poco_migration.engine.ledger import parts
from poco_migration.errors import MigrationError
from poco_migration.model import Run

SHORT_SECONDS = 25
LONG_SECONDS = 330
EPOCHS_OF_LUCK = 8
# What a few epochs find. The other rules close windows of milliseconds; their stories (test_rules.py) find them every time.
SEEN_BY_LUCK = ("old identity", "family", "children", "set aside", "hold", "leaving", "parking", "truncate")
EVERYBODY = {"backfill 1": "backfill", "follow 1": "follow", "follow 2": "follow", "repair 1": "repair", "reconcile 1": "reconcile"}
# Without whoever compares and mends: a rule of following is not to be missed because somebody else puts it right.
NOBODY_COMPARES = EVERYBODY | {"reconcile 1": "repair"}


@pytest.fixture(scope="module")
def announced(servers: Servers) -> Workplace:
    """A store whose log is announced, a plan, and nothing copied; only ever a template."""
    place = prepared(servers)
    replication_slot.create_publication(place)
    with connection_pair.connect(place, Run("plan")) as opened:
        for entity in cards.moving_at("cutover", "history", "reissue"):
            parts.plan(opened.source, opened.target, entity, PART_ROWS)
    return place


@pytest.fixture
def arena(announced: Workplace, servers: Servers, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Arena]:
    with following_pair(announced, servers, "random_test") as place:
        arena = Arena(place, servers, request.config.getoption("--seed"), tmp_path / "workers.log")
        try:
            yield arena
        finally:
            for name in sorted(arena.workers):
                arena.workers.pop(name).kill()
            report.say(arena.summary())
            print(arena.summary())


def equal_after(arena: Arena, faults: list[tuple[str, str]], missed: list[tuple[str, str]]) -> None:
    """Compare, and note what became of each fault."""
    found = arena.judged()
    for fault in faults:
        outcome = "nobody came there" if fault in missed else f"caught up, {len(found)} differences" if found else "caught up, equal"
        report.cell(fault[0], f"SIGKILL at '{fault[1]}'", outcome, not found and fault not in missed)
    assert found == [], arena.summary()
    assert missed == [], arena.summary()


def test_the_target_is_right_after_a_short_attack(arena: Arena) -> None:
    """Kills at random instants, and a worker of each stage that dies at a boundary of the seed's choice."""
    began, epochs = time.monotonic(), 0
    while time.monotonic() - began < SHORT_SECONDS:
        arena.epoch(EVERYBODY, seconds=5, kills=3)
        faults = [(stage, arena.random.choice(passed)) for stage, passed in sorted(boundaries.OF_STAGE.items())]
        equal_after(arena, faults, arena.die_at(faults))
        epochs += 1
    report.cell("all at once", f"{arena.done['killed']} SIGKILLs at random instants", f"equal at {epochs} comparisons", True)


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_the_target_is_right_after_a_crash_at_every_boundary(arena: Arena) -> None:
    """Each stage dies at each of its boundaries, three workers at a time, and the target is compared every nine deaths."""
    faults = arena.random.sample(STAGES_AND_BOUNDARIES, len(STAGES_AND_BOUNDARIES))
    for start in range(0, len(faults), 9):
        missed = []
        for at in range(start, min(start + 9, len(faults)), 3):
            missed += arena.die_at(faults[at : at + 3])
        equal_after(arena, faults[start : start + 9], missed)


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_the_target_is_right_after_a_long_attack(arena: Arena) -> None:
    """Five minutes of attack and at least 50 kills at random instants; in the middle a transaction of a million rows."""
    attacked, epochs = 0.0, 0
    while attacked < LONG_SECONDS:
        arena.epoch(EVERYBODY | {"follow 3": "follow"} if epochs % 2 else EVERYBODY, seconds=15, kills=4, million=epochs == 4)
        attacked, epochs = attacked + 15, epochs + 1
        equal_after(arena, [], [])
    assert arena.done["killed"] >= 50 and arena.done["a million rows at once"] == 1
    report.cell("all at once", f"{arena.done['killed']} SIGKILLs at random instants", f"equal at {epochs} comparisons", True)


@pytest.mark.faults
@pytest.mark.parametrize("rule", SEEN_BY_LUCK)
def test_the_attack_sees_a_rule_that_is_off(arena: Arena, rule: str) -> None:
    """Not by its story: by the same attack, within a few epochs. What luck alone seldom finds has its story only."""
    arena.off, seen = rule, ""
    for _ in range(EPOCHS_OF_LUCK):
        try:
            arena.epoch(NOBODY_COMPARES, seconds=8, kills=1)
            found = arena.judged(patience=20)
            seen = f"{len(found)} differences" if found else ""
        except (WorkerStopped, NeverDone, MigrationError) as error:
            seen = f"{type(error).__name__}: {str(error)[:90]}"
        if seen:
            break
    report.cell("rules under attack", mutations.RULES[rule].name, seen or "equal", bool(seen))
    assert seen
