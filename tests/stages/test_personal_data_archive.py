"""What the archive holds of a person is handed out with the rest, and opens for nobody once the person is erased."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from faults import report
from support.archives import archived, drilled, vault
from support.population import ANNA, People, asked, bundle, erase
from support.whole_person import everywhere, found
from support.workplaces import RUN, Servers

from poco_migration.adapters.objects import ObjectStore
from poco_migration.engine.privacy import inventory
from poco_migration.model import Run
from poco_migration.stages import personal_data

FEW = ("customers", "addresses", "orders", "reviews")
pytestmark = pytest.mark.faults  # half a minute: everything is archived and restored, more than once


@pytest.fixture
def vaulted(people: People, servers: Servers, objects: ObjectStore) -> People:
    return replace(people, place=vault(people.place, servers, objects))


def test_a_copy_holds_what_is_archived_too_and_withholds_as_much(vaulted: People) -> None:
    archived(vaulted.place)
    personal_data.export(vaulted.place, asked("export", customer_id=ANNA))
    data = bundle(vaulted.place)[0]
    assert {(table, column) for table, rows in data["archive"].items() for row in rows for column in row} == {
        (holding.named, column) for holding in inventory.personal_tables(source=True) for column in holding.exported
    }
    assert data["archive"]["addresses"][0]["payload"]["line1"] == "Annacanary street 1"
    assert [value for other in (vaulted.berta, vaulted.carla) for value in other.wanted if value in json.dumps(data).lower()] == []


def test_nothing_of_her_opens_any_more_nor_comes_back_with_a_restore_or_another_archive(vaulted: People) -> None:
    place, wanted = vaulted.place, vaulted.anna.wanted
    archived(place, RUN, *FEW)
    drilled(place, RUN, *FEW)
    assert found(place.restore, wanted, "restored").keys() == {f"restored.{name}" for name in FEW}
    erase(place)
    for run in (Run("poco_archive/as it was"), Run("poco_archive/made behind the erasure")):
        drilled(place, run, *FEW)
        assert found(place.restore, wanted, "restored") == {} and found(place.restore, vaulted.carla.wanted, "restored")
        archived(place, run, *FEW)
    assert everywhere(place, vaulted.anna, (place.settings.objects.archive,)) == {}
    report.cell("personal data", "restored out of the archive, and archived again", "nothing of an erased person opens or comes back", True)
