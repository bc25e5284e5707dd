"""Counts and sums both sides and writes down what it finds; it judges nothing, the gates do."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, following, recon, totals
from poco_migration.engine import link as links
from poco_migration.model import Run

log = logging.getLogger(__name__)
SQL = Path(recon.__file__).parent / "sql"
# A commit can become visible out of its order in the log, a moment late: then the sides differ by it, once.
ATTEMPTS = 3


def measure(place: Workplace, run: Run, *milestones: str) -> dict[str, int]:
    """Measure equations and control totals of the entities of these milestones, both sides at one instant.

    Shape: how many equations and totals there are, and how many are open. Rerun: measures again.
    """
    entities = cards.of(*milestones)
    for _ in range(ATTEMPTS):
        with following.still(place, run) as at, links.opened(place, run) as link:
            equations = recon.measure(replace(link, at=at), entities, run)
            buckets = totals.measure(place, {entity.name for entity in entities}, run, at)
        differences = open_differences(place, run)
        if not differences or at is None:
            break
    for difference in differences:
        log.warning("%(kind)s %(name)s, region %(region)s: %(difference)s", difference)
    return {"equations": len(equations), "totals": buckets, "open": len(differences)}


def open_differences(place: Workplace, run: Run) -> list[dict[str, Any]]:
    """What this run has measured and does not agree."""
    with postgres.connect(place.target, "target", name=str(run)) as target:
        return postgres.run(target, SQL / "open_differences.sql", run.id)
