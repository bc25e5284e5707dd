"""The manifest of the newest archive: what it holds, in which files, and until when it is kept."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.archive.table_layout import TableLayout
from poco_migration.engine.evidence import canonical_json
from poco_migration.errors import ConfigurationError, StageRefused
from poco_migration.settings import Settings

SQL = Path(__file__).parent / "sql"


# What the drill says of the archive as a whole stands in its table under these two.
MANIFEST = ("manifest", "ALL")


def newest_manifest(place: Workplace) -> dict[str, Any]:
    """The newest archive's manifest. Raises StageRefused when nothing is archived, or when its bytes are not what was noted."""
    with postgres.connect(place.target, "target", name="manifest") as target, postgres.translated_errors("target", "manifest"):
        noted = newest(target)
    if noted is None:
        raise StageRefused("there is no archive to restore: clear the task `settle` of poco_archive, then this one.")
    body = place.objects.get(place.settings.objects.archive, noted["object_key"])
    if canonical_json.digest(body) != noted["sha256"]:
        raise StageRefused(
            f"the archive's manifest {noted['object_key']} is not what was written: its SHA-256 is another one. Find out who can write "
            "to the bucket, restore it from another copy (docs/runbook.md, 'The archive'), then clear this task."
        )
    return dict(json.loads(body))


def shape_of(told: dict[str, Any], entity: str) -> TableLayout:
    """As the manifest has the table: a restore years later has nothing else."""
    kept = [column for column in told["tables"][entity] if column["class"] != "secret"]
    return TableLayout(
        entity,
        tuple((column["name"], column["type"]) for column in kept),
        frozenset(column["name"] for column in kept if column["class"] == "personal"),
    )


def retention_class(settings: Settings, entity: str, region: str) -> tuple[str, int]:
    """The retention class of a table and its years in this region. Raises ConfigurationError for a table that has none."""
    for name, kept in settings.archive.retention.items():
        if entity in kept.tables:
            return name, kept.regions.get(region, kept.years)
    raise ConfigurationError(f"[archive.retention] of migration.toml names no class for the table {entity}: add it to one")


def kept_until(settings: Settings, entity: str, region: str) -> datetime:
    """When it may be deleted: so many years after the date of the archive, rehearsal or not."""
    archived = settings.calendar.archive
    return archived.replace(year=archived.year + retention_class(settings, entity, region)[1])


def newest(target: postgres.Connection) -> dict[str, Any] | None:
    """What the ledger says of the newest archive: its manifest's object_key and sha256; None before there is one. Reads only."""
    found = postgres.run(target, SQL / "archive_newest.sql")
    return found[0] if found else None
