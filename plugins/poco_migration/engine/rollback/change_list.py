"""Knows by key what has changed at mi.com since the handover, and whether that list can be believed.

mi.com's triggers keep the list (its mi_platform/schema/04_changed.sql); nobody there can take a line out of it. What they
can do is noticed by what the catalog says: a trigger that was switched off or made anew, a function that was replaced, a
table that was emptied, rewritten, exchanged or inherited from. Then the list is no proof, and every row is compared once
more before mi.com stops; from there on a new list counts. So the window in which nobody sells depends on what has changed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.entity_sql import POCO_KEYS
from poco_migration.errors import StageRefused
from poco_migration.model import Entity

SQL = Path(__file__).parent / "sql"
TRIGGER = "zz_migration_changed_"
_OPEN_TRANSACTIONS_SECONDS = 60.0
Facts = dict[str, list[str]]  # table: what the catalog says of it
INSTALL = "Have mi.com's owner run mi_platform/schema/04_changed.sql (docs/runbook.md, 'What has changed at mi.com')"


@dataclass(frozen=True)
class Touched:
    """Keys of one entity at mi.com that may not be as they were at the handover: POCO's own as source keys, and others'."""

    source_keys: list[int]
    others: list[int]


def begin(place: Workplace) -> None:
    """Note how mi.com's tables and triggers are now: from here on the list counts. Called before a switch closes the store.

    Rerun: safe; while mi.com owns anything, what was noted stays.
    """
    with (
        postgres.connect(place.target, "target", name="watch") as target,
        postgres.translated_errors("target", "watch"),
        target.transaction(),
    ):
        if postgres.value(target, "select exists (select from migration.system_of_record where owner <> 'POCO')"):
            return
        _empty(target)
        postgres.run_many(target, SQL / "watched_begin.sql", [(name, facts, True) for name, facts in _facts(target).items()])


def _empty(target: postgres.Connection) -> None:
    """Begin with an empty list: nothing is mi.com's, and every row is compared before anything is again."""
    target.execute("delete from migration.changed_at_mi")
    target.execute("delete from migration.watched")


def gaps(target: postgres.Connection) -> list[str]:
    """Why the list cannot be believed, one sentence for each table; none when it can. Reads only."""
    noted = {row["table_name"]: row for row in postgres.run(target, SQL / "watched.sql")}
    now, found = _facts(target), list[str]()
    for name in sorted(_tables()):
        if missing := sorted(_triggers(name) - _awake(now.get(name, []))):
            found.append(f"{name} has no trigger {', '.join(TRIGGER + kind for kind in missing)} that is always on")
        elif name not in noted:
            found.append(f"nothing was noted of {name} at its handover")
        elif not noted[name]["whole"]:
            found.append(f"the rows of {name} were never compared since its list began anew")
        elif gone := [fact for fact in noted[name]["facts"] if fact not in now[name]]:
            found.append(f"{name} is not as it was noted: {gone[0].split(',')[0]}")
    emptied = {f"mi.{row['table_name']}" for row in postgres.run(target, SQL / "changed_tables.sql")}
    return found + [f"all of {name} may have changed" for name in sorted(emptied)]


def begin_anew(target: postgres.Connection) -> bool:
    """Begin the list anew, behind which every row has to be compared; returns whether it will count. Rerun: safe.

    Raises StageRefused while a transaction from before stays open.
    """
    with target.transaction():
        now = _facts(target)
        postgres.run_many(target, SQL / "watched_renew.sql", list(now.items()))
        # What was emptied until now is found by the comparison; what is emptied from here on stays noted.
        target.execute("delete from migration.changed_at_mi where key is null")
    if not all(_triggers(name) <= _awake(now.get(name, [])) for name in _tables()):
        return False
    _wait_for_older(target)
    return True


def _wait_for_older(target: postgres.Connection) -> None:
    """Wait until every transaction that was open has ended: it may have written while nobody noted it, and the comparison must see that."""
    began, give_up = postgres.value(target, "select pg_current_snapshot()::text"), time.monotonic() + _OPEN_TRANSACTIONS_SECONDS
    while not postgres.value(target, "select pg_snapshot_xmin(pg_current_snapshot()) >= pg_snapshot_xmax(%s::pg_snapshot)", (began,)):
        if time.monotonic() > give_up:
            raise StageRefused(
                "rollback: a transaction has been open at mi.com for a minute (pg_stat_activity), so nobody knows what it has changed. "
                "mi.com goes on selling. End it, then clear this task."
            )
        time.sleep(0.05)


def note_compared(target: postgres.Connection, different: Iterable[tuple[str, int]]) -> None:
    """Every row was compared since the list began anew: note (entity, target key) of what differs; the list counts again."""
    with target.transaction():
        rows = [(_bare(cards.entities()[name].table), key) for name, key in different]
        postgres.run_many(target, SQL / "changed_store.sql", rows)
        target.execute("update migration.watched set whole = true")


def touched_at_mi(link: Link, entities: Sequence[Entity]) -> dict[str, Touched]:
    """What may be otherwise than at the handover, by entity: what is on the list, and what a row on it decides about."""
    zero = int(postgres.value(link.target, "select mi.poco_key(0)"))
    deciding = {row["name"] for row in postgres.run(link.source, SQL / "deciding_parents.sql")}
    found: dict[str, set[int]] = {}
    for entity in entities:
        keys = {row["key"] for row in postgres.run(link.target, SQL / "changed_at_mi.sql", _bare(entity.table))}
        for parent in entity.parents:
            above = cards.entities()[parent.entity]
            if found.get(above.name) and (above.table in _read(entity) or above.name in deciding):
                keys |= _below(link.target, entity, parent.target, found[above.name])
        found[entity.name] = keys
    return {entity.name: _split(link.target, entity, found[entity.name], zero) for entity in entities}


def _below(target: postgres.Connection, entity: Entity, column: str, above: Collection[int]) -> set[int]:
    query = sql.SQL("select t.{} from {} t where t.{} = any ({}::bigint[])").format(
        sql.Identifier(entity.key), _table(entity), sql.Identifier(column), sql.Literal(postgres.array(above))
    )
    return {row[0] for row in target.execute(query)}


def _split(target: postgres.Connection, entity: Entity, keys: Collection[int], zero: int) -> Touched:
    query = sql.SQL("select k, k {} from unnest({}::bigint[]) k order by k").format(sql.SQL(POCO_KEYS), sql.Literal(postgres.array(keys)))
    rows = target.execute(query).fetchall()
    return Touched([key - zero for key, ours in rows if ours], [key for key, ours in rows if not ours])


# What is watched, out of the entities' own SQL -------------------------------------------------------------------------


def _read(entity: Entity) -> set[str]:
    """The tables of mi.com that say what an entity's row is there."""
    return set(re.findall(r"\bmi\.\w+", entity.readback + entity.shared)) - {"mi.poco_key"}


def _tables() -> set[str]:
    return {name for entity in cards.moving_at("cutover") for name in _read(entity) | {entity.table}} - {"mi.com"}


def _triggers(table: str) -> set[str]:
    """Which triggers a table needs: by key where it is an entity's own, for all of it where rows that do not hang on it read it."""
    entities = cards.moving_at("cutover")
    needed, sharing = {"all"}, [entity for entity in entities if table in set(re.findall(r"\bmi\.\w+", entity.shared))]
    if table in {entity.table for entity in entities}:
        needed |= {"new", "gone", "moved"}
    if sharing:
        needed |= {"shared"}
    elif any(table in _read(entity) and table not in _family(entity) for entity in entities):
        needed |= {"any", "anew"}
    return needed


def _family(entity: Entity) -> set[str]:
    """An entity's table and those of all above it."""
    return {entity.table}.union(*(_family(cards.entities()[parent.entity]) for parent in entity.parents))


def _facts(target: postgres.Connection) -> Facts:
    return {row["table_name"]: row["facts"] for row in postgres.run(target, SQL / "watched_facts.sql", sorted(_tables()))}


def _awake(facts: Sequence[str]) -> set[str]:
    return {fact.split(" ")[1].removeprefix(TRIGGER) for fact in facts if fact.startswith("trigger ")}


def _bare(table: str) -> str:
    return table.rpartition(".")[2]


def _table(entity: Entity) -> sql.Identifier:
    return sql.Identifier(*entity.table.split("."))
