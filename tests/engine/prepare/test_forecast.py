"""What a rehearsal measured forecasts the next backfill, the comparison tells the truth, and the report says what it knows."""

from __future__ import annotations

import json
import re
import statistics
from dataclasses import replace
from itertools import count
from pathlib import Path

import psycopg
import pytest
from support.workplaces import Servers, copy_all, prepared

from poco_migration import settings
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.prepare import copy_costs, forecast, readiness, readiness_report
from poco_migration.engine.prepare.copy_costs import Load
from poco_migration.errors import DataRefused
from poco_migration.model import Run
from poco_migration.stages import backfill, prepare

REHEARSAL = Run("poco_backfill/rehearsal")
PART_ROWS = 2_000
_numbers = count(1)


def trial(task: str = "forecast") -> Run:
    """A run of its own, because reports are never overwritten."""
    return Run(f"poco_prepare/trial {next(_numbers)}", task)


def small_parts(place: Workplace, **changed: float) -> Workplace:
    copying = place.settings.copying.model_copy(update={"part_rows": PART_ROWS})
    said = place.settings.forecast.model_copy(update=changed)
    return replace(place, settings=place.settings.model_copy(update={"copying": copying, "forecast": said}))


@pytest.fixture
def rehearsed(site: Workplace, objects: ObjectStore) -> Workplace:
    """A ledger in which everything was forecast and copied once; the bucket holds what it took."""
    place = small_parts(site)
    prepare.forecast(place, trial())
    copy_all(place, part_rows=PART_ROWS)
    return place


def test_with_a_rehearsal_the_next_backfill_is_forecast_within_a_fifth(
    rehearsed: Workplace, servers: Servers, objects: ObjectStore
) -> None:
    """Rehearse, forecast onto a target that has never seen anything, copy there, compare: seconds of work, all parts together.

    A store of some seconds on a machine with other work to do: so the median of three rounds at least, each forecast from the
    one before, and of more where the machine is not calm. What is counted in rows is held in every round.
    """
    assert "forecast" in backfill.compare_forecast(rehearsed, REHEARSAL)["said"]
    origin, outcomes = REHEARSAL.id, []
    for number in range(8):
        fresh = prepared(servers)
        fresh = replace(fresh, objects=objects, settings=rehearsed.settings)
        prepare.forecast(fresh, trial())
        with psycopg.connect(fresh.target_auditor) as target:
            origins = {row[0].split(",")[0] for row in target.execute("select distinct rate_from from migration.forecast")}
        assert origins == {f"receipts of {origin}"}, "the newest is named"
        copy_all(fresh, part_rows=PART_ROWS)
        origin = f"poco_backfill/round {number}"
        outcomes.append(backfill.compare_forecast(fresh, Run(origin)))
        print(outcomes[-1]["said"])
        with psycopg.connect(fresh.target_auditor) as target:
            counted = target.execute(
                "select count(*), sum(rows)::bigint, sum(forecast_rows)::bigint from migration.forecast_outcome"
            ).fetchone()
        assert counted and counted[0] == 20 and 0 <= counted[2] - counted[1] < counted[2] * 0.02
        if number >= 2 and statistics.median(outcome["off"] for outcome in outcomes) <= 0.2:
            break
    assert statistics.median(outcome["off"] for outcome in outcomes) <= fresh.settings.forecast.tolerance
    assert all(outcome["within"] == (outcome["off"] <= 0.2) for outcome in outcomes)
    report = readiness_report.publish_report(
        fresh, trial("assess"), readiness.run_checks(fresh, trial()), forecast.make_forecast(fresh, trial())
    )
    assert outcomes[-1]["said"] in objects.get(rehearsed.settings.objects.evidence, report.split("/", 1)[1]).decode()


def test_a_forecast_that_was_wrong_says_so(rehearsed: Workplace) -> None:
    with psycopg.connect(rehearsed.target) as target:
        target.execute("update migration.forecast set seconds = seconds * 3")
    found = backfill.compare_forecast(rehearsed, REHEARSAL)
    assert found["within"] is False and "NOT within 20%" in found["said"]


def test_a_copy_that_found_everything_right_is_no_measure(rehearsed: Workplace) -> None:
    """A rerun is several times faster than a first load; taken for one it would promise too much."""
    with psycopg.connect(rehearsed.target) as target:
        before = sorted(load[:2] for load in target.execute(_receipts()).fetchall())
    copy_all(rehearsed, part_rows=PART_ROWS)
    with psycopg.connect(rehearsed.target) as target:
        assert sorted(load[:2] for load in target.execute(_receipts()).fetchall()) == before
        assert target.execute("select count(*) from migration.receipt where kind = 'range'").fetchone()[0] >= 2 * len(before)  # type: ignore[index]


def _receipts() -> str:
    return (Path(forecast.SQL) / "forecast_receipts.sql").read_text("utf-8").replace("$1", "null")


def test_without_a_forecast_nothing_is_claimed(place: Workplace) -> None:
    assert "nothing was forecast" in backfill.compare_forecast(place, REHEARSAL)["said"]


def test_without_any_measure_the_configuration_is_named(place: Workplace, objects: ObjectStore) -> None:
    for key in list(objects.keys("migration-evidence", copy_costs.RATES)):
        objects.client().delete_object(Bucket="migration-evidence", Key=key)
    made = forecast.make_forecast(replace(place, objects=objects), trial())
    assert {entity.rate_from for entity in made.entities} == {"migration.toml"}
    assert made.changed_per_s is None and made.freeze_s == place.settings.forecast.freeze_fixed_s
    orders = next(entity for entity in made.entities if entity.entity == "orders")
    with psycopg.connect(place.source_owner) as source:
        counted = dict(source.execute("select region, count(*) from poco.orders group by 1").fetchall())
    assert orders.regions == {region: counted.get(region, 0) for region in place.settings.moving()} and "IN" not in orders.regions
    assert orders.seconds == pytest.approx(0.2 + orders.rows / 50_000)


def test_a_part_costs_something_by_itself() -> None:
    """Twice the rows in the same number of parts is not twice the time."""
    loads = [Load("a", 10_000, 1_000_000, 2.1), Load("a", 30_000, 3_000_000, 6.1), *(Load("b", n, 10, 0.1) for n in (1, 5, 9))]
    known = copy_costs.fitted(Workplace(settings.load(), "", "", "", "", "", ObjectStore(None, "", ""), b""), loads, "x")
    assert known.part_s == pytest.approx(0.1)
    assert known.row_s == {"a": pytest.approx(0.0002)}
    assert known.row_bytes == {"a": pytest.approx(100)}


def test_a_very_large_table_is_estimated_and_says_so(site: Workplace) -> None:
    with psycopg.connect(site.source_owner, autocommit=True) as source:
        source.execute("analyze poco.orders")
        counted = dict(source.execute("select region, count(*) from poco.orders group by 1").fetchall())
    made = {entity.entity: entity for entity in forecast.make_forecast(small_parts(site, count_up_to_rows=1_000), trial()).entities}
    assert made["orders"].rows_from == "estimated" and made["stores"].rows_from == "counted"
    assert made["orders"].regions["DE"] == pytest.approx(counted["DE"], rel=0.1)


def test_the_report_says_per_region_what_is_red_what_moves_and_what_does_not(site: Workplace) -> None:
    with psycopg.connect(site.source_owner) as source:
        source.execute("update poco.stores set time_zone = 'Europe/Pariss' where region = 'FR'")
    run = trial("assess")
    said = prepare.assess(site, run)
    assert said["red"] == 1
    page = site.objects.get(site.settings.objects.evidence, said["report"].split("/", 1)[1]).decode()
    document = json.loads(site.objects.get(site.settings.objects.evidence, said["report"].split("/", 1)[1].replace(".html", ".json")))
    regions = {region["region"]: region for region in document["regions"]}
    assert {name: region["verdict"] for name, region in regions.items()} == {**dict.fromkeys(regions, "pass"), "FR": "fail"}
    assert set(regions) == set(site.settings.moving())
    first = regions["FR"]["findings"][0]
    assert (first["check"], first["ok"]) == ("stores_of_moving_regions", False) and "IANA" in first["next_action"]
    rejected = {(r["entity"], r["reason"]): r["rows"] for r in regions["ES"]["rejects"]}
    assert rejected["orders", "status_unknown"] == 1 and rejected["customers", "status_unknown"] == 1
    assert document["rejects_from"].startswith("the extracts on the source")
    assert regions["DE"]["rows"]["orders"] > 100
    assert sum(region["work_s"] for region in regions.values()) == pytest.approx(document["forecast"]["work_s"], abs=1)
    assert page.index("Europe/Pariss") and "<script" not in page and not re.search(r"https?://", page)


def test_after_a_rehearsal_the_rejects_are_those_of_the_ledger(rehearsed: Workplace) -> None:
    rejects, origin = readiness_report.expected_rejects(rehearsed, trial())
    assert origin.startswith("the ledger")
    assert {reject.reason for reject in rejects} >= {"parent_missing", "identity_conflict", "status_unknown", "person_erased"}


def test_after_the_install_a_red_constraint_stops_the_stage(site: Workplace, servers: Servers) -> None:
    run = trial()
    strict = replace(site, settings=site.settings.model_copy(update={"assess": site.settings.assess.model_copy(update={"single_rows": 5})}))
    readiness.run_checks(strict, run)
    name = str(psycopg.conninfo.conninfo_to_dict(site.target)["dbname"])
    with psycopg.connect(servers.target.dsn(name, "mi_owner", servers.passwords["mi_owner"]), autocommit=True) as target:
        target.execute("alter table mi.orders add constraint dear check (total < 1 or market <> 'de') not valid")
    with pytest.raises(DataRefused, match="constraints of mi.orders, region DE"):
        prepare.forecast(strict, run)
    with psycopg.connect(site.target_auditor) as target:
        kept = {row[0] for row in target.execute("select check_name from migration.readiness where run = %s and not ok", (run.id,))}
        assert target.execute("select count(*) from migration.readiness where run = %s", (run.id,)).fetchone()[0] > 60  # type: ignore[index]
    assert kept == {"constraints of mi.orders"}


def test_the_freeze_follows_the_change_rate(rehearsed: Workplace) -> None:
    with psycopg.connect(rehearsed.target) as target:
        target.execute(
            "insert into migration.receipt (entity, kind, keys, rows_read, rows_kept, rows_changed, rows_gone, rows_parked, bytes, snapshot, run, started_at, finished_at)"
            " select 'orders', 'keys', 1000, 1000, 1000, 1000, 0, 0, 1, '', '', now() - make_interval(secs => n * 10 + 1), now() - make_interval(secs => n * 10) from generate_series(1, 10) n"
        )
    made = forecast.make_forecast(rehearsed, trial())
    assert made.copied_per_s == pytest.approx(1000) and made.changed_per_s == pytest.approx(10_000 / 91, rel=0.01)
    assert made.freeze_s == pytest.approx(2.0 + 2.0 * made.changed_per_s / 1000)
