"""A person's rows are one ciphertext per row group: it opens where it was sealed, whole, with that person's key, and nowhere else."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from poco_migration.adapters import parquet
from poco_migration.engine.archive.sealer import Sealer
from poco_migration.errors import DataRefused

KEYS = {person: bytes([person % 256]) * 32 for person in (0, 7, 8, 9)}
ROWS = [  # person, key, content
    (0, 4, '["of nobody"]'), (7, 1, '["a","b\\nc"]'), (7, 2, None), (7, 5, '["ü"]'), (8, 3, '["erased"]'), (8, 6, None),
    (9, 10, None), (9, 11, '["last"]'), (None, 12, None),
]  # fmt: skip
TEXTS = [content for _, _, content in ROWS]


def keys(persons: Sequence[int]) -> dict[int, bytes]:
    return {person: KEYS[person] for person in persons if person != 8}


def written(group_rows: int = 100) -> tuple[bytes, parquet.Written]:
    rows = pa.table(list(zip(*ROWS, strict=True)), names=["person", "id", "sealed"])
    sink = io.BytesIO()
    told = parquet.write([("id", "bigint")], iter(rows.to_batches(4)), sink, Sealer("orders", keys).seal, group_rows, "test")
    return sink.getvalue(), told


def batch(group_rows: int = 100) -> pa.RecordBatch:
    (group, *_) = parquet.Reader(io.BytesIO(written(group_rows)[0])).groups()
    return group


@pytest.mark.parametrize("group_rows", [100, 3, 1])
def test_rows_come_back_whatever_row_group_they_stand_in(group_rows: int) -> None:
    body, told = written(group_rows)
    assert body == written(group_rows)[0] and (told.rows, told.erased) == (9, 1)
    sealer = Sealer("orders", keys)
    found = [text for group in parquet.Reader(io.BytesIO(body)).groups() for text in parquet.opened(group, sealer.open)]
    assert found == [None if text == '["erased"]' else text for text in TEXTS] and sealer.closed == {8}
    assert [parquet.opened(group, sealer.open) for group in parquet.Reader(io.BytesIO(body)).of(9)][-1][-1] == '["last"]'


def test_a_person_is_one_ciphertext_and_nobody_elses_rows_are_in_it() -> None:
    sealed = pq.read_table(io.BytesIO(written()[0]))["sealed"].to_pylist()
    assert [content is None for content in sealed] == [False, False, True, True, False, True, False, True, True]
    assert sealed[4] == b"" and len(sealed[1]) == len(b'["a","b\\nc"]\n\n["\xc3\xbc"]') + 16


def test_what_was_moved_to_other_rows_or_another_table_or_lost_a_row_does_not_open() -> None:
    whole = batch()
    sealer, other = Sealer("orders", keys), Sealer("returns", keys)
    key = whole.schema.get_field_index("id")
    for number in (0, 2, 3):  # the key of the first, of a row without content, of the last of a run
        ids = whole["id"].to_pylist()
        ids[number] += 100
        with pytest.raises(DataRefused, match="orders .* does not open with its person's key"):
            parquet.opened(whole.set_column(key, "id", pa.array(ids, pa.int64())), sealer.open)
    for lost in (2, 3):
        with pytest.raises(DataRefused, match="orders 1 does not open"):
            parquet.opened(whole.filter(pc.not_equal(whole["id"], whole["id"][lost])), sealer.open)
    with pytest.raises(DataRefused, match="returns 4 does not open"):
        parquet.opened(whole, other.open)
