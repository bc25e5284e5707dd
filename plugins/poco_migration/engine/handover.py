"""Who owns writes now: POCO until the switch, Xiaomi after it, per entity and region."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import parts
from poco_migration.errors import FenceFailed, StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"


def owned(place: Workplace, entities: Collection[str]) -> set[tuple[str, str]]:
    """The (entity, region) pairs that Xiaomi owns."""
    with postgres.connect(place.target, "target", name="system of record") as target:
        return {(row["entity"], row["region"]) for row in postgres.run(target, SQL / "owners.sql", list(entities))}


def done(place: Workplace, entities: Collection[str]) -> set[str]:
    """The regions in which Xiaomi owns all of these entities."""
    pairs = owned(place, entities)
    return {region for _, region in pairs if all((entity, region) in pairs for entity in entities)}


def not_pocos(place: Workplace, entities: Collection[str]) -> set[str]:
    """The regions in which any of these entities is not POCO's, or is on its way."""
    with postgres.connect(place.target, "target", name="system of record") as target:
        return {row["region"] for row in postgres.run(target, SQL / "owners_not_poco.sql", list(entities))}


def begin(place: Workplace) -> int:
    """A new attempt at the switch; every earlier one can hand nothing over any more.

    Waits for a handover that is under way: after this, who owns what is decided, and `owned` tells it. Rerun: safe.
    """
    options = "-c statement_timeout=30s"
    with postgres.connect(place.target, "target", name="switch", options=options) as target, postgres.telling("target", "switch"):
        return int(postgres.value(target, "update migration.attempt set number = number + 1 returning number"))


def to_xiaomi(
    place: Workplace, entities: Collection[str], regions: Collection[str], run: Run, patience_s: int = 30, attempt: int | None = None
) -> None:
    """Hand all of these over in one transaction. Copies that are in flight end first, and none begins any more.

    Rerun: safe; `since` stays. Raises TargetError when those copies take longer than `patience_s`, FenceFailed when
    another attempt has begun since `attempt`; then nothing is handed over.
    """
    with (
        postgres.connect(place.target, "target", name=str(run), options=f"-c statement_timeout={patience_s}s") as target,
        postgres.telling("target", "handover"),
        target.transaction(),
    ):
        if attempt is not None and attempt != postgres.value(target, "select number from migration.attempt for update"):
            raise FenceFailed(
                "cutover: this try was taken for dead and the store has been opened again meanwhile. Nothing was handed over by it. "
                "Clear this task: it begins anew."
            )
        spaces = [parts.lock_space(entity) for entity in sorted(entities)]
        # One statement, so that the patience is for all of them together.
        target.execute("select pg_advisory_xact_lock(space, %s) from unnest(%s::int[]) space", (parts.OWNERSHIP, spaces))
        postgres.run_many(target, SQL / "owner_set.sql", [(entity, region, run.id) for entity in entities for region in regions])


def theirs(target: postgres.Connection, entity: str) -> list[str]:
    """The regions of an entity that mi.com owns now."""
    return list(postgres.run(target, SQL / "owners_left.sql", entity)[0]["owned"])


def left_alone(target: postgres.Connection, entity: str) -> list[str]:
    """Hold off the handover of an entity until the transaction ends; returns the regions of it that mi.com owns already.

    Whoever copies rows that mi.com owns would undo what customers have changed there: a copy leaves them alone, and
    where no region is left, StageRefused is raised.
    """
    target.execute("select pg_advisory_xact_lock_shared(%s, %s)", (parts.lock_space(entity), parts.OWNERSHIP))
    found = postgres.run(target, SQL / "owners_left.sql", entity)[0]
    if found["owned"] and not found["left_over"]:
        raise StageRefused(
            f"{entity} belongs to mi.com since its handover, and a copy would undo what customers have changed there. "
            "Do not clear this task; poco_reconcile shows what differs."
        )
    return list(found["owned"])


def still_pocos(place: Workplace, entities: Iterable[str]) -> list[str]:
    """Which of these entities have a region that moves and is not handed over yet."""
    names = list(entities)
    pairs = owned(place, names)
    return [name for name in names if any((name, region) not in pairs for region in place.settings.moving())]
