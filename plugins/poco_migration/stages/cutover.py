"""21 October: the store stops selling, what has moved is proven once more, and mi.com owns it from then on."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import approvals, cards, fence, handover
from poco_migration.errors import FenceFailed
from poco_migration.model import Run
from poco_migration.stages import reconcile

log = logging.getLogger(__name__)
MILESTONES = ("cutover", "never")
# The handover is one small transaction; with less of the budget left than this it is not begun.
HANDOVER_SECONDS = 3


def switch(place: Workplace, run: Run, answers: Sequence[approvals.Answer]) -> dict[str, Any]:
    """Close the store, prove what has moved, hand it over, keep it closed for good; or open the store again.

    Rerun: goes on from what is true: a switch that is done is only measured again. Raises ApprovalMissing before
    anything is closed, FenceFailed with the store open.
    """
    signed = approvals.require(place, "cutover", run, "cutover", answers, 2)
    entities = [entity.name for entity in cards.of("cutover")]
    regions = place.settings.moving()
    started = time.monotonic()
    if handover.owned(place, entities) == {(entity, region) for entity in entities for region in regions}:
        # Whoever handed over may have been killed before the next line, with the deadline of the freeze still running.
        fence.raise_(place, entities, regions, for_good=True)
        reconcile.measure(place, run, *MILESTONES)
        return {"signed": signed, "closed_seconds": 0.0}
    fence.raise_(place, entities, regions)
    closed = time.monotonic()
    reconcile.measure(place, run, *MILESTONES)
    if differences := reconcile.open_differences(place, run):
        fence.lower(place, entities, regions)
        raise FenceFailed(
            f"cutover: {len(differences)} equations or totals do not agree with the store closed (first: {differences[0]['kind']} "
            f"{differences[0]['name']}, {differences[0]['region']}). The store is open again. Run poco_backfill for the "
            "entities it names and poco_reconcile, then clear this task."
        )
    if not fence.holds(place, entities, regions, HANDOVER_SECONDS):
        fence.lower(place, entities, regions)
        raise FenceFailed(
            f"cutover: the proof took longer than the {place.settings.freeze.budget_s} s for which the store may be closed, and writes "
            "may have come in. Nothing was handed over, the store is open. Raise freeze.budget_s in migration.toml or choose a quieter "
            "hour, then clear this task (docs/runbook.md, 'Before the cutover is signed')."
        )
    # IRREVERSIBLE: from here customers change things at mi.com; guarded by the two approvals above.
    handover.to_xiaomi(place, entities, regions, run)
    fence.raise_(place, entities, regions, for_good=True)
    seconds = time.monotonic() - closed
    log.info("the store was closed in %.1f s and handed over %.1f s later", closed - started, seconds)
    return {"signed": signed, "closed_seconds": round(seconds, 1)}
