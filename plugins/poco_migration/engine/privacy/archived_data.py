"""A person in the archive: their rows for a copy of their data, and the proof that nothing opens them after an erasure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from poco_migration.adapters import postgres, uploading
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.archive import archive_manifest, person_keys
from poco_migration.engine.archive.sealer import Sealer
from poco_migration.engine.privacy import inventory
from poco_migration.engine.privacy.data_subject import Databases, Person
from poco_migration.engine.privacy.personal_export import Place
from poco_migration.engine.privacy.residue_search import Finding
from poco_migration.engine.privacy.told_values import Values

ROWS = "rows/"
JSON = ("json", "jsonb")


def exported(place: Workplace, both: Databases, person: Person) -> Iterator[Place]:
    """What the newest archive holds of the person; nothing before there is one."""
    if archive_manifest.newest(both.target):
        yield Place("archive", inventory.personal_tables(source=True), _rows(place, person))


def _rows(place: Workplace, person: Person) -> Iterator[tuple[str, str]]:
    told = archive_manifest.newest_manifest(place)
    found = [of_person(place, customer) for customer in person.customers]
    for holding in inventory.personal_tables(source=True):  # persons first: what is whose is told by their names
        kinds = dict(archive_manifest.shape_of(told, holding.named).columns) if holding.named in told["tables"] else {}
        for row in (row for tables in found for row in tables.get(holding.named, [])):
            # JSON is archived as the text it was.
            whole = {name: json.loads(value) if kinds[name] in JSON and isinstance(value, str) else value for name, value in row.items()}
            yield holding.table, json.dumps(whole, default=str, ensure_ascii=False)


def search(place: Workplace, both: Databases, person: Person, _: Values) -> list[Finding]:
    """Try to open all that was ever archived of the person with the keys that are there. What opens is a leak.

    Reads of each file the row groups that can hold the person, and opens nothing of anybody else.
    """
    if archive_manifest.newest(both.target) is None:
        return []
    bucket = place.settings.objects.archive
    leaks = sum(_opens(place, both, person, key) for key in place.objects.keys(bucket, ROWS))
    return [Finding(f"bucket {bucket}", leaks, 0)]


def _opens(place: Workplace, both: Databases, person: Person, key: str) -> int:
    """How many rows of the person in a file open."""
    from poco_migration.adapters import parquet  # 0.4 s that a DAG file must not pay

    sealer = Sealer(key.split("/")[1], lambda persons: person_keys.read(place, both.target, persons))
    with uploading.reading(place.objects, place.settings.objects.archive, key) as source:
        reader = parquet.Reader(source)
        batches = (batch for customer in person.customers for batch in reader.of(customer))
        return sum(content is not None for batch in batches for content in parquet.opened(batch, sealer.open))


def of_person(place: Workplace, person: int) -> dict[str, list[dict[str, Any]]]:
    """{table: rows} of this person in the newest archive; plain columns as Parquet has them, personal ones as PostgreSQL's texts.

    Personal columns are None where nothing was there, and everywhere when the person's key is forgotten. Raises StageRefused
    without an archive, DataRefused when something does not open with the person's key.
    """
    from poco_migration.adapters import parquet  # 0.4 s that a DAG file must not pay

    told = archive_manifest.newest_manifest(place)
    found: dict[str, list[dict[str, Any]]] = {}
    with postgres.connect(place.target, "target", name="archive") as target:
        keys = person_keys.read(place, target, [person])
    for file in told["files"]:
        shape = archive_manifest.shape_of(told, file["entity"])
        sealer = Sealer(shape.entity, lambda _: keys)
        with uploading.reading(place.objects, place.settings.objects.archive, file["key"]) as source:
            for batch in parquet.Reader(source).of(person):
                for row, opened in zip(parquet.rows(batch), parquet.opened(batch, sealer.open), strict=True):
                    texts = json.loads(opened) if opened else [None] * len(shape.sealed)
                    row |= {name: text for (name, _), text in zip(shape.sealed, texts, strict=True)}
                    found.setdefault(shape.entity, []).append({name: row[name] for name, _ in shape.columns})
    return found
