"""Counts both sides and writes the equation of every entity and region: the facts that gates judge.

source = migrated + merged + excluded + quarantined. The left side is a census of the original tables; the right side
is what the target really holds, and what the ledger says of each row that does not move.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.engine import cards, entity_sql
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.ledger import handed_over, parts
from poco_migration.limits import Quarantine
from poco_migration.model import Entity, Equation, KeyRange, Run

SQL = Path(__file__).parent / "sql"
PART_ROWS = 250_000  # of a table without a plan, because it never moves: counted in so many seconds as a part is copied in


def measure_equations(link: Link, entities: Iterable[Entity], run: Run, there: str | None = None) -> list[Equation]:
    """Measure the equations of these entities and store them under this run: the source as of `link.at`, the target as of
    the exported snapshot `there`, where they are set. The equation of what an earlier run handed over stands: what mi.com has
    of it now is noted beside it (migration.presence).

    Rerun: replaces the run's own facts.
    """
    entities = list(entities)
    handed_over.remember(link, (entity for entity in entities if entity.moves != "never"))
    decisions = dict(link.target.execute("select region, decision from migration.scope").fetchall())
    with postgres.translated_errors("source", "census"), postgres.snapshot(link.source, link.at):
        source = _census(link, entities)
    with postgres.snapshot(link.target, there, "target"):
        counts = _right_sides(link.target, entities)
        excused = postgres.run(link.target, SQL / "excused_now.sql", [entity.name for entity in entities])
    equations = []
    for entity in entities:
        regions = [*decisions, *({r for e, r in source.keys() | counts.keys() if e == entity.name} - decisions.keys())]
        for region in regions:
            count = counts[entity.name, region]
            rows = source.get((entity.name, region), 0)
            if decisions.get(region) == "stay" or entity.moves == "never":
                count["excluded"] += rows
            equations.append(
                Equation(entity.name, region, decisions.get(region, "unknown"), rows, count["migrated"], count["merged"],
                         count["excluded"], count["quarantined"])
            )  # fmt: skip
    _store(link.target, equations, excused, run)
    return equations


def _census(link: Link, entities: list[Entity]) -> Counter[tuple[str, str]]:
    """The rows of each entity and region in the source's tables, counted part by part: no statement grows with a table."""
    counts = Counter[tuple[str, str]]()
    for entity in entities:
        for part in parts.stored(link.target, entity) or parts.cut(link.source, entity, PART_ROWS):
            for row in postgres.run(link.source, SQL / "census.sql", entity.name, part.lo, part.hi):
                counts[entity.name, row["region"]] += row["rows"]
    return counts


def _right_sides(target: postgres.Connection, entities: list[Entity]) -> defaultdict[tuple[str, str], Counter[str]]:
    counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for entity in entities:
        if entity.moves != "never":
            for part in parts.stored(target, entity) or [KeyRange(None, None)]:
                for region, outcome, rows in target.execute(_migrated(entity, part)):
                    counts[entity.name, region][outcome] += rows
    for row in postgres.run(target, SQL / "set_aside.sql", [entity.name for entity in entities]):
        counts[row["entity"], row["region"]][row["outcome"]] += row["rows"]
    return counts


def _migrated(entity: Entity, part: KeyRange) -> postgres.Query:
    """What readback.sql shows of a part. An open end leaves out no key, so a row outside of POCO's keys is counted too.

    What was handed over counts for the region it was handed over in, whatever market mi.com has put it in since.
    """
    inside = entity_sql.condition(part, sql.Identifier("b", entity.key), sql.SQL("mi.poco_key(0)"))
    return sql.SQL(
        "select coalesce(h.region, b.region), b.outcome, count(*) from ({}\n) b"
        " left join migration.handed_over h on h.entity = {} and h.source_key = b.source_key"
        " and exists (select from migration.theirs m where (m.entity, m.source_key) = (h.entity, h.source_key))"
        " where {} group by 1, 2"
    ).format(sql.SQL(entity.readback), sql.Literal(entity.name), inside)


def weigh(target: postgres.Connection, run: Run, limits: Quarantine) -> None:
    """Put what a run has counted as not moved beside what may stay behind (migration.excused). Rerun: the same."""
    decided = [(entity.name, reason.name) for entity in cards.entities().values() for reason in entity.reasons.values() if reason.decided]
    rulings = json.dumps([ruling.model_dump(include={"entity", "region", "reason", "rows"}) for ruling in limits.rulings])
    with target.transaction():
        postgres.run(target, SQL / "excused_weigh.sql", run.id, limits.single_rows, limits.share, limits.tolerance, rulings,
                     [entity for entity, _ in decided], [reason for _, reason in decided])  # fmt: skip
        postgres.run(target, SQL / "excused_carry.sql", run.id)


def _store(target: postgres.Connection, equations: list[Equation], excused: list[dict[str, Any]], run: Run) -> None:
    with target.transaction():
        target.execute("delete from migration.recon where run = %s", (run.id,))
        target.execute("delete from migration.excused where run = %s", (run.id,))
        target.execute("delete from migration.presence where run = %s", (run.id,))
        postgres.run_many(
            target,
            SQL / "recon_store.sql",
            [
                (run.id, e.entity, e.region, e.decision, e.source, e.migrated, e.merged, e.excluded, e.quarantined, e.missing, e.extra)
                for e in equations
            ],
        )
        postgres.run_many(
            target, SQL / "excused_store.sql", [(run.id, x["entity"], x["region"], x["outcome"], x["reason"], x["rows"]) for x in excused]
        )
        postgres.run(target, SQL / "presence_store.sql", run.id)
        postgres.run(target, SQL / "recon_carry.sql", run.id)


def latest(target: postgres.Connection) -> list[Equation]:
    """The newest equation of every entity and region, whichever run measured it."""
    return [Equation(**row) for row in postgres.run(target, SQL / "recon_latest.sql")]
