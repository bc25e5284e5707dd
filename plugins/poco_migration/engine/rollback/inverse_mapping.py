"""Takes rows of mi.com back into POCO's columns, and keeps only what POCO then reads as mi.com says it.

extract.sql is what mi.com sees of a POCO row; inverse.sql says which POCO row mi.com's row means. Two laws are held for
each key, here and not by whoever writes a mapping. What mi.com did not change stays: the inverse is computed of POCO's own
row too, and a column at which both agree keeps POCO's value, with its spelling, its precision and what mi.com never had.
(`keeps` names a column that mi.com was not told of.) What mi.com changed is there: after the write extract.sql is asked
again, in the same transaction, and must give mi.com's row; else the row is taken back as if it had never been tried.

The rows are compared where they are written: mi.com's rows are carried to a temporary table of POCO's server, whose own
currencies, time zones and regions decide what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import RowsRefused, sql
from poco_migration.engine import entity_sql, isolation
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.entity_sql import POCO_KEYS
from poco_migration.engine.verify import row_hash
from poco_migration.model import Entity, KeySet

# A row that was made at mi.com gets the key BORN - its key there: it says which row it was, so that no rerun can make one
# twice, and whatever numbers POCO's store hands out upwards never meet it.
BORN = -10_000_000_000_000


@dataclass(frozen=True)
class Batch:
    """Rows of one entity: {target key: source key}; `born` were made at mi.com. What `rehearsal` writes is never kept.

    `whole` writes every value that the inverse gives, also where POCO's row says the same already: so that a rehearsal
    proves each of them. `parents` holds, by entity, the target keys of rows made at mi.com that come back too.
    """

    entity: Entity
    keys: Mapping[int, int]
    born: bool = False
    whole: bool = False
    rehearsal: bool = False
    parents: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """Why a key cannot come back; `detail` names a constraint, never a value."""

    reason: str
    detail: str = ""


class _Differs(Exception):
    """Leaves a savepoint whose rows do not all come out as mi.com has them."""

    def __init__(self, keys: list[int]) -> None:
        super().__init__()
        self.keys = keys


def put(link: Link, batch: Batch) -> dict[int, Refusal]:
    """Write a batch into POCO's table, inside a transaction of the source; returns why which source keys were not written.

    Rerun: safe; what is there already is not written again. Raises SourceError and TargetError.
    """
    if not batch.keys:
        return {}
    entity, columns = batch.entity, row_hash.compared(link.target, batch.entity)
    refused: dict[int, Refusal] = {}
    with postgres.translated_errors("source", f"{entity.name} back"):
        _carry(link, batch, refused)
        _translate(link.source, entity, "theirs", "wanted")
        _read_ours(link.source, batch, "ours")
        _translate(link.source, entity, "ours", "known")
        link.source.execute("analyze theirs, ours, wanted, known")
        for key, reason in link.source.execute("select source_key, refused from wanted where refused is not null").fetchall():
            refused.setdefault(key, Refusal(reason))
        keys = [row[0] for row in link.source.execute("select source_key from wanted order by 1").fetchall()]
        _write(link.source, batch, columns, [key for key in keys if key not in refused], refused)
        link.source.execute("drop view returned; drop table theirs, ours, wanted, known")
    return refused


def unmarked(entity: Entity) -> str:
    """readback.sql of rows that do not bear POCO's mark, because they were made at mi.com; nothing is locked for it."""
    return re.sub(r"^ where .*  -- POCO's mark$", " where true", entity.readback, flags=re.MULTILINE)


def _carry(link: Link, batch: Batch, refused: dict[int, Refusal]) -> None:
    """mi.com's rows, as readback.sql gives them, to the table `theirs` on POCO's server."""
    entity, named = batch.entity, postgres.columns(link.target, batch.entity.readback)
    ddl = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in named if name != "outcome")
    link.source.execute(sql.SQL("create temp table theirs ({}) on commit drop").format(ddl))
    parents = {parent.target: parent.entity for parent in entity.parents}
    columns, strange = [], []
    for name, _ in named:
        column: postgres.Query | sql.Identifier = sql.Identifier("e", name)
        if name == "source_key":
            column = sql.SQL("{} - e.{}").format(sql.Literal(BORN), sql.Identifier(entity.key)) if batch.born else column
        elif name == entity.key and batch.born:
            column = sql.SQL("mi.poco_key({} - e.{})").format(sql.Literal(BORN), sql.Identifier(name))
        elif name in parents:
            born = sql.Literal(postgres.array(batch.parents.get(parents[name], ())))
            ours = sql.SQL("(e.{0} {1} or e.{0} is null)").format(sql.Identifier(name), sql.SQL(POCO_KEYS))
            strange.append(sql.SQL("not {} and e.{} <> all ({}::bigint[])").format(ours, sql.Identifier(name), born))
            column = sql.SQL(
                "case when {ours} then e.{name} when e.{name} = any ({born}::bigint[]) then mi.poco_key({base} - e.{name}) end"
            ).format(ours=ours, name=sql.Identifier(name), born=born, base=sql.Literal(BORN))
        if name != "outcome":
            columns.append(column)
    here = sql.SQL("from ({}\n) e where e.{} = any ({}::bigint[])").format(
        sql.SQL(unmarked(entity) if batch.born else entity.readback), sql.Identifier(entity.key), sql.Literal(postgres.array(batch.keys))
    )
    with postgres.translated_errors("target", f"{entity.name} back"):
        seen = {row[0] for row in link.target.execute(sql.SQL("select e.{} {}").format(sql.Identifier(entity.key), here))}
        refused |= {source: Refusal("no_longer_pocos") for key, source in batch.keys.items() if key not in seen}
        if strange and not batch.born:
            # A row of POCO's that hangs on one of mi.com's own: POCO has nothing to hang it on.
            query = sql.SQL("select e.{} {} and ({})").format(sql.Identifier(entity.key), here, sql.SQL(" or ").join(strange))
            refused |= {batch.keys[row[0]]: Refusal("parent_missing") for row in link.target.execute(query)}
    out = sql.SQL("copy (select {} {}) to stdout (format binary)").format(sql.SQL(", ").join(columns), here)
    postgres.pipe(link.target, out, link.source, sql.SQL("copy theirs from stdin (format binary)"), sides=("target", "source"))


def _read_ours(source: postgres.Connection, batch: Batch, table: str) -> None:
    """POCO's rows of the same keys, as extract.sql gives them, in the columns of `theirs`."""
    part = KeySet(tuple(sorted(batch.keys.values())))
    names = sql.SQL(", ").join(sql.Identifier("e", name) for name, _ in postgres.columns(source, "select * from theirs"))
    query = sql.SQL("create temp table {} on commit drop as select {} from ({}) e").format(
        sql.Identifier(table), names, entity_sql.wrapped(batch.entity, part)
    )
    source.execute(query)


def _translate(source: postgres.Connection, entity: Entity, rows: str, into: str) -> None:
    """inverse.sql of the rows of one table."""
    source.execute(sql.SQL("create or replace temp view returned as select * from {}").format(sql.Identifier(rows)))
    source.execute(sql.SQL("create temp table {} on commit drop as {}").format(sql.Identifier(into), sql.SQL(entity.inverse)))


def _write(source: postgres.Connection, batch: Batch, columns: list[tuple[str, str]], keys: list[int], refused: dict[int, Refusal]) -> None:
    """Write these keys and look; what POCO refuses or reads otherwise is left out, and the others are written again."""
    for key, refusal in isolation.isolate(
        keys, lambda some: _try(source, batch, columns, [key for key in some if key not in refused], refused)
    ):
        refused[key] = Refusal("refused_by_source", refusal.detail)


def _try(
    source: postgres.Connection, batch: Batch, columns: list[tuple[str, str]], keys: list[int], refused: dict[int, Refusal]
) -> RowsRefused | None:
    """Write these keys; those that read otherwise are taken back and noted in `refused`. Returns what POCO refuses, or None."""
    if not keys:
        return None
    try:
        with postgres.translated_errors("source", f"{batch.entity.name} back"), source.transaction():
            _put_back(source, batch, keys)
            if differing := _differing(source, batch, columns, keys):
                raise _Differs(differing)
    except _Differs as found:
        refused |= {key: Refusal("round_trip_differs") for key in found.keys}
        return _try(source, batch, columns, [key for key in keys if key not in refused], refused)
    except RowsRefused as refusal:
        return refusal
    return None


def _put_back(source: postgres.Connection, batch: Batch, keys: list[int]) -> None:
    """Of each row only the columns at which mi.com's row and POCO's mean something else; of a row that is new, all."""
    source.execute(
        """
        select poco_export.put_back(%(entity)s, json_agg(r.changed), %(rehearsal)s)
          from (select (select json_object_agg(case w.key when 'source_key' then 'id' else w.key end, w.value)
                          from json_each(row_to_json(wanted)) w
                          left join json_each(row_to_json(known)) k on k.key = w.key
                         where w.key not in ('refused', 'keeps') and w.key is distinct from row_to_json(wanted) ->> 'keeps'
                           and (w.key in ('source_key', 'region') or known.source_key is null
                                or %(whole)s or w.value::text is distinct from k.value::text)) as changed
                  from wanted left join known using (source_key)
                 where wanted.source_key = any (%(keys)s::bigint[])
                   and (known.source_key is null or %(whole)s or row_to_json(wanted)::text is distinct from row_to_json(known)::text)) r
        having count(*) > 0
        """,
        {"entity": batch.entity.name, "rehearsal": batch.rehearsal, "whole": batch.whole, "keys": postgres.array(keys)},
    )


def _differing(source: postgres.Connection, batch: Batch, columns: list[tuple[str, str]], keys: list[int]) -> list[int]:
    """The keys at which extract.sql now does not give what mi.com has.

    A row that was made at mi.com has keys and numbers of POCO's making from now on; it is compared as POCO's columns say it.
    """
    if batch.born:
        _read_ours(source, batch, "again")
        _translate(source, batch.entity, "again", "known_again")
        query: postgres.Query = sql.SQL(
            "select w.source_key from wanted w left join known_again k using (source_key)"
            " where w.source_key = any ({}::bigint[]) and row_to_json(w)::text is distinct from row_to_json(k)::text"
        ).format(sql.Literal(postgres.array(keys)))
        found = [row[0] for row in source.execute(query)]
        source.execute("create or replace temp view returned as select * from theirs")
        source.execute("drop table again, known_again")
        return found
    ours, theirs = (
        sql.SQL("md5(record_send(row({})))").format(
            sql.SQL(", ").join(sql.SQL("{}::{}").format(sql.Identifier(alias, name), sql.SQL(kind)) for name, kind in columns)
        )
        for alias in ("e", "t")
    )
    query = sql.SQL("select t.source_key from theirs t left join ({}) e using (source_key) where {} and ({} <> {}) is not false").format(
        entity_sql.wrapped(batch.entity, KeySet(tuple(sorted(keys)))),
        sql.SQL("t.source_key = any ({}::bigint[])").format(sql.Literal(postgres.array(keys))), ours, theirs,
    )  # fmt: skip
    refused = sql.SQL("{} union select source_key from ({}) e where refused is not null").format(
        query, entity_sql.wrapped(batch.entity, KeySet(tuple(sorted(keys))))
    )
    return [row[0] for row in source.execute(refused)]
