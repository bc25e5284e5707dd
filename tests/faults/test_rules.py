"""Every rule is needed: its story ends well with the rule and badly without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from support.fresh_migration import differences
from support.workplaces import Servers, copy_all, prepared

from faults import independent, mutations, report
from faults.database_pairs import following_pair, released
from faults.schedules import SCHEDULES, TOLD, Play
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.follow import replication_slot

SOON = 6.0  # seconds: a story without its rule need not come to an end


@pytest.fixture(scope="module")
def copied(servers: Servers) -> Workplace:
    """A store whose log is announced, and a mi.com with everything in it once; only ever a template."""
    place = prepared(servers)
    replication_slot.create_publication(place)
    copy_all(place, part_rows=300)
    return place


@pytest.fixture
def play(copied: Workplace, servers: Servers) -> Iterator[Play]:
    with following_pair(copied, servers, "rule_test") as place:
        yield Play(place, servers)


def outcome(rule: str, play: Play) -> str:
    """How the story ends: equal, what differs (by the quick oracle, else by the whole one), or what the engine says."""
    try:
        with mutations.off(None if play.patience > SOON else rule, play.place):
            SCHEDULES[rule](play)
    except TOLD as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0][:70]}"
    found = Counter(f"{line.split()[0]} {line.split()[2]}" for line in independent.differences(play.place))
    if not found:
        released(play.place, play.servers)
        found = Counter(f"{table} {kind}" for table, _, kind in differences(play.place, play.servers))
    return ", ".join(f"{count} {what}" for what, count in found.most_common(3)) or "equal"


def test_every_rule_has_a_story() -> None:
    assert SCHEDULES.keys() == mutations.RULES.keys()


@pytest.mark.faults
@pytest.mark.parametrize("rule", mutations.RULES)
def test_with_the_rule_the_story_ends_well(rule: str, play: Play) -> None:
    """The control: the same people do the same at the same instants."""
    assert outcome(rule, play) == "equal"


@pytest.mark.parametrize("rule", mutations.RULES)
def test_without_the_rule_it_does_not(rule: str, play: Play) -> None:
    play.patience = SOON
    seen = outcome(rule, play)
    report.rule(mutations.RULES[rule].name, seen)
    assert seen != "equal"
