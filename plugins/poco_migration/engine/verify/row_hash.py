"""One hash per row, computed by the database that has the row; so rows are compared and none of them travels.

hash(row) = md5(record_send(row(column::type, ...))): the row in PostgreSQL's binary form, where each field has its type
and its length before it and NULL is a length of its own. No separator can be forged, NULL is not '' and not ' ', a value
cannot slide from one column into the next, numbers carry their exact scale, and an instant is microseconds in UTC
whatever the session's settings are. Both sides are cast to the types of readback.sql. A bucket of keys is compared by
its count and by the sums of the two halves of its hashes, which do not depend on the order of the rows.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.engine import entity_sql
from poco_migration.model import Entity, KeyRange, Part

BUCKETS = 256
# Types whose binary form is the same on every server. Any other one (an enum, a domain) has a number of its own on each
# server, so it is compared as text.
PORTABLE = re.compile(
    r"(bigint|integer|smallint|boolean|text|bytea|uuid|date|jsonb|numeric\(\d+,\d+\)|timestamp with(out)? time zone)(\[\])?$"
)
Bucket = tuple[int, str, str]  # rows, and the sum of each half of their hashes
Row = tuple[int, str]  # source key, hash


@dataclass(frozen=True)
class Side:
    """The rows of an entity on one side, as a query that gives source_key and the compared columns."""

    name: postgres.Side
    connection: postgres.Connection
    query: str
    key: sql.Identifier
    offset: postgres.Query | None

    def within(self, part: Part) -> postgres.Query:
        """The condition that a row is of the part; on the column that is indexed, and on the target only POCO's keys."""
        inside = entity_sql.condition(part, self.key, self.offset)
        return inside if self.offset is None else sql.SQL("{} and {} {}").format(inside, self.key, sql.SQL(entity_sql.POCO_KEYS))


def sides(source: postgres.Connection, target: postgres.Connection, entity: Entity, theirs: Sequence[str] = ()) -> tuple[Side, Side]:
    """extract.sql on the source, readback.sql on the target: the target's rows by its own key, which is the indexed one.

    Without the rows of `theirs`, the regions that mi.com owns: customers change them there, and nothing is wrong with that.
    """
    left = Side("source", source, _ours(source, entity.extract, theirs), sql.Identifier("e", "source_key"), None)
    right = _ours(target, entity.readback, theirs)
    if theirs:
        # By the ledger too: mi.com's program may have put a row that it owns into another market.
        ledger = entity_sql.is_pocos(entity.name, sql.SQL("w.source_key")).as_string(target)
        right = f"select w.* from ({right}\n) w where {ledger}"
    return left, Side("target", target, right, sql.Identifier("e", entity.key), sql.SQL("mi.poco_key(0)"))


def _ours(connection: postgres.Connection, query: str, theirs: Sequence[str]) -> str:
    if not theirs:
        return query
    return f"select w.* from ({query}\n) w where true{entity_sql.outside(theirs, sql.Identifier('w', 'region')).as_string(connection)}"


def compared(target: postgres.Connection, entity: Entity) -> list[tuple[str, str]]:
    """The columns that are compared, with their types: all that extract.sql and readback.sql share."""
    named = postgres.columns(target, entity.readback)
    return [(name, kind if PORTABLE.match(kind) else "text") for name, kind in (named[1], *named[3:])]


def set_encoding(connection: postgres.Connection) -> None:
    """In a transaction: text is hashed as it is stored, whatever encoding the client would like."""
    connection.execute("set local client_encoding = 'UTF8'")


def _hashed(side: Side, columns: Sequence[tuple[str, str]], part: Part, aside: Sequence[int]) -> sql.Composed:
    """(k, h) of each row. `offset 0` keeps the planner from computing the hash once per use of it."""
    fields = sql.SQL(", ").join(sql.SQL("{}::{}").format(sql.Identifier("e", name), sql.SQL(kind)) for name, kind in columns)
    but = sql.SQL("e.source_key <> all ({}::bigint[])").format(sql.Literal(list(aside))) if aside else sql.SQL("true")
    return sql.SQL("select e.source_key as k, md5(record_send(row({}))) as h from ({}\n) e where {} and {} offset 0").format(
        fields, sql.SQL(side.query), side.within(part), but
    )


def buckets(side: Side, columns: Sequence[tuple[str, str]], part: KeyRange, cut: range, aside: Sequence[int]) -> dict[int, Bucket]:
    """Count and sums per bucket. `cut` holds the first key of each bucket; keys before and behind it are buckets of their own."""
    query = sql.SQL(
        "select case when k < {first} then -1 when k >= {end} then {many} else (k - {first}) / {step} end as bucket, count(*),"
        " sum(('x' || left(h, 16))::bit(64)::bigint)::text, sum(('x' || right(h, 16))::bit(64)::bigint)::text"
        " from ({rows}) q group by 1"
    ).format(
        first=sql.Literal(cut.start),
        end=sql.Literal(cut.stop),
        many=sql.Literal(len(cut)),
        step=sql.Literal(cut.step),
        rows=_hashed(side, columns, part, aside),
    )
    with postgres.translated_errors(side.name, "row hashes"):
        return {int(row[0]): (row[1], row[2], row[3]) for row in side.connection.execute(query)}


def listed(side: Side, columns: Sequence[tuple[str, str]], part: Part, aside: Sequence[int]) -> Iterator[Row]:
    """Key and hash of each row in the order of the keys, streamed: memory does not depend on their number."""
    query = sql.SQL("select k, h from ({}) q order by k").format(_hashed(side, columns, part, aside))
    with postgres.translated_errors(side.name, "row hashes"), side.connection.cursor(f"rows_of_{side.name}") as cursor:
        cursor.itersize = 5_000
        cursor.execute(query)
        yield from cursor


def bucket_cuts(part: KeyRange, lowest: int | None, highest: int | None) -> range:
    """Where to cut a part into buckets. An open end is cut at the lowest or highest key that the target has."""
    lo = part.lo if part.lo is not None else min(k for k in (lowest, part.hi, 0) if k is not None)
    hi = part.hi if part.hi is not None else max(k for k in (highest, lo) if k is not None) + 1
    return range(lo, max(hi, lo + 1), max(1, -(-(hi - lo) // BUCKETS)))


def runs(buckets: list[int]) -> Iterator[list[int]]:
    """Neighbouring buckets together."""
    for _, group in itertools.groupby(enumerate(buckets), lambda pair: pair[1] - pair[0]):
        yield [bucket for _, bucket in group]


def piece(part: KeyRange, cut: range, run: list[int]) -> KeyRange:
    """The key range of neighbouring buckets; -1 lies before the cut, len(cut) behind it."""
    return KeyRange(
        part.lo if run[0] < 0 else cut.stop if run[0] == len(cut) else cut[run[0]],
        part.hi if run[-1] == len(cut) else cut[run[-1] + 1] if run[-1] + 1 < len(cut) else cut.stop,
    )


def merged(left: Iterator[Row], right: Iterator[Row]) -> Iterator[tuple[int, str]]:
    """(source key, lost | extra | stale | duplicated) out of two lists in the order of their keys."""
    ours, theirs = _grouped(left), _grouped(right)
    one, other = next(ours, None), next(theirs, None)
    while one or other:
        if other is None or (one and one[0] < other[0]):
            assert one is not None
            yield one[0], "lost"
            one = next(ours, None)
        elif one is None or other[0] < one[0]:
            yield other[0], "extra"
            other = next(theirs, None)
        else:
            if len(one[1]) > 1 or len(other[1]) > 1:
                yield one[0], "duplicated"
            elif one[1] != other[1]:
                yield one[0], "stale"
            one, other = next(ours, None), next(theirs, None)


def _grouped(rows: Iterator[Row]) -> Iterator[tuple[int, list[str]]]:
    key, hashes = 0, list[str]()
    for k, h in rows:
        if hashes and k != key:
            yield key, hashes
            hashes = []
        key = k
        hashes.append(h)
    if hashes:
        yield key, hashes
