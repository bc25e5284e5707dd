"""When a DAG runs: a milestone's date, moved by the rehearsal's shift, once, also when unpaused later; or every night."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pendulum
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable
from airflow.timetables.trigger import CronTriggerTimetable


def every_night(cron: str) -> Timetable:
    """At this time of the UTC day, from the next one on. The minutes keep a night that passes while the file is read."""
    return CronTriggerTimetable(cron, timezone="UTC", run_immediately=timedelta(minutes=5))


class MilestoneTimetable(Timetable):  # type: ignore[misc]
    """Run once at `at`. After a run, only a later date makes another one: the same milestone never starts twice."""

    periodic = False
    active_runs_limit = 1

    def __init__(self, milestone: str, at: datetime, shift: timedelta = timedelta(0)) -> None:
        self.milestone = milestone
        self.at = pendulum.instance(at)
        self.shift = shift
        self.description = f"{milestone}, once, on {self.at:%Y-%m-%d %H:%M} UTC{' (rehearsal)' if shift else ''}"

    @property
    def summary(self) -> str:
        return f"{self.at:%d %b %Y}{' (rehearsal)' if self.shift else ''}"

    def next_dagrun_info(self, *, last_automated_data_interval: DataInterval | None, restriction: Any) -> DagRunInfo | None:
        if last_automated_data_interval and self.at <= last_automated_data_interval.start:
            return None
        if restriction.latest is not None and self.at > restriction.latest:
            return None
        return DagRunInfo.exact(self.at)

    def infer_manual_data_interval(self, *, run_after: pendulum.DateTime) -> DataInterval:
        return DataInterval.exact(run_after)

    def generate_run_id(self, *, run_type: Any, run_after: pendulum.DateTime, data_interval: DataInterval | None, **extra: Any) -> str:
        rehearsal = "rehearsal_" if self.shift else ""
        return f"{self.milestone}__{rehearsal}{run_type.value}__{run_after:%Y-%m-%dT%H:%M:%S}"

    def serialize(self) -> dict[str, Any]:
        return {"milestone": self.milestone, "at": self.at.isoformat(), "shift": self.shift.total_seconds()}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> MilestoneTimetable:
        return cls(data["milestone"], datetime.fromisoformat(data["at"]), timedelta(seconds=data["shift"]))
