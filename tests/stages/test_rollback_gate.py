"""The gate behind a rollback: green when everything came back, yellow when something is listed, red when something differs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from stages.test_rollback import BACK, Store, busy, give_back, handed_over
from support.certificates import accepted
from support.workplaces import Servers

from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import certificate
from poco_migration.errors import GateStopped, StageRefused
from poco_migration.stages import certification


@pytest.fixture
def store(servers: Servers, site: Workplace) -> Iterator[Store]:
    yield from handed_over(servers, site)


def test_yellow_with_a_list_red_with_a_row_that_is_on_none_and_certified_when_accepted(store: Store, objects: ObjectStore) -> None:
    place = replace(store.place, objects=objects)
    customers, _ = busy(store, 120)
    give_back(place, BACK)
    judged = certification.judge(place, BACK, "rollback", "returned")
    assert judged["verdict"] == "warn" and judged["failed"] == 1
    report = json.loads(
        objects.get(place.settings.objects.evidence, judged["report"].split("/", 1)[1].replace("report.html", "result.json"))
    )
    listed = next(fact["rows"] for fact in report["facts"] if fact["suite"] == "listed")
    assert {(row["entity"], row["target_key"]) for row in listed} == customers.journal.untranslatable
    with pytest.raises(StageRefused, match="warnings nobody has accepted"):
        certification.certify(place, BACK, "rollback", {"returned": None})
    assert certification.certify(place, BACK, "rollback", {"returned": accepted(place, "rollback", BACK, "returned")})["sequence"] == 1
    with psycopg.connect(place.target, autocommit=True) as target:
        known = certificate.newest_certificate(target, "rollback")
        assert known and {row["owner"] for row in json.loads(known.document)["proof"]["system_of_record"]} == {"POCO"}
        target.execute(
            "update migration.returned set unexplained = 1, back = back - 1 where entity = 'orders' and region = 'DE' and kind = 'changed'"
        )
        with pytest.raises(GateStopped, match="no row differs that is on no list"):
            certification.judge(place, replace(BACK, try_number=2), "rollback", "returned")
        target.execute("update migration.returned set unexplained = 0")
        target.execute("update migration.system_of_record set owner = 'Xiaomi' where entity = 'orders' and region = 'DE'")
        with pytest.raises(GateStopped, match="POCO owns writes of everything that has returned"):
            certification.judge(place, replace(BACK, try_number=3), "rollback", "returned")
