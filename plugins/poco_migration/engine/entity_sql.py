"""An entity as composed SQL: its table, its keys, the key range of POCO's rows, its queries narrowed to a part."""

from __future__ import annotations

from collections.abc import Sequence

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.model import Entity, KeySet, Part


def outside(regions: Sequence[str], column: sql.Identifier) -> postgres.Query:
    """The SQL condition, behind others, that a region is none of these; nothing when there are none."""
    return sql.SQL(" and {} <> all ({})").format(column, sql.Literal(list(regions))) if regions else sql.SQL("")


def condition(part: Part, column: postgres.Query | sql.Identifier, offset: postgres.Query | None = None) -> postgres.Query:
    """The SQL condition that a key column lies in a part; `offset` is what the column has above the source key."""
    if isinstance(part, KeySet):
        keys = sql.SQL("{}::bigint[]").format(sql.Literal(postgres.array(part.keys)))
        if offset is None:
            return sql.SQL("{} = any ({})").format(column, keys)
        return sql.SQL("{} in (select k + {} from unnest({}) k)").format(column, offset, keys)
    plus = sql.SQL("") if offset is None else sql.SQL(" + {}").format(offset)
    bounds = []
    if part.lo is not None:
        bounds.append(sql.SQL("{} >= {}{}").format(column, sql.Literal(part.lo), plus))
    if part.hi is not None:
        bounds.append(sql.SQL("{} < {}{}").format(column, sql.Literal(part.hi), plus))
    return sql.SQL(" and ").join(bounds) if bounds else sql.SQL("true")


# The key range of POCO's rows on the target.
POCO_KEYS = "between mi.poco_key(-100000000000000) and mi.poco_key(900000000000000)"


def wrapped(entity: Entity, part: Part, select: str = "e.*", theirs: Sequence[str] = ()) -> postgres.Query:
    """extract.sql as it is, narrowed to the part, without the regions that mi.com owns. The newline keeps a trailing
    comment from swallowing the bracket."""
    return sql.SQL("select {} from ({}\n) e where {}{}").format(
        sql.SQL(select),
        sql.SQL(entity.extract),
        condition(part, sql.Identifier("e", "source_key")),
        outside(theirs, sql.Identifier("e", "region")),
    )


def parked(entity: Entity, part: Part, select: str, theirs: Sequence[str] = ()) -> postgres.Query:
    """The rows of the part that the source does not hand out."""
    return sql.SQL("select {} from poco_export.parked where entity = {} and {}{}").format(
        sql.SQL(select),
        sql.Literal(entity.name),
        condition(part, sql.Identifier("source_key")),
        outside(theirs, sql.Identifier("region")),
    )


def table_of(entity: Entity) -> sql.Identifier:
    return sql.Identifier(*entity.table.split("."))


def keys_literal(numbers: Sequence[int]) -> sql.Composed:
    return sql.SQL("{}").format(sql.Literal(postgres.array(numbers)))


def poco_rows_of(child: Entity) -> sql.Composed:
    """POCO's rows on the target have a key range of their own."""
    return sql.SQL("{} between mi.poco_key(-100000000000000) and mi.poco_key(900000000000000)").format(sql.Identifier(child.key))
