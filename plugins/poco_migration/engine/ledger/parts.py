"""Cuts an entity into parts and says which parts a copy touches. The plan is stored, so a rerun uses the same parts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.engine.ledger import locks
from poco_migration.model import Entity, KeyRange, KeySet, Part, PartOf

SQL = Path(__file__).parent / "sql"
# Each part that a copy touches is a lock, and PostgreSQL has room for some thousands in all.
MANY_PARTS = 1_000
# Airflow refuses a list of more than 1,024 ([core] max_map_length); the last task of each entity may be a small one.
MOST_TASKS = 900


def plan(source: postgres.Connection, target: postgres.Connection, entity: Entity, part_rows: int) -> list[KeyRange]:
    """The parts of an entity: disjoint, covering every key there is or will be. Rerun: the stored plan comes back."""
    if planned := stored(target, entity):
        return planned
    parts = cut(source, entity, part_rows)
    with target.transaction():
        # Two planners at once would store two plans; the second one waits here and reads the first one's.
        target.execute("lock table migration.part in share row exclusive mode")
        if planned := stored(target, entity):
            return planned
        postgres.run_many(target, SQL / "parts_store.sql", [(entity.name, n, part.lo, part.hi) for n, part in enumerate(parts)])
    return parts


def cut(source: postgres.Connection, entity: Entity, part_rows: int) -> list[KeyRange]:
    """The table as it is now in disjoint ranges of about so many rows, which cover every key there is or will be."""
    with postgres.translated_errors("source", f"plan {entity.name}"):
        starts = [row["starts"] for row in postgres.run(source, SQL / "parts_starts.sql", entity.name, part_rows)]
    edges: list[int | None] = [None, *starts, None]
    return [KeyRange(lo, hi) for lo, hi in itertools.pairwise(edges)]


def stored(target: postgres.Connection, entity: Entity) -> list[KeyRange]:
    """The planned parts of an entity in the order of their keys; none when it has no plan."""
    return [KeyRange(row["lo"], row["hi"]) for row in postgres.run(target, SQL / "parts_stored.sql", entity.name)]


def cut_anew(source: postgres.Connection, target: postgres.Connection, entity: Entity, part_rows: int) -> bool:
    """Cut the plan anew where it fits its table no longer; returns whether it was.

    What was copied and proven stays so (parts_recut.sql). No copy goes on meanwhile, and nobody waits: where a copy is at work, the
    plan stays until the next time. Who has the old parts in hand still, compares and copies their keys as well. Rerun: safe.
    """
    if not postgres.run(target, SQL / "parts_uneven.sql", entity.name, part_rows, MANY_PARTS):
        return False
    starts = [part.lo for part in cut(source, entity, part_rows) if part.lo is not None]
    with postgres.translated_errors("target", f"plan {entity.name}"), target.transaction():
        if not locks.take_plan(target, entity.name):
            return False
        # A truncation that is being noted this moment is waited for, and one that comes waits: it must find its parts.
        target.execute("lock table migration.part in share row exclusive mode")
        made = postgres.run(target, SQL / "parts_recut.sql", entity.name, postgres.array(starts))
        target.execute("delete from migration.part where entity = %s", (entity.name,))
        postgres.run_many(target, SQL / "parts_recut_store.sql", [(entity.name, *row.values()) for row in made])
    return True


def uncopied(target: postgres.Connection, entities: Sequence[str]) -> list[str]:
    """Which of these entities were never planned, or have a part that was never copied."""
    return [row["entity"] for row in postgres.run(target, SQL / "parts_uncopied.sql", list(entities))]


def followed(target: postgres.Connection) -> set[str]:
    """The entities that are followed: those with a plan that mi.com does not own yet. Any other is copied whole, or never."""
    return {row[0] for row in target.execute("select entity from migration.followed").fetchall()}


def lock(target: postgres.Connection, entity: Entity, part: Part) -> list[int]:
    """Hold, until the transaction ends, every planned part that this part touches, and return their numbers; in ascending order, so
    that two copies never wait for each other in a circle. Backfill, follow and repair of one row meet here."""
    # The plan stays as it is meanwhile. Taken before the parts are read: a plan cut in between would have other numbers.
    locks.share_plan(target, entity.name)
    if isinstance(part, KeyRange):
        touched = postgres.run(target, SQL / "parts_of_range.sql", entity.name, part.lo, part.hi)
    else:
        touched = postgres.run(target, SQL / "parts_of_keys.sql", entity.name, postgres.array(part.keys))
    numbers = [row["part_no"] for row in touched] or [0]
    locks.hold_parts(target, entity.name, numbers)
    return numbers


def covered(target: postgres.Connection, entity: Entity, part: Part) -> list[tuple[str, int, int]]:
    """The planned parts that this part covers whole, each with how often it is wanted. Their locks are held."""
    if isinstance(part, KeySet):
        return []
    found = postgres.run(target, SQL / "parts_covered.sql", entity.name, part.lo, part.hi)
    return [(entity.name, row["part_no"], row["wanted"]) for row in found]


def mark_copied(target: postgres.Connection, covered: list[tuple[str, int, int]]) -> None:
    """Note that they have been copied since they were wanted; wanted again meanwhile, they stay wanted."""
    postgres.run_many(target, SQL / "parts_done.sql", covered)


def note_touched(target: postgres.Connection, entity: Entity, part: Part) -> None:
    """Note that parts have been copied of which this range covers some keys only. Their locks are held."""
    if isinstance(part, KeyRange):
        postgres.run(target, SQL / "parts_touched.sql", entity.name, part.lo, part.hi)


def count_copies(target: postgres.Connection, entity: Entity, part: Part, touched: Sequence[int]) -> None:
    """Count, in a copy's transaction, that a range of keys was copied: every comparison that has not seen this proves its parts no more."""
    if isinstance(part, KeyRange):
        postgres.run(target, SQL / "parts_copies.sql", entity.name, list(touched))


def queue_for_reverification(target: postgres.Connection, entity: Entity, part: Part) -> None:
    """Note, in a copy's transaction, that these keys are to be compared. A part copied whole counts its copies instead (parts.count)."""
    if isinstance(part, KeySet):
        postgres.run(target, SQL / "unproven_store.sql", entity.name, postgres.array(part.keys))


def planned(target: postgres.Connection, entities: Sequence[str]) -> list[dict[str, Any]]:
    """The stored plans of these entities: {entity, part_no, lo, hi} of each part, in order. Reads only."""
    return postgres.run(target, SQL / "parts_planned.sql", list(entities))


def as_tasks(parts: Sequence[PartOf], most: int = MOST_TASKS) -> list[PartOf]:
    """One entry per mapped task: the parts as they are or, where they are more than Airflow maps, neighbours of one entity together."""
    size = -(-len(parts) // most)
    if size < 2:
        return list(parts)
    found = list[PartOf]()
    for entity, own in itertools.groupby(parts, lambda part: part["entity"]):
        neighbours = iter(own)
        while some := list(itertools.islice(neighbours, size)):
            found.append({"entity": entity, "lo": some[0]["lo"], "hi": some[-1]["hi"], "parts": some})
    return found
