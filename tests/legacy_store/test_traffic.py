"""The store's own traffic: every kind of visit writes something, the journal tells the truth, a closed store refuses it."""

from __future__ import annotations

import time

import psycopg
import pytest
from support.workplaces import RUN, copy_all, followed

from legacy_store import traffic
from legacy_store.traffic import Traffic
from local_stack import journal
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import fence
from poco_migration.engine.follow import follower


def busy(place: Workplace, visits: int) -> Traffic:
    made = Traffic(place.source_owner, per_second=500).start()
    give_up = time.monotonic() + 60
    while made.journal.visits < visits and time.monotonic() < give_up:
        time.sleep(0.02)
    return made


@pytest.mark.parametrize("visit", traffic.VISITS)
def test_every_visit_writes_what_it_says(source: psycopg.Connection, visit: str) -> None:
    with psycopg.RawCursor(source) as cursor:
        written = cursor.execute(traffic.VISITS[visit].encode(), (traffic.FIRST_KEY, 7, traffic.LAST_DAY)).fetchall()
    assert written
    for entity, key, region in written:
        if visit != "forget":
            assert source.execute(f"select region from poco.{entity} where id = {key}".encode()).fetchone() == (region,)


def test_what_the_store_acknowledged_until_it_closed_is_at_mi_com(place: Workplace) -> None:
    entities = [entity.name for entity in cards.moving_at("cutover")]
    with followed(place) as place_:
        selling = busy(place_, 50)
        copy_all(place_, "cutover")
        busy_before = selling.journal.visits
        fence.raise_(place_, entities, place_.settings.moving())
        closed_at = len(selling.journal.acknowledged)
        give_up = time.monotonic() + 30
        while selling.journal.refused < 50 and time.monotonic() < give_up:
            time.sleep(0.02)
        found = selling.stop()
        assert found.refused >= 50 and busy_before > 50
        assert {region for entity, _, region in found.acknowledged[closed_at + 5 :] if entity in entities} <= {"IN"}
        assert follower.catch_up(place_, RUN, 30)
        assert journal.missing(place_.source_owner, place_.target, place_.settings.moving(), found) == []


def test_a_journal_entry_that_did_not_arrive_is_told(place: Workplace) -> None:
    with followed(place) as place_:
        copy_all(place_, "cutover")
        found = busy(place_, 20).stop()
        assert journal.missing(place_.source_owner, place_.target, place_.settings.moving(), found)
