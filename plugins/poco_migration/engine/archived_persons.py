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


def search(place: Workplace, both: Sides, person: Person, _: Values) -> list[Finding]:
    """Try to open all that was ever archived of the person with the keys that are there. What opens is a leak.

    Reads of each file the row groups that can hold the person, and opens nothing of anybody else.
    """
    if not postgres.run(both.target, SQL / "archive_newest.sql"):
        return []
    bucket = place.settings.objects.archive
    leaks = sum(_opens(place, both, person, key) for key in place.objects.keys(bucket, ROWS))
    return [Finding(f"bucket {bucket}", leaks, 0)]


def _opens(place: Workplace, both: Sides, person: Person, key: str) -> int:
    """How many rows of the person in a file open."""
    from poco_migration.adapters import parquet  # 0.4 s that a DAG file must not pay

    sealer = Sealer(key.split("/")[1], lambda persons: person_keys.read(place, both.target, persons))
    with uploading.reading(place.objects, place.settings.objects.archive, key) as source:
        reader = parquet.Reader(source)
        batches = (batch for customer in person.customers for batch in reader.of(customer))
        return sum(content is not None for batch in batches for content in parquet.opened(batch, sealer.open))
