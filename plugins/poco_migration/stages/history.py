"""By 12 December: shipments, scans, reviews and redemptions are complete at mi.com, with their photos."""

from __future__ import annotations

import logging

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, fence, handover, media
from poco_migration.model import Run

log = logging.getLogger(__name__)


def copy_objects(place: Workplace, run: Run) -> dict[str, int]:
    """Copy the photos and attachments that migrated rows name. Rerun: what is copied is not copied again."""
    counts = media.copy(place, run)
    log.info("objects: %(copied)d copied and verified, %(problems)d could not be", counts)
    return counts


def take_over(place: Workplace, run: Run) -> None:
    """Close the history tables at POCO for good and hand them over. Rerun: safe."""
    entities, regions = [entity.name for entity in cards.of("history")], place.settings.moving()
    fence.raise_(place, entities, regions, for_good=True)
    handover.to_xiaomi(place, entities, regions, run)
