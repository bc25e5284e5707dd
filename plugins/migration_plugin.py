"""Hands the calendar's timetable to Airflow. The package beside it is imported, never executed (.airflowignore)."""

from airflow.plugins_manager import AirflowPlugin

from poco_migration.adapters.timetable import MilestoneTimetable


class MigrationPlugin(AirflowPlugin):
    """What this project adds to Airflow."""

    name = "poco_migration"
    timetables = [MilestoneTimetable]  # noqa: RUF012  # Airflow reads a plain class attribute
