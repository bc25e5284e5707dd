"""Brings one part of an entity to the target's side of the pipe, and says which of its rows may be loaded.

Everything here is temporary and belongs to the transaction of one copy (sql/scratch.sql names it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import RowsRefused, sql
from poco_migration.engine import entity_sql
from poco_migration.engine.connection_pair import Derive, Link
from poco_migration.engine.entity_sql import POCO_KEYS
from poco_migration.engine.ledger import handed_over
from poco_migration.errors import ConfigurationError
from poco_migration.model import Entity, KeyRange, KeySet, Part

SQL = Path(__file__).parent / "sql"
CONTROL_COLUMNS = ["source_key", "region", "refused"]
ASKED = sql.SQL("source_key in (select source_key from asked)")


def source_keys(link: Link, entity: Entity, part: Part) -> tuple[int, ...]:
    """The source keys of a part, ascending, without computing any other column (one of them may be the trouble)."""
    with postgres.translated_errors("source", entity.name):
        found = link.source.execute(sql.SQL("{} order by 1").format(entity_sql.wrapped(entity, part, "e.source_key")))
        return tuple(row[0] for row in found)


def suspects(link: Link, entity: Entity, part: Part) -> tuple[int, ...]:
    """The keys of a part that a database can refuse to copy, ascending: the source's rows, and those that have gone."""
    if isinstance(part, KeySet):
        return part.keys
    zero, key = sql.SQL("mi.poco_key(0)"), sql.Identifier("t", entity.key)
    there = link.target.execute(
        sql.SQL("select {} - {} from {} t where {} {} and {}").format(
            key, zero, sql.Identifier(*entity.table.split(".")), key, sql.SQL(POCO_KEYS), entity_sql.condition(part, key, zero)
        )
    )
    return tuple(sorted({row[0] for row in there} | set(source_keys(link, entity, part))))


def fill(link: Link, entity: Entity, part: Part, poisoned: Mapping[int, RowsRefused], theirs: Sequence[str]) -> tuple[int, int]:
    """Stage the part's rows and note which are refused already. Returns rows and bytes that crossed."""
    with postgres.translated_errors("source", f"{entity.name}, extract.sql"):
        named = postgres.columns(link.source, entity.extract)
    if [name for name, _ in named[:3]] != CONTROL_COLUMNS:
        raise ConfigurationError(f"entities/{entity.name}/extract.sql must begin with {', '.join(CONTROL_COLUMNS)}")
    ddl = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in named)
    link.target.execute(sql.SQL("create temp table staging ({}) on commit drop").format(ddl))
    query = entity_sql.wrapped(entity, part, theirs=theirs)
    if poisoned:
        query = sql.SQL("{} and e.source_key <> all ({})").format(query, sql.Literal(sorted(poisoned)))
    rows, size = _carry(link, query, sql.SQL("staging"))
    # A temporary table has no statistics, and the planner would guess nested loops (scratch.sql says how exact they are).
    link.target.execute("analyze staging")
    link.target.execute(
        "insert into refused (source_key, region, reason) select source_key, region, refused from staging where refused is not null"
    )
    _note_poisoned(link, entity, poisoned)
    _note_parked(link, entity, part, theirs)
    return rows, size


def _carry(link: Link, query: postgres.Query, into: postgres.Query) -> tuple[int, int]:
    return postgres.pipe(
        link.source,
        sql.SQL("copy ({}) to stdout (format binary)").format(query),
        link.target,
        sql.SQL("copy {} from stdin (format binary)").format(into),
        link.throttle.within,
    )


def _note_poisoned(link: Link, entity: Entity, poisoned: Mapping[int, RowsRefused]) -> None:
    if not poisoned:
        return
    query = entity_sql.wrapped(entity, KeySet(tuple(sorted(poisoned))), "e.source_key, e.region")
    with postgres.translated_errors("source", entity.name):
        regions = dict(link.source.execute(query).fetchall())
    with link.target.cursor() as cursor:
        cursor.executemany(
            "insert into refused (source_key, region, reason, detail) values (%s, %s, %s, %s)",
            [(key, region, f"refused_by_{poisoned[key].side}", poisoned[key].detail) for key, region in regions.items()],
        )
        # What the source does not have can only be refused when it goes: it stays where it is.
        cursor.executemany(
            "insert into keeping (source_key, detail) values (%s, %s)",
            [(key, refusal.detail) for key, refusal in poisoned.items() if key not in regions],
        )


def _note_parked(link: Link, entity: Entity, part: Part, theirs: Sequence[str]) -> None:
    """Rows that the source itself does not hand out: orphans, held regions, erased persons. By key only."""
    _carry(link, entity_sql.parked(entity, part, "source_key, region, reason", theirs), sql.SQL("refused (source_key, region, reason)"))


def declare(link: Link, entity: Entity, part: Part, theirs: Sequence[str]) -> None:
    """Define what load.sql and park.sql speak of: accepted, gone, known and the entity's reasons."""
    link.target.execute("select set_config('migration.entity', %s, true)", (entity.name,))
    with link.target.cursor() as cursor:
        cursor.executemany(
            "insert into reason (name, outcome, next_action) values (%s, %s, %s)",
            [(reason.name, reason.outcome, reason.next_action) for reason in entity.reasons.values()],
        )
    _declare_accepted(link, entity)
    if isinstance(part, KeySet):
        # Thousands of keys in the text of a view are slow to write and slow to read.
        link.target.execute("insert into asked select unnest(%s::bigint[])", (postgres.array(part.keys),))
        link.target.execute("analyze asked")
    _declare_gone(link, entity, part, theirs)
    inside = entity_sql.condition(part, sql.Identifier("source_key")) if isinstance(part, KeyRange) else ASKED
    link.target.execute(
        sql.SQL("create or replace temp view touched as select source_key from migration.leaving where entity = {} and {}").format(
            sql.Literal(entity.name), inside
        )
    )
    link.target.execute(
        sql.SQL(
            "create or replace temp view known as"
            " select source_key from migration.quarantine"
            " where entity = {entity} and resolved_at is null and reason <> {kept} and {inside}{ours}"
            " union select source_key from migration.left_out where entity = {entity} and {inside}{ours}"
        ).format(
            entity=sql.Literal(entity.name),
            kept=sql.Literal(handed_over.KEPT),
            inside=inside,
            ours=entity_sql.outside(theirs, sql.Identifier("region")),
        )
    )


def _declare_accepted(link: Link, entity: Entity) -> None:
    """`accepted` is what nothing has refused yet, with each derived column computed once per distinct input."""
    columns: list[sql.Composable] = [sql.SQL("s.*")]
    joins: list[sql.Composable] = []
    for rule in entity.derivations:
        table = sql.Identifier(f"derived_{rule.column}")
        _compute(link, table, rule.column, rule.inputs, link.derive[rule.function])
        columns.append(sql.Identifier(f"derived_{rule.column}", rule.column))
        pairs = [sql.SQL("{} = s.{}").format(sql.Identifier(f"derived_{rule.column}", name), sql.Identifier(name)) for name in rule.inputs]
        joins.append(sql.SQL(" left join {} on {}").format(table, sql.SQL(" and ").join(pairs)))
    link.target.execute(
        sql.SQL(
            "create temp view accepted as select {} from staging s{}"
            " where not exists (select from refused r where r.source_key = s.source_key)"
        ).format(sql.SQL(", ").join(columns), sql.SQL("").join(joins))
    )


def _declare_gone(link: Link, entity: Entity, part: Part, theirs: Sequence[str]) -> None:
    """`gone` is what the target has of the part and the source has no more, but for what is `staying`."""
    key, table, zero = sql.Identifier("t", entity.key), sql.Identifier(*entity.table.split(".")), sql.SQL("mi.poco_key(0)")
    if isinstance(part, KeySet):
        # So that the planner goes from the few keys that are asked for and not accepted to the table, and not through all of it.
        there = sql.SQL("select k.source_key from asked k join {} t on {} = mi.poco_key(k.source_key) where true").format(table, key)
    else:
        there = sql.SQL("select {key} - {zero} as source_key from {table} t where {inside}").format(
            key=key, zero=zero, table=table, inside=entity_sql.condition(part, key, zero)
        )
    link.target.execute(
        # POCO's keys on the target are a range of their own (mi.poco_key): neither an open part nor an odd key reaches Xiaomi's rows.
        sql.SQL(
            "create temp view gone as select h.source_key"
            " from ({}{} and {} between mi.poco_key(-100000000000000) and mi.poco_key(900000000000000)) h"
            " where not exists (select from staying y where y.source_key = h.source_key)"
            " and not exists (select from keeping y where y.source_key = h.source_key)"
            " and not exists (select from accepted a where a.source_key = h.source_key)"
        ).format(there, _pocos(entity, key, zero, theirs), key)
    )


def _pocos(entity: Entity, key: sql.Identifier, zero: postgres.Query, theirs: Sequence[str]) -> postgres.Query:
    """That a row of the target may go because POCO does not have it: the ledger says that it is POCO's.

    Once a region is handed over the row must say so too, and be of a region that is POCO's still: there nobody but the
    migration writes. So a list of keys that is not whole deletes nothing, and what nobody recognises stays and is named.
    """
    ledger = sql.SQL(" and {}").format(entity_sql.is_pocos(entity.name, sql.SQL("{} - {}").format(key, zero)))
    if not theirs:
        return ledger
    return ledger + sql.SQL(" and exists (select from ({readback}\n) o where o.{column} = {key} and o.region <> all ({theirs}))").format(
        readback=sql.SQL(entity.readback), column=sql.Identifier(entity.key), key=key, theirs=sql.Literal(list(theirs))
    )


def _compute(link: Link, table: sql.Identifier, column: str, inputs: tuple[str, ...], function: Derive) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, inputs))
    present = sql.SQL(" and ").join(sql.SQL("{} is not null").format(sql.Identifier(name)) for name in inputs)
    given = link.target.execute(sql.SQL("select distinct {} from staging where {}").format(names, present)).fetchall()
    link.target.execute(
        sql.SQL("create temp table {} on commit drop as select {}, null::text as {} from staging limit 0").format(
            table, names, sql.Identifier(column)
        )
    )
    with link.target.cursor() as cursor, cursor.copy(sql.SQL("copy {} from stdin").format(table)) as sink:
        for row, derived in zip(given, function(given), strict=True):
            sink.write_row((*row, derived))
    link.target.execute(sql.SQL("analyze {}").format(table))
