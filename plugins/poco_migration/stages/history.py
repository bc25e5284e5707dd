"""By 12 December: shipments, scans and reviews are complete at mi.com, with every photo and attachment."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.copying import media
from poco_migration.engine.cutover import fence, handover
from poco_migration.engine.evidence import approvals, facts
from poco_migration.engine.follow import follower, replication_slot
from poco_migration.engine.shutdown import write_watch
from poco_migration.errors import StageRefused
from poco_migration.model import KeyRange, PartOf, Run

log = logging.getLogger(__name__)
DRAIN_SECONDS = 600


def close(place: Workplace, run: Run, answers: Sequence[approvals.Answer]) -> list[str]:
    """Close the history tables at POCO for good, before they are copied. Returns who signed. Rerun: safe.

    Raises ApprovalMissing before anything is closed.
    """
    signed = approvals.require_signatures(place, "history", run, "history", answers, 2)
    # IRREVERSIBLE: guarded by the two approvals above.
    fence.raise_(place, [entity.name for entity in cards.moving_at("history")], place.settings.moving(), for_good=True)
    return signed


def plan_objects(place: Workplace, run: Run) -> list[PartOf]:
    """The photos and attachments that migrated rows name, in parts of their numbers. Rerun: numbers stay."""
    planned = media.plan_objects(place, run)
    log.info("objects: %d parts", len(planned))
    return [{"entity": media.ENTITY, "lo": part.lo, "hi": part.hi} for part in planned]


def copy_objects(place: Workplace, run: Run, part: PartOf) -> dict[str, int]:
    """Copy the objects of one part. Rerun: what is there is not written again; what could not be copied is tried again."""
    counts = media.copy_objects(place, run, KeyRange(part["lo"], part["hi"]))
    log.info("objects: %(written)d copied and verified, %(found)d were there, %(parked)d in quarantine", counts)
    return counts


@facts.measures("objects")
def prove_objects(place: Workplace, run: Run) -> dict[str, int]:
    """Ask mi.com's bucket for every object, and write each region's equation. Rerun: proves again."""
    found = media.prove_objects(place, run)
    total = {name: sum(row[name] for row in found) for name in ("named", "copied", "quarantined", "missing", "bytes")}
    log.info("objects: %(named)d named = %(copied)d copied + %(quarantined)d in quarantine + %(missing)d missing; %(bytes)d bytes", total)
    return total


def hand_over(place: Workplace, run: Run) -> None:
    """From here mi.com owns the history. Comes after the proof that all of it is there. Rerun: safe.

    What waits to be copied would be forgotten with the handover, so it is copied first. Raises StageRefused when it cannot be.
    """
    stream = replication_slot.find_slot(place)
    if stream and not stream.ended and not follower.catch_up(place, run, DRAIN_SECONDS):
        raise StageRefused(
            "history is closed at POCO, but what was written before could not be copied yet. See why poco_follow is behind "
            "(docs/runbook.md, 'The backlog'), then clear this task."
        )
    handover.to_xiaomi(place, [entity.name for entity in cards.moving_at("history")], place.settings.moving(), run)
    # The shutdown asks since when nothing is written at POCO; the nights from here on look again.
    write_watch.fingerprint_tables(place, run)
