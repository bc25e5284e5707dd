"""The sections of migration.toml that hold limits, buckets and hours: which keys there are, and what each may be.

Read through settings.py, which adds the calendar and the regions. Why a value is what it is stands beside it in migration.toml.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Positive = Annotated[int, Field(gt=0)]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Assess(Frozen):
    single_rows: Positive
    long_transaction_s: Positive
    statement_timeout_s: Positive


class Ruling(Frozen):
    """Somebody has ruled that so many rows stay behind, and why; the data owner's word, and part of the signed configuration."""

    entity: str
    region: str
    reason: str
    rows: Positive
    why: Annotated[str, Field(min_length=1)]


class Quarantine(Frozen):
    """How many rows may stay behind for one reason, in one entity and region, before a gate is red."""

    single_rows: Positive
    share: Annotated[float, Field(ge=0, lt=1)]
    tolerance: Annotated[float, Field(ge=0)]
    rulings: tuple[Ruling, ...] = ()


class Copying(Frozen):
    part_rows: Positive
    parts_at_once: Positive
    poisoned_rows_limit: Positive
    statement_timeout_s: Positive
    longest_s: Annotated[float, Field(gt=0)]
    lock_timeout_s: Positive


class Health(Frozen):
    """Limits above which copies wait. A field that is a signal's name is that signal's limit (schema/both/health.sql)."""

    check_every_s: Annotated[float, Field(gt=0, le=5)]
    longest_pause_s: Positive
    longest_wait_s: Positive
    replay_lag_mb: Positive
    replay_lag_s: Positive
    active_sessions: Positive
    retained_wal_mb: Positive
    lock_wait_s: Annotated[float, Field(gt=0)]
    blocked_by_us_s: Annotated[float, Field(gt=0)]


class Freeze(Frozen):
    budget_s: Positive
    lock_timeout_s: Positive


class Rollback(Frozen):
    batch_keys: Positive
    rehearsal_keys: Positive
    rehearsal_hours: Positive


class Follow(Frozen):
    slot: Annotated[str, Field(pattern="^[a-z0-9_]{1,63}$")]
    batch_keys: Positive
    run_seconds: Positive
    idle_s: Annotated[float, Field(gt=0)]
    wal_budget_mb: Positive
    alarm_share: Annotated[float, Field(gt=0, le=1)]
    alarm_hours: Annotated[float, Field(gt=0)]
    growing_window_s: Positive
    reread_mb: Positive
    decoded_mb_per_s: Positive


class Reconcile(Frozen):
    nightly: Annotated[str, Field(pattern=r"^\S+( \S+){4}$")]
    rounds: Positive
    catch_up_s: Positive


class Forecast(Frozen):
    rows_per_s: Positive
    keys_per_s: Positive
    row_bytes: Positive
    part_overhead_s: Annotated[float, Field(ge=0)]
    task_overhead_s: Annotated[float, Field(ge=0)]
    freeze_fixed_s: Annotated[float, Field(gt=0)]
    count_up_to_rows: Positive
    tolerance: Annotated[float, Field(gt=0, lt=1)]


class Retention(Frozen):
    """How long, and why, rows of these tables are kept; a region of its own law has a number of years of its own."""

    why: str
    years: Positive
    tables: Annotated[tuple[str, ...], Field(min_length=1)]
    regions: dict[str, Positive] = {}


class Archive(Frozen):
    row_group_rows: Positive
    lock_mode: Literal["governance", "compliance"]
    retention: dict[str, Retention]

    @model_validator(mode="after")
    def _each_table_once(self) -> Self:
        tables = [table for kept in self.retention.values() for table in kept.tables]
        if len(tables) != len(set(tables)):
            raise ValueError("a table has two retention classes")
        return self


class Alerts(Frozen):
    before_hours: Annotated[tuple[Positive, ...], Field(min_length=1)]
    look_hours: Positive

    @model_validator(mode="after")
    def _descending(self) -> Self:
        if list(self.before_hours) != sorted(set(self.before_hours), reverse=True):
            raise ValueError("before_hours goes from the earliest warning to the last one, each once")
        return self


class Shutdown(Frozen):
    quiet_days: Positive
    drill_days: Positive


class After(Frozen):
    until: datetime
    daily: Annotated[str, Field(pattern=r"^\S+( \S+){4}$")]
    sample: Positive
    witness: bool


class Approvals(Frozen):
    approvers: Annotated[tuple[str, ...], Field(min_length=2)]
    response_hours: Positive


class PersonalData(Frozen):
    exports: str
    link_hours: Annotated[int, Field(gt=0, le=168)]  # no longer than a signed link can last


class Objects(Frozen):
    media_source: str
    media_target: str
    evidence: str
    notices: str
    archive: str
    redirects: str
    part_objects: Positive
    at_once: Positive


class Redirects(Frozen):
    sitemap: str
    access_log: str
    app_links: str
    log_lines: Positive
    connections: Positive
