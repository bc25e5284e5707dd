"""Finds every key at which the target is not what the source says, by comparing a hash of each row on both sides.

compare() looks at one planned part: one scan per side, at the same time, each in one snapshot. Only buckets of keys
whose count or sums differ are listed row by row. What it finds is a suspicion, because the store goes on between the
two snapshots; recheck.py looks at each key again.

Compared are all columns that readback.sql shares with extract.sql. What stands on the target only is proven there, out
of columns that are compared: a derived column is computed once more, and what several rows share (an account, a
listing) must be what these rows say (shared.sql). Not compared: keys that mi.com gives itself, and constants.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.engine import entity_sql
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.copying import schema_drift
from poco_migration.engine.entity_sql import POCO_KEYS
from poco_migration.engine.ledger import ownership
from poco_migration.engine.verify import row_hash, unmatched_rows
from poco_migration.engine.verify.row_hash import Side
from poco_migration.model import Entity, KeyRange, KeySet, Part, Run

SQL = Path(__file__).parent / "sql"
CHUNK = 5_000
# A range of keys with more rows than this is cut again rather than listed.
LISTED_ROWS = 20_000
Columns = list[tuple[str, str]]
Buckets = dict[int, row_hash.Bucket]


@dataclass
class PartDiff:
    """What one look at a part found. `kinds` has the source keys that are not equal; the counts are rows."""

    kinds: dict[int, str] = field(default_factory=dict)
    foreign: list[int] = field(default_factory=list)
    rows_source: int = 0
    set_aside: int = 0
    counted_source: int = 0
    rows_target: int = 0
    counted_target: int = 0


def compare_part(link: Link, entity: Entity, number: int, part: KeyRange, run: Run) -> PartDiff | None:
    """Compare one planned part and note under this run what was looked at and what was found.

    None when this run has compared the part already. Rerun: safe; counts and keys are written in one transaction.
    Raises SchemaDrift.
    """
    started = time.monotonic()
    with postgres.translated_errors("target", f"compare {entity.name} {part}"), link.target.transaction():
        link.target.execute("set transaction isolation level repeatable read")
        if postgres.run(link.target, SQL / "difference_done.sql", run.id, entity.name, number):
            return None
        schema_drift.check(link, entity)
        theirs = ownership.owned_regions(link.target, entity.name)
        aside = _aside(link.target, entity, part, theirs)
        with postgres.snapshot(link.source):
            found = _compare(link, entity, part, aside, theirs)
        if part.lo is None:
            found.foreign = unmatched_rows.unmatched_keys(link.target, entity)
        store(link.target, entity, found, run)
        postgres.run(link.target, SQL / "difference_part_store.sql", run.id, entity.name, number, part.lo, part.hi, found.rows_source,
                     found.set_aside, found.counted_source, found.rows_target, found.counted_target,
                     len(found.kinds) + len(found.foreign), time.monotonic() - started)  # fmt: skip
    return found


def diff_part(link: Link, entity: Entity, part: KeyRange) -> PartDiff:
    """What differs in a part now; notes nothing, and does not mind what shape the tables have, or who owns the rows.

    Rerun: looks again.
    """
    with postgres.translated_errors("target", f"look {entity.name} {part}"), link.target.transaction():
        link.target.execute("set transaction isolation level repeatable read")
        with postgres.snapshot(link.source):
            found = _compare(link, entity, part, _aside(link.target, entity, part, []), [])
        if part.lo is None:
            found.foreign = unmatched_rows.unmatched_keys(link.target, entity, everywhere=True)
    return found


def _compare(link: Link, entity: Entity, part: KeyRange, aside: dict[int, str], owned: list[str]) -> PartDiff:
    left, right = row_hash.sides(link.source, link.target, entity, owned)
    for side in (left, right):
        row_hash.set_encoding(side.connection)
    columns, keys = row_hash.compared(link.target, entity), sorted(aside)
    found, waiting = PartDiff(), [part]
    while waiting:
        inside = waiting.pop()
        cut = row_hash.bucket_cuts(inside, *_extent(link.target, entity))
        ours, theirs = _both(left, right, columns, inside, cut, keys)
        if inside is part:
            found.rows_source, found.rows_target = (sum(rows for rows, *_ in side.values()) for side in (ours, theirs))
        for run in _runs(sorted(bucket for bucket in ours.keys() | theirs.keys() if ours.get(bucket) != theirs.get(bucket))):
            piece = _piece(inside, cut, run)
            rows = max(sum(side.get(bucket, (0,))[0] for bucket in run) for side in (ours, theirs))
            # Keys far apart from the others leave most rows in few buckets: those are cut again before they are listed.
            if rows > LISTED_ROWS and len(run) <= row_hash.BUCKETS // 4 and run[0] >= 0 and run[-1] < len(cut) and piece != inside:
                waiting.append(piece)
                continue
            aside_here = [key for key in keys if (piece.lo is None or key >= piece.lo) and (piece.hi is None or key < piece.hi)]
            found.kinds |= row_hash.merged(row_hash.listed(left, columns, piece, aside_here), row_hash.listed(right, columns, piece, []))
    found.counted_source, found.counted_target = _counted(link, entity, part, owned)
    # A row that falls out of readback.sql makes the counts differ, unless another one that is read twice makes up for it.
    if found.rows_target != found.counted_target or "duplicated" in found.kinds.values():
        found.rows_target += _unread(link.target, entity, part, found.kinds)
    found.set_aside = _held(link, entity, aside, found.kinds)
    _own_columns(link, entity, right, part, found.kinds)
    return found


def of_keys(link: Link, entity: Entity, keys: list[int], *, everywhere: bool = False) -> dict[int, str]:
    """How these keys differ now, those of mi.com's regions only if `everywhere`; equal ones are not in it.

    Inside a transaction of the target and a snapshot of the source.
    """
    part, kinds, theirs = (
        KeySet(tuple(sorted(set(keys)))),
        dict[int, str](),
        [] if everywhere else ownership.owned_regions(link.target, entity.name),
    )
    left, right = row_hash.sides(link.source, link.target, entity, theirs)
    for side in (left, right):
        row_hash.set_encoding(side.connection)
    columns, aside = row_hash.compared(link.target, entity), _aside(link.target, entity, part, theirs)
    kinds |= row_hash.merged(row_hash.listed(left, columns, part, sorted(aside)), row_hash.listed(right, columns, part, []))
    _unread(link.target, entity, part, kinds)
    _held(link, entity, aside, kinds)
    _own_columns(link, entity, right, part, kinds)
    return kinds


def store(target: postgres.Connection, entity: Entity, found: PartDiff, run: Run) -> None:
    """Note what was found under this run; a key that is noted already keeps its line."""
    rows = [(run.id, entity.name, key, kind) for key, kind in sorted(found.kinds.items())]
    postgres.run_many(target, SQL / "difference_store.sql", rows)
    postgres.run_many(target, SQL / "difference_store_foreign.sql", [(run.id, entity.name, key) for key in found.foreign])


def _aside(target: postgres.Connection, entity: Entity, part: Part, theirs: list[str]) -> dict[int, str]:
    """What the ledger says does not move, and why."""
    extent = (part.lo, part.hi, None) if isinstance(part, KeyRange) else (None, None, list(part.keys))
    return {row["source_key"]: row["reason"] for row in postgres.run(target, SQL / "difference_aside.sql", entity.name, *extent, theirs)}


def _both(left: Side, right: Side, columns: Columns, part: KeyRange, cut: range, aside: list[int]) -> tuple[Buckets, Buckets]:
    """The buckets of both sides, computed at the same time."""
    with ThreadPoolExecutor(1) as other:
        theirs = other.submit(row_hash.buckets, right, columns, part, cut, [])
        return row_hash.buckets(left, columns, part, cut, aside), theirs.result()


def _runs(buckets: list[int]) -> Iterator[list[int]]:
    """Neighbouring buckets together."""
    for _, group in itertools.groupby(enumerate(buckets), lambda pair: pair[1] - pair[0]):
        yield [bucket for _, bucket in group]


def _piece(part: KeyRange, cut: range, run: list[int]) -> KeyRange:
    """The key range of neighbouring buckets; -1 lies before the cut, len(cut) behind it."""
    return KeyRange(
        part.lo if run[0] < 0 else cut.stop if run[0] == len(cut) else cut[run[0]],
        part.hi if run[-1] == len(cut) else cut[run[-1] + 1] if run[-1] + 1 < len(cut) else cut.stop,
    )


def _extent(target: postgres.Connection, entity: Entity) -> tuple[int | None, int | None]:
    query = sql.SQL("select min(t.{0}) - mi.poco_key(0), max(t.{0}) - mi.poco_key(0) from {1} t where t.{0} {2}")
    row = target.execute(query.format(sql.Identifier(entity.key), _table(entity), sql.SQL(POCO_KEYS))).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _counted(link: Link, entity: Entity, part: KeyRange, theirs: list[str]) -> tuple[int, int]:
    """Rows of the export view and of mi.com's table, without extract.sql and readback.sql; less what mi.com owns."""
    view = sql.SQL("select count(*) from poco_export.{} v where {}{}").format(
        sql.Identifier(entity.name),
        entity_sql.condition(part, sql.Identifier("v", "id")),
        entity_sql.outside(theirs, sql.Identifier("v", "region")),
    )
    with postgres.translated_errors("source", "count"):
        source = postgres.value(link.source, view)
    target = postgres.value(link.target, sql.SQL("select count(*) {}").format(_raw(entity, part)))
    if theirs:
        handed_over = sql.SQL("select count(*) {} and exists (select from ({}\n) o where o.{} = t.{} and o.region = any ({}))")
        key = sql.Identifier(entity.key)
        target -= postgres.value(
            link.target, handed_over.format(_raw(entity, part), sql.SQL(entity.readback), key, key, sql.Literal(theirs))
        )
    return source, target


def _raw(entity: Entity, part: Part) -> sql.Composed:
    key = sql.Identifier("t", entity.key)
    inside = entity_sql.condition(part, key, sql.SQL("mi.poco_key(0)"))
    return sql.SQL("from {} t where {} {} and {}").format(_table(entity), key, sql.SQL(POCO_KEYS), inside)


def _unread(target: postgres.Connection, entity: Entity, part: Part, kinds: dict[int, str]) -> int:
    """Rows under POCO's keys that readback.sql does not show: of a region that stays, or no longer marked as POCO's."""
    query = sql.SQL("select t.{key} - mi.poco_key(0) {raw} and not exists (select from ({readback}\n) e where e.{key} = t.{key})").format(
        key=sql.Identifier(entity.key), raw=_raw(entity, part), readback=sql.SQL(entity.readback)
    )
    unread = [row[0] for row in target.execute(query)]
    for key in unread:
        kinds[key] = "stale" if kinds.get(key) == "lost" else "extra"
    return len(unread)


def _held(link: Link, entity: Entity, aside: dict[int, str], kinds: dict[int, str]) -> int:
    """Keys that are set aside for a reason that is not the source's: copying alone can say whether it holds.

    Returns how many of the keys that are set aside the source hands out.
    """
    if not aside:
        return 0
    part = KeySet(tuple(sorted(aside)))
    with postgres.translated_errors("source", "set aside"):
        said = dict(link.source.execute(entity_sql.wrapped(entity, part, "e.source_key, e.refused")).fetchall())
        parked = dict(link.source.execute(entity_sql.parked(entity, part, "source_key, reason")).fetchall())
    for key, reason in aside.items():
        if said.get(key, parked.get(key)) != reason:
            kinds.setdefault(key, "held")
    return len(said)


def _own_columns(link: Link, entity: Entity, right: Side, part: Part, kinds: dict[int, str]) -> None:
    """What stands on the target only: derived columns, and what several rows share."""
    for rule in entity.derivations:
        derive: Callable[..., list[str | None]] = link.derive[rule.function]
        inputs = sql.SQL(", ").join(sql.Identifier("e", name) for name in rule.inputs)
        query = sql.SQL(
            "select e.source_key, t.{column}, {inputs} from ({readback}\n) e join {table} t on t.{key} = e.{key} where {inside}"
        ).format(
            column=sql.Identifier(rule.column), inputs=inputs, readback=sql.SQL(right.query), table=_table(entity),
            key=sql.Identifier(entity.key), inside=right.within(part),
        )  # fmt: skip
        with link.target.cursor("derived") as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(CHUNK):
                given = [row for row in rows if None not in row[2:]]
                wanted = dict(zip((row[0] for row in given), derive([row[2:] for row in given]), strict=True))
                kinds |= {row[0]: "stale" for row in rows if wanted.get(row[0]) != row[1] and row[0] not in kinds}
    if entity.shared:
        query = sql.SQL("select distinct e.source_key from ({}\n) e where {}").format(sql.SQL(entity.shared), right.within(part))
        for row in link.target.execute(query):
            kinds.setdefault(row[0], "stale")


def _table(entity: Entity) -> sql.Identifier:
    return sql.Identifier(*entity.table.split("."))


def forget_compared(target: postgres.Connection, run: Run, entities: Sequence[str]) -> None:
    """Forget what this run has compared of these entities, so that it compares them anew. Rerun: safe."""
    for table in (sql.Identifier("migration", name) for name in ("difference", "difference_part")):
        target.execute(sql.SQL("delete from {} where run = %s and entity = any (%s)").format(table), (run.id, list(entities)))
