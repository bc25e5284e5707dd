"""How far the migration is behind the store, whether that grows, and how long the source can keep its log for us.

A slot that nobody reads fills POCO's disk, or is invalidated by the server. So what it retains is measured against a budget,
the time until the budget is used up is forecast as if nothing were read any more, and a backlog that grows is told with its
rate before it is large.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poco_migration.adapters import pgoutput, postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.follow import replication_slot
from poco_migration.errors import StageRefused
from poco_migration.limits import Follow

SQL = Path(__file__).parent / "sql"
MB = 1 << 20


@dataclass(frozen=True)
class Growth:
    """By how much something grows, per second, and since how many seconds that is known."""

    per_second: float
    seconds: float


@dataclass(frozen=True)
class Backlog:
    """One sample. `budget` is the smaller of ours and the server's; `again` is the log that every look decodes anew, in bytes; the
    growths are None where nothing grows."""

    slot: str
    wal_status: str
    retained: int
    budget: int
    wal_bytes_per_s: float
    lag_bytes: int
    lag_seconds: float
    keys: int
    again: int = 0
    keys_growth: Growth | None = None
    lag_growth: Growth | None = None

    @property
    def hours_left(self) -> float | None:
        """Until the budget is used up if nothing were read from now on; None if the store writes nothing."""
        if self.retained >= self.budget:
            return 0.0
        return (self.budget - self.retained) / self.wal_bytes_per_s / 3600 if self.wal_bytes_per_s > 0 else None


def sample(link: Link, place: Workplace) -> Backlog:
    """Measure and keep the sample. Rerun: adds another one. Raises SlotLost when the slot cannot be read any more."""
    follow = place.settings.follow
    with replication_slot.held(link.target, follow.slot) as read:
        replication_slot.confirmed_position(link.source, follow.slot, read)
        assert read  # or it would be lost
        with postgres.translated_errors("source", "backlog"):
            slot = postgres.run(link.source, SQL / "backlog_slot.sql", follow.slot)[0]
    lag = replication_slot.behind(link.target, follow.slot)
    behind = max(0, pgoutput.position(slot["written"]) - pgoutput.position(read.captured))
    sample = (slot["retained"], behind, float(lag["seconds"]), lag["keys"])
    with postgres.translated_errors("target", "backlog"):
        postgres.changed(link.target, SQL / "backlog_store.sql", follow.slot, slot["written"], *sample, follow.growing_window_s)
        samples = postgres.run(link.target, SQL / "backlog_samples.sql", follow.slot, follow.growing_window_s)
    return Backlog(
        slot=follow.slot,
        wal_status=slot["wal_status"],
        retained=slot["retained"],
        budget=min(follow.wal_budget_mb * MB, slot["server_budget"] or follow.wal_budget_mb * MB),
        wal_bytes_per_s=samples[-1]["wal_bytes_per_s"],
        lag_bytes=behind,
        lag_seconds=float(lag["seconds"]),
        keys=lag["keys"],
        again=slot["again"],
        keys_growth=growing(_series(samples, "keys"), follow.growing_window_s),
        lag_growth=growing(_series(samples, "lag_seconds"), follow.growing_window_s),
    )


def require_quick(source: postgres.Connection, place: Workplace) -> None:
    """Refuse a switch that would spend half of its time on reading log again. Raises StageRefused; nothing is closed."""
    follow = place.settings.follow
    with postgres.translated_errors("source", "slot"):
        found = postgres.run(source, SQL / "slot.sql", follow.slot)
    again = found[0]["again"] if found else 0
    # The drain opens a stream of its own, which begins where the oldest open transaction does.
    seconds = again / (follow.decoded_mb_per_s << 20)
    if seconds > place.settings.freeze.budget_s / 2:
        raise StageRefused(
            f"cutover: a transaction has been open at POCO for {again >> 20:,} MB of its log, which would be read again while the store is "
            f"closed, for about {seconds:.0f} s. The store is open. Find the oldest transaction in pg_stat_activity and pg_prepared_xacts, "
            "have its owner end it, then clear this task (docs/runbook.md, 'A transaction is open at POCO')."
        )


def _series(samples: list[dict[str, Any]], name: str) -> list[tuple[float, float]]:
    return [(sample["at"], float(sample[name])) for sample in samples]


def growing(samples: Sequence[tuple[float, float]], window: float) -> Growth | None:
    """Does it grow over the window? `samples` are (seconds, value), in order. None also while too little is known.

    A backlog goes up and down with every pass, so the lows of three thirds of the time are compared: what is left after a
    pass rises only when the passes do not keep up.
    """
    if len(samples) < 6 or samples[-1][0] - samples[0][0] < window / 2:
        return None
    begin, length = samples[0][0], samples[-1][0] - samples[0][0]
    thirds: list[list[tuple[float, float]]] = [[], [], []]
    for at, value in samples:
        thirds[min(2, int((at - begin) / length * 3))].append((value, at))
    if not all(thirds):
        return None
    lows = [min(third) for third in thirds]
    if not lows[0][0] < lows[1][0] < lows[2][0]:
        return None
    return Growth((lows[2][0] - lows[0][0]) / (lows[2][1] - lows[0][1]), length)


def alarms(backlog: Backlog, follow: Follow) -> list[str]:
    """Everything that a person should know of now, each with the next action; empty when all is well."""
    found = []
    slot, kept = f"replication slot {backlog.slot}", f"{backlog.retained / MB:,.0f} of {backlog.budget / MB:,.0f} MB"
    if backlog.wal_status in ("extended", "unreserved"):
        found.append(
            f"{slot} is {backlog.wal_status}: the source keeps more log for it than it likes to, and may soon give it up. Let poco_follow "
            "run, or have the administrator raise max_slot_wal_keep_size, before the slot is lost and everything must be copied again."
        )
    if backlog.retained > backlog.budget * follow.alarm_share:
        found.append(f"{slot} keeps {kept} of the source's log. See why poco_follow does not read it, or have the disk of POCO looked at.")
    left = backlog.hours_left
    if left is not None and left < follow.alarm_hours:
        found.append(
            f"{slot} keeps {kept}, and the store writes {backlog.wal_bytes_per_s / MB:,.1f} MB/s: if nothing were read, the budget would "
            f"be used up in {left:,.1f} hours, below {follow.alarm_hours:,.0f}. See that poco_follow runs, or raise wal_budget_mb if the "
            "disk has room."
        )
    if backlog.again > follow.reread_mb * MB:
        found.append(
            f"a transaction has been open at POCO for {backlog.again / MB:,.0f} MB of its log, above {follow.reread_mb:,} "
            "(follow.reread_mb). Each run of poco_follow, each measurement and the switch begin by reading all of that again, so they "
            "begin late, and the cutover may be refused. Find the oldest transaction in pg_stat_activity and pg_prepared_xacts, and have "
            "its owner end it."
        )
    return [*found, *_growths(backlog)]


def _growths(backlog: Backlog) -> Iterator[str]:
    if growth := backlog.keys_growth:
        yield (
            f"the backlog grows by {growth.per_second:,.0f} keys/s since {growth.seconds / 60:,.0f} min and is {backlog.keys:,} keys; "
            f"at this rate it is {backlog.keys + growth.per_second * 3600:,.0f} in an hour. See whether copies are paused or fail, and "
            "give pool poco_copy more slots if the servers have room."
        )
    if growth := backlog.lag_growth:
        yield (
            f"the target falls behind by {growth.per_second:,.1f} s every second since {growth.seconds / 60:,.0f} min and is "
            f"{backlog.lag_seconds:,.0f} s behind. See whether copies are paused or fail before the cutover is signed."
        )
