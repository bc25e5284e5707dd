"""How long the store is closed, and how long nobody sells on the way back, with a small and with a large store and the same
changes: neither window may know the size.

The switch and the return are the product's own. What the bench adds is a step before the store closes, which changes rows
that nobody has copied or proven yet; and between the two as many changes at mi.com, made by its own program. The count of all
rows after the handover is left out: it runs with mi.com selling, and is not part of the window.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bench.report import Measure, median
from bench.servers import APPROVERS, RUN, filled, servers
from local_stack import approver_keys
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import fence
from poco_migration.engine.evidence import approvals, canonical_json, certificate_content, facts
from poco_migration.engine.follow import follower, heartbeat
from poco_migration.engine.ledger import ownership
from poco_migration.engine.ledger.step_log import PlannedStep
from poco_migration.model import Run
from poco_migration.stages import cutover, reconcile, recounting, rollback
from poco_migration.stages.switch_attempt import Switch

PHASES = {"close": "fence", "drain": "drain and apply", "prove": "verify", "seal": "seal", "hand over": "switch"}
NAMES = [entity.name for entity in cards.moving_at("cutover")]
CHANGES = [  # table, what changes, which share of the pending keys
    ("orders", "updated_at = updated_at + interval '1 second'", 2),
    ("payments", "provider_ref = md5(provider_ref)", 4),
    ("addresses", "created_at = created_at + interval '1 second'", 4),
]
CHANGES_AT_MI = [  # the same at mi.com: table, key, what changes, which share of the keys
    ("orders", "order_id", "updated_at = updated_at + interval '1 second'", 2),
    ("payments", "payment_id", "provider_ref = md5(provider_ref)", 4),
    ("addresses", "address_id", "created_at = created_at + interval '1 second'", 8),
    ("profiles", "profile_id", "note = md5(profile_id::text || %s)", 8),
]
# Customers change what is recent. The newest rows are as many in both stores, so that the size of the rest is all that differs.
RECENT = 5_000
Window = dict[str, float]  # seconds by phase, and "window" for all of it


def measure(folder: Path, small: float, large: float, pending: int, rounds: int) -> list[Measure]:
    """Freeze both stores in turn, `rounds` times, each with `pending` changed keys; prints the phases."""
    with servers(folder) as (source, target):
        pairs = {}
        for name, scale in (("small", small), ("large", large)):
            place = filled(source, target, scale, f"_{name}")
            rows = _rows(place)
            print(f"{name}: {rows:,} rows", flush=True)
            pairs[name] = (place, rows)
        windows: dict[str, list[Window]] = {name: [] for name in pairs}
        for turn in range(rounds + 1):  # the first one warms the caches of both
            for name, (place, _) in pairs.items():
                window = _freeze(place, pending, turn) | _give_back(place, target.dsn(_database(place)), pending, turn)
                if turn:
                    windows[name].append(window)
    for phase in (*PHASES, "window", "way back"):
        figures = "   ".join(f"{name} {median([w[phase] for w in taken]):6.3f} s" for name, taken in windows.items())
        print(f"{PHASES.get(phase, phase):16} {figures}", flush=True)
    raw = {"rows": {name: rows for name, (_, rows) in pairs.items()}, "pending_keys": pending, "windows": windows}
    said = {
        "window": ("freeze: window", "pending keys, proof included"),
        "way back": ("rollback: time in which nobody sells", "keys changed at mi.com, proof included"),
    }
    found: list[Measure] = []
    for phase, (what, changed) in said.items():
        small_, large_ = ([w[phase] for w in windows[name]] for name in ("small", "large"))
        ratio, p95 = median(large_) / median(small_), sorted(large_)[min(rounds - 1, round(0.95 * rounds))]
        found += [
            Measure(f"{what}, large store against the small one, same changes (times)", ratio, "<= 1.2", ratio <= 1.2, raw),
            Measure(f"{what} with {pending} {changed}, 95th percentile (s)", p95, "<= 5", p95 <= 5, raw),
        ]
    return found


def _database(place: Workplace) -> str:
    return str(conninfo_to_dict(place.target)["dbname"])


def _rows(place: Workplace) -> int:
    """Rows of POCO's whole store."""
    with psycopg.connect(place.source_owner) as source:
        tables = [row[0] for row in source.execute("select tablename from pg_tables where schemaname = 'poco'")]
        return sum(_count(source, table) for table in tables)


def _count(source: psycopg.Connection[tuple[int]], table: str) -> int:
    row = source.execute(f"select count(*) from poco.{table}").fetchone()
    return row[0] if row else 0


def _freeze(place: Workplace, pending: int, turn: int) -> Window:
    """One switch of all regions. What a way back brings is to be compared first, and is owed to the next switch by key only."""
    run = replace(RUN, id=f"bench/freeze {turn}")
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute("update migration.part set proven_copies = copies")
    heartbeat.note_look(place)  # nobody follows here, and the switch asks for somebody
    with _changing(place, pending, turn):
        cutover.switch(place, run, _signed(place, run, "cutover"))
    with psycopg.connect(place.target, autocommit=True) as target:
        took: dict[str, float] = dict(
            target.execute("select step, seconds from migration.switch_step where run = %s and seconds is not null", (run.id,)).fetchall()
        )
    assert ownership.read_ownership(place, NAMES).handed_over(NAMES) == set(place.settings.moving())
    window = {phase: float(took[phase]) for phase in PHASES}
    return window | {"window": sum(window.values())}


def _give_back(place: Workplace, at_mi: str, pending: int, turn: int) -> Window:
    """mi.com's customers change rows, then everything returns; how long nobody sold."""
    run = replace(RUN, id=f"bench/way back {turn}")
    with psycopg.connect(at_mi, autocommit=True) as program:
        program.execute("set session authorization mi_app")
        for table, key, change, share in CHANGES_AT_MI:
            poco = f"{key} between mi.poco_key(0) and mi.poco_key(899999999)"
            newest = f"select {key} as key from mi.{table} where {poco} order by 1 desc limit %s"
            keys = f"select key from ({newest}) n order by md5(key::text || %s) limit %s"
            found = [row[0] for row in program.execute(keys, (RECENT, str(turn), pending // share))]
            given = (str(turn), found) if "%s" in change else (found,)
            program.execute(f"update mi.{table} set {change} where {key} = any (%s)", given)
    done = rollback.give_back(place, run, _signed(place, run, "rollback"))
    assert done["found"] >= 0.9 * pending and not ownership.read_ownership(place, NAMES).handed_over(NAMES) and not fence.state(place), done
    assert follower.catch_up(place, run, 600)
    return {"way back": float(done["seconds"]), "changed": float(done["found"]), "listed": float(done["listed"])}


def _signed(place: Workplace, run: Run, stage: str) -> list[approvals.Answer]:
    """Two signatures under a short draft: there is no Airflow here, and no bucket. Before a switch it shows the figures as they are."""
    proof = {"gates": []} if stage != "cutover" else _figures(place, run)
    body = canonical_json.encode({"kind": "draft", "stage": stage, "run": run.id, "proof": proof})
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute(
            "insert into migration.draft (stage, run, document, sha256, report) values (%s, %s, %s, %s, 'nowhere')",
            (stage, run.id, body.decode(), canonical_json.digest(body)),
        )
    line = approvals.statement(stage, run.id, stage, canonical_json.digest(body))
    signatures = [approver_keys.sign(approver_keys.from_secret(f"bench {name}"), line) for name in APPROVERS]
    return [{"chosen_options": [approvals.APPROVE], "params_input": {"signature": text}} for text in signatures]


def _figures(place: Workplace, run: Run) -> dict[str, Any]:
    """What a draft says behind a green gate."""
    reconcile.measure(place, run, "cutover", "never")
    with psycopg.connect(place.target, autocommit=True) as target:
        numbers = {what: number for what, (number, _) in facts.newest_facts(target, run).items()}
        gate = {"gate": "entry", "verdict": "pass", "sha256": canonical_json.digest(run.id.encode()), "measured": numbers}
        target.execute(
            "insert into migration.gate (stage, gate, run, try_number, verdict, expected, evaluated, failed, report, sha256)"
            " values ('cutover', 'entry', %s, 1, 'pass', 1, 1, 0, 'nowhere', %s)",
            (run.id, gate["sha256"]),
        )
        told = {name: certificate_content.facts(target, f"proof_{name}", run) for name in ("equations", "excused", "measured")}
    return {"gates": [gate], **told}


def _uncounted(switch: Switch) -> None:
    """As if all rows had been counted."""
    with facts.measured(switch.place, switch.run, recounting.RECOUNT):
        pass


@contextmanager
def _changing(place: Workplace, pending: int, turn: int) -> Iterator[None]:
    """A step more, right before the store closes: rows change when all others have been copied and proven."""

    def change(switch: Switch) -> None:
        with psycopg.connect(place.source_owner, autocommit=True) as source:
            for table, change, share in CHANGES:
                newest = f"select id from poco.{table} where region = any (%s) and id < 900000000 order by id desc limit %s"
                keys = f"select id from ({newest}) n order by md5(id::text || %s) limit %s"
                found = [row[0] for row in source.execute(keys, (list(switch.regions), RECENT, str(turn), pending // share))]
                source.execute(f"update poco.{table} set {change} where id = any (%s)", (found,))

    known = cutover.PLAN
    steps = [replace(step, do=_uncounted) if step.name == "recount" else step for step in known]
    steps.insert(1, PlannedStep("change", "customers write", cutover.OPEN, change))
    cutover.PLAN = tuple(steps)
    try:
        yield
    finally:
        cutover.PLAN = known
