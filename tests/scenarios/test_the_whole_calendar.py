"""The whole calendar in real Airflow, with a fault planted before every gate: it turns the gate red, what comes after
waits, the message says what to do; mended and cleared, the DAG finishes green. People act in a real browser. What comes after the cutover plays in make faults."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psutil
import psycopg
import pytest
from scenarios.browser import Browser
from support.mail_and_web_receivers import webhook

from local_stack import approver_keys, outcome, rehearsal
from local_stack.airflow_api import Airflow
from local_stack.clusters import BINARIES
from local_stack.stack import Stack
from poco_migration import settings
from poco_migration.adapters import sealed_codes

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]


@contextmanager
def database(stack: Stack, side: str) -> Iterator[psycopg.Connection]:
    """As superuser: faults come from outside the migration."""
    dsn = {"source": stack.source.dsn("poco"), "target": stack.target.dsn("mi"), "drill": stack.target.dsn("restore_drill")}[side]
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def swallow(table: str, condition: str) -> tuple[str, str]:
    """A trigger that quietly drops rows, as a forgotten rule of the target's might."""
    return (
        f"create function public.planted() returns trigger language plpgsql as $$ begin if {condition} then return null; end if; return new; end $$;"
        f" create trigger planted before insert on {table} for each row execute function public.planted()",
        "drop function public.planted() cascade",
    )


def lose(table: str, condition: str, entity: str) -> tuple[str, str]:
    """A row that vanishes behind the copy's back. Not by a trigger on its table: a copy would notice that and stop."""
    return (
        f"create function public.planted() returns trigger language plpgsql as $$ begin if new.entity = '{entity}' then delete from {table}"
        f" where {condition}; end if; return new; end $$;"
        " create trigger planted before insert on migration.receipt for each row execute function public.planted()",
        "drop function public.planted() cascade",
    )


LOST_ITEM = lose("mi.order_lines", "line_id = mi.poco_key(900018001)", "order_items")
LOST_OWNER = swallow("migration.system_of_record", "new.entity = 'orders' and new.region = 'DE'")
# The same for a title that no sum sees, and for the terms of a planned coupon.
KEEPS = (
    "create function public.planted() returns trigger language plpgsql as $$ begin if new.entity = '{0}' then update {1}; end if; return new; end $$;"
    " create trigger planted before insert on migration.receipt for each row execute function public.planted()"
)
KEEPS_A_TITLE = KEEPS.format("reviews", "mi.reviews set title = 'planted' where review_id = mi.poco_key(900019001)")
KEEPS_A_TERM = KEEPS.format(
    "coupons", "migration.coupon_reissue set category = 'planted' where coupon_id = mi.poco_key(900023004) and state = 'planned'"
)
LOST_SCAN = lose("mi.shipment_events", "event_id = mi.poco_key(900004002)", "shipment_events")
# As a job of mi.com's own might: whenever orders are copied, a cent is added to this one. Copying it again does not help.
KEEPS_A_CENT = (
    "create function public.planted() returns trigger language plpgsql as $$ begin if new.entity = 'orders' then update mi.orders"
    " set total = total + 0.01 where order_id = mi.poco_key(900001003); end if; return new; end $$;"
    " create trigger planted before insert on migration.receipt for each row execute function public.planted();"
    " update mi.orders set total = total + 0.01 where order_id = mi.poco_key(900001003)"
)
TWICE = (
    "insert into mi.consents (profile_id, purpose, granted, recorded_at) select profile_id, purpose, granted, recorded_at from mi.consents"
    " where origin = 'poco' order by consent_id limit 1"
)
# A database that restores something else than it was given: whenever the drill makes this table, a cent is added to its rows.
RESTORES_A_CENT = (
    "create function public.planted_row() returns trigger language plpgsql as $$ begin new.amount_minor := new.amount_minor + 1; return new; end $$;"
    " create function public.planted() returns event_trigger language plpgsql as $$ begin if exists (select from pg_event_trigger_ddl_commands() c"
    " where c.object_identity = 'restored.refunds') then create trigger planted before insert on restored.refunds for each row execute function"
    " public.planted_row(); end if; end $$;"
    " create event trigger planted on ddl_command_end when tag in ('CREATE TABLE') execute function public.planted()"
)
CENT = "update mi.orders set total = total {} 0.01 where order_id = mi.poco_key(900001003)"


@dataclass(frozen=True)
class Fault:
    """What is planted, in which database, what the message must say, how it is mended, and what is then cleared."""

    stage: str
    gate: str
    side: str
    plant: str
    says: str
    mend: str
    clear: tuple[str, ...]


FAULTS = [
    Fault("prepare", "readiness", "source", "update poco.orders set region = 'ZZ' where id = 900001003", "regions_decided/ZZ",
          "update poco.orders set region = 'GLOBAL' where id = 900001003", ("assess",)),
    Fault("backfill", "loaded", "target", LOST_ITEM[0], "No row is missing on the target: not so for order_items/ES", LOST_ITEM[1],
          ("order_items.copy_part",)),
    Fault("reconcile", "rows", "target", TWICE, "that no row of the source stands for: not so for consents/",
          "delete from mi.consents where profile_id > mi.poco_key(0) and consent_id < mi.poco_key(0) - 100000000000000", ("repair",)),
    Fault("reconcile", "control_totals", "target", KEEPS_A_CENT, "order_money/GLOBAL/USD delivered", "drop function public.planted() cascade", ("parts_to_compare",)),
    Fault("reconcile", "counts", "target", "update mi.refunds set origin = 'mi' where refund_id = mi.poco_key(900022001)", "refunds/IT",
          "update mi.refunds set origin = 'poco' where refund_id = mi.poco_key(900022001)", ("parts_to_compare",)),
    Fault("cutover", "entry", "target", "update migration.certificate set issued_at = issued_at - interval '2 days' where stage = 'reconcile'",
          "younger than 24 hours", "update migration.certificate set issued_at = issued_at + interval '2 days' where stage = 'reconcile'",
          ("measure_before",)),
    Fault("cutover", "switched", "target", LOST_OWNER[0], "orders/DE", LOST_OWNER[1], ("switch",)),
    Fault("coupon_reissue", "rows", "target", KEEPS_A_TERM, "coupons/900023004/stale", "drop function public.planted() cascade", ("parts_to_compare",)),
    Fault("coupon_reissue", "liability", "target",
          "create function public.planted() returns trigger language plpgsql as $$ begin if new.kind = 'fixed' and new.market = 'de' and new.profile_id"
          " = mi.poco_key(900023001) then new.amount := new.amount + 0.01; end if; return new; end $$;"
          " create trigger planted before insert on mi.vouchers for each row execute function public.planted()",
          "coupon_value/DE/fixed EUR worth",
          "drop function public.planted() cascade; update mi.vouchers set amount = amount - 0.01 where kind = 'fixed' and market = 'de' and"
          " profile_id = mi.poco_key(900023001)", ("measure",)),
    Fault("history", "rows", "target", KEEPS_A_TITLE, "reviews/900019001/stale", "drop function public.planted() cascade", ("shipment_events.copy_part", "reviews.copy_part")),
    Fault("history", "complete", "target", LOST_SCAN[0], "shipment_events/DE", LOST_SCAN[1], ("shipment_events.copy_part",)),
    Fault("archive", "restored", "drill", RESTORES_A_CENT, "in all columns: not so for refunds/",
          "drop event trigger planted; drop function public.planted(), public.planted_row() cascade", ("restore",)),
    # A listing that mi.com hides between the build and the asking.
    Fault("redirects", "answers", "target",
          "create function public.planted() returns trigger language plpgsql as $$ begin update mi.listings set status = 'hidden' where market = 'de'"
          " and sku_key = 'PC-X6-0'; return new; end $$;"
          " create trigger planted before insert on migration.redirect_version for each row execute function public.planted()",
          "Every redirect leads to a page that mi.com's catalogue has: not so for DE/",
          "drop function public.planted() cascade; update mi.listings set status = 'on_sale' where market = 'de' and sku_key = 'PC-X6-0'",
          ("verify",)),
    Fault("final_shutdown", "entry", "target", CENT.format("+"), "kept_orders/GLOBAL/USD of orders", CENT.format("-"), ("measure",)),
    Fault("final_shutdown", "closed", "target",
          "create function public.planted() returns trigger language plpgsql as $$ begin if new.what = 'live tokens' and new.region = 'DE' then"
          " new.number := 1; end if; return new; end $$;"
          " create trigger planted before insert on migration.remains for each row execute function public.planted()",
          "no way into it, is left: not so for live tokens/DE", "drop function public.planted() cascade", ("close",)),
    Fault("after", "works", "source", "alter table poco.orders disable trigger zz_migration_fence", "no write in the regions that moved: not so for",
          "alter table poco.orders enable always trigger zz_migration_fence", ("look",)),
]  # fmt: skip


class Failed(Exception):
    """An earlier step of the calendar failed, so the later ones mean nothing."""


_broken: list[str] = []


@pytest.fixture(autouse=True)
def in_order(request: pytest.FixtureRequest) -> Iterator[None]:
    if _broken:
        pytest.fail(f"the calendar stopped at {_broken[0]}", pytrace=False)
    failed = request.session.testsfailed
    yield
    if request.session.testsfailed > failed:
        _broken.append(request.node.name)


def tasks(airflow: Airflow, dag: str, run: str) -> dict[str, str | None]:
    return {task["task_id"]: task["state"] for task in airflow.tasks(dag, run)}


def newest(airflow: Airflow, dag: str) -> str:
    return str(airflow.runs(dag)[0]["dag_run_id"])


def red(stack: Stack, fault: Fault) -> str:
    """Play the stage and see this gate red, everything after it waiting, and the message in the log. Returns the run."""
    dag, dana = f"poco_{fault.stage}", stack.airflow("dana")
    assert not rehearsal.Player(stack, fault.stage).play()
    run = newest(dana, dag)
    states = tasks(dana, dag, run)
    gate = f"gate_{fault.gate}"
    assert states[gate] == "failed", states
    after = {"certify", f"accept_{fault.gate}_warnings"} | ({"switch", "approval_1"} if fault.gate == "entry" else set())
    assert not {name for name in after & states.keys() if states[name] == "success"}, "something went on behind a red gate"
    tries = max(task["try_number"] for task in dana.tasks(dag, run) if task["task_id"] == gate)
    log = dana.log(dag, run, gate, attempt=tries)
    assert fault.says in log and "clear this task" in log, log[-3000:]
    return run


def green(stack: Stack, fault: Fault, run: str) -> None:
    with database(stack, fault.side) as connection:
        connection.execute(fault.mend)
    stack.airflow("dana").clear(f"poco_{fault.stage}", run, list(fault.clear))


def test_the_calendar_begins_with_a_stack_that_runs(stack: Stack) -> None:
    assert set(stack.status().values()) == {"RUNNING"}
    pids = {process.pid for process in psutil.process_iter(["environ"]) if "AIRFLOW_HOME" in (process.info["environ"] or {})}
    stack.up()
    assert {pid for pid in pids if psutil.pid_exists(pid)} == pids, "a second up replaced something"
    assert stack.airflow("admin").import_errors() == []


def test_a_killed_process_is_noticed_named_and_started_again(stack: Stack, capsys: pytest.CaptureFixture) -> None:
    pid = next(p.pid for p in psutil.process_iter(["cmdline", "environ"]) if "triggerer" in " ".join(p.info["cmdline"] or [])
               and (p.info["environ"] or {}).get("AIRFLOW_HOME", "").startswith(str(stack.state.folder)))  # fmt: skip
    os.kill(pid, signal.SIGKILL)
    time.sleep(2)
    assert stack.status()["triggerer"] == "EXITED"
    stack.up()
    assert "triggerer had died and is started again" in capsys.readouterr().out
    assert set(stack.status().values()) == {"RUNNING"}


def test_later_stages_refuse_while_the_ones_before_are_not_certified(stack: Stack) -> None:
    """The real calendar has passed every date, so all milestone DAGs start at once when they are unpaused; none runs."""
    dana = stack.airflow("dana")
    stages = [stage for stage in settings.STAGES if hasattr(settings.load().calendar, stage)]
    for stage in stages:
        rehearsal.Player(stack, stage)._wait_for_dag(dana)
        dana.unpause(f"poco_{stage}")
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up:
        runs = {stage: dana.runs(f"poco_{stage}") for stage in stages}
        if all(found and found[0]["state"] == "failed" for found in runs.values()):
            break
        time.sleep(1)
    for stage, found in runs.items():
        assert [run["run_type"] for run in found] == ["scheduled"], f"{stage} must start once by itself"
        states = tasks(dana, f"poco_{stage}", found[0]["dag_run_id"])
        for harmless in ("plan", "for_real", "end_drill"):  # whoever asks for a plan gets one; nothing is left of a drill
            states.pop(harmless, None)
        assert states.pop("enter") == "failed" and "success" not in states.values()
        assert "run poco_prepare first" in dana.log(
            f"poco_{stage}", found[0]["dag_run_id"], "enter"
        ) or "needs the certificate of" in dana.log(f"poco_{stage}", found[0]["dag_run_id"], "enter")
    with database(stack, "target") as target:
        assert target.execute("select to_regclass('migration.certificate')").fetchone() == (None,)


@pytest.fixture
def every_gate(request: pytest.FixtureRequest) -> bool:
    """`make test` sees the gates of prepare and of the cutover bite in Airflow; with --faults all of them do, a minute each."""
    return bool(request.config.getoption("--faults"))


def bites(stack: Stack, stage: str, *, planted: bool = False) -> None:
    """Each gate of the stage."""
    for fault in [fault for fault in FAULTS if fault.stage == stage]:
        if not planted:
            with database(stack, fault.side) as connection:
                connection.execute(fault.plant)
        green(stack, fault, red(stack, fault))
    assert rehearsal.Player(stack, stage).play()


def test_the_gate_of_prepare_bites_is_seen_in_the_browser_and_lets_go(stack: Stack, browser: Browser) -> None:
    """Whoever only looks sees how long it is, what is red and what to do about it, and nobody who is not signed in."""
    fault = FAULTS[0]
    with database(stack, fault.side) as connection:
        connection.execute(fault.plant)
    run = red(stack, fault)
    assert httpx.get(f"{stack.url}/poco/board").status_code == 401
    browser.sign_in("victor")
    browser.open_board()
    browser.wait_for_text("cutover was to begin")
    browser.wait_for_text("1 red of")
    browser.wait_for_text("Add the region to migration.toml with a decision and its owner")
    browser.picture("readiness")
    browser.leave_frame()
    green(stack, fault, run)
    assert rehearsal.Player(stack, "prepare").play()
    browser.open_board()
    browser.wait_for_text("0 red of")
    browser.leave_frame()
    stack.airflow("dana").unpause(rehearsal.FOLLOWER)


def test_a_date_is_warned_of_in_time_and_once(stack: Stack) -> None:
    """The calendar is moved to a little more than four hours before the cutover: Airflow's deadlines tell the day's warning at once and
    the last one in time, to a webhook that somebody else runs. Then the calendar is moved back."""
    dana, dag, calendar = stack.airflow("dana"), f"poco_{settings.WATCHER}", settings.load().calendar
    ahead = timedelta(hours=4, seconds=100)
    shift = round((datetime.now(UTC) + ahead - calendar.cutover).total_seconds())
    due = calendar.cutover + timedelta(seconds=shift) - timedelta(hours=4)
    with webhook() as hook:
        stack.airflow("admin").ensure_connection({"connection_id": "poco_alerts", "conn_type": "http", "password": hook.url})
        dana.set_variable(rehearsal.SHIFT, str(shift), "Rehearsal: how many seconds the whole calendar is moved")
        # A run's deadlines are those of the calendar that Airflow has read when the run begins.
        dana.reparse(dag)
        time.sleep(30)
        dana.unpause(dag)
        while len(hook.posts) < 2:
            assert datetime.now(UTC) < due + timedelta(seconds=60), (hook.posts, dana.runs(dag))
            time.sleep(1)
        late = (datetime.now(UTC) - due).total_seconds()
        time.sleep(5)
    dana.call("PATCH", f"/dags/{dag}", json={"is_paused": True})
    dana.call("DELETE", f"/variables/{rehearsal.SHIFT}")
    texts = [post["text"] for post in hook.posts]
    assert 0 <= late < 30, texts
    assert len(texts) == 2 and all("[rehearsal] POCO to mi.com: cutover begins in " in text for text in texts)
    assert all("Still missing: the certificate of backfill, the certificate of reconcile." in text for text in texts)
    assert "in 3 hours 59 minutes" in texts[1] and "Next: Run poco_backfill to its end" in texts[1]
    with database(stack, "target") as target:
        assert target.execute("select before_hours from migration.alert order by told_at").fetchall() == [(24,), (4,)]


def test_a_failed_mapped_task_is_rerun_in_the_browser(stack: Stack, browser: Browser, every_gate: bool) -> None:
    """On call at 3 a.m.: one part cannot be written; its log says what to do; cleared in the UI, the DAG goes on."""
    dana, dag = stack.airflow("dana"), "poco_backfill"
    with database(stack, "target") as target:
        target.execute("revoke insert on mi.consents from mi_migrator")
        if every_gate:
            target.execute(LOST_ITEM[0])  # for the gate, which is the next test
    assert not rehearsal.Player(stack, "backfill").play()
    run = newest(dana, dag)
    assert tasks(dana, dag, run)["consents.copy_part"] == "failed"
    with database(stack, "target") as target:
        target.execute("grant insert on mi.consents to mi_migrator")

    browser.sign_in("dana")
    browser.open(dag, run, "/tasks/consents.copy_part/mapped/0")
    browser.wait_for_text("permission denied for table consents")
    browser.wait_for_text("Look at the schema and the grants")
    browser.picture("failed_part")
    browser.find("[aria-label='Press shift+c to clear']").click()
    browser.button("Confirm", inside="[role=dialog]").click()
    give_up = time.monotonic() + 60
    while tasks(dana, dag, run)["consents.copy_part"] != "success":
        assert time.monotonic() < give_up, "the cleared part did not run again"
        time.sleep(1)


def test_the_gate_of_backfill_bites_and_lets_go(stack: Stack, every_gate: bool) -> None:
    if every_gate:
        bites(stack, "backfill", planted=True)
    else:
        assert rehearsal.Player(stack, "backfill").play()


def note(stack: Stack, text: str) -> None:
    with database(stack, "source") as source:
        source.execute(
            "update poco.orders set note = %s where id = (select max(id) from poco.orders where region = 'DE' and status = 50)", (text,)
        )


def noted(stack: Stack, text: str) -> bool:
    with database(stack, "target") as target:
        return target.execute("select count(*) from mi.orders where note = %s", (text,)).fetchone() == (1,)


def test_what_the_store_writes_after_the_backfill_arrives_by_itself(stack: Stack) -> None:
    note(stack, "after the backfill")
    give_up = time.monotonic() + 60
    while not noted(stack, "after the backfill"):
        assert time.monotonic() < give_up, stack.airflow("dana").runs(rehearsal.FOLLOWER)[:2]
        time.sleep(1)


def test_a_slot_that_is_dropped_is_told_within_a_run(stack: Stack) -> None:
    """What changes until reconcile has run is in no log; reconcile makes a new slot and finds it, as the next test sees."""
    dana, dag = stack.airflow("dana"), rehearsal.FOLLOWER
    slot = settings.load().follow.slot
    ended = "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = %s and active"
    dropped = "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %s and not active"
    with database(stack, "source") as source:
        give_up = time.monotonic() + 120
        while source.execute(dropped, (slot,)).rowcount == 0:  # poco_follow reads it as a stream, and comes back
            source.execute(ended, (slot,))
            assert time.monotonic() < give_up
    began = time.monotonic()
    note(stack, "in no log")
    while not (red_runs := [run for run in dana.runs(dag) if run["state"] == "failed"]):
        assert time.monotonic() - began < settings.load().follow.run_seconds + 30
        time.sleep(1)
    log = dana.log(dag, str(red_runs[0]["dag_run_id"]), "follow")
    assert "SlotLost" in log and "Run poco_reconcile" in log
    assert not noted(stack, "in no log")


def test_the_gates_of_reconcile_bite_and_let_go(stack: Stack, every_gate: bool) -> None:
    if every_gate:
        bites(stack, "reconcile")
    else:
        assert rehearsal.Player(stack, "reconcile").play()


def test_reconcile_has_made_the_lost_slot_good(stack: Stack) -> None:
    assert noted(stack, "in no log")
    with database(stack, "target") as target:
        assert target.execute("select lost from migration.stream").fetchall() == [(None,)]
    note(stack, "followed again")
    give_up = time.monotonic() + 120
    while not noted(stack, "followed again"):
        assert time.monotonic() < give_up, stack.airflow("dana").runs(rehearsal.FOLLOWER)[:2]
        time.sleep(1)


def test_the_cutover_is_signed_in_the_browser_by_two_people(stack: Stack, browser: Browser) -> None:
    """The gate before it bites; then alice signs in the UI, a second time she may not, bob signs, and the store is closed."""
    dana, dag = stack.airflow("dana"), "poco_cutover"
    first, second = [fault for fault in FAULTS if fault.stage == "cutover"]
    with database(stack, "target") as target:
        target.execute(first.plant)
    run = red(stack, first)
    green(stack, first, run)
    give_up = time.monotonic() + 90
    while len(dana.questions(dag, run)) < 2:
        assert time.monotonic() < give_up, tasks(dana, dag, run)
        time.sleep(1)
    with pytest.raises(RuntimeError, match="403"):
        dana.answer(dag, run, "approval_1")
    with database(stack, "target") as target:
        target.execute(second.plant)

    drafted = alice_signs_twice(stack, browser, dag, run)

    asked_again(dana, dag, run)
    stack.airflow("bob").answer(dag, run, "approval_2", "Reject", reason="Not on a Friday.")
    wait_for(dana, dag, run, "failed")
    rejected = next(task for task in dana.tasks(dag, run) if task["task_id"] == "approval_2")
    assert rejected["state"] == "failed"
    assert "approval_2 was rejected" in dana.log(dag, run, "approval_2", attempt=rejected["try_number"])

    asked_again(dana, dag, run)
    stack.approve("bob", dag, run, "approval_2")
    wait_for(dana, dag, run, "failed")
    assert tasks(dana, dag, run)["gate_switched"] == "failed"
    assert "orders/DE" in dana.log(dag, run, "gate_switched")
    green(stack, second, run)
    wait_for(dana, dag, run, "success")
    with database(stack, "target") as target:
        signed = target.execute("select approver, draft from migration.approval where subject = 'cutover' order by 1").fetchall()
    assert signed == [("alice", drafted["sha256"]), ("bob", drafted["sha256"])]
    browser.open(dag, run)
    browser.wait_for_text("certify")
    browser.picture("cutover")


def alice_signs_twice(stack: Stack, browser: Browser, dag: str, run: str) -> dict[str, Any]:
    """What she signs is on the page; her second signature fails by itself, and nothing is handed over. Returns the draft."""
    dana = stack.airflow("dana")
    browser.sign_in("alice")
    browser.open(dag, run, "/tasks/approval_1/required_actions")
    browser.wait_for_text("Hand the store over to mi.com? (1 of 2)")
    browser.wait_for_text("Gate entry: pass")
    drafted = dana.result(dag, run, "draft")
    browser.wait_for_text(drafted["sha256"][:16])
    browser.wait_for_text(drafted["report"])
    browser.wait_for_text("mi.com owns the regions, in one transaction")
    time.sleep(rehearsal.THINKING_SECONDS)
    line = stack.airflow("alice").statement(dag, run, "approval_1")
    assert line == f"poco-migration | cutover | {dag}/{run} | cutover | {drafted['sha256']}"
    browser.find("textarea").send_keys(approver_keys.sign(stack.approver_key("alice"), line))
    browser.picture("approval")
    browser.find("[data-testid=hitl-option-Approve]").click()
    browser.wait_for_text("Success")
    stack.approve("alice", dag, run, "approval_2")
    wait_for(dana, dag, run, "failed")
    states = tasks(dana, dag, run)
    assert (states["approval_2"], states["switch"]) == ("failed", "upstream_failed")
    tries = next(task["try_number"] for task in dana.tasks(dag, run) if task["task_id"] == "approval_2")
    assert "alice has signed approval_1 already, and the same person cannot sign twice" in dana.log(dag, run, "approval_2", attempt=tries)
    browser.open(dag, run, "/tasks/approval_2")
    browser.wait_for_text("the same person cannot sign twice")
    browser.picture("same_person")
    with database(stack, "target") as target:
        assert target.execute("select count(*) from migration.system_of_record").fetchone() == (0,)
    return dict(drafted)


def asked_again(dana: Airflow, dag: str, run: str) -> None:
    dana.clear(dag, run, ["approval_2"])
    while "approval_2" not in dana.questions(dag, run):
        time.sleep(1)
    time.sleep(rehearsal.THINKING_SECONDS)


def wait_for(dana: Airflow, dag: str, run: str, state: str) -> None:
    for seen in dana.watch(dag, run, 180):
        if seen["state"] in ("success", "failed"):
            assert seen["state"] == state, [(t["task_id"], t["state"]) for t in seen["tasks"]]


# Ten minutes more than `make test` has room for; make demo plays them too, without faults.
@pytest.mark.faults
@pytest.mark.parametrize("stage", ["coupon_reissue", "history", "archive", "redirects", "final_shutdown"])
def test_every_gate_after_the_cutover_bites_and_lets_go(stack: Stack, stage: str) -> None:
    if stage == "final_shutdown":  # this calendar stands still, and the shutdown wants days without a write
        with database(stack, "target") as target:
            target.execute("update migration.quiet set looked_at = looked_at - interval '20 days'")
    bites(stack, stage)


@pytest.mark.faults
def test_the_daily_look_behind_the_shutdown_bites_and_lets_go(stack: Stack) -> None:
    """On the second day of January: on the real calendar the time for which it looks is over."""
    dana, day = stack.airflow("dana"), settings.load().calendar.final_shutdown + timedelta(days=2)
    for stage in settings.STAGES:  # on another calendar their dates come once more
        dana.call("PATCH", f"/dags/poco_{stage}", json={"is_paused": True})
    dana.set_variable(
        rehearsal.SHIFT, str(round((datetime.now(UTC) - day).total_seconds())), "Rehearsal: how many seconds the whole calendar is moved"
    )
    bites(stack, settings.AFTER)
    dana.call("DELETE", f"/variables/{rehearsal.SHIFT}")


@pytest.mark.faults
def test_since_the_shutdown_everybody_is_redirected_and_india_is_not(stack: Stack) -> None:
    """By the service as it runs; before the shutdown it answered only whoever asked for what is staged."""
    with database(stack, "target") as target:
        [(version,)] = target.execute("select version from migration.redirect_version where switched_on_at is not null").fetchall()
    give_up = time.monotonic() + 30
    while httpx.get(f"{stack.redirects_url}/readyz").json() != {"version": version}:
        assert time.monotonic() < give_up, httpx.get(f"{stack.redirects_url}/readyz").json()
        time.sleep(0.5)
    page = httpx.get(f"{stack.redirects_url}/DE/product/poco-x6-3.html?a=b", headers={"host": "www.po.co"}, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (301, "https://www.mi.com/de/product/PC-X6-0?a=b")
    assert httpx.get(f"{stack.redirects_url}/", headers={"host": "poco.in"}, follow_redirects=False).status_code == 421


@pytest.mark.faults
def test_the_rehearsal_ends_closed_and_green_and_says_so(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> None:
    build = settings.PROJECT / "build" / "test"
    assert outcome.report(stack, build, 1.0) == 0
    written = json.loads((build / "demo.json").read_text("utf-8"))
    assert written.keys() >= {"equations", "gates", "seconds", "urls"}
    for e in written["equations"]:
        assert e["source"] == e["migrated"] + e["merged"] + e["excluded"] + e["quarantined"], e
        if e["region"] == "IN":
            assert (e["migrated"], e["merged"], e["quarantined"]) == (0, 0, 0)
    assert len({e["entity"] for e in written["equations"]}) == 21
    assert {e["region"] for e in written["equations"]} >= {"GLOBAL", "UK", "FR", "DE", "IT", "ES", "ID", "IN"}
    dana = stack.airflow("dana")
    assert {
        stage: len([run for run in dana.runs(f"poco_{stage}") if run["state"] != "failed"]) for stage in settings.STAGES
    } == dict.fromkeys(settings.STAGES, 1)
    assert {(gate["stage"], gate["gate"]) for gate in written["gates"]} == {(fault.stage, fault.gate) for fault in FAULTS}
    assert all(gate["verdict"] in ("pass", "warn") for gate in written["gates"])
    for gate in written["gates"]:
        assert (build / gate["report"].removeprefix("build/")).exists(), gate


@pytest.mark.faults
def test_one_changed_byte_of_the_evidence_ends_the_rehearsal_red(stack: Stack, capsys: pytest.CaptureFixture) -> None:
    build = settings.PROJECT / "build" / "test"
    assert outcome.verify(stack, build)
    report = next((build / "evidence" / "reports").rglob("report.html"))
    report.write_bytes(report.read_bytes() + b" ")
    assert not outcome.verify(stack, build)
    assert f"FAILED changed    {report.relative_to(build / 'evidence')}" in capsys.readouterr().out


@pytest.mark.faults
def test_played_again_nothing_changes_on_the_target(stack: Stack) -> None:
    with database(stack, "target") as target:
        before = outcome.fingerprint(target)
    assert all(rehearsal.Player(stack, stage).play() for stage in settings.STAGES)
    with database(stack, "target") as target:
        assert outcome.fingerprint(target) == before


@pytest.mark.faults
def test_behind_the_shutdown_no_way_to_poco_is_left_and_up_brings_none_back(stack: Stack) -> None:
    gone = {"poco_source", "poco_source_owner", "poco_source_auditor", "voucher_key", "airflow_api"}
    for _ in range(2):
        known = {
            found["connection_id"] for found in stack.airflow("admin").call("GET", "/connections", params={"limit": 100})["connections"]
        }
        assert not known & gone and known >= {"poco_source_witness", "mi_target", "evidence_s3", "signing_key"}
        for role in ("poco_migrator", "poco_auditor"):
            with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
                psycopg.connect(stack.source.dsn("poco", role, stack.deployment.passwords[role]))
        stack.up()


@pytest.mark.faults
@pytest.mark.parametrize(("dag", "task"), [("poco_reconcile", "anything_left"), (rehearsal.FOLLOWER, "follow")])
def test_what_has_nothing_left_to_do_is_skipped_and_not_red(stack: Stack, dag: str, task: str) -> None:
    dana = stack.airflow("dana")
    dana.unpause(dag)
    if dag == rehearsal.FOLLOWER:
        while tasks(dana, dag, newest(dana, dag))[task] in (None, "scheduled", "queued", "running"):
            time.sleep(2)
        run = newest(dana, dag)
    else:
        run = dana.trigger(dag, "a night behind the cutover")
    wait_for(dana, dag, run, "success")
    assert tasks(dana, dag, run)[task] == "skipped"
    assert "nothing" in dana.log(dag, run, task)
    dana.call("PATCH", f"/dags/{dag}", json={"is_paused": True})


SECRETS = ("CANARY-IN", "canary-in", "ERASED-LEFTOVER", "CANARY-XX", "card_secret", "TRAP-SECRET", "tok_", "$2b$12$")


@pytest.mark.faults
def test_nothing_that_must_stay_behind_is_anywhere(stack: Stack) -> None:
    """India's canaries, an erased person's leftovers and every secret column, looked for in all that the migration
    wrote: mi.com's database with the ledger, Airflow's database with XCom, S3, the logs of all processes and tasks."""
    dumps = {
        "mi.com and the ledger": (stack.target.dsn("mi"), "mi.com"),
        "Airflow's database": (stack.metadata.dsn("airflow"), "XCom"),
    }
    for name, (dsn, _) in dumps.items():
        dump = subprocess.run([str(BINARIES / "pg_dump"), "--inserts", "-d", dsn], capture_output=True, check=True).stdout
        assert len(dump) > 100_000
        for secret in SECRETS:
            assert secret.encode() not in dump, f"{secret} is in {name}"
    files = [path for part in ("logs", "s3") for path in stack.state.folder.joinpath(part).rglob("*") if path.is_file()]
    searched = [path for path in files if "poco-media" not in path.parts]
    assert len(searched) > 100
    for path in searched:
        body = path.read_bytes()
        for secret in SECRETS:
            assert secret.encode() not in body and secret not in str(path), f"{secret} is in {path}"
    source = subprocess.run(
        [str(BINARIES / "pg_dump"), "--inserts", "-d", stack.source.dsn("poco")], capture_output=True, check=True
    ).stdout
    assert all(secret.encode() in source for secret in SECRETS), "the search would find them where they are"


def every_code(stack: Stack) -> set[bytes]:
    """All coupon codes, POCO's and mi.com's, out of both databases."""
    with database(stack, "source") as source, database(stack, "target") as target:
        old = {row[0].encode() for row in source.execute("select code from poco.coupons")}
        new = {row[0].encode() for row in target.execute("select code from mi.vouchers")}
    assert len(old) > 500 and len(new) > 50
    return old | new


def codes_in(codes: set[bytes], text: bytes) -> set[bytes]:
    """Those that stand in a text, wherever in it; every window of their length is looked up."""
    lengths = {len(code) for code in codes}
    found = set()
    for run in re.finditer(rb"[0-9A-Z-]{%d,}" % min(lengths), text):
        for length in lengths:
            found |= {run[0][at : at + length] for at in range(len(run[0]) - length + 1)} & codes
    return found


def where_codes_are(stack: Stack, codes: set[bytes]) -> set[str]:
    """The logs of all processes and tasks, Airflow's database with XCom, and every object that the migration wrote, by name and content."""
    dump = subprocess.run(
        [str(BINARIES / "pg_dump"), "--inserts", "-d", stack.metadata.dsn("airflow")], capture_output=True, check=True
    ).stdout
    found = {"Airflow's database"} if codes_in(codes, dump) else set()
    for part in ("logs", "s3"):
        for path in stack.state.folder.joinpath(part).rglob("*"):
            if path.is_file() and codes_in(codes, str(path).encode() + b" " + path.read_bytes()):
                found.add(path.name)
    return found


@pytest.mark.faults
def test_no_coupon_code_old_or_new_is_in_a_log_xcom_report_notice_or_page(stack: Stack) -> None:
    codes = every_code(stack)
    assert any(stack.state.folder.joinpath("s3", "migration-notices").rglob("DE.*.jsonl")), "there are no notices to look in"
    assert where_codes_are(stack, codes) == set()
    dana, dag = stack.airflow("dana"), "poco_coupon_reissue"
    run = newest(dana, dag)
    logs = "".join(
        dana.log(dag, run, task["task_id"], attempt=task["try_number"]) for task in dana.tasks(dag, run) if task["map_index"] == -1
    )
    assert len(logs) > 1_000 and codes_in(codes, logs.encode()) == set()


@pytest.mark.faults
@pytest.mark.parametrize("which", ["old", "new"])
def test_the_search_for_codes_finds_one_wherever_it_is_planted(stack: Stack, which: str) -> None:
    codes = every_code(stack)
    code = next(code for code in sorted(codes) if code.startswith(b"POCO-") == (which == "old"))
    planted = [stack.state.path("logs", "planted.log"), stack.state.path("s3", "migration-evidence", "planted.json")]
    with psycopg.connect(stack.metadata.dsn("airflow"), autocommit=True) as airflow:
        try:
            for path in planted:
                path.write_bytes(b'{"x":"A' + code + b'B"}')
            named = stack.state.path("s3", "migration-notices", f"{code.decode()}.jsonl")
            named.write_bytes(b"{}")
            planted.append(named)
            airflow.execute("insert into variable (key, val, is_encrypted) values ('planted', %s, false)", (code.decode(),))
            assert where_codes_are(stack, codes) == {path.name for path in planted} | {"Airflow's database"}
        finally:
            for path in planted:
                path.unlink()
            airflow.execute("delete from variable where key = 'planted'")


@pytest.mark.faults
def test_the_mailing_system_of_the_rehearsal_reads_every_code(stack: Stack) -> None:
    with database(stack, "target") as target:
        known = {str(notice): code for notice, code in target.execute("select reissue_id, code from mi.vouchers where origin = 'poco'")}
    told = [
        json.loads(line)
        for path in stack.state.folder.joinpath("s3", "migration-notices").rglob("*.jsonl")
        for line in path.read_bytes().splitlines()
    ]
    assert len(told) > 50
    for line in told:
        assert sealed_codes.opened(stack.mailing_private(), line["code"], UUID(line["notice"]).bytes) == known[line["notice"]]
