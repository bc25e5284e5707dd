"""31 December: the store shuts down for good in the regions that moved, having proven that it may.

One page of named steps (PLAN). Each is asked first whether it is so already, by poco_witness, who can do nothing but look,
or by where its work lies; it is done if it is not, and asked again. So whoever is killed anywhere is run again, and
comes to the same end. India goes on in the same database, as the same roles of the store's program: what is taken is
taken by region (the fence, the tokens) or from the migration's own roles.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from poco_migration.adapters import notifying
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import fence
from poco_migration.engine.evidence import approvals, facts
from poco_migration.engine.follow import replication_slot
from poco_migration.engine.ledger import locks, step_log
from poco_migration.engine.redirect_map import publication
from poco_migration.engine.shutdown import decommission, preconditions
from poco_migration.errors import AlertFailed, StageRefused
from poco_migration.model import Run

log = logging.getLogger(__name__)
STAGE = preconditions.STAGE
PATIENCE_SECONDS = 120


@dataclass
class Shutdown:
    """One try: what it works on, and what has been made so by it."""

    place: Workplace
    run: Run
    redirects: dict[str, Any] | None = None

    @property
    def regions(self) -> tuple[str, ...]:
        return self.place.settings.moving()

    def gone(self, *whats: str) -> bool:
        """Whether the witness sees none of these in any region."""
        return not any(number for (what, _), number in decommission.remains(self.place).items() if what in whats)


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


def take(shutdown: Shutdown, step: PlannedStep) -> int:
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


# The steps -----------------------------------------------------------------------------------------------------------


def _end_logins(shutdown: Shutdown) -> int:
    # IRREVERSIBLE: no customer can sign in to POCO's app again; guarded by the two approvals and every condition.
    return decommission.end_logins(shutdown.place, shutdown.regions)


def _fence(shutdown: Shutdown) -> None:
    # IRREVERSIBLE: nobody is left who opens it; guarded by the two approvals.
    fence.raise_(shutdown.place, list(cards.entities()), shutdown.regions, for_good=True)


def _disarm(shutdown: Shutdown) -> None:
    # IRREVERSIBLE: from here on the migration cannot write to POCO, not even to mend; guarded by the two approvals.
    decommission.take_ways_to_write(shutdown.place)


def _stop_following(shutdown: Shutdown) -> None:
    # IRREVERSIBLE: a slot that is dropped has forgotten; guarded by the two approvals, and drained before.
    replication_slot.drop_slot(shutdown.place)


def _stopped(shutdown: Shutdown) -> bool:
    stream = replication_slot.find_slot(shutdown.place)
    return bool(stream and stream.ended) and shutdown.gone("publications", "slots")


def _retire(shutdown: Shutdown) -> None:
    # IRREVERSIBLE for the migration: only POCO's administrator lets it in again; guarded by the two approvals.
    decommission.retire_roles(shutdown.place)


def _forget(shutdown: Shutdown) -> int:
    # IRREVERSIBLE: the secrets are nowhere else; guarded by the two approvals. The last one is the key to Airflow itself.
    assert shutdown.place.keyring
    names = list(shutdown.place.keyring.left())
    for name in names:
        shutdown.place.keyring.forget(name)
    return len(names)


def _forgotten(shutdown: Shutdown) -> bool:
    return shutdown.place.keyring is None or not shutdown.place.keyring.left()


def _redirect(shutdown: Shutdown) -> int:
    shutdown.redirects = publication.switch_on(shutdown.place, shutdown.run)
    return int(shutdown.redirects["redirects"])


@dataclass(frozen=True)
class PlannedStep:
    """One step of the page: what it does, whether it can be undone, and how it is seen that it is so."""

    name: str
    about: str
    irreversible: bool
    do: Callable[[Shutdown], int | None]
    so: Callable[[Shutdown], bool]


PLAN: tuple[PlannedStep, ...] = (
    PlannedStep(
        "end logins", "the app's tokens and sessions end, and none is made any more", True, _end_logins, lambda s: s.gone("live tokens")
    ),
    PlannedStep(
        "fence",
        "every table refuses writes of the regions that moved, for good",
        True,
        _fence,
        lambda s: s.gone("open tables", "writable tables"),
    ),
    PlannedStep("disarm", "the migration loses every way to write to POCO's tables", True, _disarm, lambda s: s.gone("ways to write")),
    PlannedStep("stop following", "the replication slot and the publication are dropped", True, _stop_following, _stopped),
    PlannedStep(
        "retire", "the migration's roles at POCO lose their rights and their logins", True, _retire, lambda s: s.gone("rights", "logins")
    ),
    PlannedStep("forget", "the secrets that nobody needs any more are deleted from Airflow", True, _forget, _forgotten),
    PlannedStep(
        "redirect",
        "every page of POCO leads to its page at mi.com, in all regions",
        False,
        _redirect,
        lambda s: s.redirects is not None,
    ),
)
