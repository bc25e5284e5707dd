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
from poco_migration.engine.privacy.residue_search import Finding, Values

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


def search(place: Workplace, both: Databases, person: Person, told: Values) -> list[Finding]:
    """Open all that the remaining keys open, of every file that was ever archived. What opens of the person is a leak.

    Reads every file once, a row group at a time.
    """
    if archive_manifest.newest(both.target) is None:
        return []
    bucket, leaks, others = place.settings.objects.archive, 0, 0
    for key in place.objects.keys(bucket, ROWS):
        for whose, content in _opened(place, both, key):
            if whose in person.customers:
                leaks += 1
            elif told.naming:
                text = "\n".join(part for part in json.loads(content) if part).lower()
                others += any(value in text for value in told.naming)
    return [Finding(f"bucket {bucket}", leaks, others)]


def _opened(place: Workplace, both: Databases, key: str) -> Iterator[tuple[int, str]]:
    """(person, personal columns) of every row of a file that opens."""
    from poco_migration.adapters import parquet  # 0.4 s that a DAG file must not pay

    sealer = Sealer(key.split("/")[1], lambda persons: person_keys.read(place, both.target, persons))
    with uploading.reading(place.objects, place.settings.objects.archive, key) as source:
        for batch in parquet.Reader(source).groups():
            contents = zip(parquet.persons(batch), parquet.opened(batch, sealer.open), strict=True)
            yield from ((whose or 0, content) for whose, content in contents if content)


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
