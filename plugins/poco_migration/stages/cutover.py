"""21 October: the store stops selling for seconds, what has moved is proven once more, and mi.com owns it from then on.

One page of named waits: PLAN, right below; what each one does stands in switch_steps.py. Each region is a state that is probed and
never assumed: open, closed until a deadline, closed for good, owned by mi.com. A region that fails opens again by itself and does
not hold up the others. Until `hand over` has committed, whatever happens ends with the store open: by the `finally` below, by the
deadline in POCO's own database, or by watch(), which poco_follow calls.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import handover, reopening, stopping
from poco_migration.engine.evidence import approvals
from poco_migration.engine.ledger import locks, ownership, step_log
from poco_migration.engine.ledger.step_log import PlannedStep
from poco_migration.engine.milestones import stage_entry
from poco_migration.errors import FenceFailed, MigrationError
from poco_migration.model import Run
from poco_migration.stages import recounting, switch_steps
from poco_migration.stages.switch_attempt import Switch

OPEN = "the store stays open"
OPENS = "the store is opened at once, and by its own deadline if nobody is left to do it"
SEAL = "seal"
PLAN: tuple[PlannedStep[Switch], ...] = (
    PlannedStep(
        "approach",
        "with the store open, measure again what was signed, then copy and prove what changes until little is left; predict the window",
        OPEN,
        switch_steps.approach,
    ),
    PlannedStep("close", "refuse writes to what moves, until a deadline that POCO's database keeps itself", OPEN, switch_steps.close),
    PlannedStep("drain", "read POCO's log to its end, and copy what was written before the store closed", OPENS, switch_steps.drain),
    PlannedStep(
        "prove", "compare every row that has changed since all were compared, and look at the quarantine", OPENS, switch_steps.prove
    ),
    PlannedStep(SEAL, "close for good, if the deadline is still far", OPENS, switch_steps.seal),
    PlannedStep(
        "hand over",
        "mi.com owns the regions, in one transaction, if no copy has ended behind the proof",
        "the follower opens the store within seconds, or a rerun goes on",
        switch_steps.hand_over,
    ),
    PlannedStep(
        "remember",
        "while mi.com sells, write down by key what was handed over, as long as regions are left",
        "the next copy or comparison does it",
        switch_steps.remember,
    ),
    PlannedStep(
        "recount",
        "count and sum all rows as they were at the switch, while mi.com sells",
        "a rerun counts what can be counted, and names the rest; the gate is red until then, and poco_rollback leads back",
        switch_steps.recount,
    ),
)

log = logging.getLogger(__name__)


def plan(place: Workplace, run: Run) -> list[str]:
    """The very steps that `switch` will take, with what is to be expected of each; a dry run ends here. Rerun: safe.

    A dry run also takes the first step, which leaves the store open, and so tells how long it would be closed. Nobody has signed
    then, so it does not hold the facts against a draft.
    """
    regions = _regions_left(place, run)
    lines = [f"regions: {', '.join(regions) or 'none left'}; the store may be closed for {place.settings.freeze.budget_s} s"]
    lines += [f"{number}. {step.name}: {step.about}. If it fails: {step.undo}." for number, step in enumerate(PLAN, start=1)]
    if run.asked.get("dry_run") and regions:
        with _begun(place, run, regions) as switch_:
            switch_.signed = False
            PLAN[0].do(switch_)
            lines.append(f"dry run: the store would be closed for about {switch_.predicted:.1f} s")
            lines += [f"dry run: {why}" for why in switch_.failed.values()]
    for line in lines:
        log.info("%s", line)
    return lines


def switch(place: Workplace, run: Run, answers: Sequence[approvals.Answer]) -> dict[str, Any]:
    """Take the steps of the plan for every region that is not switched yet.

    Rerun: goes on from what is true; a region that is mi.com's is left alone, and counted if the try that handed it over did not.
    Raises ApprovalMissing, SlotLost and StageRefused before anything is closed, also when the signed figures are not true any more;
    FenceFailed when a region could not be switched: it is open.
    """
    signed = approvals.require_signatures(place, "cutover", run, "cutover", answers, 2)
    closed, regions = 0.0, _regions_left(place, run)
    if regions:
        with _begun(place, run, regions) as switch_:
            closed = _take_steps(switch_, regions)
            if switch_.failed:
                raise FenceFailed(
                    f"cutover: not switched, and open: {'; '.join(switch_.failed.values())}. Switched: "
                    f"{', '.join(switch_.handed_over) or 'none'}. Run poco_reconcile, which finds and mends the rows, then clear this task."
                )
    recounting.what_is_left(place, run)
    log.info("the store was closed for %.1f s", closed)
    return {"signed": signed, "regions": regions, "closed_seconds": round(closed, 1)}


def _take_steps(switch_: Switch, regions: Sequence[str]) -> float:
    """Take the steps of the plan; returns for how many seconds the store was closed. However they end, also by a signal from
    outside, what was not handed over is opened at once and need not wait for the deadline."""
    closed = 0.0
    with stopping.as_exception() as stop:
        try:
            for step in PLAN:
                if switch_.regions or switch_.handed_over:
                    with step_log.taken(switch_.place, switch_.run, switch_.attempt, step.name, switch_.regions) as taken:
                        taken.keys = step.do(switch_) or 0
                    if step.name == "hand over":
                        closed = time.monotonic() - switch_.closed
        finally:
            stop.put_off()
            _open_again(switch_, [region for region in regions if region not in switch_.handed_over])
    return closed


def _regions_left(place: Workplace, run: Run) -> list[str]:
    """The regions that this run is asked to switch and that are not mi.com's yet."""
    names = [entity.name for entity in cards.moving_at("cutover")]
    done = ownership.read_ownership(place, names).handed_over(names)
    return [region for region in stage_entry.asked_regions(place, run) if region not in done]


def watch(place: Workplace) -> list[str]:
    """Open what a dead worker left closed for good without handing it over; returns the regions. Rerun: safe.

    Called by poco_follow, so it happens within seconds, and without anybody.
    """
    return reopening.watch(place, [entity.name for entity in cards.moving_at("cutover")], SEAL)


@contextmanager
def _begun(place: Workplace, run: Run, regions: list[str]) -> Iterator[Switch]:
    # A try that Airflow has given up may be at work still; it ends within the time for which the store may be closed.
    with locks.switching(place, place.settings.freeze.budget_s), ExitStack() as kept, ExitStack() as held:
        yield Switch(place, run, list(regions), handover.begin_attempt(place), held, kept)


def _open_again(switch_: Switch, regions: Sequence[str]) -> None:
    try:
        switch_.held.close()
    except MigrationError as error:  # its connections may be what has failed
        log.warning("%s", error)
    finally:
        reopening.open_again(switch_.place, switch_.names, regions)
