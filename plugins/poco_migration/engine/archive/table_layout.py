"""What the archive holds of a table: which columns, in which types, and the queries that read, hash and restore them.

Plain columns stand in the file as they are. The personal columns of a row are one JSON array of PostgreSQL's own texts, sealed
together: a call for each row is dear enough, one for each column would be dearer. A text casts back to exactly the value it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.model import KEY, PERSON, SEALED, Entity

SCHEMA = "poco_archive"


@dataclass(frozen=True)
class TableLayout:
    """A table's archived columns, (name, PostgreSQL type), in the order of the table."""

    entity: str
    columns: tuple[tuple[str, str], ...]
    personal: frozenset[str]

    @property
    def plain(self) -> list[tuple[str, str]]:
        return [column for column in self.columns if column[0] not in self.personal]

    @property
    def sealed(self) -> list[tuple[str, str]]:
        return [column for column in self.columns if column[0] in self.personal]

    def names(self, columns: Sequence[tuple[str, str]]) -> list[sql.Composable]:
        return [sql.Identifier(name) for name, _ in columns]


@dataclass(frozen=True)
class Sums:
    """Rows, and the sums of the two halves of their hashes: over the plain columns, and over the personal ones of those rows
    whose person was not erased. The sums do not depend on the order of the rows, nor on the server that computes them."""

    rows: int
    plain: str
    personal: str


NOTHING = Sums(0, "0/0", "0/0")


def shape(source: postgres.Connection, entity: Entity) -> TableLayout:
    """As the archive's view has the table now, and the entity's card calls its columns."""
    query = sql.SQL("select * from {}").format(sql.Identifier(SCHEMA, entity.name)).as_string(source)
    found = [column for column in postgres.columns(source, query) if column[0] != PERSON]
    return TableLayout(entity.name, tuple(found), frozenset(name for name, _ in found if entity.columns[name] == "personal"))


def reading(shape: TableLayout, region: str, native: Callable[[str], bool]) -> postgres.Query:
    """A region's rows: person, plain columns, personal ones as one JSON text; by person and key, nobody's rows last.

    A plain column is read as a text where its type is not `native` to whoever reads.
    """
    texts = [sql.SQL("{}::text").format(name) for name in shape.names(shape.sealed)]
    content = (
        sql.SQL("case when num_nonnulls({}) > 0 then array_to_json(array[{}])::text end").format(
            sql.SQL(", ").join(shape.names(shape.sealed)), sql.SQL(", ").join(texts)
        )
        if texts
        else sql.SQL("null::text")
    )
    plain = [sql.SQL("{}" if native(kind) else "{}::text").format(sql.Identifier(name)) for name, kind in shape.plain]
    columns = sql.SQL(", ").join([sql.Identifier(PERSON), *plain, content])
    return sql.SQL("select {} from {} where region = {} order by {}, {}").format(
        columns, sql.Identifier(SCHEMA, shape.entity), sql.Literal(region), sql.Identifier(PERSON), sql.Identifier(KEY)
    )


def sums(
    connection: postgres.Connection, shape: TableLayout, table: sql.Identifier, erased: Sequence[int] = (), region: str | None = None
) -> dict[str, Sums]:
    """By region, what a table holds as Sums. `erased` are persons whose personal columns count nowhere."""
    fields = sql.SQL(", ").join([sql.Identifier(PERSON), *shape.names(shape.plain)])
    hidden = sql.SQL(", ").join([sql.Identifier(KEY), *shape.names(shape.sealed)])
    kept = (
        sql.SQL("not coalesce({} = any ({}::bigint[]), false)").format(sql.Identifier(PERSON), sql.Literal(postgres.array(erased)))
        if erased
        else sql.SQL("true")
    )
    secret = sql.SQL("case when {} then {} end").format(kept, _hash(hidden)) if shape.sealed else sql.SQL("null::bytea")
    where = sql.SQL("region = {}").format(sql.Literal(region)) if region else sql.SQL("true")
    query = sql.SQL(
        "select region, count(*) as rows, {plain} as plain, {personal} as personal"
        " from (select region, {plainly} as h, {secret} as s from {table} where {where} offset 0) q group by region"
    ).format(plain=_halves("h"), personal=_halves("s"), plainly=_hash(fields), secret=secret, table=table, where=where)
    return {row["region"]: Sums(row["rows"], row["plain"], row["personal"]) for row in postgres.rows(connection, query)}


def _hash(columns: sql.Composed) -> sql.Composed:
    return sql.SQL("decode(md5(record_send(row({}))), 'hex')").format(columns)


def _halves(column: str) -> sql.Composed:
    half = "coalesce(sum(substr({}, {}, 8)::bigint), 0)"
    one, other = (sql.SQL(half).format(sql.Identifier(column), sql.Literal(begins)) for begins in (1, 9))
    return sql.SQL("concat_ws('/', {}, {})").format(one, other)


def making(shape: TableLayout, schema: str) -> postgres.Query:
    """An empty table for the rows of an archive."""
    columns = [(PERSON, "bigint"), *shape.columns]
    parts = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns]
    return sql.SQL("create table if not exists {} ({})").format(sql.Identifier(schema, shape.entity), sql.SQL(", ").join(parts))


def arriving(shape: TableLayout) -> postgres.Query:
    """A temporary table for one file's rows as they come, the opened content still in one text."""
    parts = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in [(PERSON, "bigint"), *shape.plain]]
    return sql.SQL("create temporary table arriving ({}, {} json) on commit drop").format(sql.SQL(", ").join(parts), sql.Identifier(SEALED))


def settling(shape: TableLayout, schema: str) -> postgres.Query:
    """From there into the table, each personal column out of its text."""
    place = {name: number for number, (name, _) in enumerate(shape.sealed)}
    values: list[sql.Composable] = [
        sql.SQL("({} ->> {})::{}").format(sql.Identifier(SEALED), sql.Literal(place[name]), sql.SQL(kind))
        if name in place
        else sql.Identifier(name)
        for name, kind in shape.columns
    ]
    return sql.SQL("insert into {} ({}, {}) select {}, {} from arriving").format(
        sql.Identifier(schema, shape.entity), sql.Identifier(PERSON), sql.SQL(", ").join(shape.names(shape.columns)),
        sql.Identifier(PERSON), sql.SQL(", ").join(values),
    )  # fmt: skip
