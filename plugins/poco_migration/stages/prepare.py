"""Before anything moves: is everything there, and what may leave POCO's database at all."""

from __future__ import annotations

import logging

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import drift, installing, readiness, slots
from poco_migration.model import Run

log = logging.getLogger(__name__)


def open_ledger(place: Workplace, run: Run) -> None:
    """Install the control schema on the target. Rerun: safe."""
    installing.control_schema(place)


def assess(place: Workplace, run: Run) -> dict[str, int]:
    """Measure the readiness of both sides; writes nothing to the source. Rerun: measures again."""
    findings = readiness.measure(place, run)
    for finding in findings:
        if not finding.ok:
            log.warning(
                "%s, region %s: %s, but %s. Next: %s",
                finding.check,
                finding.region,
                finding.measured,
                finding.demanded,
                finding.next_action,
            )
    return {"checks": len(findings), "red": sum(not finding.ok for finding in findings)}


def install(place: Workplace, run: Run) -> None:
    """Install on the source what may leave it, and the fence, still open; accept the shape that the tables have now.

    Rerun: safe; a closed fence stays closed, and a changed shape is accepted.
    """
    installing.export_schema(place)
    drift.pin(place)


def begin_following(place: Workplace, run: Run) -> None:
    """Publish the identities of what changes, and make the slot: from here on no change is missed.

    Rerun: safe; a slot that is there stays. Raises SlotLost when the ledger knows a slot that the source has lost.
    """
    slots.announce(place)
    slots.create(place)
