"""The working tables of copies: made once in a session, those of an entity at its first copy, and empty between two copies.

All entities say staging, accepted and gone in their load.sql, and each has columns of its own. So the tables of an entity bear its
name, and in the text of its load.sql the three words are read as that. What differs from one copy to the next (a range's
ends, single keys, whose regions are mi.com's) is in settings and in the table asked, and never in the text of a view.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.engine import entity_sql
from poco_migration.model import Derivation, Entity, KeyRange, Part

SQL = Path(__file__).parent / "sql"
LEAST, MOST = -(1 << 63), (1 << 63) - 1
# Words in quotes and in comments are no tables.
_WORDS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|\b(?:staging|accepted|gone)\b")


def table(entity: Entity, word: str) -> sql.Identifier:
    """The entity's own staging, accepted or gone."""
    return sql.Identifier(f"{word}_{entity.name}")


def derived(entity: Entity, rule: Derivation) -> sql.Identifier:
    """Where the values of a derived column are, one for each distinct input."""
    return sql.Identifier(f"derived_{entity.name}_{rule.column}")


def read_as(entity: Entity, text: str) -> str:
    """A statement that says staging, accepted or gone, for this entity's own tables."""
    return _WORDS.sub(lambda found: found[0] if found[0][0] in "'-" else f"{found[0]}_{entity.name}", text)


def lay(target: postgres.Connection, entity: Entity, part: Part, theirs: Sequence[str]) -> None:
    """Have the tables of every copy ready and say which part it is. Inside the copy's transaction. Rerun: makes nothing anew."""
    postgres.script(target, postgres.statement(SQL / "scratch.sql"))
    _once(target, "views", postgres.statement(SQL / "scratch_views.sql"), "drop view if exists touched, known")
    lo, hi = (part.lo, part.hi) if isinstance(part, KeyRange) else (0, 0)
    target.execute(
        "select set_config('migration.entity', %s, true), set_config('migration.lo', %s, true), set_config('migration.hi', %s, true),"
        " set_config('migration.theirs', %s::text[]::text, true)",
        (entity.name, str(LEAST if lo is None else lo), str(MOST if hi is None else hi), list(theirs)),
    )


def lay_for(target: postgres.Connection, entity: Entity, columns: Sequence[tuple[str, str]], theirs: Sequence[str]) -> None:
    """Have the entity's own tables ready, for these columns of its extract. Rerun: makes nothing anew unless they have changed."""
    named = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns)
    made: list[sql.Composable] = [sql.SQL("create temp table {} ({}) on commit delete rows").format(table(entity, "staging"), named)]
    for rule in entity.derivations:
        inputs = sql.SQL(", ").join(map(sql.Identifier, rule.inputs))
        made.append(
            sql.SQL("create temp table {} on commit delete rows as select {}, null::text as {} from {} limit 0").format(
                derived(entity, rule), inputs, sql.Identifier(rule.column), table(entity, "staging")
            )
        )
    made += [_accepted(entity), _gone(entity, theirs)]
    names = sql.SQL(", ").join([table(entity, "staging"), *(derived(entity, rule) for rule in entity.derivations)])
    drop = sql.SQL("drop table if exists {} cascade").format(names)
    _once(target, entity.name, sql.SQL(";\n").join(made).as_string(target), drop.as_string(target))


def _once(target: postgres.Connection, name: str, text: str, drop: str) -> None:
    """Run the text once for each connection. Tables that went with a rolled-back transaction are made again."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    made = postgres.value(target, "select made_from from pg_temp.workbench where name = %s", (name,))
    if made == digest:
        return
    if made:
        postgres.script(target, drop)
    postgres.script(target, text)
    target.execute(
        "insert into pg_temp.workbench values (%s, %s) on conflict (name) do update set made_from = excluded.made_from", (name, digest)
    )


def _accepted(entity: Entity) -> postgres.Query:
    """`accepted` is what nothing has refused yet, with each derived column computed once per distinct input."""
    columns: list[sql.Composable] = [sql.SQL("s.*")]
    joins: list[sql.Composable] = []
    for rule in entity.derivations:
        values = derived(entity, rule)
        columns.append(sql.SQL("{}.{}").format(values, sql.Identifier(rule.column)))
        pairs = [sql.SQL("{}.{} = s.{}").format(values, sql.Identifier(name), sql.Identifier(name)) for name in rule.inputs]
        joins.append(sql.SQL(" left join {} on {}").format(values, sql.SQL(" and ").join(pairs)))
    return sql.SQL(
        "create temp view {} as select {} from {} s{} where not exists (select from refused r where r.source_key = s.source_key)"
    ).format(table(entity, "accepted"), sql.SQL(", ").join(columns), table(entity, "staging"), sql.SQL("").join(joins))


def _gone(entity: Entity, theirs: Sequence[str]) -> postgres.Query:
    """`gone` is what the target has of the part and the source has no more, but for what is `staying` or `keeping`.

    Of single keys the planner goes from the few that are asked for to the table, and not through all of it. POCO's keys on the
    target are a range of their own (mi.poco_key): neither an open part nor an odd key reaches Xiaomi's rows.
    """
    return sql.SQL(
        "create temp view {view} as select h.source_key from ("
        "select k.source_key from asked k join {table} t on {key} = mi.poco_key(k.source_key) where {pocos} and {ours}"
        " union all select {key} - mi.poco_key(0) from {table} t"
        " where {key} >= greatest(current_setting('migration.lo')::bigint, -100000000000000) + mi.poco_key(0)"
        " and {key} < least(current_setting('migration.hi')::bigint, 900000000000001) + mi.poco_key(0) and {pocos} and {ours}) h"
        " where not exists (select from staying y where y.source_key = h.source_key)"
        " and not exists (select from keeping y where y.source_key = h.source_key)"
        " and not exists (select from {accepted} a where a.source_key = h.source_key)"
    ).format(
        view=table(entity, "gone"),
        table=sql.Identifier(*entity.table.split(".")),
        key=sql.Identifier("t", entity.key),
        pocos=sql.SQL("{} {}").format(sql.Identifier("t", entity.key), sql.SQL(entity_sql.POCO_KEYS)),
        ours=_may_go(entity, theirs),
        accepted=table(entity, "accepted"),
    )


def _may_go(entity: Entity, theirs: Sequence[str]) -> postgres.Query:
    """That a row of the target may go because POCO does not have it: the ledger says that it is POCO's.

    Once a region is handed over the row must say so too, and be of a region that is POCO's still: there nobody but the
    migration writes. So a list of keys that is not whole deletes nothing, and what nobody recognises stays and is named.
    """
    key = sql.Identifier("t", entity.key)
    ledger = entity_sql.is_pocos(entity.name, sql.SQL("{} - mi.poco_key(0)").format(key))
    if not theirs:
        return ledger
    return sql.SQL("{ledger} and exists (select from ({readback}\n) o where o.{column} = {key} and o.region <> all ({theirs}))").format(
        ledger=ledger, readback=sql.SQL(entity.readback), column=sql.Identifier(entity.key), key=key, theirs=sql.Literal(list(theirs))
    )
