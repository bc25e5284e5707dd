"""Counts and sums both sides at one instant, and notes what does not agree: facts for the gates, which judge them."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.evidence import certificate_content
from poco_migration.engine.follow import consistent_point
from poco_migration.engine.totals import behind, control_totals
from poco_migration.engine.verify import row_equations
from poco_migration.model import Run

log = logging.getLogger(__name__)
# A commit can become visible out of its order in the log, a moment late: then the sides differ by it, once.
ATTEMPTS = 3


def measure(place: Workplace, run: Run, *milestones: str) -> dict[str, int]:
    """Measure equations and control totals of the entities of these milestones, both sides at one instant.

    Shape: how many equations and totals there are, and how many are open. Rerun: measures again.
    """
    for _ in range(ATTEMPTS):
        with ExitStack() as kept:
            with consistent_point.still(place, run) as at:
                # Only until the instant is held: what follows the source does not wait for the counting.
                instant = kept.enter_context(consistent_point.pinned(place, at)) if at else None
            counted = recount(place, run, *((instant.source, instant.target) if instant else (None, None)), *milestones)
        if not counted["open"] or instant is None:
            break
    return counted


def recount(place: Workplace, run: Run, at: str | None, there: str | None, *milestones: str) -> dict[str, int]:
    """Measure equations and control totals at the instant of these exported snapshots (None: now). Shape and rerun: as measure."""
    entities = cards.moving_at(*milestones)
    with connection_pair.connect(place, run) as link:
        equations = row_equations.measure_equations(replace(link, at=at), entities, run, there)
        row_equations.weigh(link.target, run, place.settings.quarantine)
    behind.measure_behind(place, {entity.name for entity in entities}, run, at, there)
    buckets = control_totals.measure_totals(place, {entity.name for entity in entities}, run, at, there)
    differences = _open(place, run)
    for difference_ in differences:
        log.warning("%(kind)s %(name)s, region %(region)s: %(difference)s", difference_)
    return {"equations": len(equations), "totals": buckets, "open": len(differences)}


def _open(place: Workplace, run: Run) -> list[dict[str, Any]]:
    with postgres.connect(place.target, "target", name=str(run)) as target:
        return certificate_content.open_differences(target, run)
