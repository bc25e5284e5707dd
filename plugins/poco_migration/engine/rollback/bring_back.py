"""Brings back to POCO what changed at mi.com since the switch, and lists by key what cannot come.

What to bring is found by comparing both sides (changed_rows.py). So every step is safe to run again: what is back does not
differ any more.

The order is: what changed, parents first; what was made at mi.com (born.py); what was deleted, children first; then a look
at each key, and at all of them once more, until only listed keys differ.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.engine import cards
from poco_migration.engine.copying import staging
from poco_migration.engine.rollback import inverse_mapping, new_rows
from poco_migration.engine.rollback.changed_rows import Changed, Kind, Return, find_changed
from poco_migration.engine.rollback.inverse_mapping import Batch, Refusal
from poco_migration.engine.verify import row_diff
from poco_migration.model import Entity, KeySet, Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
ROUNDS = 3


def bring_back(way: Return) -> None:
    """All of it, until only listed keys differ. Rerun: safe at any point, goes on from what differs.

    Nobody else may write to these entities and regions, on either side. Raises SourceError and TargetError.
    """
    for _ in range(ROUNDS):
        found = find_changed(way)
        log.info("rollback: %d keys differ that are on no list", len(found))
        if not found:
            break
        note_changed(way, found)
        bring_changed(way)
    note_changed(way, [replace(row, reason=row.reason or "round_trip_differs") for row in find_changed(way)])


def bring_changed(way: Return) -> None:
    """Once over what was taken up. In a rehearsal mi.com's own rows are not replaced by those that came back."""
    newborn = {entity.name: _still_theirs(way, entity) for entity in way.entities}
    for entity in way.entities:
        for keys in batches_to_return(way, entity, "changed"):
            batch = Batch(entity, keys, rehearsal=way.rehearsal, parents=newborn)
            with postgres.translated_errors("source", f"{entity.name} back"), way.link.source.transaction():
                refused = inverse_mapping.put(way.link, batch)
            note(way, entity, {key: refused[source] for key, source in keys.items() if source in refused})
    refusals = new_rows.insert_at_source(way.link, way.run, way.entities, newborn, rehearsal=way.rehearsal)
    if not way.rehearsal:
        kept = new_rows.adopt(way.link, way.run, way.entities, newborn, refusals)
        refusals = {name: refusals.get(name, {}) | kept.get(name, {}) for name in newborn}
    for entity in way.entities:
        listed = refusals.get(entity.name, {})
        note(way, entity, listed)
        _mark(way, entity, [key for key in newborn.get(entity.name, ()) if key not in listed])
    for entity in reversed(way.entities):
        _take_away(way, entity)
    recheck_changed(way)


def note_changed(way: Return, found: Sequence[Changed]) -> None:
    """Note what is to come back, all of it or nothing."""
    with way.link.target.transaction():
        rows = [(way.run.id, row.entity, row.target_key, row.source_key, row.region, row.kind) for row in found]
        postgres.run_many(way.link.target, SQL / "return_found.sql", rows)
        for row in found:
            if row.reason:
                note(way, cards.entities()[row.entity], {row.target_key: Refusal(row.reason)})


def batches_to_return(way: Return, entity: Entity, kind: Kind) -> Iterator[dict[int, int]]:
    """{target key: source key} of what is to come back still, in batches."""
    for page in postgres.pages(
        way.link.target, SQL / "return_open.sql", way.run.id, entity.name, kind, key="target_key", size=way.batch_keys
    ):
        yield {row["target_key"]: row["source_key"] for row in page}


def note(way: Return, entity: Entity, refused: dict[int, Refusal]) -> None:
    """Put these target keys on the list, each with its reason and what to do."""
    said = cards.not_returned()
    rows = [(way.run.id, entity.name, key, why.reason, why.detail, said[why.reason]) for key, why in sorted(refused.items())]
    postgres.run_many(way.link.target, SQL / "return_list.sql", rows)


def recheck_changed(way: Return) -> None:
    """Look at each changed key once more: it is equal and back, or differs in what POCO's columns do not hold."""
    for entity in way.entities:
        for keys in batches_to_return(way, entity, "changed"):
            with (
                postgres.translated_errors("target", f"settle {entity.name}"),
                way.link.target.transaction(),
                postgres.translated_errors("source", f"settle {entity.name}"),
                way.link.source.transaction(),
            ):
                kinds = row_diff.of_keys(way.link, entity, list(keys.values()), everywhere=True)
            differing = {key: Refusal("account_joined_otherwise") for key, source in keys.items() if source in kinds}
            note(way, entity, differing)
            _mark(way, entity, [key for key in keys if key not in differing])


def _still_theirs(way: Return, entity: Entity) -> tuple[int, ...]:
    """The rows made at mi.com that are to come back; one that is gone there was replaced by whoever was killed behind it."""
    noted = new_rows.pending_keys(way.link, way.run, entity)
    there = new_rows.there(way.link.target, entity, noted)
    _mark(way, entity, sorted(set(noted) - set(there)))
    return there


def _take_away(way: Return, entity: Entity) -> None:
    """Delete at POCO what mi.com has deleted, unless something of POCO's hangs on it."""
    naming = sorted({parent.source for _, parent in cards.children(entity.name)})
    for keys in batches_to_return(way, entity, "deleted"):
        with postgres.translated_errors("source", f"{entity.name} away"), way.link.source.transaction():
            way.link.source.execute(
                "select poco_export.take_away(%s, %s, %s::bigint[])", (entity.name, naming, postgres.array(keys.values()))
            )
            left = set(staging.source_keys(way.link, entity, KeySet(tuple(sorted(keys.values())))))
        note(way, entity, {key: Refusal("still_referenced") for key, source in keys.items() if source in left})
        _mark(way, entity, [key for key, source in keys.items() if source not in left])


def _mark(way: Return, entity: Entity, keys: Sequence[int]) -> None:
    postgres.run(way.link.target, SQL / "return_back.sql", way.run.id, entity.name, list(keys))


@contextmanager
def tried_return(way: Return) -> Iterator[Return]:
    """The same return in two transactions that are rolled back: to count what would come back, and what would not."""
    link = way.link
    with (
        postgres.translated_errors("target", "rollback, dry run"),
        link.target.transaction(force_rollback=True),
        postgres.translated_errors("source", "rollback, dry run"),
        link.source.transaction(force_rollback=True),
    ):
        yield replace(way, rehearsal=True)


def counted(way: Return) -> list[dict[str, Any]]:
    """Count what is back, what is listed and what is neither, per entity, region and kind, and keep it under this run."""
    names, regions = [entity.name for entity in way.entities], [*sorted(way.regions), "UNKNOWN"]
    postgres.run(way.link.target, SQL / "returned_store.sql", way.run.id, names, regions)
    return postgres.run(way.link.target, SQL / "returned_counts.sql", way.run.id)


def adopt_earlier_run(target: postgres.Connection, run: Run, entities: Sequence[str], regions: Collection[str]) -> None:
    """What an earlier run has begun to bring back and not ended goes on as this run's. Rerun: safe."""
    postgres.run(target, SQL / "return_adopt.sql", run.id, list(entities), list(regions))


def returned_regions(target: postgres.Connection, run: Run) -> set[str]:
    """The regions that this run has returned to POCO. Reads only."""
    return {row["region"] for row in postgres.run(target, SQL / "returned_regions.sql", run.id)}
