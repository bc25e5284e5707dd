"""Hands the calendar's timetable and the cockpit to Airflow. The package beside it is imported, never executed (.airflowignore)."""

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from poco_migration.adapters.timetable import MilestoneTimetable


class MigrationPlugin(AirflowPlugin):
    """What this project adds to Airflow."""

    name = "poco_migration"
    timetables = [MilestoneTimetable]  # noqa: RUF012  # Airflow reads a plain class attribute
    external_views = [  # noqa: RUF012
        {"name": "POCO", "href": "/poco/board", "destination": "nav", "url_route": "poco", "nav_top_level": True}
    ]

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """Asked for by the API server alone: every other process is spared seconds of imports."""
        from poco_migration.cockpit.app import app

        return [{"app": app, "url_prefix": "/poco", "name": "POCO cockpit"}]
