"""Makes the mutants of an entity, out of what statements.py finds and kinds.py can do, and tries them on a bench.

A mutant changes a few rows, which is the least that a gate must see. One that changes nothing (a column that is empty, a value that
is the same) is no mutant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mutants import kinds, statements
from mutants.bench import Bench, Outcome
from mutants.statements import Written
from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import RowsRefused, sql
from poco_migration.model import Entity

ROWS = 3
ONE_OF = 40  # so many rows is one changed, where no key tells which


@dataclass(frozen=True)
class Mutant:
    """One change: where it is made, and either the changed entity or the statement that spoils rows before the copy."""

    entity: str
    column: str
    mutation: str
    changed: Entity
    spoilt: postgres.Query | None = None
    surrogate: bool = False  # what it changes is a number that no state tells
    suspects: tuple[int, ...] = ()  # the source keys of the rows that it changes, where they are known


def of_extract(bench: Bench, entity: Entity, column: str) -> Iterator[Mutant]:
    """extract.sql with a column changed in a few rows. The entity is not copied yet."""
    named = postgres.columns(bench.link.source, entity.extract)
    if column == "refused":
        yield from _of_reasons(bench, entity, named)
        return
    parents = {parent.target for parent in entity.parents}
    place = [name for name, _ in named].index(column)
    kind = named[place][1]
    others = [(name, other) for name, other in (*named[place + 1 :], *named[3:place]) if name != column]
    siblings = [f'q."{name}"' for name, other in others if kinds.family(other) == kinds.family(kind)]
    allowed = bench.allowed(entity.table, column)
    for what, expression in kinds.of(kind, column in parents, siblings, column == entity.key, allowed=allowed).items():
        if column == "region" and expression == "null":
            continue  # the ledger has no row without a region, so the copy stops
        new = f"({expression.format(f'q.{column}', 'q.region, q.source_key')})::{kind}"
        where = "q.refused is not null" if column == "region" else "q.refused is null"
        yield from _of_column(bench, entity, named, column, what, new, where)


def _of_reasons(bench: Bench, entity: Entity, named: list[tuple[str, str]]) -> Iterator[Mutant]:
    reasons = sorted(reason for reason in entity.reasons if f"'{reason}'" in entity.extract)
    for what, new, where in (
        ("nothing (NULL)", "null::text", "q.refused is not null"),
        *((f"always {reason}", f"'{reason}'::text", f"q.refused is null or q.refused <> '{reason}'") for reason in reasons),
    ):
        yield from _of_column(bench, entity, named, "refused", what, new, where)


def _of_column(
    bench: Bench, entity: Entity, named: list[tuple[str, str]], column: str, what: str, new: str, where: str
) -> Iterator[Mutant]:
    moving = bench.place.settings.moving()
    query = (
        "select array_agg(source_key) from (select source_key, row_number() over (order by hashint8(source_key)) as n"
        f" from (select q.source_key, q.{column} as old, {new} as new, q.region, ({where}) as asked from ({entity.extract}\n) q) c"
        " where asked and region = any (%s) and old is distinct from new) d where n <= %s"
    )
    try:
        with postgres.translated_errors("source", "a changed column"):
            found = bench.link.source.execute(query, (list(moving), ROWS)).fetchone()
    except RowsRefused:  # no value of this type: nobody could write it
        return
    if found and found[0]:
        keys = ", ".join(map(str, found[0]))
        columns = ", ".join(
            f"case when q.source_key in ({keys}) then {new} else q.{name} end as {name}" if name == column else f"q.{name}"
            for name, _ in named
        )
        changed = replace(entity, extract=f"select {columns} from ({entity.extract}\n) q")
        yield Mutant(entity.name, column, f"extract.sql: {what}", changed, suspects=tuple(found[0]))


def of_load(bench: Bench, entity: Entity, written: Written) -> Iterator[Mutant]:
    """load.sql with an inserted value changed. The entity is not copied yet."""
    rows = bench.link.source.execute(
        f"select q.source_key from ({entity.extract}\n) q where q.refused is null and q.region = any (%s) order by hashint8(q.source_key) limit 8",
        (list(bench.place.settings.moving()),),
    )
    suspects = tuple(key for (key,) in rows)
    types = bench.types(written.table)
    kind = types[written.column]
    named = dict(zip(written.columns, written.expressions, strict=True))
    old, key = named[written.column], named.get(entity.key, "")
    others = {name: other for name, other in named.items() if name != written.column and not other.startswith("'")}
    siblings = [other for name, other in others.items() if kinds.family(types[name]) == kinds.family(kind)]
    is_parent = written.column in {parent.target for parent in entity.parents}
    allowed = bench.allowed(written.table, written.column)
    for what, expression in kinds.of(kind, is_parent, siblings[-1:], written.column == entity.key, few=1, allowed=allowed).items():
        new = f"({expression.format(f'({old})::{kind}', key or f'({old})')})::{kind}"
        if key:  # of a few rows; the others stay, so that a copy is not refused as a whole
            new = f"case when {key} in ({', '.join(f'mi.poco_key({k})' for k in suspects)}) then {new} else {old} end"
        else:  # of a few as well, where the statement can tell them: what two rows share would be refused as a whole
            row = ", ".join(f"({other})::text" for other in written.expressions)
            new = f"case when hashtext(concat_ws('/', {row})) % {ONE_OF} = 0 then {new} else ({old})::{kind} end"
        changed = replace(entity, load=written.replaced(entity.load, new))
        surrogate = written.column in bench.surrogates
        name = f"{written.table}.{written.column}"
        yield Mutant(entity.name, name, f"load.sql, insert: {what}", changed, None, surrogate, suspects if key else ())


def of_upsert(bench: Bench, entity: Entity, written: Written) -> Iterator[Mutant]:
    """load.sql that leaves an old value where it is. The entity is copied, and a few rows are spoilt before it is copied again."""
    spoilt = _spoilt(bench, entity, written)
    if spoilt is not None:
        alias = "r" if f"insert into {written.table} as r " in entity.load and written.table != entity.table else "t"
        stale = replace(entity, load=written.replaced(entity.load, f"{alias}.{written.column}"))
        name = f"{written.table}.{written.column}"
        yield Mutant(entity.name, name, "load.sql, set: an old value stays", stale, spoilt)
        blind = (
            statements.unseen(entity, written.column)
            if written.table == entity.table and written.expressions[0].startswith("excluded.")
            else None
        )
        if blind:
            yield Mutant(entity.name, name, "load.sql, where: a change is not seen", replace(entity, load=blind), spoilt)


def _spoilt(bench: Bench, entity: Entity, written: Written) -> postgres.Query | None:
    """A statement that spoils this column in a few rows of the table, in a way that mi.com allows and a sound copy mends."""
    kind = bench.types(written.table)[written.column]
    table = sql.Identifier(*written.table.split("."))
    mine = "t.origin = 'poco'" if "origin" in bench.types(written.table) else "true"
    if "kind" in bench.types(written.table) and written.table == "mi.account_identities":
        mine = "t.account_id in (select account_id from mi.accounts where origin = 'poco')"
    values = [f"'{value}'" for value in bench.allowed(written.table, written.column)]
    for expression in (*kinds.of(kind, False, []).values(), *values):
        if "lag(" not in expression:
            new = f"({expression.format(f't.{written.column}', '')})::{kind}"
        else:
            new = f"(select o.{written.column} from {written.table} o where o.{written.column} is distinct from t.{written.column} limit 1)"
        asked = sql.SQL("update {table} t set {column} = {new} where ctid in (select ctid from {table} t where {mine} and {new} is distinct from t.{column} order by ctid limit 2)").format(
            table=table, column=sql.SQL(written.column), new=sql.SQL(new), mine=sql.SQL(mine)
        )  # fmt: skip
        if _allowed(bench, asked) and (expression not in values or bench.tried(entity).state == bench.tried(entity, asked).state):
            return asked
    return None


def _allowed(bench: Bench, statement: postgres.Query) -> bool:
    try:
        with postgres.translated_errors("target", "a spoilt row"), bench.target.transaction(force_rollback=True):
            return bench.target.execute(statement).rowcount > 0
    except Exception:
        return False


def tried(bench: Bench, mutant: Mutant, sound: Outcome) -> Outcome | None:
    """What became of a mutant; None where it changes nothing that a sound copy does not do as well."""
    outcome = bench.tried(mutant.changed, mutant.spoilt, () if mutant.surrogate else sound.state, mutant.suspects)
    same = outcome.state == sound.state and not outcome.red
    return None if same else outcome
