"""What every test of the archive does: a bucket and an empty database of its own, all tables archived, all restored."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import psycopg
from support.workplaces import RUN, Servers

from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.archive import writer
from poco_migration.model import Run
from poco_migration.stages import archive as stage

_numbers = count(1)


def vault(site: Workplace, servers: Servers, objects: ObjectStore, group_rows: int = 131_072) -> Workplace:
    """The same workplace with a bucket for the archive, and an empty database to restore it into."""
    number = next(_numbers)
    bucket, database = f"archive-{number}", f"drill_{number}"
    objects.ensure_bucket(bucket)
    servers.target.ensure_database(database, "mi_restorer")
    kept = site.settings.objects.model_copy(update={"archive": bucket})
    rows = site.settings.archive.model_copy(update={"row_group_rows": group_rows})
    return replace(
        site,
        objects=objects,
        settings=site.settings.model_copy(update={"objects": kept, "archive": rows}),
        restore=servers.target.dsn(database, "mi_restorer", servers.passwords["mi_restorer"]),
    )


def archived(place: Workplace, run: Run = RUN, *only: str) -> str:
    """All tables (or these) as poco_archive does it; returns the manifest's key."""
    entities = {name: entity for name, entity in cards.entities().items() if name in only or not only}
    with writer.open_session(place, run) as desk:
        for entity in entities.values():
            writer.archive_table(desk, entity)
        return writer.finish_archive(desk, entities)


def drilled(place: Workplace, run: Run = RUN, *only: str) -> dict[tuple[str, str], str]:
    """Restore all tables (or these) and compare them; what is wrong, by table and region."""
    stage.begin_drill(place, run)
    for name in only or cards.entities():
        stage.restore(place, run, {"tables": [name]})
    with psycopg.connect(place.target) as target:
        query = "select entity, region, problem from migration.archive_restored where run = %s and entity <> 'manifest' and problem <> ''"
        return {(row[0], row[1]): row[2] for row in target.execute(query, (run.id,))}


def objects_of(place: Workplace, prefix: str = "rows/") -> dict[str, bytes]:
    bucket = place.settings.objects.archive
    return {key: place.objects.get(bucket, key) for key in place.objects.keys(bucket, prefix)}


def restored(place: Workplace, query: str) -> list[Any]:
    with psycopg.connect(place.restore) as drill:
        return drill.execute(query).fetchall()
