"""Every path, limit, date and region, declared once: migration.toml read, checked and frozen.

Refuses what it does not know, so that a misspelt key is an error and not a silent default.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from poco_migration.errors import ConfigurationError
from poco_migration.limits import (
    After,
    Alerts,
    Approvals,
    Archive,
    Assess,
    Copying,
    Follow,
    Forecast,
    Freeze,
    Frozen,
    Health,
    Objects,
    PersonalData,
    Quarantine,
    Reconcile,
    Redirects,
    Rollback,
    Shutdown,
)

PACKAGE = Path(__file__).parent
PROJECT = PACKAGE.parent.parent
CONFIGURATION = PACKAGE / "migration.toml"
# Read besides where the environment says so, which only whoever starts the processes can: no role of Airflow's can change it.
REHEARSAL = PACKAGE / "rehearsal.toml"
REHEARSES = "POCO_REHEARSAL"
ENTITIES = PACKAGE / "entities"
SCHEMA = PACKAGE / "schema"
EXPECTATIONS = PROJECT / "expectations"

# The stages in the order in which each needs the certificate of the one before.
STAGES = ("prepare", "backfill", "reconcile", "cutover", "coupon_reissue", "history", "archive", "redirects", "final_shutdown")
# The stages with a step that cannot be undone: two people sign a draft of the certificate first.
SIGNED = ("cutover", "rollback", "coupon_reissue", "history", "final_shutdown")
# The gates of each stage, in the order in which they are judged, and the kinds of facts (migration.measured) that each judges. A
# certificate needs every one of them; dags/ and expectations/ are held against this table, and verify.py has one of its own.
GATES: dict[str, dict[str, tuple[str, ...]]] = {
    "prepare": {"readiness": ("readiness",)},
    "backfill": {"loaded": ("counts",)},
    "reconcile": {"rows": ("comparison", "counts"), "counts": ("counts",), "control_totals": ("counts",)},
    "cutover": {"entry": ("counts",), "switched": ("recount",)},
    "rollback": {"returned": ("return",)},
    "coupon_reissue": {"rows": ("comparison",), "liability": ("counts",)},
    "history": {"rows": ("comparison", "counts"), "complete": ("counts", "objects")},
    "archive": {"restored": ("drill",)},
    "redirects": {"answers": ("answers",)},
    "final_shutdown": {"entry": ("counts", "conditions"), "closed": ("shutdown",)},
    "after": {"works": ("look",)},
}
# The gates that two people have read when they sign: the other gates of these stages come after what cannot be undone.
BEFORE_SIGNING = {"cutover": ("entry",), "final_shutdown": ("entry",)}
# The DAG that goes on beside them: it certifies nothing and needs no gate.
FOLLOWER = "follow"
# The DAG that takes a cutover back: by hand only, while there is a way back.
ROLLBACK = "rollback"
# The DAG that a person's own wish starts: by hand, at any time, also after the shutdown.
PERSONAL = "personal_data"
# The DAG that tells of the calendar's dates before they come.
WATCHER = "deadlines"
# The DAG that looks every day, after the shutdown, whether what it left behind still holds.
AFTER = "after"

# A rate's two numbers; what they multiply stays far below what a bigint holds.
RATE_LIMIT = 1_000_000


def _fraction(text: Any) -> Fraction:
    """A rate as two whole numbers, such as "3/10": a decimal number would not say what becomes of a third."""
    above, slash, below = str(text).partition("/")
    if not (slash and above.isascii() and above.isdigit() and below.isascii() and below.isdigit()):
        raise ValueError('a rate is a fraction of two whole numbers, such as "3/10"')
    if not (0 < int(above) <= RATE_LIMIT and 0 < int(below) <= RATE_LIMIT):
        raise ValueError(f"the numbers of a rate lie between 1 and {RATE_LIMIT}")
    return Fraction(int(above), int(below))


Rate = Annotated[Fraction, BeforeValidator(_fraction)]


class Deadlines(Frozen):
    coupon_reissue: datetime
    history: datetime
    final_shutdown: datetime


class Calendar(Frozen):
    """The milestones, as instants of the real calendar. A rehearsal moves it as a whole by `shift`, where it is `movable`."""

    cutover: datetime
    coupon_reissue: datetime
    history: datetime
    archive: datetime
    redirects: datetime
    final_shutdown: datetime
    deadline: Deadlines
    movable: bool = False
    shift: timedelta = timedelta(0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.cutover < self.coupon_reissue <= self.history < self.archive <= self.redirects < self.final_shutdown:
            raise ValueError("the milestones are not in calendar order")
        if not self.coupon_reissue < self.deadline.coupon_reissue or not self.history < self.deadline.history:
            raise ValueError("a deadline lies before the start of its stage")
        if not self.final_shutdown < self.deadline.final_shutdown:
            raise ValueError("a deadline lies before the start of its stage")
        return self

    def scheduled(self, milestone: str) -> datetime:
        """When the milestone falls on the wall clock, rehearsal included."""
        at: datetime = getattr(self, milestone)
        return at + self.shift

    def late_by(self, stage: str, at: datetime) -> timedelta:
        """How long after the stage's deadline an instant of the wall clock lies; zero where it is met, or there is none."""
        deadline: datetime | None = getattr(self.deadline, stage, None)
        return max(timedelta(0), at - self.shift - deadline) if deadline else timedelta(0)

    def today(self) -> datetime:
        """The present instant on the calendar of the migration: in a rehearsal, the day that is being played."""
        return datetime.now(UTC) - self.shift


class Points(Frozen):
    """What one of POCO's points is worth in mi.com's, and since when that is so."""

    rate: Rate = Fraction(1)
    effective: datetime | None = None


class PointsGap(Frozen):
    """What becomes of points that POCO's job expires between the handover of the orders and the move of the points, and why."""

    expired: Literal["stand", "left_out"]
    why: Annotated[str, Field(min_length=1)]


class Region(Frozen):
    decision: Literal["move", "stay", "hold"]
    market: str | None = None
    country: str = ""
    loyalty: bool = False
    points: Points = Points()
    minimum_age: Annotated[int, Field(ge=0)] = 0
    reason: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.decision == "move" and not (self.market and self.minimum_age):
            raise ValueError("a region that moves needs a market and a minimum_age")
        if self.decision == "hold" and not self.reason:
            raise ValueError("a region that is held needs a reason")
        if "points" in self.model_fields_set and not self.loyalty:
            raise ValueError("a region without a loyalty programme has no rate for points")
        return self


class Settings(Frozen):
    """Everything migration.toml decides."""

    calendar: Calendar
    regions: dict[str, Region]
    points_gap: PointsGap
    assess: Assess
    copying: Annotated[Copying, Field(alias="copy")]
    quarantine: Quarantine
    health: Health
    follow: Follow
    reconcile: Reconcile
    freeze: Freeze
    rollback: Rollback
    forecast: Forecast
    archive: Archive
    alerts: Alerts
    shutdown: Shutdown
    after: After
    approvals: Approvals
    objects: Objects
    redirects: Redirects
    personal_data: PersonalData

    @model_validator(mode="after")
    def _one_market_each(self) -> Self:
        if self.after.until <= self.calendar.final_shutdown:
            raise ValueError("after.until lies before the shutdown")
        markets = [region.market for region in self.regions.values() if region.market]
        if len(markets) != len(set(markets)):
            raise ValueError("two regions name the same market")
        if unknown := {name for kept in self.archive.retention.values() for name in kept.regions} - self.regions.keys():
            raise ValueError(f"a retention names regions that are none: {sorted(unknown)}")
        late = [
            name
            for name, region in self.regions.items()
            if region.points.effective and region.points.effective > self.calendar.coupon_reissue
        ]
        if late:
            raise ValueError(
                f"the rates for points of {', '.join(late)} are not in force yet when the points move (calendar.coupon_reissue)"
            )
        return self

    def moving(self) -> tuple[str, ...]:
        """The regions that move, in the order of the file."""
        return tuple(name for name, region in self.regions.items() if region.decision == "move")

    def shifted(self, shift: timedelta) -> Self:
        """The same settings on a calendar that a rehearsal has moved by `shift`. Raises ConfigurationError where it may not be moved."""
        if shift and not self.calendar.movable:
            raise ConfigurationError(
                "the Variable poco_calendar_shift_seconds would move the calendar, and here it may not be moved (calendar.movable). Delete "
                "the Variable, find out in Airflow's audit log who has set it, then clear this task (docs/runbook.md, 'Rehearsal')."
            )
        return self.model_copy(update={"calendar": self.calendar.model_copy(update={"shift": shift})})


def load(path: Path = CONFIGURATION) -> Settings:
    """Read the configuration, and a rehearsal's where the environment says so. Raises ConfigurationError naming the key."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
        for chapter, values in (tomllib.loads(REHEARSAL.read_text("utf-8")) if rehearsed() else {}).items():
            told[chapter] |= values
        return Settings.model_validate(told)
    except (ValidationError, tomllib.TOMLDecodeError, OSError) as error:
        raise ConfigurationError(f"{path.name} cannot be used: {error}") from error


def rehearsed() -> bool:
    """Whether these processes were started for a rehearsal."""
    return os.environ.get(REHEARSES, "").lower() == "true"


def configuration_digest() -> str:
    """The SHA-256 of the configuration as it holds here, in hex: of the file, or of both files one after the other in a rehearsal."""
    files = [CONFIGURATION, REHEARSAL] if rehearsed() else [CONFIGURATION]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
