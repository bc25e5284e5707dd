"""make demo: the whole calendar, played through Airflow's own REST API as its users would play it in the UI.

Dana plans and starts, alice and bob sign, the milestone DAGs start by themselves when the calendar has come to their
date. Played again, it goes on where it stopped; what is certified stays as it is.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import psycopg

from legacy_store.traffic import Traffic
from local_stack import journal, outcome, stores
from local_stack.airflow_api import DONE, Airflow
from local_stack.stack import Stack
from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.engine.evidence import certificate

SHIFT = "poco_calendar_shift_seconds"
# An approval answered in the very second it is asked for can fail its task (Airflow 3.3, LocalExecutor).
THINKING_SECONDS = 3
STAGE_SECONDS = 1200
FOLLOWER = f"poco_{settings.FOLLOWER}"
BUILD = settings.PROJECT / "build"


def play(stack: Stack, scale: float) -> int:
    """Play every stage that is not certified; returns 0 when every gate is green and every equation closes."""
    began = time.monotonic()
    stack.say("1. The local stack")
    stack.up()
    stack.say("2. Two databases and a bucket of photos; customers buy until the store closes")
    stores.fill(stack.deployment, scale, stack.say)
    with Selling(stack) as selling:
        for number, stage in enumerate(settings.STAGES, start=3):
            stack.say(f"{number}. {stage}")
            if not Player(stack, stage).play():
                stack.say(f"\n{stage} did not finish. Mend what it names, then: make demo. Everything stays up: {stack.url}")
                return 1
            if stage == "prepare":
                stack.airflow("dana").unpause(FOLLOWER)
            if stage == "cutover" and not selling.account():
                return 1
    return outcome.report(stack, BUILD, time.monotonic() - began)


@dataclass
class Selling:
    """The store's live traffic, from the first stage until mi.com owns the store; every acknowledged write is asked for."""

    stack: Stack
    traffic: Traffic | None = None

    def __enter__(self) -> Self:
        source, passwords = self.stack.deployment.source, self.stack.deployment.passwords
        if not Player(self.stack, "cutover").certified():
            self.traffic = Traffic(source.dsn("poco", "poco_app", passwords["poco_app"])).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.traffic:
            self.traffic.stop()

    def account(self) -> bool:
        """Stop the traffic; whether all that the store acknowledged is at mi.com."""
        if not self.traffic:
            return True
        found = self.traffic.stop()
        moving = settings.load().moving()
        wrong = journal.missing(self.stack.source.dsn("poco"), self.stack.target.dsn("mi"), moving, found)
        self.stack.say(
            f"   customers wrote {len(found.acknowledged):,} rows in {found.visits:,} visits while the store moved, and were refused "
            f"{found.refused:,} times once it was closed; {len(wrong)} of the rows are not where they belong"
        )
        for entity, key in wrong[:10]:
            self.stack.say(f"   LOST: {entity} {key}")
        return not wrong


@dataclass
class Player:
    """One stage of the rehearsal."""

    stack: Stack
    stage: str
    told: set[tuple[str, int, str]] = field(default_factory=set)

    @property
    def dag(self) -> str:
        return f"poco_{self.stage}"

    def play(self) -> bool:
        if known := self.certified():
            self.stack.say(f"   certified already: certificate {known.sequence}, {known.issued_at:%Y-%m-%d %H:%M} UTC")
            return True
        dana = self.stack.airflow("dana")
        self._wait_for_dag(dana)
        if self.stage == "coupon_reissue":
            self._end_orders()
        milestone = getattr(settings.load().calendar, self.stage, None)
        if milestone and not self._scheduled(dana):
            self._move_calendar(dana, milestone)
        run = self._resume(dana) or self._start(dana, milestone)
        return self._watch(dana, run)

    def certified(self) -> certificate.Certificate | None:
        with psycopg.connect(self.stack.target.dsn("mi"), autocommit=True) as target:
            if not postgres.value(target, "select to_regclass('migration.certificate') is not null"):
                return None
            return certificate.newest_certificate(target, self.stage)

    def _end_orders(self) -> None:
        """mi.com's customers cancel the orders that hold a coupon: a coupon waits for its order, and the shutdown for the coupon."""
        deployment = self.stack.deployment
        with psycopg.connect(self.stack.source.dsn("poco")) as source:
            held = source.execute(
                "select array_agg(reserved_order_id) from poco.coupons where status = 1 and reserved_order_id is not null"
            )
            orders = held.fetchone()
        mi = self.stack.target.dsn("mi", "mi_app", deployment.passwords["mi_app"])
        with psycopg.connect(mi) as target:
            target.execute(
                "update mi.orders set status = 'cancelled'"
                " where status = 'placed' and order_id in (select mi.poco_key(k) from unnest(%s::bigint[]) k)",
                orders,
            )

    def _wait_for_dag(self, dana: Airflow) -> None:
        give_up = time.monotonic() + 120
        while self.dag not in dana.dags():
            if errors := dana.import_errors():
                raise RuntimeError(f"{errors[0]['filename']} cannot be imported: {errors[0]['stack_trace']}")
            if time.monotonic() > give_up:
                raise TimeoutError(f"{self.dag} did not appear in Airflow")
            time.sleep(1)

    def _move_calendar(self, dana: Airflow, milestone: datetime) -> None:
        """Move the whole calendar so that the milestone's day has just begun, and have Airflow read it.

        A calendar that stands there already (two milestones on one day) stays: moved by some seconds more, the dates of
        stages that have run would be other dates, and start them again.
        """
        known = dana.variable(SHIFT)
        if not known or not milestone <= datetime.now(UTC) - timedelta(seconds=int(known)) < milestone + timedelta(hours=12):
            shift = round((datetime.now(UTC) - milestone - timedelta(minutes=1)).total_seconds())
            dana.set_variable(SHIFT, str(shift), "Rehearsal: how many seconds the whole calendar is moved")
            self.stack.say(f"   the calendar is moved: today is {milestone:%d %B %Y}")
        give_up = time.monotonic() + 90
        # Runs of a date only start when Airflow has read the moved date.
        while not self._due(dana):
            dana.reparse(self.dag)
            if time.monotonic() > give_up:
                raise TimeoutError(f"Airflow did not take over the moved date of {self.dag}")
            time.sleep(2)

    def _due(self, dana: Airflow) -> bool:
        if self._scheduled(dana):
            return True
        due = dana.dags()[self.dag]["next_dagrun_run_after"]
        return bool(due) and timedelta(0) < datetime.now(UTC) - datetime.fromisoformat(due) < timedelta(hours=12)

    def _scheduled(self, dana: Airflow) -> list[dict[str, Any]]:
        """The runs that a date has started; with one there, the date has come and the calendar stays."""
        return [run for run in dana.runs(self.dag) if run["run_type"] == "scheduled"]

    def _resume(self, dana: Airflow) -> str | None:
        """A run of an earlier try that did not finish: clear what failed in it."""
        unfinished = [run for run in dana.runs(self.dag) if run["state"] != "success"]
        if not unfinished:
            return None
        run = str(unfinished[0]["dag_run_id"])
        if unfinished[0]["state"] == "failed":
            dana.clear(self.dag, run, [[t["task_id"], t["map_index"]] if t["map_index"] >= 0 else t["task_id"]
                                       for t in dana.tasks(self.dag, run) if t["state"] == "failed"])  # fmt: skip
        dana.unpause(self.dag)
        return run

    def _start(self, dana: Airflow, milestone: datetime | None) -> str:
        dana.unpause(self.dag)
        if milestone is None:
            return dana.trigger(self.dag, "Rehearsal")
        give_up = time.monotonic() + 90
        while not (runs := self._scheduled(dana)):
            if time.monotonic() > give_up:
                raise TimeoutError(f"{self.dag} did not start on its date")
            time.sleep(1)
        self.stack.say(f"   {self.dag} has started by itself: {runs[0]['dag_run_id']}")
        return str(runs[0]["dag_run_id"])

    def _watch(self, dana: Airflow, run: str) -> bool:
        asked: dict[str, float] = {}
        for seen in dana.watch(self.dag, run, STAGE_SECONDS):
            for task in seen["tasks"]:
                self._tell(dana, run, task)
            for question in dana.questions(self.dag, run):
                if time.monotonic() - asked.setdefault(question, time.monotonic()) >= THINKING_SECONDS:
                    signer = "bob" if question.endswith("_2") else "alice"
                    self.stack.approve(signer, self.dag, run, question)
                    asked[question] = float("inf")
                    self.stack.say(f"   {signer} signs {question}")
            if seen["state"] in DONE:
                return bool(seen["state"] == "success")
        return False

    def _tell(self, dana: Airflow, run: str, task: dict[str, Any]) -> None:
        """Say once what became of a task: rows and rate of a copied part, a gate's verdict, a failure's message."""
        key = (task["task_id"], task["map_index"], f"{task['state']}{task['try_number']}")
        name = task["task_id"]
        if key in self.told:
            return
        self.told.add(key)
        if task["state"] == "success" and name.endswith(".copy_part"):
            part = dana.result(self.dag, run, name, task["map_index"])
            rate = part["rows"] / part["seconds"] if part["seconds"] else 0
            self.stack.say(f"   {part['entity']:20} {part['rows']:>10,} rows {part['seconds']:>7.1f} s {rate:>10,.0f} rows/s")
        elif task["state"] == "success" and name.startswith("gate_"):
            verdict = dana.result(self.dag, run, name)
            self.stack.say(f"   gate {name[5:]}: {verdict['verdict']}")
        elif task["state"] == "success" and name == "switch":
            self.stack.say(f"   the store was closed for {dana.result(self.dag, run, name)['closed_seconds']} s before mi.com owned it")
        elif task["state"] == "success" and (self.stage, name) == ("redirects", "verify"):
            found = dana.result(self.dag, run, name)
            self.stack.say(
                f"   {sum(found.values()):,} addresses asked: {', '.join(f'{n:,} {outcome}' for outcome, n in sorted(found.items()))}"
            )
        elif task["state"] == "failed":
            self.stack.say(f"   FAILED {name}\n{_message(dana.log(self.dag, run, name, task['map_index'], task['try_number']))}")


def _message(log: str) -> str:
    """What the failed task said, out of its log."""
    errors = []
    for line in log.splitlines():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue
        for detail in entry.get("error_detail") or []:
            errors.append(f"{detail.get('exc_type')}: {detail.get('exc_value')}")
    return "\n".join(f"     {line}" for error in errors[-1:] for line in error.splitlines()) or "     see its log in Airflow"
