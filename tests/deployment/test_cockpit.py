"""The page of the cockpit: its contents out of the ledger, its routes behind Airflow's login, its plugin without cost elsewhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from support.workplaces import Servers, as_role, rehearsed

from poco_migration.adapters import rendering
from poco_migration.adapters.workplace import Workplace
from poco_migration.cockpit import overview
from poco_migration.engine import cards
from poco_migration.engine.cutover import handover
from poco_migration.engine.milestones import countdown
from poco_migration.engine.prepare import readiness
from poco_migration.errors import TargetError
from poco_migration.model import Run
from poco_migration.settings import PROJECT

RUN = Run("poco_prepare/trial")


def seen(place: Workplace) -> str:
    return rendering.page("board.html", overview.board(overview.Watched(place.settings, as_role(place.target, "mi_board"))))


def moved(place: Workplace, left: timedelta) -> Workplace:
    """The cutover is so far away now."""
    cutover = countdown.moments(place.settings.calendar)[0]
    return replace(place, settings=rehearsed(place.settings, datetime.now(UTC) + left - cutover.at))


def test_the_countdown_is_that_of_the_moved_calendar(place: Workplace) -> None:
    page = seen(moved(place, timedelta(days=3, hours=2, seconds=30)))
    assert "cutover begins" in page and "in 3 days 2 hours" in page and ">rehearsal<" in page
    assert "prepare, backfill, reconcile" in page and "Run poco_prepare to its end" in page
    late = seen(place)
    assert "cutover was to begin" in late and "days" in late and ">rehearsal<" not in late


def test_the_countdown_to_12_december_says_what_must_be_there_and_a_late_certificate_is_called_late(place: Workplace) -> None:
    shift = datetime.now(UTC) + timedelta(days=6, hours=5, seconds=30) - place.settings.calendar.deadline.history
    place = replace(place, settings=rehearsed(place.settings, shift))
    page = seen(place)
    assert page.count("must be certified") == 3 and page.count("in 6 days 5 hours") == 2
    assert "coupon_redemptions" in page and "points_ledger" in page and "shipment_events" in page and "Run poco_prepare to its end" in page
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute("insert into migration.certificate (sequence, stage, run, document, sha256, report, issued_at)"
                       " values (1, 'history', 'r', '{}', 'h', '', now() + interval '8 days 6 hours')")  # fmt: skip
    assert "late by 2 days" in seen(place)


def test_a_red_line_is_first_and_says_what_to_do(site: Workplace) -> None:
    with psycopg.connect(site.source_owner) as source:
        source.execute("update poco.orders set region = 'ZZ' where id = 900001001")
    with psycopg.connect(site.target, autocommit=True) as target:
        target.execute("update migration.shape set fingerprint = 'other', description = '{}' where table_name = 'mi.reviews'")
    readiness.run_checks(site, RUN)
    page = seen(site)
    assert "1 red of" in page, re.findall(r"<td>(\w+)</td>", page)
    red, warning = page.index("regions_decided"), page.index("<td>shape</td>")
    assert red < warning
    assert "Add the region to migration.toml with a decision and its owner" in page[red:warning]


def test_what_is_certified_owned_and_followed_is_shown(place: Workplace) -> None:
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute(
            "insert into migration.certificate (sequence, stage, run, document, sha256, report) values (1, 'prepare', 'poco_prepare/x', '{}', 'h', 'evidence/c.html')"
        )
        target.execute("insert into migration.stream (slot, captured) values ('poco_migration', '0/1')")
        target.execute(
            "insert into migration.backlog (slot, written, retained_bytes, wal_bytes_per_s, lag_bytes, lag_seconds, keys) values ('poco_migration', '0/1', 5e6, 0, 2e6, 12.5, 4321)"
        )
    handover.to_xiaomi(place, [entity.name for entity in cards.moving_at("cutover")], ["DE"], RUN)
    page = seen(place)
    assert "certified" in page and "evidence/c.html" in page
    assert "<td>DE</td><td>Xiaomi in part</td>" in page and "<td>FR</td><td>POCO</td>" in page
    assert "4321" in page and "12.5" in page and "follows" in page


def test_before_the_ledger_is_there_the_page_says_where_to_begin(place: Workplace) -> None:
    with psycopg.connect(place.ledger) as target:
        target.execute("drop schema migration cascade")
    page = seen(place)
    assert "run poco_prepare" in page and "cutover was to begin" in page


def test_the_page_needs_no_more_than_its_own_role_and_cannot_write(place: Workplace) -> None:
    assert overview.board(overview.Watched(place.settings, as_role(place.target, "mi_board")))["installed"]
    assert "default_transaction_read_only=on" in overview.OPTIONS


def test_a_ledger_that_does_not_answer_is_an_error_of_the_house(place: Workplace, servers: Servers) -> None:
    with pytest.raises(TargetError):
        overview.board(overview.Watched(place.settings, servers.target.dsn("no_such_database")))
    assert "does not answer" in rendering.page("down.html", {"said": "x"})


def test_a_page_has_no_script_and_nothing_from_outside(site: Workplace) -> None:
    readiness.run_checks(site, RUN)
    page = seen(site)
    assert "<script" not in page and "http://" not in page and "https://" not in page and "src=" not in page


def test_text_of_the_ledger_is_text(place: Workplace) -> None:
    with psycopg.connect(place.target) as target:
        target.execute(
            "insert into migration.readiness (run, region, check_name, measured, demanded, ok, next_action) values ('r', 'ALL', '<script>x</script>', 'm', 'd', false, 'n')"
        )
    assert "<script>" not in seen(place)


ASK = """
import json, os, sys
os.environ.update(AIRFLOW_HOME=sys.argv[1], AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{sys.argv[1]}/a.db", AIRFLOW__CORE__PLUGINS_FOLDER=sys.argv[2] + "/plugins",
                  AIRFLOW__CORE__LOAD_EXAMPLES="False", AIRFLOW__CORE__UNIT_TEST_MODE="True", AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS="victor:viewer",
                  AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE=sys.argv[1] + "/passwords.json", AIRFLOW__API_AUTH__JWT_SECRET="x" * 64, AIRFLOW__API__SECRET_KEY="y" * 32)
open(sys.argv[1] + "/passwords.json", "w").write('{"victor": "password"}')
from airflow import plugins_manager
result = {"errors": {}, "before": sorted({"poco_migration.cockpit.app"} & set(sys.modules))}
plugins_manager.ensure_plugins_loaded() if hasattr(plugins_manager, "ensure_plugins_loaded") else plugins_manager._get_plugins()
result["loaded"] = sorted({"poco_migration.cockpit.app", "fastapi"} & set(sys.modules))
from airflow.utils.db import initdb
initdb()
from airflow.api_fastapi.app import create_app
from fastapi.testclient import TestClient
with TestClient(create_app(), base_url="http://testserver") as client:
    from poco_migration.cockpit.app import app
    paths = sorted(route.path for route in app.routes)
    result["paths"] = paths
    result["anonymous"] = {path: client.get(f"/poco{path}").status_code for path in [*paths, "/docs", "/openapi.json"]}
    result["forged"] = client.get("/poco/board", headers={"Authorization": "Bearer nonsense"}).status_code
    token = client.post("/auth/token", json={"username": "victor", "password": "password"}).json()["access_token"]
    answer = client.get("/poco/board", headers={"Authorization": f"Bearer {token}"})
    result["viewer"] = answer.status_code
    result["text"] = answer.text[:3000]
    result["headers"] = dict(answer.headers)
    result["posted"] = client.post("/poco/board", headers={"Authorization": f"Bearer {token}"}).status_code
print("RESULT" + json.dumps(result))
"""


@pytest.fixture(scope="module")
def served(migrated: Workplace, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Airflow's own API server with the plugin in it, and a viewer who signs in."""
    from psycopg.conninfo import conninfo_to_dict

    home, known = tmp_path_factory.mktemp("api"), conninfo_to_dict(as_role(migrated.target, "mi_board"))
    connection = {
        "conn_type": "postgres",
        "host": known["host"],
        "port": int(str(known["port"])),
        "schema": known["dbname"],
        "login": known["user"],
        "password": known["password"],
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK, str(home), str(PROJECT)],
        capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(PROJECT / "plugins"), "PATH": "/usr/bin:/bin", "HOME": str(home), "AIRFLOW_CONN_MI_BOARD": json.dumps(connection)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.rpartition("RESULT")[2])


def test_nobody_sees_a_page_without_signing_in(served: dict) -> None:
    assert "/board" in served["paths"]
    assert {path: code for path, code in served["anonymous"].items() if code not in (401, 404)} == {}
    assert served["anonymous"]["/board"] == 401
    assert served["forged"] in (401, 403)


def test_a_viewer_sees_the_page_and_can_change_nothing(served: dict) -> None:
    assert served["viewer"] == 200, served["text"]
    assert "Countdown" in served["text"]
    assert served["posted"] == 405
    assert "default-src 'none'" in served["headers"]["content-security-policy"]
    assert served["headers"]["cache-control"] == "no-store"


def test_processes_that_serve_no_page_do_not_import_it(served: dict) -> None:
    assert served["before"] == [] and "poco_migration.cockpit.app" not in served["loaded"]
