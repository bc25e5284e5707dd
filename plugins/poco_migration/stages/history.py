"""By 12 December: shipments, scans, reviews and redemptions are complete at mi.com, with their photos."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import approvals, cards, fence, handover, media, quiet
from poco_migration.model import Run

log = logging.getLogger(__name__)


def copy_objects(place: Workplace, run: Run) -> dict[str, int]:
    """Copy the photos and attachments that migrated rows name. Rerun: what is copied is not copied again."""
    counts = media.copy(place, run)
    log.info("objects: %(copied)d copied and verified, %(problems)d could not be", counts)
    return counts


def close(place: Workplace, run: Run, answers: Sequence[approvals.Answer]) -> list[str]:
    """Close the history tables at POCO for good, before they are copied. Returns who signed. Rerun: safe.

    Raises ApprovalMissing before anything is closed.
    """
    signed = approvals.require(place, "history", run, "history", answers, 2)
    # IRREVERSIBLE: guarded by the two approvals above.
    fence.raise_(place, [entity.name for entity in cards.of("history")], place.settings.moving(), for_good=True)
    return signed


def hand_over(place: Workplace, run: Run) -> None:
    """From here mi.com owns the history. Comes after the proof that all of it is there. Rerun: safe."""
    handover.to_xiaomi(place, [entity.name for entity in cards.of("history")], place.settings.moving(), run)
    # The shutdown asks since when nothing is written at POCO; the nights from here on look again.
    quiet.look(place, run)
