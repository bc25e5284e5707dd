"""An erasure looks everywhere, and nobody waits for it; what comes while it looks is found; a short name is looked for as well."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from support.archives import archived, vault
from support.population import ANNA, People, asked, erase
from support.whole_person import ZERO, everywhere
from support.workplaces import RUN, Servers

from poco_migration.adapters import sealing
from poco_migration.adapters.objects import ObjectStore
from poco_migration.engine import cards
from poco_migration.engine.ledger import locks, parts
from poco_migration.engine.privacy import archived_data, data_subject, residue_search, told_values
from poco_migration.errors import GateStopped, StageRefused
from poco_migration.model import KeyRange

ALL = KeyRange(None, None)


@pytest.fixture
def vaulted(people: People, servers: Servers, objects: ObjectStore) -> People:
    return replace(people, place=vault(people.place, servers, objects))


def during_the_search(people: People, monkeypatch: pytest.MonkeyPatch, do: Any) -> None:
    """Have something happen in the middle of the search, once."""
    real, done = residue_search.databases, list[bool]()

    def databases(*given: Any) -> Any:
        if not done:
            done.append(True)
            do()
        return real(*given)

    monkeypatch.setattr(residue_search, "databases", databases)


def every_part(place: Any, patience: str = "2s") -> None:
    """Take the locks of all parts of all entities, as strangers' copies would. Raises LockNotAvailable."""
    with psycopg.connect(place.target) as stranger:
        stranger.execute(f"set lock_timeout = '{patience}'")
        for entity in cards.moving_at("cutover", "history"):
            parts.lock(stranger, entity, ALL)


def test_nobodys_copy_waits_for_the_search(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    during_the_search(people, monkeypatch, lambda: every_part(people.place))
    erase(people.place)
    assert everywhere(people.place, people.anna) == {}


def test_rows_that_a_copy_brings_while_it_searches_are_erased_too(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy had read POCO before the tombstone was there, and commits when the person's rows have been listed."""
    bring = (
        "insert into mi.addresses select (jsonb_populate_record(t, jsonb_build_object('address_id', t.address_id + 500000))).*"
        " from mi.addresses t where t.profile_id = %s"
    )

    def copy() -> None:
        with psycopg.connect(people.place.target) as target:
            assert target.execute(bring, (ZERO + ANNA,)).rowcount > 0

    during_the_search(people, monkeypatch, copy)
    erase(people.place)
    assert everywhere(people.place, people.anna) == {}


def test_an_erasure_that_waits_for_a_copy_lets_go_of_what_it_holds(people: People) -> None:
    """It comes to an end behind the copy; meanwhile it holds no part for longer than a moment."""
    reviews = cards.entities()["reviews"]
    with psycopg.connect(people.place.target) as copy:
        parts.lock(copy, reviews, ALL)
        erasing = threading.Thread(target=erase, args=(people.place,))
        erasing.start()
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        while not people.value(waiting) and erasing.is_alive():
            time.sleep(0.05)
        with psycopg.connect(people.place.target) as stranger:
            stranger.execute("set lock_timeout = '20s'")
            for entity in cards.moving_at("cutover"):
                parts.lock(stranger, entity, ALL)
        assert erasing.is_alive()
    erasing.join(300)
    assert not erasing.is_alive() and everywhere(people.place, people.anna) == {}


def test_pages_together_are_the_whole_table(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    place, run = people.place, asked("erase", customer_id=ANNA)
    with data_subject.open_databases(place, run) as both:
        person = data_subject.identify(both, run.asked)
        found = data_subject.target_keys(both.target, person)
        told = residue_search.values(both, person, found)
        told.naming |= {"canary", "example.com"}  # in many rows of everybody
        searches = []
        for pages in (1, 1_000_000):
            monkeypatch.setattr(residue_search, "PAGES", pages)
            searches.append(list(residue_search.databases(both, person, found, told)))
    assert searches[0] == searches[1] and sum(finding.others for finding in searches[0]) > 1_000


@pytest.mark.parametrize("name", ["王伟", "김철수", "Bo Li"])
def test_a_short_name_that_is_left_somewhere_is_found(people: People, name: str) -> None:
    people.store(f"update poco.customers set full_name = '{name}' where id = {ANNA}")
    with psycopg.connect(people.place.target) as target:
        target.execute("update migration.quarantine set detail = %s where ctid = (select min(ctid) from migration.quarantine)", (name,))
    with pytest.raises(GateStopped, match=r"mi\.com migration\.quarantine \(1\)"):
        erase(people.place)
    assert people.value(f"select full_name from poco.customers where id = {ANNA}", side="poco") == name


def test_a_short_name_floods_nothing(people: People) -> None:
    """A first name of an approver stands in the ledger, a name within a word, a name as another's whole field."""
    people.store(
        f"update poco.customers set full_name = 'Alice' where id = {ANNA}",
        "update poco.customers set full_name = 'Alice' where id = 910000003",
    )
    assert erase(people.place)["others"] >= 0
    assert people.value("select count(*) from migration.approval where approver = 'alice'") == 1
    assert people.value("select full_name from poco.customers where id = 910000003", side="poco") == "Alice"


def test_during_a_switch_nobody_is_erased_and_during_an_erasure_nothing_is_switched(people: People) -> None:
    with (
        locks.switching(people.place, 0),
        pytest.raises(StageRefused, match=r"the cutover is switching the store.*Wait for the end of poco_cutover"),
    ):
        erase(people.place)
    assert people.value("select count(*) from migration.tombstone") == 0
    with (
        locks.erasing(people.place),
        locks.erasing(people.place),
        pytest.raises(StageRefused, match="a person is being erased.*Wait for the end of poco_personal_data"),
        locks.switching(people.place, 0),
    ):
        pass
    with locks.switching(people.place, 0):
        pass
    erase(people.place)


def test_of_the_archive_only_what_is_hers_is_opened(vaulted: People, monkeypatch: pytest.MonkeyPatch) -> None:
    place, run, opened = vaulted.place, asked("erase", customer_id=ANNA), list[str]()
    archived(place, RUN, "customers", "addresses")
    real = sealing.opened

    def counted(*given: Any) -> bytes:
        opened.append(given[3])
        return real(*given)

    monkeypatch.setattr(sealing, "opened", counted)
    with data_subject.open_databases(place, run) as both:
        person = data_subject.identify(both, run.asked)
        (finding,) = archived_data.search(place, both, person, told_values.Values())
    assert finding.leaks > 0 and opened == [f"addresses {ANNA}", f"customers {ANNA}"]
    opened.clear()
    erase(place)
    assert opened == []
