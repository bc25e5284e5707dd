"""What Airflow calls when a warning of the calendar is due: a front door like doors.py, kept in plugins/ because Airflow
cannot import a callback out of a DAG file.
"""

from __future__ import annotations

import logging

from poco_migration.adapters import connections
from poco_migration.engine import countdown

log = logging.getLogger(__name__)


def due(stage: str, kind: countdown.Kind, before_hours: int) -> None:
    """Tell of one date of the calendar, once. Raises AlertFailed, and the next run of poco_deadlines tells it."""
    if not countdown.tell(connections.workplace(), connections.alerts(), stage, kind, before_hours):
        log.info("%s of %s, %d hours before: told already, or overtaken by a later warning", kind, stage, before_hours)
