"""How long the store is closed, with a small and with a large store and the same changes: the window must not know the size.

The switch is the product's own, step by step. What the bench adds is a step before the store closes, which changes rows
that nobody has copied or proven yet; and it takes the ownership back after each round. The count of all rows after the
handover is left out: it runs with mi.com selling, and is not part of the window.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from bench.report import Measure, median
from bench.servers import RUN, filled, servers
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import fence
from poco_migration.engine.evidence import approvals, canonical_json, certificate_content, facts
from poco_migration.engine.ledger import ownership
from poco_migration.model import Run
from poco_migration.stages import cutover, reconcile, switch_attempt

PHASES = {"close": "fence", "drain": "drain and apply", "prove": "verify", "seal": "seal", "hand over": "switch"}
NAMES = [entity.name for entity in cards.moving_at("cutover")]
CHANGES = [  # table, what changes, which share of the pending keys
    ("orders", "updated_at = updated_at + interval '1 second'", 2),
    ("payments", "provider_ref = md5(provider_ref)", 4),
    ("addresses", "created_at = created_at + interval '1 second'", 4),
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
                window = _freeze(place, pending, turn)
                if turn:
                    windows[name].append(window)
    for phase in (*PHASES, "window"):
        figures = "   ".join(f"{name} {median([w[phase] for w in taken]):6.3f} s" for name, taken in windows.items())
        print(f"{PHASES.get(phase, phase):16} {figures}", flush=True)
    ratio = median([w["window"] for w in windows["large"]]) / median([w["window"] for w in windows["small"]])
    slowest = sorted(w["window"] for w in windows["large"])
    p95 = slowest[min(len(slowest) - 1, round(0.95 * len(slowest)))]
    raw = {"rows": {name: rows for name, (_, rows) in pairs.items()}, "pending_keys": pending, "windows": windows}
    return [
        Measure("freeze: window of the large store against the small one, same changes (times)", ratio, "<= 1.2", ratio <= 1.2, raw),
        Measure(f"freeze: window with {pending} pending keys, proof included, 95th percentile (s)", p95, "<= 5", p95 <= 5, raw),
    ]


def _rows(place: Workplace) -> int:
    """Rows of POCO's whole store."""
    with psycopg.connect(place.source_owner) as source:
        tables = [row[0] for row in source.execute("select tablename from pg_tables where schemaname = 'poco'")]
        return sum(_count(source, table) for table in tables)


def _count(source: psycopg.Connection[tuple[int]], table: str) -> int:
    row = source.execute(f"select count(*) from poco.{table}").fetchone()
    return row[0] if row else 0


def _freeze(place: Workplace, pending: int, turn: int) -> Window:
    """One switch of all regions, and the way back to before it."""
    run = replace(RUN, id=f"bench/freeze {turn}")
    with _changing(place, pending, turn):
        cutover.switch(place, run, _signed(place, run))
    with psycopg.connect(place.target, autocommit=True) as target:
        took: dict[str, float] = dict(
            target.execute("select step, seconds from migration.switch_step where run = %s and seconds is not null", (run.id,)).fetchall()
        )
        handed_over = target.execute("delete from migration.system_of_record").rowcount
    assert handed_over == len(NAMES) * len(place.settings.moving())
    fence.reopen(place, NAMES, place.settings.moving())
    assert not ownership.read_ownership(place, NAMES).handed_over(NAMES) and not fence.state(place)
    window = {phase: float(took[phase]) for phase in PHASES}
    return window | {"window": sum(window.values())}


def _signed(place: Workplace, run: Run) -> list[approvals.Answer]:
    """Two signatures under a short draft, with the figures as they are: there is no Airflow here, and no bucket."""
    reconcile.measure(place, run, "cutover", "never")
    with psycopg.connect(place.target, autocommit=True) as target:
        numbers = {what: number for what, (number, _) in facts.newest_facts(target, run).items()}
        told = {name: certificate_content.facts(target, f"proof_{name}", run) for name in ("equations", "excused", "measured")}
        gate = {"gate": "entry", "verdict": "pass", "sha256": canonical_json.digest(run.id.encode()), "measured": numbers}
        body = canonical_json.encode({"kind": "draft", "stage": "cutover", "run": run.id, "proof": {"gates": [gate], **told}})
        target.execute(
            "insert into migration.gate (stage, gate, run, try_number, verdict, expected, evaluated, failed, report, sha256)"
            " values ('cutover', 'entry', %s, 1, 'pass', 1, 1, 0, 'nowhere', %s)",
            (run.id, gate["sha256"]),
        )
        target.execute(
            "insert into migration.draft (stage, run, document, sha256, report) values ('cutover', %s, %s, %s, 'nowhere')",
            (run.id, body.decode(), canonical_json.digest(body)),
        )
    said = {"chosen_options": ["Approve"], "responded_at": datetime.now(UTC).isoformat(), "draft": canonical_json.digest(body)}
    return [said | {"responded_by_user": {"id": name}} for name in ("alice", "bob")]


@contextmanager
def _changing(place: Workplace, pending: int, turn: int) -> Iterator[None]:
    """A step more, right before the store closes: rows change when all others have been copied and proven."""

    def change(switch: switch_attempt.Switch) -> None:
        with psycopg.connect(place.source_owner, autocommit=True) as source:
            for table, change, share in CHANGES:
                newest = f"select id from poco.{table} where region = any (%s) and id < 900000000 order by id desc limit %s"
                keys = f"select id from ({newest}) n order by md5(id::text || %s) limit %s"
                found = [row[0] for row in source.execute(keys, (list(switch.regions), RECENT, str(turn), pending // share))]
                source.execute(f"update poco.{table} set {change} where id = any (%s)", (found,))

    known = cutover.PLAN
    steps = [step for step in known if step.name != "recount"]
    steps.insert(1, cutover.PlannedStep("change", "customers write", "", change))
    cutover.PLAN = tuple(steps)
    try:
        yield
    finally:
        cutover.PLAN = known
