"""Who owns writes now: POCO until the switch, Xiaomi after it, per entity and region."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import parts
from poco_migration.errors import StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"


def owned(place: Workplace, entities: Collection[str]) -> set[tuple[str, str]]:
    """The (entity, region) pairs that Xiaomi owns."""
    with postgres.connect(place.target, "target", name="system of record") as target:
        return {(row["entity"], row["region"]) for row in postgres.run(target, SQL / "owners.sql", list(entities))}


def to_xiaomi(place: Workplace, entities: Collection[str], regions: Collection[str], run: Run, patience_s: int = 30) -> None:
    """Hand all of these over in one transaction. Copies that are in flight end first, and none begins any more.

    Rerun: safe; `since` stays. Raises TargetError when those copies take longer than `patience_s`; then nothing is
    handed over.
    """
    with (
        postgres.connect(place.target, "target", name=str(run), options=f"-c statement_timeout={patience_s}s") as target,
        postgres.telling("target", "handover"),
        target.transaction(),
    ):
        spaces = [parts.lock_space(entity) for entity in sorted(entities)]
        # One statement, so that the patience is for all of them together.
        target.execute("select pg_advisory_xact_lock(space, %s) from unnest(%s::int[]) space", (parts.OWNERSHIP, spaces))
        postgres.run_many(target, SQL / "owner_set.sql", [(entity, region, run.id) for entity in entities for region in regions])


def refuse_owned(target: postgres.Connection, entity: str) -> None:
    """Hold off the handover of an entity until the transaction ends. Raises StageRefused when mi.com owns it already.

    Whoever copies an entity that mi.com owns would undo what customers have changed there.
    """
    target.execute("select pg_advisory_xact_lock_shared(%s, %s)", (parts.lock_space(entity), parts.OWNERSHIP))
    if postgres.run(target, SQL / "owners.sql", [entity]):
        raise StageRefused(
            f"{entity} belongs to mi.com since its handover, and a copy would undo what customers have changed there. "
            "Do not clear this task; poco_reconcile shows what differs."
        )
