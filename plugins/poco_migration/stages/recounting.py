"""The figures around the switch: measured again before the store closes, and counted as they were at the handover, or as well as can be."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.cutover import since_signed
from poco_migration.engine.evidence import facts
from poco_migration.engine.follow import consistent_point
from poco_migration.engine.verify import measurement, uncounted
from poco_migration.model import Run

log = logging.getLogger(__name__)
MILESTONES = ("cutover", "never")
RECOUNT = "recount"
Parked = since_signed.Parked


def refuse_changed(place: Workplace, run: Run, names: Sequence[str], regions: Collection[str]) -> since_signed.Parked:
    """Measure again what was signed, with the store open; returns what is in quarantine then. Rerun: measures again.

    Raises StageRefused when the facts have changed by more than single rows since they were signed.
    """
    with consistent_point.still(place, run) as at, postgres.connect(place.target, "target", name=str(run)) as target:
        measurement.recount(place, _before(run), at, None, *MILESTONES)
        parked = since_signed.parked_rows(target, names)
    since_signed.require_as_signed(place, "cutover", run, _before(run), regions)
    return parked


def still_parked(place: Workplace, run: Run, names: Sequence[str], before: since_signed.Parked) -> None:
    """With the store closed: raises FenceFailed where more than single rows have gone into quarantine since."""
    with postgres.connect(place.target, "target", name=str(run)) as target:
        since_signed.require_still(target, names, before, place.settings.quarantine.single_rows)


def begins(place: Workplace, run: Run) -> None:
    """Right before the handover: what was counted until then is no count of it."""
    facts.begins(place, run, RECOUNT)


def at_the_switch(place: Workplace, run: Run, at: consistent_point.Instant, handed_over: Collection[str]) -> None:
    """Count and sum everything as it was at the instant of the switch. Rerun: counts again."""
    with facts.measured(place, run, RECOUNT):
        measurement.recount(place, run, at.source, at.target, *MILESTONES)
        uncounted.set_uncounted_aside(place, run, _before(run), uncounted.regions_handed_over_by(place, run) - set(handed_over))


def what_is_left(place: Workplace, run: Run) -> None:
    """Count what a try has handed over that ended before it had counted: now, and with a word on what cannot be counted any more.

    Nothing where the handover was counted. Rerun: safe.
    """
    with postgres.connect(place.target, "target", name=str(run)) as target:
        counted = facts.newest_facts(target, run).get(RECOUNT, (0, False))[1]
    regions = uncounted.regions_handed_over_by(place, run)
    if counted or not regions:
        return
    log.warning("the switch of %s ended before it had counted; counting what can be counted now", ", ".join(sorted(regions)))
    with facts.measured(place, run, RECOUNT), consistent_point.still(place, run) as at:
        measurement.recount(place, run, at, None, *MILESTONES)
        left = uncounted.set_uncounted_aside(place, run, _before(run), regions)
    log.warning("%d figures could not be counted again, because customers may have changed them at mi.com since", left)


def _before(run: Run) -> Run:
    """The name under which the figures right before the switch are kept, beside those that were signed."""
    return Run(f"{run.id} before the switch")
