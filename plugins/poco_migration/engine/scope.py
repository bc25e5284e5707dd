"""Which regions a run is about."""

from __future__ import annotations

from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import StageRefused
from poco_migration.model import Run


def asked(place: Workplace, run: Run) -> list[str]:
    """All regions that move, or those the run was started for. Raises StageRefused for any other."""
    wanted, moving = run.asked.get("regions") or [], place.settings.moving()
    if unknown := sorted(set(wanted) - set(moving)):
        raise StageRefused(f"cutover: {', '.join(unknown)} do not move (migration.toml). Start a run for regions that do.")
    return [region for region in moving if region in wanted or not wanted]
