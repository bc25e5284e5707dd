"""How long the law wants what is archived to be kept: by table, and by the region's own law."""

from __future__ import annotations

from datetime import datetime

from poco_migration.errors import ConfigurationError
from poco_migration.settings import Settings


def of(settings: Settings, entity: str, region: str) -> tuple[str, int]:
    """The retention class of a table and its years in this region. Raises ConfigurationError for a table that has none."""
    for name, kept in settings.archive.retention.items():
        if entity in kept.tables:
            return name, kept.regions.get(region, kept.years)
    raise ConfigurationError(f"[archive.retention] of migration.toml names no class for the table {entity}: add it to one")


def until(settings: Settings, entity: str, region: str) -> datetime:
    """When it may be deleted: so many years after the date of the archive, rehearsal or not."""
    archived = settings.calendar.archive
    return archived.replace(year=archived.year + of(settings, entity, region)[1])
