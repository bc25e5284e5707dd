"""Whether a stage is behind its deadline, and by how much. Being late stops nothing: it is said, on every page and certificate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from poco_migration.settings import Calendar


def span(length: timedelta) -> str:
    """A length of time in its two largest units."""
    minutes = int(length.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    units = [
        f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in ((days, "day"), (hours, "hour"), (rest, "minute")) if number
    ]
    return " ".join(units[:2]) or "less than a minute"


def seconds(calendar: Calendar, stage: str, at: datetime) -> int:
    """How long after the stage's deadline a whole second of the wall clock lies, by the shift in seconds that certificates name."""
    deadline: datetime | None = getattr(calendar.deadline, stage, None)
    return max(0, int((at - deadline).total_seconds()) - int(calendar.shift.total_seconds())) if deadline else 0


def said(calendar: Calendar, stage: str, at: datetime) -> str:
    """A warning for people, in one sentence; nothing where the deadline is met, or there is none."""
    late = calendar.late_by(stage, at)
    if not late:
        return ""
    deadline = (at - late).astimezone(UTC)
    return f"Late: {stage} was to be certified before {deadline:%Y-%m-%d %H:%M} UTC, {span(late)} ago. It goes on; its certificate says so."
