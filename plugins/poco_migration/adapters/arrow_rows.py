"""A query's rows as Arrow's batches: the only file that imports ADBC.

Its driver reads COPY's binary form in C, beside everything else this process does. psycopg gives COPY row by row, under
Python's lock: for an archive that alone takes as long as the server needs to make the rows (docs/adr/0021-an-archive-that-forgets.md).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_BYTES = 4 << 20  # about; of a batch on its way


@dataclass
class Reading:
    """Rows that are being read. `stop` breaks off from another thread what the server still does."""

    cursor: Any
    what: str

    def batches(self) -> Generator[pa.RecordBatch]:
        """In the order of the query. Raises SourceError without a value of a row."""
        with _telling(self.what, OSError), self.cursor.fetch_record_batch() as reader:
            yield from reader

    def stop(self) -> None:
        with suppress(Exception):  # there is nothing to cancel any more
            self.cursor.adbc_cancel()


@dataclass(frozen=True)
class ArrowConnection:
    """For one reading after the other: opening one reads all types of the server, which takes about 50 ms."""

    opened: Any


@contextmanager
def connected(dsn: str, name: str, options: str = "") -> Iterator[ArrowConnection]:
    """A connection of ADBC's own. Raises SourceError."""
    import adbc_driver_manager as driver  # 0.5 s that a DAG file must not pay
    from adbc_driver_postgresql import dbapi

    with ExitStack() as opened:
        with _telling(name, driver.Error):
            connection = opened.enter_context(dbapi.connect(postgres.described(dsn, name, options)))
        yield ArrowConnection(connection)


@contextmanager
def reading(connection: ArrowConnection, snapshot: str, query: postgres.Query, what: str) -> Iterator[Reading]:
    """Read in a transaction of its own, at an exported snapshot. Writes nothing; raises SourceError."""
    import adbc_driver_manager as driver
    import adbc_driver_postgresql as postgresql

    size = {postgresql.StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(BATCH_BYTES)}
    with ExitStack() as opened:
        with _telling(what, driver.Error):
            cursor = opened.enter_context(connection.opened.cursor(adbc_stmt_kwargs=size))
            cursor.execute("set transaction isolation level repeatable read read only")
            cursor.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(snapshot)).as_string())
            cursor.execute(query.as_string())
        yield Reading(cursor, what)
    with _telling(what, driver.Error):
        connection.opened.rollback()  # the next reading has a snapshot of its own


@contextmanager
def _telling(what: str, error: type[Exception]) -> Iterator[None]:
    """The driver's errors as this project's: what the server says stands in them, and may hold a value."""
    with postgres.translated_errors("source", what):
        try:
            yield
        except error:
            raise postgres.Broken from None
