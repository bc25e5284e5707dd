"""Rows that were at mi.com and are in quarantine now: a customer who looks there misses them, so somebody is told at once.

Each copy notes in its receipt how many it has taken away for that reason; what was told is remembered, so that a worker who is killed
in between loses nothing and nobody is told twice.
"""

from __future__ import annotations

from pathlib import Path

from poco_migration.adapters import notifying, postgres
from poco_migration.adapters.workplace import Workplace

SQL = Path(__file__).parent / "sql"


def tell_departures(place: Workplace, target: postgres.Connection) -> str:
    """Tell of rows that have left mi.com for the quarantine, if they are more than single ones; returns what was told, or nothing.

    Single rows add up until they are more. Rerun: tells only what is new. Raises AlertFailed; then it is told again.
    """
    found = postgres.run(target, SQL / "left_new.sql")
    rows = sum(row["rows"] for row in found)
    if rows <= place.settings.quarantine.single_rows:
        return ""
    named = ", ".join(f"{row['entity']} {row['rows']}" for row in found)
    said = (
        f"{rows} rows have left mi.com for the quarantine since somebody was last told: {named}. Look at their reason and next_action in "
        "migration.quarantine and mend them at POCO (docs/runbook.md, 'Too much is in quarantine'); they come back by themselves."
    )
    notifying.send(place.alerts, f"POCO to mi.com: {rows} rows have left mi.com for the quarantine", said)
    postgres.run(target, SQL / "left_told.sql", max(row["newest"] for row in found))
    return said
