"""Has a table changed its shape since it was accepted? A copy that reads or writes it stops, and names the table.

The prepare stage pins the shape of every table that copies touch; DDL by anybody else then stops the copies that touch
that table, and no others, until prepare has pinned it anew. Which tables those are is derived: what the extract and the
load name, what stands behind the views they name, and the tables of the children, which are looked into as well.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.connection_pair import Link
from poco_migration.errors import SchemaDrift
from poco_migration.model import Entity

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
SIDES: tuple[postgres.Side, postgres.Side] = ("source", "target")

Description = dict[str, list[str]]  # item: [what it is, hash of its definition]
Key = tuple[str, str]  # side, table


@dataclass(frozen=True)
class TableShape:
    """What one table is like: the hash of all of it, and its items one by one."""

    fingerprint: str
    description: Description


def check(link: Link, entity: Entity) -> None:
    """Compare every table that a copy of the entity touches with what was pinned; nothing is remembered.

    Raises SchemaDrift naming side, table and what changed. Rerun: safe; reads the catalogs of both sides and the ledger.
    """
    rows = postgres.run(link.target, SQL / "shape_pinned.sql", entity.name)
    if not rows:
        raise SchemaDrift(f"{entity.name}: the shape of its tables was never pinned. Run poco_prepare to its end, then clear this task.")
    pinned, now = _shapes(rows), _now(link.source, link.target, entity, described=False)
    if _fingerprints(pinned) == _fingerprints(now):
        return
    if changes := list(_changes(pinned, _now(link.source, link.target, entity))):
        raise SchemaDrift(
            f"{entity.name}: {'; '.join(changes)}. Nothing was copied. If the change is right, adapt the entity to it where it must be, "
            "then run poco_prepare, which pins the tables anew at any stage (docs/runbook.md, 'A table has changed its shape'), and clear "
            "this task."
        )


def pin(place: Workplace) -> list[str]:
    """Accept the shape that every table has now; returns and logs what differs from the shape accepted before.

    Rerun: safe; that is how a change is taken over. Called after the readiness gate.
    """
    with (
        postgres.connect(place.source, "source", name="pin") as source,
        postgres.connect(place.target, "target", name="pin") as target,
        postgres.translated_errors("target", "pin"),
        target.transaction(),
    ):
        before = _shapes(postgres.run(target, SQL / "shape_pinned.sql", None))
        now: dict[Key, TableShape] = {}
        touching: dict[Key, list[str]] = {}
        for entity in cards.moving_at("cutover", "history", "reissue"):
            for key, shape in _now(source, target, entity).items():
                now[key] = shape
                touching.setdefault(key, []).append(entity.name)
        changes = list(_changes(before, now)) if before else []
        target.execute("delete from migration.shape where side || ' ' || table_name <> all (%s)", ([" ".join(key) for key in now],))
        postgres.run_many(
            target,
            SQL / "shape_pin.sql",
            [(*key, shape.fingerprint, json.dumps(shape.description), touching[key]) for key, shape in now.items()],
        )
    for change in changes:
        log.warning("pinned anew: %s", change)
    log.info("pinned the shape of %d tables and views", len(now))
    return changes


def changed_shapes(place: Workplace) -> list[str] | None:
    """What differs now from what was pinned, one sentence per table; None when nothing was ever pinned. Reads only."""
    options = "-c default_transaction_read_only=on"
    with (
        postgres.connect(place.source, "source", name="compare shapes", options=options) as source,
        postgres.connect(place.target, "target", name="compare shapes", options=options) as target,
        postgres.translated_errors("target", "compare shapes"),
    ):
        pinned = _shapes(postgres.run(target, SQL / "shape_pinned.sql", None))
        if not pinned:
            return None
        now: dict[Key, TableShape] = {}
        for entity in cards.moving_at("cutover", "history", "reissue"):
            now |= _now(source, target, entity)
    return list(_changes(pinned, now))


def touched(entity: Entity) -> dict[str, list[str]]:
    """The relations that a copy of the entity names, by side; what stands behind a view the catalog knows."""
    families = [child for child, _ in cards.children(entity.name) if child.moves != "never"]
    return {
        "source": sorted({*re.findall(r"\bpoco_export\.\w+", entity.extract), *(f"poco.{child.name}" for child in families)}),
        "target": sorted({*re.findall(r"\bmi\.\w+", entity.load), entity.table, *(child.table for child in families)}),
    }


def _now(source: postgres.Connection, target: postgres.Connection, entity: Entity, *, described: bool = True) -> dict[Key, TableShape]:
    names, found = touched(entity), dict[Key, TableShape]()
    for side, connection in zip(SIDES, (source, target), strict=True):
        with postgres.translated_errors(side, f"{entity.name}, shape of its tables"):
            rows = postgres.run(connection, SQL / "shape.sql", names[side], side == "target", described)
        found |= _shapes([{"side": side, **row} for row in rows])
    return found


def _shapes(rows: list[dict[str, Any]]) -> dict[Key, TableShape]:
    return {(row["side"], row["table_name"]): TableShape(row["fingerprint"], row["description"]) for row in rows}


def _fingerprints(shapes: dict[Key, TableShape]) -> dict[Key, str]:
    return {key: shape.fingerprint for key, shape in shapes.items()}


def _changes(pinned: dict[Key, TableShape], now: dict[Key, TableShape]) -> Iterator[str]:
    """One sentence per table that differs: names and types, no expression and no value."""
    for key in sorted(pinned.keys() | now.keys()):
        side, table = key
        if key not in now:
            yield f"{side} table {table} is gone or has another name"
        elif key not in pinned:
            yield f"{side} table {table} was not there when the tables were pinned"
        elif pinned[key].fingerprint != now[key].fingerprint:
            items = list(_items(pinned[key].description, now[key].description))
            yield f"{side} table {table} has changed: {', '.join(items) or 'the order of its columns'}"


def _items(before: Description, now: Description) -> Iterator[str]:
    for item in sorted(before.keys() | now.keys()):
        if item not in now:
            yield f"{item} ({before[item][0]}) is gone"
        elif item not in before:
            yield f"{item} ({now[item][0]}) is new"
        elif before[item][0] != now[item][0]:
            yield f"{item} was {before[item][0]} and is {now[item][0]}"
        elif before[item] != now[item]:
            yield f"{item} ({now[item][0]}) is defined otherwise"
