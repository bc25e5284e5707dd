"""What extracts read beside the rows that move: POCO's list of currencies, which says how many decimals an amount has.

It has no region, so it is neither fenced nor followed, and a change in it changes what every row with an amount says. So it is
marked when a comparison begins, and asked again by the switch.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.connection_pair import Link
from poco_migration.errors import StageRefused

SQL = Path(__file__).parent / "sql"
MARK = "select mark from poco_export.reference"


def remember_currencies(place: Workplace, entities: Collection[str]) -> None:
    """Remember what the list is like now, before these entities are compared. Rerun: the newest counts."""
    with postgres.connect(place.source, "source", name="reference") as source, postgres.translated_errors("source", "reference"):
        now = postgres.value(source, MARK)
    with postgres.connect(place.target, "target", name="reference") as target, postgres.translated_errors("target", "reference"):
        postgres.run_many(target, SQL / "reference_store.sql", [(entity, now) for entity in sorted(entities)])


def require_same_currencies(link: Link, entities: Collection[str]) -> None:
    """Refuse where the list has changed since an entity was compared, as of `link.at`. Raises StageRefused; a change that was taken
    back counts too, because rows may have been compared in between."""
    with postgres.snapshot(link.source, link.at):
        now = postgres.value(link.source, MARK)
    if changed := [row["entity"] for row in postgres.run(link.target, SQL / "reference_changed.sql", list(entities), now)]:
        raise StageRefused(
            f"cutover: POCO's list of currencies has changed since {len(changed)} entities were compared (first: {changed[0]}), so their "
            "amounts may be others now. The store is open. Run poco_reconcile to its end, then clear this task."
        )
