"""Parquet files. Rows come as Arrow's batches and go as PostgreSQL's CSV, in streams; memory is flat.

A file holds `person`, the plain columns under PostgreSQL's own types, and `sealed`: the personal columns. It is sorted by person
and key, so the statistics of its row groups say where a person's rows are. What a person's rows hold within a row group (a
run) is one ciphertext, in the first of them: one call of the cipher for all. The same rows, keys and versions give the same
bytes: nothing in a file says when or by whom it was written.

The server's COPY, the sealing, the compression and the upload run beside each other, each a few steps ahead.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from poco_migration.adapters.prefetch import ahead
from poco_migration.errors import ConfigurationError, DataRefused
from poco_migration.model import KEY, PERSON, SEALED

LINE = b"\n"  # between the contents of a run; PostgreSQL's JSON has none in it
TYPES = {
    "bigint": pa.int64(), "integer": pa.int32(), "smallint": pa.int16(), "boolean": pa.bool_(), "date": pa.date32(),
    "timestamp without time zone": pa.timestamp("us"), "timestamp with time zone": pa.timestamp("us", "UTC"),
    "text": pa.string(), "json": pa.string(), "jsonb": pa.string(), "uuid": pa.string(), "text[]": pa.string(),
}  # fmt: skip
NATIVE = set(TYPES) - {"json", "jsonb", "uuid", "text[]"}
YEARS = (datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59))  # what the restore can write back
Column = tuple[str, str]  # name, PostgreSQL's type
# person, place (the keys of its rows as 8 bytes each) and content of some runs; gives the sealed contents in the same order.
Seal = Callable[[list[int], list[bytes], list[bytes]], list[bytes]]
# The other way round; None for a person who has no key.
Open = Callable[[list[int], list[bytes], list[bytes]], list[bytes | None]]


@dataclass(frozen=True)
class Written:
    """What a file holds: `erased` rows were of people who may have no key, so their personal columns are not in it."""

    rows: int
    row_groups: int
    erased: int


def native(kind: str) -> bool:
    """Whether the driver gives this PostgreSQL type as the file has it; what it does not is to be read as a text."""
    return kind in NATIVE or kind.startswith("character")


def type_of(kind: str) -> pa.DataType:
    """The Parquet type of a PostgreSQL type. Raises ConfigurationError for one that nobody has thought about."""
    if kind in TYPES:
        return TYPES[kind]
    if number := re.fullmatch(r"numeric\((\d+),(\d+)\)", kind):
        return pa.decimal128(int(number[1]), int(number[2]))
    if re.fullmatch(r"(character|character varying)(\(\d+\))?", kind):
        return pa.string()
    raise ConfigurationError(
        f"the archive has no Parquet type for {kind}: add it to TYPES in adapters/parquet.py, and a test that restores it"
    )


def write(
    columns: Sequence[Column], batches: Iterator[pa.RecordBatch], sink: io.RawIOBase, seal: Seal, group_rows: int, what: str,
    interrupt: Callable[[], object] = lambda: None,
) -> Written:  # fmt: skip
    """Write batches of rows in their order: person, `columns`, and the personal content to be sealed.

    A column whose Arrow type is not that of the file comes as a text. `seal` is called in another thread; `interrupt` ends the
    waiting for a batch. Raises DataRefused without the value.
    """
    names = [PERSON, *(name for name, _ in columns), SEALED]
    types = {PERSON: pa.int64()} | {name: type_of(kind) for name, kind in columns} | {SEALED: pa.binary()}
    schema = pa.schema([pa.field(name, types[name]) for name in names])
    done = Written(0, 0, 0)
    with (
        pq.ParquetWriter(
            sink, schema, version="2.6", compression="zstd", compression_level=1, write_statistics=[n for n in names if n != SEALED],
            # Of numbers and times a dictionary made the file twice as large, and twice as slow to write.
            use_dictionary=[name for name in names if types[name] == pa.string()],
        ) as writer,
        ahead(_sealed(_merged(_typed(schema, batches, what), group_rows), seal), 1, interrupt) as groups,
    ):  # fmt: skip
        for batch, erased in groups:
            writer.write_batch(batch, row_group_size=group_rows)
            done = Written(done.rows + len(batch), done.row_groups + 1, done.erased + erased)
    return done


def _sealed(groups: Iterator[pa.RecordBatch], seal: Seal) -> Generator[tuple[pa.RecordBatch, int]]:
    """Each row group with its runs sealed, and how many of its rows are of people who may have no key."""
    for batch in groups:
        contents = batch[SEALED]
        if contents.null_count == len(contents):
            yield batch, 0
            continue
        persons, ends, places = _runs(batch)
        offsets = pa.array([0, *ends], pa.int32())
        joined = _bytes(pc.binary_join(pa.ListArray.from_arrays(offsets, pc.fill_null(contents, b"")), LINE))
        begins = [0, *ends[:-1]]
        # Of rows without content only the line ends are left.
        filled = [n for n, text in enumerate(joined) if text is not None and len(text) >= ends[n] - begins[n]]
        found = seal([persons[n] for n in filled], [places[n] for n in filled], [joined[n] or b"" for n in filled])
        column: list[bytes | None] = [None] * len(batch)
        erased = 0
        for n, content in zip(filled, found, strict=True):
            column[begins[n]] = content
            if not content:
                rows = contents.slice(begins[n], ends[n] - begins[n])
                erased += len(rows) - rows.null_count
        yield batch.set_column(batch.schema.get_field_index(SEALED), SEALED, pa.array(column, pa.binary())), erased


def _runs(batch: pa.RecordBatch) -> tuple[list[int], list[int], list[bytes]]:
    """Of each run the person (0 where no row names one), where it ends, and the keys of its rows, 8 bytes each."""
    encoded = pc.run_end_encode(batch[PERSON])
    ends: list[int] = encoded.run_ends.to_numpy().tolist()
    whole = batch[KEY].to_numpy().tobytes()
    places = [whole[8 * begin : 8 * end] for begin, end in zip([0, *ends], ends, strict=False)]
    return pc.fill_null(encoded.values, 0).to_numpy().tolist(), ends, places


def _bytes(column: pa.Array) -> list[bytes | None]:
    """A binary column as a list, without an object of Arrow's for each value."""
    _, offsets, data = column.buffers()
    ends = memoryview(offsets).cast("i")[column.offset : column.offset + len(column) + 1].tolist()
    whole = data.to_pybytes() if data is not None else b""
    found: list[bytes | None] = [whole[begin:end] for begin, end in itertools.pairwise(ends)]
    if column.null_count:
        there = column.is_valid().to_numpy(zero_copy_only=False).tolist()
        return [value if valid else None for value, valid in zip(found, there, strict=True)]
    return found


def opened(batch: pa.RecordBatch, open_: Open) -> list[str | None]:
    """What was sealed, row by row: the JSON text of its personal columns, None where there is none or it does not open any more."""
    texts: list[str | None] = [None] * len(batch)
    if batch[SEALED].null_count == len(batch):
        return texts
    sealed = _bytes(batch[SEALED])
    persons, ends, places = _runs(batch)
    begins = [0, *ends[:-1]]
    filled = [n for n, begin in enumerate(begins) if sealed[begin] is not None]
    found = open_([persons[n] for n in filled], [places[n] for n in filled], [sealed[begins[n]] or b"" for n in filled])
    for n, content in zip(filled, found, strict=True):
        if content is not None:
            texts[begins[n] : ends[n]] = [text or None for text in content.decode().split("\n")]
    return texts


def _typed(schema: pa.Schema, batches: Iterator[pa.RecordBatch], what: str) -> Iterator[pa.RecordBatch]:
    """The rows as the file has them; what came as a text becomes the type of its column."""
    for batch in batches:
        if not all(_plain_times(column) for column in batch.columns):
            raise DataRefused(_misfit(what))
        try:
            columns = [column.cast(kind) for column, kind in zip(batch.columns, schema.types, strict=True)]
        except pa.ArrowInvalid:  # its message quotes the value
            raise DataRefused(_misfit(what)) from None
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _plain_times(column: pa.Array) -> bool:
    """Whether all dates and times are of years with four digits: infinity comes as a number far outside, unsaid."""
    if not (pa.types.is_date(column.type) or pa.types.is_timestamp(column.type)):
        return True
    found = pc.min_max(column)
    first, last = (pa.scalar(day, column.type) for day in YEARS)
    return not (pc.less(found["min"], first).as_py() or pc.greater(found["max"], last).as_py())


def _misfit(what: str) -> str:
    return (
        f"{what}: a value does not fit the type of its column in Parquet. Ask PostgreSQL for an infinite or otherwise special date, "
        "time or number in the table (docs/runbook.md, 'The archive'), settle it with the data owner, then rerun."
    )


def _merged(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Batches of exactly `rows` rows, the last one shorter: where row groups end must not depend on where what came did."""
    waiting: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        waiting.append(batch)
        size += len(batch)
        while size >= rows:
            table = pa.Table.from_batches(waiting)
            yield _one(table.slice(0, rows))
            waiting, size = table.slice(rows).to_batches(), size - rows
    if size:
        yield _one(pa.Table.from_batches(waiting))


class Reader:
    """One file that is read by row groups."""

    def __init__(self, source: io.RawIOBase | io.BytesIO) -> None:
        self._file = pq.ParquetFile(pa.PythonFile(source, mode="r"), pre_buffer=True)

    def groups(self) -> Iterator[pa.RecordBatch]:
        """Every row group in turn."""
        for number in range(self._file.num_row_groups):
            yield _one(self._file.read_row_group(number))

    def of(self, person: int) -> Iterator[pa.RecordBatch]:
        """One person's rows; reads only the row groups whose statistics do not rule the person out."""
        for number in range(self._file.num_row_groups):
            bounds = self._file.metadata.row_group(number).column(0).statistics
            if bounds is not None and bounds.has_min_max and bounds.min <= person <= bounds.max:
                table = self._file.read_row_group(number)
                if len(found := table.filter(pc.equal(table[PERSON], person))):
                    yield _one(found)


def persons(batch: pa.RecordBatch) -> list[int | None]:
    """Whose each row is."""
    return list(batch[PERSON].to_pylist())


def rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """The plain columns of each row."""
    return list(batch.drop_columns([SEALED]).to_pylist())


def csv(batch: pa.RecordBatch, opened: list[str | None]) -> bytes:
    """A batch as PostgreSQL reads it, with the opened content where the sealed one was. '' is quoted, NULL is not there."""
    last = batch.schema.get_field_index(SEALED)
    plain = batch.set_column(last, SEALED, pa.array(opened, pa.string()))
    out = io.BytesIO()
    pa_csv.write_csv(plain, out, pa_csv.WriteOptions(include_header=False, quoting_style="needed"))
    return out.getvalue()


def _one(table: pa.Table) -> pa.RecordBatch:
    return table.combine_chunks().to_batches()[0]
