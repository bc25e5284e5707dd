"""Behind the shutdown: every day, until the configured end, whether what it left behind still holds."""

from __future__ import annotations

import logging
from typing import Any

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import facts
from poco_migration.engine.milestones import stage_entry
from poco_migration.engine.shutdown import aftercare, decommission
from poco_migration.errors import NothingToDo
from poco_migration.model import Run
from poco_migration.settings import AFTER

log = logging.getLogger(__name__)


def enter(place: Workplace, run: Run) -> dict[str, str]:
    """Refuse before the shutdown is certified; skip the run when the configured time is over. Rerun: safe, reads only."""
    if place.settings.calendar.today() >= place.settings.after.until:
        raise NothingToDo(
            f"poco_after has looked every day until {place.settings.after.until:%Y-%m-%d} (after.until), and nothing is looked at any "
            "more. Pause this DAG."
        )
    return stage_entry.enter(place, AFTER)


@facts.measures("look")
def look(place: Workplace, run: Run) -> dict[str, Any]:
    """Try redirects, links, kept files and the closed store; what does not work is judged by the gate. Rerun: tries again.

    Shape: how many things were tried, and how many do not work.
    """
    found = decommission.remains(place) if place.source_witness else {}
    decommission.store_remains(place, run, found)
    checks = [*aftercare.probe_all(place, run), *_witness(place)]
    aftercare.store_probes(place, run, checks)
    for check in checks:
        if check.problem:
            log.warning("%s, %s: %s", check.name, check.subject, check.problem)
    return {
        "tried": len(checks) + len(found),
        "wrong": sum(bool(c.problem) for c in checks) + sum(bool(number) for number in found.values()),
    }


def _witness(place: Workplace) -> list[aftercare.Probe]:
    """That somebody looks at the closed store, as long as there is one: who cannot look sees nothing wrong."""
    if place.source_witness or not place.settings.after.witness:
        return []
    advice = (
        "Make the connection poco_source_witness again (docs/runbook.md, 'Roles'); where POCO's database is gone for good, set "
        "after.witness to false in migration.toml."
    )
    return [aftercare.Probe("store", "POCO's database", "nobody looks at it: there is no connection poco_source_witness", advice)]
