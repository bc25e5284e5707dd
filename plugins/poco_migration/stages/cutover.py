"""21 October: the store stops selling, what has moved is proven once more, and mi.com owns it from then on."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import approvals, cards, fence, following, handover, slots
from poco_migration.errors import FenceFailed, MigrationError, StageRefused
from poco_migration.model import Run
from poco_migration.stages import reconcile

log = logging.getLogger(__name__)
MILESTONES = ("cutover", "never")
# The handover is one small transaction; with less of the budget left than this it is not begun.
HANDOVER_SECONDS = 3


def switch(place: Workplace, run: Run, answers: Sequence[approvals.Answer]) -> dict[str, Any]:
    """Close the store, copy what was still on its way, prove all of it, hand it over; or open the store again.

    Rerun: goes on from what is true: a switch that is done is only measured again. Raises ApprovalMissing, SlotLost and
    StageRefused before anything is closed, FenceFailed with the store open.
    """
    signed = approvals.require(place, "cutover", run, "cutover", answers, 2)
    entities = [entity.name for entity in cards.of("cutover")]
    regions = place.settings.moving()
    handover.refuse_returning(place, entities, regions)
    if handover.owned(place, entities) == {(entity, region) for entity in entities for region in regions}:
        # Whoever handed over may have been killed before the next line, with the deadline of the freeze still running.
        fence.raise_(place, entities, regions, for_good=True)
        reconcile.measure(place, run, *MILESTONES)
        return {"signed": signed, "closed_seconds": 0.0}
    _be_near(place, run)
    started = time.monotonic()
    fence.raise_(place, entities, regions)
    closed = time.monotonic()
    try:
        _drain_and_prove(place, run, entities, regions)
    except MigrationError:  # whatever it is, nothing is handed over yet, and the store need not wait for the deadline
        fence.lower(place, entities, regions)
        raise
    # IRREVERSIBLE: from here customers change things at mi.com; guarded by the two approvals above.
    handover.to_xiaomi(place, entities, regions, run, HANDOVER_SECONDS)
    fence.raise_(place, entities, regions, for_good=True)
    seconds = time.monotonic() - closed
    log.info("the store was closed in %.1f s, and drained, proven and handed over %.1f s later", closed - started, seconds)
    return {"signed": signed, "closed_seconds": round(seconds, 1)}


def _be_near(place: Workplace, run: Run) -> None:
    """Refuse while keys may be missing, or while too many wait: with the store closed there would be no time for them."""
    slots.require_whole(place)
    freeze = place.settings.freeze
    give_up = time.monotonic() + freeze.budget_s
    behind = following.follow(place, run, lambda _, left: left.keys <= freeze.backlog_keys or time.monotonic() > give_up)
    log.info("before the store closes: %s", behind)
    if behind.keys > freeze.backlog_keys:
        raise StageRefused(
            f"cutover: {behind.keys} keys have changed and are not copied yet, and the store may be closed with at most "
            f"{freeze.backlog_keys} waiting (freeze.backlog_keys). The store is open. See why poco_follow is behind "
            "(docs/runbook.md, 'The backlog'), then clear this task."
        )


def _drain_and_prove(place: Workplace, run: Run, entities: Sequence[str], regions: Sequence[str]) -> None:
    """With the store closed: copy the rest, measure both sides. Raises FenceFailed; then the store must be opened."""
    began = time.monotonic()
    if not following.catch_up(place, run, place.settings.freeze.budget_s - HANDOVER_SECONDS):
        raise FenceFailed(
            "cutover: what was written before the store closed could not be copied within the budget. Nothing was handed over, the "
            "store is open. Wait until poco_follow has caught up, then clear this task (docs/runbook.md, 'The backlog')."
        )
    log.info("drained in %.1f s", time.monotonic() - began)
    reconcile.measure(place, run, *MILESTONES)
    if differences := reconcile.open_differences(place, run):
        raise FenceFailed(
            f"cutover: {len(differences)} equations or totals do not agree with the store closed (first: {differences[0]['kind']} "
            f"{differences[0]['name']}, {differences[0]['region']}). The store is open again. Run poco_reconcile, which finds and mends "
            "the rows, then clear this task."
        )
    if not fence.holds(place, entities, regions, HANDOVER_SECONDS):
        raise FenceFailed(
            f"cutover: the proof took longer than the {place.settings.freeze.budget_s} s for which the store may be closed, and writes "
            "may have come in. Nothing was handed over, the store is open. Raise freeze.budget_s in migration.toml or choose a quieter "
            "hour, then clear this task (docs/runbook.md, 'Before the cutover is signed')."
        )
