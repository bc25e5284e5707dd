"""Whose a row under POCO's keys is, as the ledger says it: by key, and never by a column that mi.com's program may change.

At a handover POCO's tables are closed for good, so they say which rows were handed over for as long as they stand. remember()
writes their keys into the ledger right after it, and again by whoever comes first when a worker died before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import connection_pair
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.ledger import ownership
from poco_migration.model import Entity, Run

SQL = Path(__file__).parent / "sql"
# The reason for which a row that POCO has deleted stays at mi.com.
KEPT = "kept_at_mi"


def remember(link: Link, entities: Iterable[Entity]) -> int:
    """Write down the keys of what mi.com owns and has no list of yet; returns how many rows.

    One transaction per entity. Rerun: safe; what is written down is not read again.
    """
    rows = 0
    for entity in entities:
        if not _open(link, entity):
            continue
        with postgres.translated_errors("target", f"keys handed over of {entity.name}"), link.target.transaction():
            if regions := _open(link, entity):  # another copy may have done it meanwhile
                postgres.run(link.target, SQL / "handed_over_forget.sql", entity.name, regions)
                rows += _note(link, entity, regions)
                postgres.run(link.target, SQL / "handed_over_noted.sql", entity.name, regions)
    return rows


def remember_wave(place: Workplace, run: Run, entities: Sequence[Entity]) -> int:
    """The same after a handover, where regions are left; without any, nothing is copied any more, and nobody asks."""
    names = [entity.name for entity in entities]
    if not ownership.read_ownership(place, names).still_pocos(names, place.settings.moving()):
        return 0
    with connection_pair.connect(place, run, yielding=False) as link:
        return remember(link, entities)


def _open(link: Link, entity: Entity) -> list[str]:
    return [row["region"] for row in postgres.run(link.target, SQL / "handed_over_open.sql", entity.name)]


def _note(link: Link, entity: Entity, regions: list[str]) -> int:
    return postgres.pipe(
        link.source,
        sql.SQL("copy (select {}, id, region from poco_export.{} where region = any ({}) order by id) to stdout").format(
            sql.Literal(entity.name), sql.Identifier(entity.name), sql.Literal(regions)
        ),
        link.target,
        sql.SQL("copy migration.handed_over (entity, source_key, region) from stdin"),
    )[0]
