"""Hands a person their data: every table of theirs on every system that has something, without secrets, as one archive file.

Complete because it goes by the inventory; nobody else's because it goes by keys, and because what may be a third party's (the
name on a gift) is withheld by the inventory's rule. Rows go through a folder on disk, so memory does not grow with them, and
the same rows make the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from poco_migration.adapters import object_versions, postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.privacy import data_subject, export_bundle, inventory
from poco_migration.engine.privacy.data_subject import Databases, Person
from poco_migration.engine.privacy.export_bundle import Section
from poco_migration.engine.privacy.inventory import Holding
from poco_migration.errors import GateStopped
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
WITHHELD = "withheld: it may be about somebody else"
KEY_BYTES = 32

# Another place that holds rows of a person, such as the archive: yields (table of the inventory, row as JSON).
Rows = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Place:
    """One system that holds data of the person."""

    name: str
    holdings: list[Holding]
    rows: Rows


More = Callable[[Workplace, Databases, Person], Iterable[Place]]


def export(place: Workplace, run: Run, both: Databases, person: Person, more: More = lambda *_: ()) -> dict[str, int]:
    """Make the copy, put it under a key that nobody can guess, and record a link that expires. Returns counts.

    `more` gives other places than the databases (archived_persons.exported).
    Rerun: makes another copy; the one before goes when its link is over, or with an erasure.
    """
    expire(place, both.target)
    configured = place.settings.personal_data
    name = f"{secrets.token_urlsafe(KEY_BYTES)}.zip"
    until = datetime.now(UTC) + timedelta(hours=configured.link_hours)
    profile = person.profiles[0] if person.alone and person.profiles else None
    postgres.run(both.target, SQL / "export_begun.sql", name, person.account, profile, list(person.customers), run.id, until)
    with tempfile.TemporaryDirectory(prefix="personal-") as folder:
        sections = gathered(Path(folder), [*_databases(both, person), *more(place, both, person)])
        path = Path(folder) / "export.zip"
        export_bundle.make_zip(path, sections)
        place.objects.upload(configured.exports, name, path)
        with path.open("rb") as made:
            digest, size = hashlib.file_digest(made, "sha256").hexdigest(), path.stat().st_size
    count = sum(section.count for section in sections)
    link = place.objects.link(configured.exports, name, int(configured.link_hours * 3600))
    postgres.run(both.target, SQL / "export_made.sql", name, link, digest, size, count)
    return {"rows": count, "tables": len(sections), "bytes": size}


def expire(place: Workplace, target: postgres.Connection, customers: Iterable[int] = ()) -> int:
    """Delete the copies whose link is over, and all of these customers, with every version; returns how many. Rerun: safe.

    Raises GateStopped when the bucket keeps one of them; it stays on record, and the next round tries again.
    """
    bucket = place.settings.personal_data.exports
    names = [row["object"] for row in postgres.run(target, SQL / "export_over.sql", list(customers))]
    kept = 0
    for name in names:
        object_versions.delete_for_good(place.objects, bucket, name)
        if object_versions.is_left(place.objects, bucket, name):
            kept += 1
        else:
            postgres.run(target, SQL / "export_deleted.sql", name)
    if kept:
        raise GateStopped(
            f"personal_data: {kept} copies of persons' data were deleted and bucket {bucket} keeps a version of them. Take the lock off "
            "the bucket, or let its key delete versions (docs/runbook.md, 'The object store'), then clear this task."
        )
    return len(names)


def expire_copies(place: Workplace, name: str) -> int:
    """The daily round: delete the copies whose link is over, whether or not anybody asks for another. As `expire`."""
    with postgres.connect(place.target, "target", name=name) as target, postgres.translated_errors("target", "copies that are over"):
        return expire(place, target)


def _databases(both: Databases, person: Person) -> Iterator[Place]:
    ours = inventory.personal_tables(source=False)
    found = data_subject.target_keys(both.target, person)
    rows = ((holding.table, row) for holding in ours for row in data_subject.rows(both.target, holding, found[holding.table]))
    yield Place("mi.com", ours, rows)
    if both.source:
        theirs = ((f"{inventory.SOURCE}.{entity}", row) for entity, row in data_subject.source_rows(both.source, person))
        yield Place("POCO", inventory.personal_tables(source=True), theirs)


def gathered(folder: Path, places: Iterable[Place]) -> list[Section]:
    """Every table of every place as a file of JSON lines, in the order of the inventory; empty ones too."""
    sections: list[Section] = []
    for number, place in enumerate(places):
        paths = {holding.table: folder / f"{number}-{holding.table}.jsonl" for holding in place.holdings}
        rules = {holding.table: holding for holding in place.holdings}
        counts = dict.fromkeys(paths, 0)
        own: set[str] = set()
        for path in paths.values():
            path.touch()
        for table, row in place.rows:
            with paths[table].open("a", encoding="utf-8", errors="surrogatepass") as lines:
                lines.write(_kept(rules[table], row, own) + "\n")
            counts[table] += 1
        sections += [Section(place.name, rules[table].named, rules[table].exported, path, counts[table]) for table, path in paths.items()]
    return sections


def _kept(holding: Holding, text: str, own: set[str]) -> str:
    """The row, without what stands there with a name that is not the person's own. `own` collects the person's names.

    Of a person who has told no name nothing is withheld: there is nothing to tell the two apart by.
    """
    if holding.names:
        row = json.loads(text)
        own |= {jsonable(value) for name in holding.names if isinstance(value := row.get(name), str) and value.strip()}
    if not holding.others or not own:
        return text
    row = json.loads(text)
    name = at(row, holding.others["name"])
    if not isinstance(name, str) or not name.strip() or jsonable(name) in own:
        return text
    return json.dumps(row | {column: WITHHELD for column in holding.others["withheld"] if row.get(column) is not None}, ensure_ascii=False)


def at(row: Any, path: str) -> Any:
    """The value of a column, or of a field of its JSON behind a dot; None where there is none. Of a list, the first one's."""
    for name in path.split("."):
        row = row[0] if isinstance(row, list) and row else row
        row = row.get(name) if isinstance(row, dict) else None
    return row


def jsonable(name: str) -> str:
    return " ".join(name.casefold().split())
