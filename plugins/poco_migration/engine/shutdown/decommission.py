"""What the shutdown does to the store, and how the store looks from outside when it is done.

Every function makes something so and can be called again. What is asked afterwards is asked of poco_witness, which can
look and do nothing else, and is the only way to POCO's database that is left.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import fence
from poco_migration.errors import StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
Remains = dict[tuple[str, str], int]  # (what, region): 0 once the store is shut down


def end_logins(place: Workplace, regions: Collection[str]) -> int:
    """Let the app of these regions make no login any more, and end those that are live; returns how many. Rerun: safe."""
    fence.raise_(place, [entity.name for entity in cards.entities().values() if entity.moves == "never"], regions, for_good=True)
    return revoke_tokens(place, regions)


def revoke_tokens(place: Workplace, regions: Collection[str]) -> int:
    """End the app logins of these regions; returns how many were live. Rerun: safe, ends none twice.

    Runs as the migrator, whom the fence lets pass, so that it comes after the fence: no login can be made behind it.
    """
    with postgres.connect(place.source, "source", name="revoke logins") as source, postgres.translated_errors("source", "revoke logins"):
        return int(postgres.value(source, "select poco_export.revoke_logins(%s)", (list(regions),)))


def take_ways_to_write(place: Workplace) -> None:
    """Take from the migrator every function that writes to POCO's tables. Rerun: safe."""
    _as_owner(place, "call poco_export.take_ways_to_write()")


def retire_roles(place: Workplace) -> None:
    """Take all rights at POCO from the migration's roles, end their sessions, and disable their logins. Rerun: safe.

    Raises StageRefused where the administrator has not installed the one function that may disable a login.
    """
    _as_owner(place, "call poco_export.take_rights()")
    if not may_retire(place):
        raise StageRefused(
            "final_shutdown: poco_owner may not disable the logins of the migration. Have POCO's administrator run "
            "legacy_store/schema/04_retire.sql, or disable them by hand (docs/runbook.md, 'Roles'), then clear this task."
        )
    with postgres.connect(place.source_owner, "source", name="shutdown") as source, postgres.translated_errors("source", "shutdown"):
        # Where the administrator has disabled them by hand there is no such function, and nothing to do.
        if postgres.value(source, "select to_regprocedure('poco_dba.retire_migration()') is not null"):
            source.execute("select poco_dba.retire_migration()")


def may_retire(place: Workplace) -> bool:
    """Whether the owner may disable the migration's logins, or somebody has done so."""
    with postgres.connect(place.source_owner, "source", name="shutdown") as source, postgres.translated_errors("source", "shutdown"):
        return bool(postgres.value(source, postgres.sql.SQL(postgres.statement(SQL / "may_retire.sql"))))


def _as_owner(place: Workplace, call: str) -> None:
    with postgres.connect(place.source_owner, "source", name="shutdown") as source, postgres.translated_errors("source", "shutdown"):
        source.execute(postgres.sql.SQL(call))


def remains(place: Workplace) -> Remains:
    """What is left of the store in the regions that moved, as the witness sees it; a write is tried on every table.

    Changes nothing. Raises StageRefused where there is no witness, SourceError where POCO's database does not answer.
    """
    if not place.source_witness:
        raise StageRefused(
            "final_shutdown: nobody can look at POCO's database behind the shutdown. Have its administrator make the role poco_witness, "
            "run poco_prepare's task install, add the connection poco_source_witness (docs/runbook.md, 'Roles'), then clear this task."
        )
    with (
        postgres.connect(place.source_witness, "source", name="witness", options="-c lock_timeout=5s") as source,
        postgres.translated_errors("source", "witness"),
    ):
        rows = postgres.run(source, SQL / "remains.sql", list(place.settings.moving()), place.settings.follow.slot)
    return {(row["what"], row["region"]): row["number"] for row in rows}


def store_remains(place: Workplace, run: Run, found: Remains) -> None:
    """Write down how the store looks, for a gate. Rerun: replaces what this run has kept."""
    with postgres.connect(place.target, "target", name=f"remains {run.id}") as target, target.transaction():
        target.execute("delete from migration.remains where run = %s", (run.id,))
        postgres.run_many(target, SQL / "remains_store.sql", [(run.id, *key, number) for key, number in found.items()])
