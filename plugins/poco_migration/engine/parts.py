"""Cuts an entity into parts and says which parts a copy touches. The plan is stored, so a rerun uses the same parts."""

from __future__ import annotations

import zlib

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.model import Entity, KeyRange, KeySet, Part


def plan(source: postgres.Connection, target: postgres.Connection, entity: Entity, part_rows: int) -> list[KeyRange]:
    """The parts of an entity: disjoint, covering every key there is or will be. Rerun: the stored plan comes back."""
    if stored := _stored(target, entity):
        return stored
    starts = [row["start"] for row in postgres.rows(source, "select poco_export.part_starts(%s, %s) as start", (entity.name, part_rows))]
    edges: list[int | None] = [None, *starts, None]
    parts = [KeyRange(lo, hi) for lo, hi in zip(edges, edges[1:], strict=False)]
    with target.transaction():
        # Two planners at once would store two plans; the second one waits here and reads the first one's.
        target.execute("lock table migration.part in share row exclusive mode")
        if stored := _stored(target, entity):
            return stored
        with target.cursor() as cursor:
            cursor.executemany(
                "insert into migration.part (entity, part_no, lo, hi) values (%s, %s, %s, %s)",
                [(entity.name, number, part.lo, part.hi) for number, part in enumerate(parts)],
            )
    return parts


def _stored(target: postgres.Connection, entity: Entity) -> list[KeyRange]:
    query = "select lo, hi from migration.part where entity = %s order by part_no"
    return [KeyRange(row["lo"], row["hi"]) for row in postgres.rows(target, query, (entity.name,))]


def lock(target: postgres.Connection, entity: Entity, part: Part) -> None:
    """Hold, until the transaction ends, every planned part that this part touches; in ascending order, so that two
    copies never wait for each other in a circle. Backfill, follow and repair of one row meet here."""
    if isinstance(part, KeyRange):
        touched = "(lo is null or %(hi)s::bigint is null or lo < %(hi)s) and (hi is null or %(lo)s::bigint is null or hi > %(lo)s)"
        parameters: dict[str, object] = {"lo": part.lo, "hi": part.hi}
    else:
        touched = "exists (select from unnest(%(keys)s::bigint[]) k where (lo is null or k >= lo) and (hi is null or k < hi))"
        parameters = {"keys": list(part.keys)}
    query = f"select part_no from migration.part where entity = %(entity)s and {touched} order by part_no"
    numbers = [row[0] for row in target.execute(query, parameters | {"entity": entity.name})]  # type: ignore[arg-type]
    for number in numbers or [0]:
        target.execute("select pg_advisory_xact_lock(%s, %s)", (_lock_space(entity), number))


def _lock_space(entity: Entity) -> int:
    return zlib.crc32(entity.name.encode()) - (1 << 31)


def condition(part: Part, column: sql.Composable, offset: sql.Composable | None = None) -> sql.Composable:
    """The SQL condition that a key column lies in a part; `offset` is what the column has above the source key."""
    if isinstance(part, KeySet):
        keys = sql.SQL("{}::bigint[]").format(sql.Literal(list(part.keys)))
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
