"""Finds what differs between POCO and mi.com since the switch, for the way back.

At the switch both sides were equal row by row, and since then the store is closed for what was handed over. So whatever
differs now was done at mi.com. Which keys to look at is known from mi.com's own list (change_list.py); a list that cannot be
believed is no proof, and then every row is compared. That a key differs is always found by comparing both sides.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.engine import entity_sql
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.ledger import parts
from poco_migration.engine.rollback import change_list, inverse_mapping, new_rows
from poco_migration.engine.rollback.change_list import Touched
from poco_migration.engine.verify import row_diff, unmatched_rows
from poco_migration.model import Entity, KeyRange, KeySet, Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
LOOKED_AT = 5_000  # keys in one go: enough that round trips do not count
Kind = Literal["changed", "deleted", "created"]


@dataclass(frozen=True)
class Return:
    """One return: the entities in the order of their parents, and the regions that come back. A `rehearsal` writes nothing."""

    link: Link
    run: Run
    entities: Sequence[Entity]
    regions: frozenset[str]
    batch_keys: int
    rehearsal: bool = False


@dataclass(frozen=True)
class Changed:
    """One row that is not at POCO as it is at mi.com. `region` is UNKNOWN where no side can say it."""

    entity: str
    target_key: int
    source_key: int
    region: str
    kind: Kind
    reason: str = ""  # why it cannot come back, where that is plain from the start


def find_changed(way: Return) -> list[Changed]:
    """Every key that differs, is on no list of this run and concerns its regions. Looks at the keys that have changed at
    mi.com where that is known, else at every row, which takes as long as the tables are large."""
    found = look(way, change_list.touched_at_mi(way.link, way.entities) if not change_list.gaps(way.link.target) else None)
    return [row for row in found if row.region in way.regions or row.region == "UNKNOWN"]


def look(way: Return, touched: Mapping[str, Touched] | None) -> list[Changed]:
    """Every key that differs and is on no list of this run, in every region: among these keys, or (None) among all rows."""
    found: list[Changed] = []
    made: dict[str, list[int]] = {}
    zero = postgres.value(way.link.target, "select mi.poco_key(0)")
    for entity in way.entities:
        listed = {row["target_key"] for row in postgres.run(way.link.target, SQL / "return_listed.sql", way.run.id, entity.name)}
        # Written at POCO by whoever was killed behind it, and not at mi.com yet: nobody has deleted those.
        half = {inverse_mapping.BORN - key for key in new_rows.pending_keys(way.link, way.run, entity)}
        kinds, foreign_ = _every_row(way, entity) if touched is None else _these(way, entity, touched[entity.name])
        kinds = {key: kind for key, kind in kinds.items() if kind != "held" and zero + key not in listed and key not in half}
        made[entity.name] = new_rows.family(way.link.target, entity, foreign_, made)
        regions = _regions(way, entity, sorted(kinds)) if kinds else {}
        found += [
            Changed(entity.name, zero + key, key, regions.get(key, "UNKNOWN"), "deleted" if kind == "lost" else "changed",
                    "never_moved" if kind == "extra" else "")
            for key, kind in kinds.items()
        ]  # fmt: skip
        made[entity.name] = [key for key in made[entity.name] if key not in listed]
    for entity in way.entities:
        regions = new_rows.regions(way.link.target, entity, made[entity.name])
        found += [
            Changed(entity.name, key, inverse_mapping.BORN - key, regions.get(key, "UNKNOWN"), "created") for key in made[entity.name]
        ]
    return found


def _every_row(way: Return, entity: Entity) -> tuple[dict[int, str], list[int]]:
    """How which keys differ, and mi.com's rows that hang on POCO's: parts one after the other, both sides at once."""
    kinds: dict[int, str] = {}
    foreign_: list[int] = []
    for row in parts.planned(way.link.target, [entity.name]):
        part = row_diff.diff_part(way.link, entity, KeyRange(row["lo"], row["hi"]))
        kinds |= part.kinds
        foreign_ += part.foreign
    return kinds, foreign_


def _these(way: Return, entity: Entity, touched: Touched) -> tuple[dict[int, str], list[int]]:
    """The same among these keys, and those that came back: the copies of rows made at mi.com are on no list of changes."""
    brought = {row["source_key"] for row in postgres.run(way.link.target, SQL / "return_brought.sql", way.run.id, entity.name)}
    keys = sorted(brought.union(touched.source_keys))
    kinds: dict[int, str] = {}
    for start in range(0, len(keys), LOOKED_AT):
        with (
            postgres.translated_errors("target", f"look {entity.name}"),
            way.link.target.transaction(),
            postgres.translated_errors("source", f"look {entity.name}"),
            way.link.source.transaction(),
        ):
            kinds |= row_diff.of_keys(way.link, entity, keys[start : start + LOOKED_AT], everywhere=True)
    return kinds, unmatched_rows.unmatched_keys(way.link.target, entity, everywhere=True, among=touched.others)


def know(way: Return) -> bool:
    """See to it that what has changed at mi.com is known by key, while mi.com sells; returns whether it is.

    Where the list cannot be believed every row is compared, behind the begin of a new list. Rerun: safe. Where there is no list,
    because mi.com's triggers are missing, the return itself will compare every row.
    """
    if not (why := change_list.gaps(way.link.target)):
        return True
    log.warning(
        "rollback: what has changed at mi.com is not known by key, so every row is compared: %s. %s", "; ".join(why), change_list.INSTALL
    )
    if not change_list.begin_anew(way.link.target):
        return False
    change_list.note_compared(way.link.target, [(row.entity, row.target_key) for row in look(way, None)])
    return True


def _regions(way: Return, entity: Entity, keys: list[int]) -> dict[int, str]:
    """The region of each source key: as POCO says it, else as mi.com does."""
    zero, wanted = sql.SQL("mi.poco_key(0)"), sql.Literal(postgres.array(keys))
    query = sql.SQL("select e.source_key, e.region from ({}\n) e where e.{} in (select k + {} from unnest({}::bigint[]) k)").format(
        sql.SQL(entity.readback), sql.Identifier(entity.key), zero, wanted
    )
    found = dict(way.link.target.execute(query).fetchall())
    with postgres.translated_errors("source", f"{entity.name}, regions"):
        return found | dict(way.link.source.execute(entity_sql.wrapped(entity, KeySet(tuple(keys)), "e.source_key, e.region")).fetchall())
