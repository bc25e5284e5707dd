"""Forwards to orchestration/deadline_alerts.py: Airflow has stored this path with the alerts that have not fired yet."""

from __future__ import annotations

from poco_migration.orchestration.deadline_alerts import due

__all__ = ["due"]
