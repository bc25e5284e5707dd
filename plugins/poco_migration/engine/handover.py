"""Who owns writes now: POCO until the switch, Xiaomi after it, per entity and region."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"


def owned(place: Workplace, entities: Collection[str]) -> set[tuple[str, str]]:
    """The (entity, region) pairs that Xiaomi owns."""
    with postgres.connect(place.target, "target", name="system of record") as target:
        return {(row["entity"], row["region"]) for row in postgres.run(target, SQL / "owners.sql", list(entities))}


def to_xiaomi(place: Workplace, entities: Collection[str], regions: Collection[str], run: Run) -> None:
    """Hand all of these over in one transaction. Rerun: safe; `since` stays."""
    with postgres.connect(place.target, "target", name=str(run)) as target, target.transaction():
        postgres.run_many(target, SQL / "owner_set.sql", [(entity, region, run.id) for entity in entities for region in regions])
