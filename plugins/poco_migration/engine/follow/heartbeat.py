"""Whether poco_follow is at work. It opens the store again when a switch dies, so the switch asks for it.

What counts is that it looks, and not how far it is behind: while a measurement has its turn it reads nothing.
"""

from __future__ import annotations

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import StageRefused

# poco_follow looks every 15 s, and Airflow takes some seconds between two of its runs.
ALIVE_SECONDS = 120.0


def note_look(place: Workplace) -> None:
    """Note that poco_follow has looked at the store. Called by its stage and by nobody else. Rerun: the newest counts."""
    with postgres.connect(place.target, "target", name="follower") as target, postgres.translated_errors("target", "follower"):
        target.execute("update migration.stream set followed_at = clock_timestamp() where slot = %s", (place.settings.follow.slot,))


def silent_seconds(place: Workplace) -> float | None:
    """For how long poco_follow has not been heard of; None when it never was."""
    with postgres.connect(place.target, "target", name="follower") as target, postgres.translated_errors("target", "follower"):
        since = "select extract(epoch from clock_timestamp() - followed_at)::float8 from migration.stream where slot = %s"
        found: float | None = postgres.value(target, since, (place.settings.follow.slot,))
    return found


def require(place: Workplace) -> None:
    """Refuse while poco_follow is not at work. Raises StageRefused."""
    silent = silent_seconds(place)
    if silent is None or silent > ALIVE_SECONDS:
        since = "has never looked at the store" if silent is None else f"has not looked at the store for {silent:.0f} s"
        raise StageRefused(
            f"cutover: poco_follow {since}, and it is what opens the store when a switch dies. The store is open. Unpause poco_follow, see "
            "that its run is at work (docs/runbook.md, 'The backlog'), then clear this task."
        )
