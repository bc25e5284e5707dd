"""Brings one part of an entity to the target's side of the pipe, and says which of its rows may be loaded.

Everything here is temporary and is empty again at the end of each copy (sql/scratch.sql and workbench.py name it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import RowsRefused, sql
from poco_migration.engine import entity_sql
from poco_migration.engine.connection_pair import Derive, Link
from poco_migration.engine.copying import workbench
from poco_migration.engine.entity_sql import POCO_KEYS
from poco_migration.errors import ConfigurationError
from poco_migration.model import Derivation, Entity, KeySet, Part

SQL = Path(__file__).parent / "sql"
ANALYZED_ROWS = 2_000
CONTROL_COLUMNS = ["source_key", "region", "refused"]


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
    workbench.lay_for(link.target, entity, named, theirs)
    staged = workbench.table(entity, "staging")
    query = entity_sql.wrapped(entity, part, theirs=theirs)
    if poisoned:
        query = sql.SQL("{} and e.source_key <> all ({})").format(query, sql.Literal(sorted(poisoned)))
    rows, size = _carry(link, query, staged)
    _analyzed(link, staged, rows)
    link.target.execute(
        sql.SQL(
            "insert into refused (source_key, region, reason) select source_key, region, refused from {} where refused is not null"
        ).format(staged)
    )
    _note_poisoned(link, entity, poisoned)
    _note_parked(link, entity, part, theirs)
    return rows, size


def _carry(link: Link, query: postgres.Query, into: sql.Composable) -> tuple[int, int]:
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


def declare(link: Link, entity: Entity, part: Part) -> None:
    """Fill what accepted, gone and known stand on: the entity's reasons, the derived values and the keys that are asked for."""
    with link.target.cursor() as cursor:
        cursor.executemany(
            "insert into reason (name, outcome, next_action) values (%s, %s, %s)",
            [(reason.name, reason.outcome, reason.next_action) for reason in entity.reasons.values()],
        )
    for rule in entity.derivations:
        _compute(link, entity, rule, link.derive[rule.function])
    if isinstance(part, KeySet):
        link.target.execute("insert into asked select unnest(%s::bigint[])", (postgres.array(part.keys),))
        _analyzed(link, sql.Identifier("asked"), len(part.keys))


def _compute(link: Link, entity: Entity, rule: Derivation, function: Derive) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, rule.inputs))
    present = sql.SQL(" and ").join(sql.SQL("{} is not null").format(sql.Identifier(name)) for name in rule.inputs)
    staged, values = workbench.table(entity, "staging"), workbench.derived(entity, rule)
    given = link.target.execute(sql.SQL("select distinct {} from {} where {}").format(names, staged, present)).fetchall()
    with link.target.cursor() as cursor, cursor.copy(sql.SQL("copy {} from stdin").format(values)) as sink:
        for row, derived in zip(given, function(given), strict=True):
            sink.write_row((*row, derived))
    _analyzed(link, values, len(given))


def _analyzed(link: Link, table: sql.Identifier, rows: int) -> None:
    """Tell the planner what is in a working table, or it would guess nested loops (scratch.sql says how exact it is).

    Of few rows nested loops are right, and what is told is a row of the catalog for each column.
    """
    if rows >= ANALYZED_ROWS:
        link.target.execute(sql.SQL("analyze {}").format(table))
