"""What is left of the store at the end: logins, open tables, addresses that must lead somewhere."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, fence, redirecting
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"


def revoke_tokens(place: Workplace, regions: Collection[str]) -> int:
    """End the app logins of these regions; returns how many were live. Rerun: safe, ends none twice.

    Runs as the migrator, whom the fence lets pass, so that it comes after the fence: no login can be made behind it.
    """
    with postgres.connect(place.source, "source", name="revoke logins") as source, postgres.telling("source", "revoke logins"):
        return int(postgres.value(source, "select poco_export.revoke_logins(%s)", (list(regions),)))


def measure(place: Workplace, run: Run) -> None:
    """Write down, per region, what is still live, still open and redirected. Rerun: measures again."""
    regions = place.settings.moving()
    with postgres.connect(place.source_owner, "source", name=f"shutdown {run.id}") as source:
        live = {row["region"]: row["live_tokens"] for row in postgres.run(source, SQL / "shutdown_facts.sql", list(regions))}
    closed = fence.state(place)
    redirected = redirecting.counts(place)
    with postgres.connect(place.target, "target", name=f"shutdown {run.id}") as target, target.transaction():
        target.execute("delete from migration.shutdown where run = %s", (run.id,))
        still_open = {region: sum(closed.get(name, {}).get(region) != fence.FOR_GOOD for name in cards.entities()) for region in regions}
        postgres.run_many(
            target,
            SQL / "shutdown_store.sql",
            [(run.id, region, live.get(region, 0), still_open[region], redirected.get(region, 0)) for region in regions],
        )
