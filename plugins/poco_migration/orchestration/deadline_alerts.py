"""What Airflow's triggerer calls when a warning of the calendar is due: a front door like doors.py, kept in plugins/ because
Airflow cannot import a callback out of a DAG file.

The executor's callbacks are refused every connection in Airflow 3.3; the triggerer's are not, so this one is asynchronous.
"""

from __future__ import annotations

import asyncio
import logging

from poco_migration.adapters import connections
from poco_migration.engine.milestones import countdown

log = logging.getLogger(__name__)


async def due(stage: str, kind: countdown.Kind, before_hours: int) -> None:
    """Tell of one date of the calendar, once. Raises AlertFailed, and the next run of poco_deadlines tells it."""
    # In a thread: a mail server that answers late must not hold up the triggers of others.
    await asyncio.to_thread(tell, stage, kind, before_hours)


def tell(stage: str, kind: countdown.Kind, before_hours: int) -> None:
    """The same, where waiting holds up nobody."""
    if not countdown.tell(connections.workplace(), connections.alerts(), stage, kind, before_hours):
        log.info("%s of %s, %d hours before: told already, or overtaken by a later warning", kind, stage, before_hours)
