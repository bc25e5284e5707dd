"""Every path, limit, date and region, declared once: migration.toml read, checked and frozen.

Refuses what it does not know, so that a misspelt key is an error and not a silent default.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from poco_migration.errors import ConfigurationError

PACKAGE = Path(__file__).parent
PROJECT = PACKAGE.parent.parent
CONFIGURATION = PACKAGE / "migration.toml"
ENTITIES = PACKAGE / "entities"
SCHEMA = PACKAGE / "schema"
EXPECTATIONS = PROJECT / "expectations"

# The stages in the order in which each needs the certificate of the one before.
STAGES = ("prepare", "backfill", "reconcile", "cutover", "coupon_reissue", "history", "archive", "redirects", "final_shutdown")
# The stages with a step that cannot be undone: two people sign a draft of the certificate first.
SIGNED = ("cutover", "rollback", "coupon_reissue", "history", "final_shutdown")
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

Positive = Annotated[int, Field(gt=0)]
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


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Deadlines(_Frozen):
    coupon_reissue: datetime
    history: datetime
    final_shutdown: datetime


class Calendar(_Frozen):
    """The milestones, as instants of the real calendar. A rehearsal moves it as a whole by `shift`."""

    cutover: datetime
    coupon_reissue: datetime
    history: datetime
    archive: datetime
    redirects: datetime
    final_shutdown: datetime
    deadline: Deadlines
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


class Points(_Frozen):
    """What one of POCO's points is worth in mi.com's, and since when that is so."""

    rate: Rate = Fraction(1)
    effective: datetime | None = None


class Region(_Frozen):
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


class Assess(_Frozen):
    single_rows: Positive
    long_transaction_s: Positive
    statement_timeout_s: Positive


class Copying(_Frozen):
    part_rows: Positive
    parts_at_once: Positive
    poisoned_rows_limit: Positive
    statement_timeout_s: Positive
    longest_s: Annotated[float, Field(gt=0)]
    lock_timeout_s: Positive


class Health(_Frozen):
    """Limits above which copies wait. A field that is a signal's name is that signal's limit (schema/both/08_health.sql)."""

    check_every_s: Annotated[float, Field(gt=0, le=5)]
    longest_pause_s: Positive
    longest_wait_s: Positive
    replay_lag_mb: Positive
    replay_lag_s: Positive
    active_sessions: Positive
    retained_wal_mb: Positive
    lock_wait_s: Annotated[float, Field(gt=0)]
    blocked_by_us_s: Annotated[float, Field(gt=0)]


class Freeze(_Frozen):
    budget_s: Positive
    lock_timeout_s: Positive


class Rollback(_Frozen):
    batch_keys: Positive
    rehearsal_keys: Positive
    rehearsal_hours: Positive


class Follow(_Frozen):
    slot: Annotated[str, Field(pattern="^[a-z0-9_]{1,63}$")]
    batch_keys: Positive
    run_seconds: Positive
    idle_s: Annotated[float, Field(gt=0)]
    wal_budget_mb: Positive
    alarm_share: Annotated[float, Field(gt=0, le=1)]
    alarm_hours: Annotated[float, Field(gt=0)]
    growing_window_s: Positive


class Reconcile(_Frozen):
    nightly: Annotated[str, Field(pattern=r"^\S+( \S+){4}$")]
    rounds: Positive
    catch_up_s: Positive


class Forecast(_Frozen):
    rows_per_s: Positive
    keys_per_s: Positive
    row_bytes: Positive
    part_overhead_s: Annotated[float, Field(ge=0)]
    task_overhead_s: Annotated[float, Field(ge=0)]
    freeze_fixed_s: Annotated[float, Field(gt=0)]
    count_up_to_rows: Positive
    tolerance: Annotated[float, Field(gt=0, lt=1)]


class Retention(_Frozen):
    """How long, and why, rows of these tables are kept; a region of its own law has a number of years of its own."""

    why: str
    years: Positive
    tables: Annotated[tuple[str, ...], Field(min_length=1)]
    regions: dict[str, Positive] = {}


class Archive(_Frozen):
    row_group_rows: Positive
    lock_mode: Literal["governance", "compliance"]
    retention: dict[str, Retention]

    @model_validator(mode="after")
    def _each_table_once(self) -> Self:
        tables = [table for kept in self.retention.values() for table in kept.tables]
        if len(tables) != len(set(tables)):
            raise ValueError("a table has two retention classes")
        return self


class Alerts(_Frozen):
    before_hours: Annotated[tuple[Positive, ...], Field(min_length=1)]
    look_hours: Positive

    @model_validator(mode="after")
    def _descending(self) -> Self:
        if list(self.before_hours) != sorted(set(self.before_hours), reverse=True):
            raise ValueError("before_hours goes from the earliest warning to the last one, each once")
        return self


class Shutdown(_Frozen):
    quiet_days: Positive
    drill_days: Positive


class After(_Frozen):
    until: datetime
    daily: Annotated[str, Field(pattern=r"^\S+( \S+){4}$")]
    sample: Positive


class Approvals(_Frozen):
    approvers: Annotated[tuple[str, ...], Field(min_length=2)]
    response_hours: Positive


class PersonalData(_Frozen):
    exports: str
    link_hours: Annotated[int, Field(gt=0, le=168)]  # no longer than a signed link can last


class Objects(_Frozen):
    media_source: str
    media_target: str
    evidence: str
    notices: str
    archive: str
    redirects: str
    part_objects: Positive
    at_once: Positive


class Redirects(_Frozen):
    sitemap: str
    access_log: str
    app_links: str
    log_lines: Positive
    connections: Positive


class Settings(_Frozen):
    """Everything migration.toml decides."""

    calendar: Calendar
    regions: dict[str, Region]
    assess: Assess
    copying: Annotated[Copying, Field(alias="copy")]
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
        """The same settings on a calendar that a rehearsal has moved by `shift`."""
        return self.model_copy(update={"calendar": self.calendar.model_copy(update={"shift": shift})})


def load(path: Path = CONFIGURATION) -> Settings:
    """Read the configuration. Raises ConfigurationError naming the key; reads nothing else."""
    try:
        return Settings.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError, OSError) as error:
        raise ConfigurationError(f"{path.name} cannot be used: {error}") from error
