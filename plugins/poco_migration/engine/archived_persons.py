"""A person in the archive: their rows for a copy of their data, and the proof that nothing opens them after an erasure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from poco_migration.adapters import postgres, uploading
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import archive_reading, inventory, person_keys, restoring
from poco_migration.engine.archive_sealing import Sealer
from poco_migration.engine.exporting import Place
from poco_migration.engine.persons import Person, Sides
from poco_migration.engine.searching import Finding, Values

SQL = Path(__file__).parent / "sql"
ROWS = "rows/"
JSON = ("json", "jsonb")


def exported(place: Workplace, both: Sides, person: Person) -> Iterator[Place]:
    """What the newest archive holds of the person; nothing before there is one."""
    if postgres.run(both.target, SQL / "archive_newest.sql"):
        yield Place("archive", inventory.owned(source=True), _rows(place, person))


def _rows(place: Workplace, person: Person) -> Iterator[tuple[str, str]]:
    told = restoring.manifest(place)
    found = [archive_reading.of_person(place, customer) for customer in person.customers]
    for holding in inventory.owned(source=True):  # persons first: what is whose is told by their names
        kinds = dict(restoring.shape_of(told, holding.named).columns) if holding.named in told["tables"] else {}
        for row in (row for tables in found for row in tables.get(holding.named, [])):
            # JSON is archived as the text it was.
            whole = {name: json.loads(value) if kinds[name] in JSON and isinstance(value, str) else value for name, value in row.items()}
            yield holding.table, json.dumps(whole, default=str, ensure_ascii=False)


def search(place: Workplace, both: Sides, person: Person, told: Values) -> list[Finding]:
    """Open all that the remaining keys open, of every file that was ever archived. What opens of the person is a leak.

    Reads every file once, a row group at a time.
    """
    if not postgres.run(both.target, SQL / "archive_newest.sql"):
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


def _opened(place: Workplace, both: Sides, key: str) -> Iterator[tuple[int, str]]:
    """(person, personal columns) of every row of a file that opens."""
    from poco_migration.adapters import parquet  # 0.4 s that a DAG file must not pay

    sealer = Sealer(key.split("/")[1], lambda persons: person_keys.read(place, both.target, persons))
    with uploading.reading(place.objects, place.settings.objects.archive, key) as source:
        for batch in parquet.Reader(source).groups():
            contents = zip(parquet.persons(batch), parquet.opened(batch, sealer.open), strict=True)
            yield from ((whose or 0, content) for whose, content in contents if content)
