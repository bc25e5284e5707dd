"""The restore drill: the archive, out of S3 and into an empty database, and then compared with POCO's tables row by row.

Both databases compute their own sums; nothing that wrote the archive is asked. A table that has moved on since (its store is
not closed) is compared with the sums that POCO's server computed at the archive's position. What is wrong is noted by table
and region, and judged by the gate: a file with a changed byte is one line, and the others are looked at all the same.

A key that is not there is an erasure where there is a tombstone, and a loss everywhere else: of each file it is said how many
persons opened and how many are erased, and the two must be all whom the manifest says to be in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres, uploading
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.archive import archive_manifest, person_keys, table_layout, writer
from poco_migration.engine.archive.sealer import Sealer
from poco_migration.engine.archive.table_layout import NOTHING, SCHEMA, Sums, TableLayout
from poco_migration.engine.cutover import fence
from poco_migration.engine.ledger import ownership, tombstones
from poco_migration.errors import DataRefused, StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
RESTORED = "restored"
XIAOMI = "Xiaomi"


@dataclass(frozen=True)
class Result:
    """What came out of one file: its rows (None where it was not read), the persons in it who opened or are erased, what is wrong."""

    rows: Sums | None
    opened: int = 0
    erased: frozenset[int] = frozenset()
    problem: str = ""


@contextmanager
def _empty(place: Workplace) -> Iterator[postgres.Connection]:
    with postgres.connect(place.restore, "target", name="restore drill") as drill, postgres.translated_errors("target", "restore drill"):
        yield drill


def begin_drill(place: Workplace) -> int:
    """Empty the database of the drill; returns how many files there are. Rerun: begins again.

    Raises StageRefused when the database holds anything but an earlier drill: it is somebody's.
    """
    listed = archive_manifest.newest_manifest(place)["files"]
    with _empty(place) as drill:
        others = postgres.run(drill, SQL / "restore_others.sql", RESTORED)
        if others:
            raise StageRefused(
                f"the database of the connection restore_drill is not empty: it holds {others[0]['what']}. Nothing was touched. Give the "
                "drill an empty database of its own (docs/runbook.md, 'The archive'), then clear this task."
            )
        postgres.script(drill, f"drop schema if exists {RESTORED} cascade; create schema {RESTORED}")
    return len(listed)


def drop_restored(place: Workplace) -> None:
    """Throw away what was restored: it holds people's data in clear. Rerun: safe."""
    with _empty(place) as drill:
        drill.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(RESTORED)))


def restore_table(place: Workplace, run: Run, entity: str) -> dict[str, Any]:
    """Restore a table's files, compare each with POCO's rows and with the manifest, and note what is wrong. Rerun: again."""
    told = archive_manifest.newest_manifest(place)
    shape = archive_manifest.shape_of(told, entity)
    closed = fence.state(place).get(entity, {})
    with (
        _empty(place) as drill,
        postgres.connect(place.target, "target", name=str(run)) as target,
        postgres.connect(place.source_archivist, "source", name="restore drill") as source,
    ):
        drill.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(RESTORED)))
        drill.execute(sql.SQL("drop table if exists {}").format(sql.Identifier(RESTORED, entity)))
        drill.execute(table_layout.making(shape, RESTORED))
        files = [file for file in told["files"] if file["entity"] == entity]
        results = {file["region"]: _restored(place, target, drill, shape, file) for file in files}
        owners = ownership.read_ownership(place, [entity]).owners
        final = {region for region in results if owners.get((entity, region)) == XIAOMI or closed.get(region) == fence.FOR_GOOD}
        notes = [_note(place, source, shape, file, results[file["region"]], file["region"] in final) for file in files]
        with postgres.translated_errors("target", "restore drill"):
            postgres.run_many(target, SQL / "archive_restored_store.sql", [(run.id, entity, *note) for note in notes])
    wrong = [f"{region}: {problem}" for region, *_, problem in notes if problem]
    return {"entity": entity, "rows": sum(note[2] or 0 for note in notes), "wrong": wrong}


def _restored(
    place: Workplace, target: postgres.Connection, drill: postgres.Connection, shape: TableLayout, file: dict[str, Any]
) -> Result:
    from poco_migration.adapters import parquet  # 0.4 s that a DAG file must not pay

    bucket = place.settings.objects.archive
    found = uploading.sha256(place.objects, bucket, file["key"])
    if found != file["sha256"]:
        what = "has another SHA-256 than the manifest says" if found else "is not there"
        return Result(None, problem=f"{file['key']} {what}")
    sealer = Sealer(shape.entity, lambda persons: person_keys.read(place, target, persons))
    try:
        with uploading.reading(place.objects, bucket, file["key"]) as source, drill.transaction():
            drill.execute(table_layout.arriving(shape))
            into = sql.SQL("copy arriving from stdin (format csv)")
            with drill.cursor() as cursor, cursor.copy(into) as sink:
                for batch in parquet.Reader(source).groups():
                    sink.write(_opened(sealer, batch))
            drill.execute(table_layout.settling(shape, RESTORED))
    except (DataRefused, postgres.RowsRefused) as error:
        return Result(None, problem=f"{file['key']}: {error}")
    closed = sorted(sealer.closed)
    erased = frozenset(tombstones.tombstoned(place, target, closed))
    where = sql.Identifier(RESTORED, shape.entity)
    rows = table_layout.sums(drill, shape, where, closed, file["region"]).get(file["region"], NOTHING)
    opened = sealer.persons - len(closed)
    return Result(rows, opened, erased, _lost(file, sealer, [person for person in closed if person not in erased]))


def _lost(file: dict[str, Any], sealer: Sealer, lost: list[int]) -> str:
    """What is wrong with the persons of a file: those whom nobody can open and nobody has erased, or who are not in it at all."""
    if lost:
        return (
            f"{len(lost)} of {sealer.persons} persons do not open and have no tombstone, first {lost[0]}: their keys are lost. Put "
            "migration.person_key back from a backup of mi.com's database"
        )
    if file.get("persons") != sealer.persons:
        return f"the manifest says that {file.get('persons', 'an unknown number of')} persons are in the file, and {sealer.persons} are"
    return ""


def _opened(sealer: Sealer, batch: Any) -> bytes:
    from poco_migration.adapters import parquet

    return parquet.csv(batch, parquet.opened(batch, sealer.open))


def _note(
    place: Workplace, source: postgres.Connection, shape: TableLayout, file: dict[str, Any], result: Result, final: bool
) -> tuple[Any, ...]:
    """(region, rows listed, restored, at POCO, persons listed, opened, erased, what is wrong).

    At POCO is None where the table has moved on, which one that is mi.com's or closed for good (`final`) must not have.
    """
    restored, erased, problem = result.rows, result.erased, result.problem
    region, listed, persons = file["region"], Sums(file["rows"], file["plain"], file["personal"]), file.get("persons") or 0
    if restored is None:
        return region, listed.rows, 0, None, persons, 0, 0, problem
    with postgres.translated_errors("source", "restore drill"):
        where = sql.Identifier(SCHEMA, shape.entity)
        now = table_layout.sums(source, shape, where, sorted(erased), region).get(region, NOTHING)
        whole = table_layout.sums(source, shape, where, region=region).get(region, NOTHING) if erased else now
    moved_on = writer.shut(place, whole) != listed
    if (restored.rows, restored.plain) != (listed.rows, listed.plain):
        problem = "the plain columns of the restored rows are not those of the archive's position"
    elif problem:
        pass  # what does not open is in no sum
    elif not erased and writer.shut(place, restored) != listed:
        problem = "the personal columns of the restored rows are not those of the archive's position"
    elif moved_on and final:
        problem = "POCO's rows have changed since they were archived, although they are closed for good"
    elif not moved_on and restored != now:
        problem = "the restored rows are not POCO's"
    return region, listed.rows, restored.rows, None if moved_on else now.rows, persons, result.opened, len(erased), problem


def note_manifest(place: Workplace, run: Run, expected: set[tuple[str, str]]) -> None:
    """Note whether every table of every region is in the manifest. Rerun: safe."""
    files = archive_manifest.newest_manifest(place)["files"]
    missing = sorted(expected - {(file["entity"], file["region"]) for file in files})
    problem = f"no file of {', '.join('/'.join(pair) for pair in missing)}" if missing else ""
    rows = sum(file["rows"] for file in files)
    with postgres.connect(place.target, "target", name=str(run)) as target, postgres.translated_errors("target", "restore drill"):
        problem = problem or person_keys.wrong(target)
        postgres.run(target, SQL / "archive_restored_store.sql", run.id, *archive_manifest.MANIFEST, rows, rows, None, 0, 0, 0, problem)
