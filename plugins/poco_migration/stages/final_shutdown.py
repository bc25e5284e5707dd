"""31 December: the store shuts down for good in the regions that moved, having proven that it may.

One page of named steps: PLAN, right below; what each one does stands in shutdown_steps.py. Each is asked first whether it is so already,
by poco_witness, who can do nothing but look, or by where its work lies; it is done if it is not, and asked again. So whoever
is killed anywhere is run again, and comes to the same end. India goes on in the same database, as the same roles of the store's
program: what is taken is taken by region (the fence, the tokens) or from the migration's own roles.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from poco_migration.adapters import notifying
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import approvals, facts
from poco_migration.engine.ledger import locks, step_log
from poco_migration.engine.ledger.step_log import PlannedStep
from poco_migration.engine.shutdown import decommission, preconditions
from poco_migration.errors import AlertFailed, StageRefused
from poco_migration.model import Run
from poco_migration.stages import shutdown_steps
from poco_migration.stages.shutdown_steps import Shutdown

log = logging.getLogger(__name__)
STAGE = preconditions.STAGE
PATIENCE_SECONDS = 120
NO_WAY_BACK = None
PLAN: tuple[PlannedStep[Shutdown], ...] = (
    PlannedStep(
        "end logins",
        "the app's tokens and sessions end, and none is made any more",
        NO_WAY_BACK,
        shutdown_steps.end_logins,
        lambda s: s.gone("live tokens"),
    ),
    PlannedStep(
        "fence",
        "every table refuses writes of the regions that moved, for good",
        NO_WAY_BACK,
        shutdown_steps.raise_fence,
        lambda s: s.gone("open tables", "writable tables"),
    ),
    PlannedStep(
        "disarm",
        "the migration loses every way to write to POCO's tables",
        NO_WAY_BACK,
        shutdown_steps.disarm,
        lambda s: s.gone("ways to write"),
    ),
    PlannedStep(
        "stop following",
        "the replication slot and the publication are dropped",
        NO_WAY_BACK,
        shutdown_steps.stop_following,
        shutdown_steps.has_stopped_following,
    ),
    PlannedStep(
        "retire",
        "the migration's roles at POCO lose their rights and their logins",
        NO_WAY_BACK,
        shutdown_steps.retire,
        lambda s: s.gone("rights", "logins"),
    ),
    PlannedStep(
        "forget",
        "the secrets that nobody needs any more are deleted from Airflow",
        NO_WAY_BACK,
        shutdown_steps.forget,
        shutdown_steps.has_forgotten,
    ),
    PlannedStep(
        "redirect",
        "every page of POCO leads to its page at mi.com, in all regions",
        "a rerun switches them on; poco_redirects corrects them",
        shutdown_steps.redirect,
        lambda s: s.redirects is not None,
    ),
)


def plan(place: Workplace, run: Run) -> list[str]:
    """The very steps that `close` will take, for those who sign; a dry run also prints every condition as it is now, and ends.

    Takes no step. Rerun: safe.
    """
    taken = step_log.ended(place, STAGE)
    late = " It is late: the deadline has passed, and the certificate will say so." if _late(place) else ""
    lines = [f"The POCO store shuts down for good in {', '.join(place.settings.moving())}; India goes on. This cannot be undone.{late}"]
    for number, step in enumerate(PLAN, start=1):
        said = "Point of no return. " if step.irreversible else ""
        lines.append(f"{number}. {step.name}: {step.about}. {said}{'Taken already.' if step.name in taken else ''}".strip())
    if run.asked.get("dry_run"):  # else the gate asks, behind what is measured first
        lines += [f"condition {found}" for found in preconditions.check_conditions(place, run)]
    for line in lines:
        log.info("%s", line)
    return lines


@facts.measures("conditions")
def ask(place: Workplace, run: Run) -> dict[str, str]:
    """Look at every condition for the gate, which judges them. Rerun: looks again. Shape: what is lacking, by name."""
    found = preconditions.check_conditions(place, run)
    preconditions.store_conditions(place, run, found)
    for f in found:
        (log.warning if f.lacking else log.info)("%s", f)
    return {f.condition.name: f.lacking for f in found if f.lacking}


@facts.measures("shutdown")
def close(place: Workplace, run: Run, answers: Sequence[approvals.Answer]) -> dict[str, Any]:
    """Take the steps of the plan, each unless it is so already, and look at what is left.

    Rerun: safe, from any step on; India's store is not touched. Raises ApprovalMissing, and StageRefused naming each condition
    that is not met, before the first step; a shutdown that has begun is finished and not asked again.
    """
    signed = approvals.require_signatures(place, STAGE, run, STAGE, answers, 2)
    with locks.only_switch(place, PATIENCE_SECONDS) as mine:
        if not mine:
            raise StageRefused(
                "final_shutdown: another run or try of it, or of the switch, is at work. Wait for its end, then clear this task."
            )
        if not step_log.ended(place, STAGE):
            preconditions.require_met(preconditions.check_conditions(place, run))
        if _late(place):
            _tell_late(place)
        shutdown = Shutdown(place, run)
        for number, step in enumerate(PLAN, start=1):
            with step_log.taken(place, run, number, step.name, shutdown.regions, STAGE) as taken:
                taken.keys = take(shutdown, step)
    found = decommission.remains(place)
    decommission.store_remains(place, run, found)
    left = sum(found.values())
    log.info("the store is shut down; %d things of it are left", left)
    return {"signed": signed, "left": left, **(shutdown.redirects or {})}


def take(shutdown: Shutdown, step: PlannedStep[Shutdown]) -> int:
    """Make a step so unless it is; returns how many things it has changed. Raises StageRefused when it is not so afterwards."""
    if step.so(shutdown):
        log.info("%s: is so already", step.name)
        return 0
    changed = step.do(shutdown) or 0
    if not step.so(shutdown):
        raise StageRefused(
            f"final_shutdown: step {step.name!r} was taken, and still it is not so: {step.about}. Somebody undoes it, or it was not "
            "allowed. Find out who (docs/runbook.md, 'The shutdown stops at a step'), then clear this task."
        )
    return changed


def _late(place: Workplace) -> bool:
    return place.settings.calendar.today() >= place.settings.calendar.deadline.final_shutdown


def _tell_late(place: Workplace) -> None:
    """Tell people outside of Airflow; a mail server that is down does not hold up the shutdown any longer."""
    body = "poco_final_shutdown runs after its deadline; its certificate says so. Next: tell whoever announced the date."
    with suppress(AlertFailed):
        notifying.send(place.alerts, "POCO to mi.com: the final shutdown is late", body)
