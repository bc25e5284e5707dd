"""Backfill, followers and repair at once, under hostile writers and SIGKILL: after catching up the target is f(source)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import boundaries, report
from faults.arena import following_pair
from faults.driver import PART_ROWS, STAGES_AND_BOUNDARIES, Arena
from workplaces import Servers, clone, install

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, link, parts, slots
from poco_migration.model import Run

SHORT_SECONDS = 30
EVERYBODY = {"backfill 1": "backfill", "follow 1": "follow", "follow 2": "follow", "repair 1": "repair", "repair 2": "repair"}


@pytest.fixture(scope="module")
def announced(servers: Servers) -> Workplace:
    """A store whose log is announced, a plan, and nothing copied; only ever a template."""
    place = clone(servers)
    install(place)
    slots.announce(place)
    with link.opened(place, Run("plan")) as opened:
        for entity in cards.of("cutover", "history", "reissue"):
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


def test_the_target_is_right_after_a_short_attack(arena: Arena) -> None:
    """Four epochs, ten kills at random instants, and one worker of each stage that dies at a boundary of the seed's choice."""
    began, epochs = time.monotonic(), 0
    while time.monotonic() - began < SHORT_SECONDS:
        arena.epoch(EVERYBODY, seconds=4, kills=3)
        with arena.under_attack():
            for stage in sorted(boundaries.OF_STAGE):
                boundary = arena.random.choice(boundaries.OF_STAGE[stage])
                report.cell(stage, f"SIGKILL at '{boundary}'", "caught up, equal", arena.dies_at(stage, boundary))
        assert arena.judged() == [], arena.summary()
        epochs += 1
    report.cell("backfill, follow, repair", f"{arena.done['killed']} SIGKILLs at random instants", f"equal at {epochs} comparisons", True)
