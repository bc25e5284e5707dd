"""Writes a table's rows to the archive: one file per region, out of one snapshot, in a stream.

A file's key is the hash of what is in it, so it is written once: a rerun, and a later run over rows that have not changed,
find it and only read it back. A table that has changed gets a file of another key; a file that was damaged is written again
with the bytes it had.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from poco_migration.adapters import arrow_rows, postgres, sealing, uploading
from poco_migration.adapters.objects import Lock
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.prefetch import ahead
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.archive import archive_manifest, person_keys, table_layout
from poco_migration.engine.archive.sealer import Sealer
from poco_migration.engine.archive.table_layout import SCHEMA, Sums, TableLayout
from poco_migration.engine.evidence import canonical_json
from poco_migration.model import Entity, Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
BATCHES_AHEAD = 2  # of rows that wait to be sealed
FORMAT = 2  # of a file; another one is another key
TOLD = ("entity", "region", "sha256", "bytes", "rows", "row_groups", "persons", "erased", "plain", "personal")  # of a file, in the manifest


@dataclass(frozen=True)
class ArchiveSession:
    """Where an archive is written from: POCO's rows as the archivist sees them, and the ledger with its keys."""

    place: Workplace
    run: Run
    source: postgres.Connection
    target: postgres.Connection
    rows: arrow_rows.ArrowConnection
    locks: bool


@contextmanager
def open_session(place: Workplace, run: Run) -> Iterator[ArchiveSession]:
    """Connect both; the bucket is asked whether it can lock."""
    with (
        postgres.connect(place.source_archivist, "source", name=str(run), options=statements(place)) as source,
        postgres.connect(place.target, "target", name=str(run)) as target,
        arrow_rows.connected(place.source_archivist, str(run), statements(place)) as rows,
    ):
        yield ArchiveSession(place, run, source, target, rows, place.objects.locks(place.settings.objects.archive))


def statements(place: Workplace) -> str:
    """The limit to one statement at POCO's."""
    return f"-c statement_timeout={place.settings.copying.statement_timeout_s}s"


def table_sizes(place: Workplace, entities: Collection[str]) -> dict[str, int]:
    """How many rows each table of POCO's has by its last analyze; 0 where it was never analyzed. Reads only."""
    with postgres.connect(place.source, "source", name="archive") as source, postgres.translated_errors("source", "archive"):
        return {row["name"]: row["rows"] for row in postgres.run(source, SQL / "archive_sizes.sql", list(entities))}


def archive_table(desk: ArchiveSession, entity: Entity) -> list[dict[str, Any]]:
    """Archive a table, a file per region that moves, at one snapshot of its own; {region, rows, bytes, written, seconds} of each.

    The rows are hashed once for all regions. Rerun: safe; a file that is there with the right hash is not written again.
    """
    with postgres.snapshot(desk.source):
        shape, found = hashed(desk, entity)
        return [region(desk, shape, name, found.get(name)) for name in desk.place.settings.moving()]


def hashed(desk: ArchiveSession, entity: Entity) -> tuple[TableLayout, dict[str, Sums]]:
    """A table as it is at the snapshot that the source connection is in, and by region what it holds."""
    with postgres.translated_errors("source", f"archive {entity.name}"):
        shape = table_layout.shape(desk.source, entity)
        return shape, table_layout.sums(desk.source, shape, sql.Identifier(SCHEMA, entity.name))


def region(desk: ArchiveSession, shape: TableLayout, name: str, rows: Sums | None) -> dict[str, Any]:
    """Archive one region of a table, of which `rows` are there at the snapshot that the source connection is in, and note it."""
    began = time.monotonic()
    found = shut(desk.place, rows)
    with postgres.translated_errors("source", f"archive {shape.entity}"):
        position = str(postgres.value(desk.source, "select pg_current_wal_lsn()"))
    bucket, key = desk.place.settings.objects.archive, object_key(shape, name, found)
    known = postgres.run(desk.target, SQL / "archive_file_known.sql", key)
    again = bool(known) and uploading.sha256(desk.place.objects, bucket, key) == known[0]["sha256"]
    file = known[0] if again else write_region(desk, shape, name, key)
    seconds = time.monotonic() - began
    with postgres.translated_errors("target", "archive"):
        postgres.run(
            desk.target, SQL / "archive_file_store.sql", desk.run.id, shape.entity, name, key, file["sha256"], file["bytes"], file["rows"],
            file["row_groups"], file["persons"], file["erased"], found.plain, found.personal, position, file["lock_mode"],
            file["lock_until"], not again, seconds,
        )  # fmt: skip
    return {"region": name, "rows": file["rows"], "bytes": file["bytes"], "written": not again, "seconds": round(seconds, 2)}


def shut(place: Workplace, found: Sums | None) -> Sums:
    """The sums as they may be published: those of a few rows would tell a yes or a number to somebody who tries them all."""
    found = found or table_layout.NOTHING
    return replace(found, personal=hmac.digest(sealing.derive(place.archive_key, "sums"), found.personal.encode(), "sha256").hex())


def object_key(shape: TableLayout, region: str, found: Sums) -> str:
    """The file's name: the hash of its rows and of how they are written."""
    content = [FORMAT, shape.columns, sorted(shape.personal), found.rows, found.plain, found.personal]
    return f"rows/{shape.entity}/{region}/{canonical_json.digest(canonical_json.encode(content))[:24]}.parquet"


def write_region(desk: ArchiveSession, shape: TableLayout, region: str, key: str) -> dict[str, Any]:
    """Write one region's rows under this key, whatever is there; returns what the ledger notes of the file."""
    from poco_migration.adapters import parquet  # 0.4 s that a DAG file must not pay

    place = desk.place
    bucket = place.settings.objects.archive
    lock = Lock(place.settings.archive.lock_mode, archive_manifest.kept_until(place.settings, shape.entity, region)) if desk.locks else None
    sealer = Sealer(shape.entity, lambda persons: person_keys.obtain(place, desk.target, persons))
    what = f"archive {shape.entity}, {region}"
    with postgres.translated_errors("source", what):
        snapshot = str(postgres.value(desk.source, "select pg_export_snapshot()"))
    query = table_layout.reading(shape, region, parquet.native)
    with (
        uploading.writing(place.objects, bucket, key, lock) as sink,
        arrow_rows.reading(desk.rows, snapshot, query, what) as rows,
        ahead(rows.batches(), BATCHES_AHEAD, rows.stop) as batches,  # whoever is stopped does not wait for the server's sort
    ):
        written = parquet.write(shape.plain, batches, sink, sealer.seal, place.settings.archive.row_group_rows, what, rows.stop)
    # What the store says, not what it was asked for.
    held = place.objects.locked_until(bucket, key) if desk.locks else None
    return {
        "sha256": sink.sha256, "bytes": sink.bytes, "rows": written.rows, "row_groups": written.row_groups,
        "persons": sealer.persons, "erased": written.erased,
        "lock_mode": held.mode if held else "", "lock_until": held.until if held else None,
    }  # fmt: skip


def finish_archive(desk: ArchiveSession, entities: dict[str, Entity]) -> str:
    """Make the files of this run one archive: equal to POCO's tables at one snapshot, whose position the manifest names.

    Each file was read at an instant of its own, since no session outlives an Airflow task. All tables are hashed once more,
    at one snapshot; what is no longer what its file holds (logins of the app still move) is archived anew within it.
    Returns the manifest's key. Rerun: safe, a new manifest.
    """
    place, run = desk.place, desk.run
    with postgres.snapshot(desk.source) as instant:
        position = str(postgres.value(desk.source, "select pg_current_wal_lsn()"))
        filed = {(row["entity"], row["region"]): row for row in _files(desk)}
        for entity in entities.values():
            shape, now = hashed(desk, entity)
            for name in place.settings.moving():
                file = filed.get((entity.name, name))
                if file is None or file["object_key"] != object_key(shape, name, shut(place, now.get(name))):
                    log.info("%s, %s has changed since it was archived, and is archived again", entity.name, name)
                    region(desk, shape, name, now.get(name))
        shapes = {name: table_layout.shape(desk.source, entity) for name, entity in entities.items()}
    files = _files(desk)
    body = canonical_json.encode(manifest_content(desk, entities, shapes, files, position, instant))
    digest = canonical_json.digest(body)
    key = f"manifests/{digest[:24]}.json"
    lock = Lock(place.settings.archive.lock_mode, max(file["lock_until"] for file in files)) if desk.locks else None
    if not place.objects.exists(place.settings.objects.archive, key):
        with uploading.writing(place.objects, place.settings.objects.archive, key, lock) as sink:
            sink.write(body)
    locked = {file["lock_mode"] for file in files}
    with postgres.translated_errors("target", "archive"):
        how = locked.pop() if len(locked) == 1 else "not all"
        postgres.run(desk.target, SQL / "archive_store.sql", run.id, position, instant, key, digest, how or "none")
    return key


def manifest_content(
    desk: ArchiveSession,
    entities: dict[str, Entity],
    shapes: dict[str, TableLayout],
    files: list[dict[str, Any]],
    position: str,
    instant: str,
) -> dict[str, Any]:
    """What a stranger needs to read and check the archive; no key, no value."""
    settings = desk.place.settings
    with postgres.translated_errors("target", "archive"):
        keys = postgres.run(desk.target, SQL / "person_keys_named.sql")
    return {
        "kind": "archive", "format": FORMAT, "run": desk.run.id, "position": position, "snapshot": instant,
        "object_lock": settings.archive.lock_mode if desk.locks else "the bucket has none",
        "keys": keys,
        "tables": {
            name: [
                {"name": column, "class": kind, "type": "not archived" if kind == "secret" else dict(shapes[name].columns)[column]}
                for column, kind in entity.columns.items()
            ]
            for name, entity in entities.items()
        },
        "files": [
            {
                **{name: file[name] for name in TOLD},
                "key": file["object_key"], "lock": file["lock_mode"] or "none", "locked_until": file["lock_until"],
                "retention": archive_manifest.retention_class(settings, file["entity"], file["region"])[0],
                "keep_until": archive_manifest.kept_until(settings, file["entity"], file["region"]),
            }
            for file in files
        ],
    }  # fmt: skip


def _files(desk: ArchiveSession) -> list[dict[str, Any]]:
    with postgres.translated_errors("target", "archive"):
        return postgres.run(desk.target, SQL / "archive_files.sql", desk.run.id)
