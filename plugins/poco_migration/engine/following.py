"""Follows the source: what changed becomes dirty keys, dirty keys become copies, until nothing is left or time is up."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from poco_migration.adapters import pgoutput, postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, changes, copying, parts, slots
from poco_migration.engine import link as links
from poco_migration.engine.link import Link
from poco_migration.model import KeyRange, KeySet, Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Lag:
    """How far the target is behind: bytes of log not read, seconds since the oldest dirty key, keys not copied."""

    bytes: int
    seconds: float
    keys: int


def apply(link: Link, place: Workplace, run: Run) -> int:
    """Copy every part that is wanted and every key that is dirty now, parents first; returns how many keys.

    What becomes dirty meanwhile waits for the next pass. Rerun: safe at any point.
    """
    newest = postgres.value(link.target, "select coalesce(max(seq), 0) from migration.dirty")
    planned, copied = set(parts.planned(link.target)), 0
    for entity in cards.entities().values():
        if entity.name not in planned:
            continue
        for row in postgres.run(link.target, SQL / "parts_open.sql", entity.name):
            copied += copying.copy(link, entity, KeyRange(row["lo"], row["hi"]), run).rows_read + 1
        after = None
        while keys := [row["source_key"] for row in postgres.run(
            link.target, SQL / "dirty_next.sql", entity.name, newest, after, place.settings.follow.batch_keys)]:  # fmt: skip
            copying.copy(link, entity, KeySet(tuple(keys)), run)
            copied, after = copied + len(keys), keys[-1]
    return copied


def catch_up(place: Workplace, run: Run, seconds: float) -> Lag:
    """Follow until everything that was written before the call is on the target, or the time is up; returns what is left.

    Rerun: safe.
    """
    give_up = time.monotonic() + seconds
    with links.opened(place, run) as link:
        # What is committed without waiting for the disk is in the log a moment later: so the goal is what is written.
        goal = slots.written(link.source)
        done = False
        while not done and time.monotonic() < give_up:
            captured = changes.capture(link.source, link.target, place.settings.follow.slot)
            copied = apply(link, place, run)
            done = captured.position >= goal and not copied
            if copied:
                log.info("follow: %d keys copied", copied)
            elif not done:
                time.sleep(0.05)
        return lag(link, place)


def lag(link: Link, place: Workplace) -> Lag:
    """How far the target is behind the source now."""
    row = postgres.run(link.target, SQL / "lag.sql", place.settings.follow.slot)[0]
    return Lag(max(0, slots.written(link.source) - pgoutput.position(row["captured"])), float(row["seconds"]), row["keys"])
