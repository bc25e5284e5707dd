"""The pipe to PostgreSQL: the only file that imports psycopg.

Refuses to let a database's message through: PostgreSQL quotes the offending values in DETAIL and CONTEXT, so an error
is told by its class, its constraint and its table, and the original is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import sql as sql  # composing is part of the pipe: other files take it from here
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from poco_migration.adapters.sql_files import array as array
from poco_migration.adapters.sql_files import sections as sections
from poco_migration.adapters.sql_files import statement as statement
from poco_migration.errors import DataRefused, MigrationError, SourceError, StageRefused, TargetError

# A COPY block from libpq is one row; joined to this size before it is written, the pipe is about a fifth faster.
PIPE_BYTES = 1 << 20

# A peer that vanished without a word is noticed within a minute: while we wait by unanswered probes, while we send by bytes
# that nobody acknowledges. A connection string that says otherwise is obeyed.
NOTICED = {"keepalives": 1, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 6, "tcp_user_timeout": 45_000}

Connection = psycopg.Connection[Any]
Query = sql.SQL | sql.Composed
Side = Literal["source", "target"]
Broken = psycopg.OperationalError  # what another driver's error is told as


class RowsRefused(MigrationError):
    """Some row of a part is refused by a database. `detail` names the error class and the constraint, no value."""

    def __init__(self, side: Side, detail: str) -> None:
        super().__init__(f"the {side} refuses a row: {detail}")
        self.side: Side = side
        self.detail = detail


@contextmanager
def connect(dsn: str, side: Side, *, name: str, options: str = "", autocommit: bool = True) -> Iterator[Connection]:
    """Open one connection with times in UTC and a name that the server's activity view shows; close it at the end.

    Raises SourceError or TargetError when there is no answer, RowsRefused for a row, StageRefused where the shutdown was.
    """
    if not dsn:  # psycopg would take whatever server its defaults name
        raise StageRefused(
            f"{name}: there is no connection to the {side} any more, because the shutdown has deleted it. Nothing of this is left to do "
            "there (docs/runbook.md, 'After the shutdown')."
        )
    with (
        translated_errors(side, name),
        psycopg.connect(described(dsn, name, options), autocommit=autocommit) as connection,
    ):
        yield connection


def described(dsn: str, name: str, options: str = "") -> str:
    """A connection string with what every connection of ours has: its name, times in UTC, and limits to waiting for a dead peer."""
    return make_conninfo(
        dsn,
        **{name: limit for name, limit in NOTICED.items() if name not in conninfo_to_dict(dsn)},
        application_name=name[:63],
        connect_timeout=10,
        options=f"-c timezone=UTC -c datestyle=ISO -c client_min_messages=warning {options}".strip(),
    )


@contextmanager
def translated_errors(side: Side, what: str) -> Iterator[None]:
    """Turn psycopg's errors into this project's, without a single value of a row."""
    try:
        yield
    except (psycopg.errors.DataError, psycopg.errors.IntegrityError) as error:
        if error.sqlstate is None:  # psycopg's own complaint about a parameter: a bug of ours, not a bad row
            raise
        raise RowsRefused(side, _name(error)) from None
    except psycopg.errors.ProgrammingError as error:  # a missing right, table or column: trying again finds it missing again
        raise DataRefused(
            f"{what}: the {side} refuses the statement ({_name(error)}: {error.diag.message_primary}). "
            "Look at the schema and the grants (docs/runbook.md, 'Schema and grants'), then rerun."
        ) from None
    except psycopg.Error as error:
        kind = SourceError if side == "source" else TargetError
        raise kind(f"{what}: {_name(error)} on the {side}. Nothing was half done; rerun the task.") from None


def _name(error: psycopg.Error) -> str:
    named = [type(error).__name__, error.diag.constraint_name, error.diag.table_name, error.diag.column_name]
    return " ".join(part for part in named if part)


def run(connection: Connection, path: Path, *parameters: Any) -> list[dict[str, Any]]:
    """Run an .sql file with its $1, $2 ... and return its rows as dictionaries; none where it gives none."""
    with psycopg.RawCursor(connection, row_factory=dict_row) as cursor:
        cursor.execute(statement(path), parameters)  # a whole file of this package
        return cursor.fetchall() if cursor.description else []


def changed(connection: Connection, path: Path, *parameters: Any) -> int:
    """Run an .sql file that writes, and return how many rows it wrote."""
    with psycopg.RawCursor(connection) as cursor:
        return cursor.execute(statement(path), parameters).rowcount


def run_many(connection: Connection, path: Path, rows: Iterable[Sequence[Any]]) -> None:
    """Run an .sql file once per row of parameters, in few round trips."""
    with psycopg.RawCursor(connection) as cursor:
        cursor.executemany(statement(path), rows)


def rows(connection: Connection, query: str | Query) -> list[dict[str, Any]]:
    """Run a composed query and return its rows as dictionaries."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query).fetchall()


def streamed(connection: Connection, query: Query, rows_at_once: int = 1000) -> Iterator[tuple[Any, ...]]:
    """The rows of a composed query, a block at a time. Needs a transaction, which stays open until the last row."""
    with connection.transaction(), connection.cursor(name="streamed") as cursor:
        cursor.itersize = rows_at_once
        yield from cursor.execute(query)


def paged(connection: Connection, path: Path, *parameters: Any) -> psycopg.ServerCursor[Any]:
    """A cursor over the rows of an .sql file that the server keeps, for fetchmany(). Needs a transaction, which stays open."""
    return psycopg.RawServerCursor(connection, name=path.stem).execute(statement(path), parameters)


def value(connection: Connection, query: str | Query, parameters: Sequence[Any] = ()) -> Any:
    """Run a short query that gives one row and return its first column."""
    return (connection.execute(query, parameters or None).fetchone() or (None,))[0]


def columns(connection: Connection, query: str) -> list[tuple[str, str]]:
    """The names and exact types of a query's columns, without running it."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("select * from ({}\n) q limit 0").format(sql.SQL(query)))
        result, described = cursor.pgresult, cursor.description or []
        assert result is not None
        types = [(result.ftype(n), result.fmod(n)) for n in range(len(described))]
    named = connection.execute(
        "select array_agg(format_type(oid, mod) order by n) from unnest(%s::oid[], %s::int[]) with ordinality as t (oid, mod, n)",
        ([oid for oid, _ in types], [mod for _, mod in types]),
    ).fetchone()
    assert named is not None
    return list(zip((column.name for column in described), named[0], strict=True))


def pipe(
    source: Connection,
    out: Query,
    target: Connection,
    into: Query,
    pace: Callable[[], None] = lambda: None,
    sides: tuple[Side, Side] = ("source", "target"),
) -> tuple[int, int]:
    """Stream COPY ... TO STDOUT of one connection into COPY ... FROM STDIN of another, unparsed. Memory is flat.

    Returns rows and bytes. An error is told on the side where it happened; on the way back `sides` are the other way
    round. `pace` is called between blocks and may wait.
    """
    sent = 0
    with source.cursor() as reader, target.cursor() as writer:
        with translated_errors(sides[1], "copy"), writer.copy(into) as sink:
            for block in _joined(reader, out, sides[0]):
                sink.write(block)
                sent += len(block)
                pace()
        return reader.rowcount, sent


def _joined(reader: psycopg.Cursor[Any], out: Query, side: Side) -> Iterator[bytes]:
    with translated_errors(side, "copy"), reader.copy(out) as blocks:
        waiting, size = list[bytes](), 0
        for block in blocks:
            waiting.append(bytes(block))
            size += len(block)
            if size >= PIPE_BYTES:
                yield b"".join(waiting)
                waiting, size = [], 0
        yield b"".join(waiting)


def binary_column(reader: psycopg.Cursor[Any], out: Query) -> Iterator[bytes]:
    """The one bytea column of COPY (...) TO STDOUT (FORMAT BINARY), row by row. Memory is flat."""
    with translated_errors("source", "copy"), reader.copy(out) as blocks:
        blocks.set_types(["bytea"])
        for row in blocks.rows():
            yield bytes(row[0])


def script(connection: Connection, text: str) -> list[int]:
    """Run a script of several statements without parameters; returns each statement's row count."""
    with connection.cursor() as cursor:
        cursor.execute(text)  # a whole file of this package, never a spliced value
        counts = [cursor.rowcount]
        while cursor.nextset():
            counts.append(cursor.rowcount)
        return counts


def pages(connection: Connection, path: Path, *parameters: Any, key: str, size: int, after: Any = None) -> Iterator[list[dict[str, Any]]]:
    """The rows of an .sql file page by page, so that memory does not depend on their number.

    The file takes two more parameters after these: the `key` of the row after which a page begins, and how many rows it has.
    """
    while page := run(connection, path, *parameters, after, size):
        yield page
        after = page[-1][key]


@contextmanager
def snapshot(connection: Connection, at: str | None = None, side: Side = "source", *, writing: bool = False) -> Iterator[str]:
    """Read everything inside as one instant, that of the exported snapshot `at` where it is given; yields the instant
    as pg_current_snapshot() tells it. Writes nothing, but for what is written inside with `writing`, which lasts."""
    with translated_errors(side, "snapshot"):
        connection.execute(f"begin isolation level repeatable read read {'write' if writing else 'only'}")
        if at:
            try:
                connection.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(at)))
            except psycopg.errors.UndefinedObject:
                kind = SourceError if side == "source" else TargetError
                raise kind(f"snapshot: the {side} was restarted meanwhile. Nothing was half done; rerun the task.") from None
        instant = str(value(connection, "select pg_current_snapshot()"))
    try:
        yield instant
        if writing:
            connection.execute("commit")
    finally:
        if not connection.closed:
            connection.execute("rollback")
