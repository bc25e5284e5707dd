"""The calendar as a countdown: what comes when, which certificates are missing for it, and what is to be done first.

A milestone is the instant at which a stage begins; a deadline the one before which it must be certified. Instants are on
the wall clock: a rehearsal moves all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from poco_migration.adapters import notifying, postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import certificate, lateness
from poco_migration.engine.milestones import stage_entry
from poco_migration.settings import STAGES, Calendar

SQL = Path(__file__).parent / "sql"
Kind = Literal["milestone", "deadline"]
# Without a ledger nobody knows what was told before, so only what is due now is told.
FRESH = timedelta(minutes=10)


@dataclass(frozen=True)
class Moment:
    """One date of the calendar."""

    stage: str
    kind: Kind
    at: datetime

    def what(self, now: datetime) -> str:
        """What happens at it; what was to happen, when it is over."""
        come, over = ("begins", "was to begin") if self.kind == "milestone" else ("must be certified", "was to be certified")
        return f"{self.stage} {come if self.at >= now else over}"

    def needed(self) -> tuple[str, ...]:
        """The stages whose certificates must be there by then, in the order in which they are played."""
        wanted, waiting = set[str](), [self.stage]
        while waiting:
            for before in stage_entry.NEEDS[waiting.pop()]:
                if before not in wanted:
                    wanted.add(before)
                    waiting.append(before)
        if self.kind == "deadline":
            wanted.add(self.stage)
        return tuple(stage for stage in STAGES if stage in wanted)


def moments(calendar: Calendar) -> list[Moment]:
    """Every milestone and deadline, earliest first."""
    found = [Moment(stage, "milestone", calendar.scheduled(stage)) for stage in STAGES if getattr(calendar, stage, None)]
    deadlines = [(stage, getattr(calendar.deadline, stage, None)) for stage in STAGES]
    found += [Moment(stage, "deadline", at + calendar.shift) for stage, at in deadlines if at]
    return sorted(found, key=lambda moment: (moment.at, moment.kind, moment.stage))


def missing(moment: Moment, done: Collection[str]) -> list[str]:
    """The stages that still lack their certificate for this moment."""
    return [stage for stage in moment.needed() if stage not in done]


def next_action(moment: Moment, lacking: Iterable[str]) -> str:
    """What a person does first."""
    first = next(iter(lacking), None)
    if first is not None:
        return f"Run poco_{first} to its end: its log and its gate say what holds it up."
    if moment.kind == "milestone":
        return f"Nothing is missing. Leave poco_{moment.stage} unpaused; it begins by itself, and its approvers are asked."
    return "Nothing."


def left(at: datetime, now: datetime) -> str:
    """How long it is until then, or since when it is over, in the two largest units."""
    span = lateness.span(abs(at - now))
    return f"in {span}" if at >= now else f"{span} ago"


def text(moment: Moment, lacking: list[str], now: datetime, *, rehearsal: bool) -> tuple[str, str]:
    """Subject and body of a warning: stages and dates, and nothing of any row."""
    when = left(moment.at, now)
    subject = f"{'[rehearsal] ' if rehearsal else ''}POCO to mi.com: {moment.what(now)} {when}"
    lines = [
        f"{moment.what(now)}: {moment.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, {when}.",
        f"Still missing: {', '.join(f'the certificate of {stage}' for stage in lacking) or 'nothing'}.",
        f"Next: {next_action(moment, lacking)}",
    ]
    return subject, "\n".join(lines)


def tell(place: Workplace, channel: notifying.Channel, stage: str, kind: Kind, before_hours: int) -> str | None:
    """Warn of one date, once; returns what was said, or None when there was nothing new to say.

    Of warnings that come late together, only the last one before the present is told. Rerun: safe; what could not be sent is
    told the next time. Raises AlertFailed.
    """
    calendar = place.settings.calendar
    moment = next(moment for moment in moments(calendar) if (moment.stage, moment.kind) == (stage, kind))
    now = datetime.now(UTC)
    if _overtaken(moment, before_hours, place.settings.alerts.before_hours, now):
        return None
    with (
        postgres.connect(place.target, "target", name="deadlines") as target,
        postgres.translated_errors("target", "deadlines"),
        target.transaction(),
    ):
        done = certificate.certified(target)
        if kind == "deadline" and stage in done:
            return None
        if not _first(target, moment, before_hours, now):
            return None
        subject, body = text(moment, missing(moment, done), now, rehearsal=bool(calendar.shift))
        # Sent before the note is committed: whoever is killed in between tells it twice, and never not at all.
        notifying.send(channel, subject, body)
    return body


def _overtaken(moment: Moment, before_hours: int, all_hours: Iterable[int], now: datetime) -> bool:
    """Is a later warning of the same date due already? Then this one has nothing more to say."""
    return any(hours < before_hours and moment.at - timedelta(hours=hours) <= now for hours in all_hours)


def _first(target: postgres.Connection, moment: Moment, before_hours: int, now: datetime) -> bool:
    if not postgres.value(target, "select to_regclass('migration.alert') is not null"):
        return now - (moment.at - timedelta(hours=before_hours)) < FRESH
    return bool(postgres.run(target, SQL / "alert_store.sql", moment.stage, moment.kind, moment.at, before_hours))
