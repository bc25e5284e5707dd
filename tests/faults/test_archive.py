"""The key store is put back from a backup of before the archive: nothing is green until the keys are back, and then all of it is."""

from __future__ import annotations

import psycopg
import pytest
from support.archives import archived, drilled, vault
from support.workplaces import RUN, Servers

from faults import report
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.archive import person_keys
from poco_migration.engine.evidence import gate
from poco_migration.errors import GateStopped
from poco_migration.model import Run

pytestmark = pytest.mark.faults  # everything is archived, and restored four times
LOST = {
    "all keys": "true",
    "one person's key": "customer = (select max(customer) from migration.person_key)",
    "the guests' keys": "customer < 0",
}


def passes(place: Workplace) -> bool:
    try:
        return gate.judge(place, "archive", "restored", RUN).verdict == "pass"
    except GateStopped as stopped:
        assert "Every person in the archive opened, or was erased and has a tombstone" in str(stopped)
        return False


def test_keys_lost_from_the_key_store(site: Workplace, servers: Servers, objects: ObjectStore) -> None:
    place = vault(site, servers, objects)
    archived(place)
    assert drilled(place) == {} and passes(place)
    with psycopg.connect(place.target, autocommit=True) as target:
        for what, which in LOST.items():
            target.execute(f"create temp table backup as select * from migration.person_key where {which}")
            lost = target.execute(f"delete from migration.person_key where {which}").rowcount
            told, found, green = person_keys.wrong(target), drilled(place), passes(place)
            target.execute("insert into migration.person_key select * from backup")
            target.execute("drop table backup")
            ok = lost > 0 and told.startswith(f"{lost} keys") and bool(found) and not green
            report.cell("archive", f"keys lost from the key store: {what}", f"{lost} lost, {len(found)} files red; put back: green", ok)
            assert ok, what
    assert drilled(place) == {} and passes(place)
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute("delete from migration.person_key")
    assert drilled(place)
    again = Run("poco_archive/with new keys")
    archived(place, again)
    assert drilled(place, again) == {}
    report.cell(
        "archive", "keys lost from the key store, and POCO is still there", "archived again with new keys: restored and equal", True
    )
