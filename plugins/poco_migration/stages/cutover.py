"""21 October: the store stops selling for seconds, what has moved is proven once more, and mi.com owns it from then on.

One page of named waits (PLAN). Each region is a state that is probed and never assumed: open, closed until a deadline,
closed for good, owned by mi.com. A region that fails opens again by itself and does not hold up the others. Until
`hand over` has committed, whatever happens ends with the store open: by the except below, by the deadline in POCO's
own database, or by watch(), which poco_follow calls.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.cutover import fence, handover, reopening
from poco_migration.engine.evidence import approvals
from poco_migration.engine.follow import consistent_point, follower, replication_slot
from poco_migration.engine.ledger import locks, ownership, step_log
from poco_migration.engine.milestones import stage_entry
from poco_migration.engine.rollback import rehearsal
from poco_migration.engine.verify import reverification
from poco_migration.errors import FenceFailed, MigrationError, StageRefused
from poco_migration.model import Run
from poco_migration.stages import recounting
from poco_migration.stages.switch_attempt import Switch

log = logging.getLogger(__name__)
# What seal and hand over need of the budget; with less left they are not begun.
HANDOVER_SECONDS = 3
# Rounds of copying and proving with the store open: each is shorter than the one before, until only the newest changes are left.
ROUNDS = 8
SHORT_SECONDS = 1.0


def plan(place: Workplace, run: Run) -> list[str]:
    """The very steps that `switch` will take, with what is to be expected of each; a dry run ends here. Rerun: safe.

    A dry run also takes the first step, which leaves the store open, and so tells how long it would be closed.
    """
    done = _handed_over(place)
    regions = [region for region in stage_entry.asked_regions(place, run) if region not in done]
    lines = [f"regions: {', '.join(regions) or 'none left'}; the store may be closed for {place.settings.freeze.budget_s} s"]
    lines += [f"{number}. {step.name}: {step.about}. If it fails: {step.undo}." for number, step in enumerate(PLAN, start=1)]
    if run.asked.get("dry_run") and regions:
        with _begun(place, run, regions) as switch_:
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
    done = _handed_over(place)
    regions = [region for region in stage_entry.asked_regions(place, run) if region not in done]
    closed = 0.0
    if regions:
        with _begun(place, run, regions) as switch_:
            switch_.parked = recounting.refuse_changed(place, run, switch_.names, regions)
            try:
                for step in PLAN:
                    if switch_.regions or switch_.handed_over:
                        with step_log.taken(place, run, switch_.attempt, step.name, switch_.regions) as taken:
                            taken.keys = step.do(switch_) or 0
                        if step.name == "hand over":
                            closed = time.monotonic() - switch_.closed
            except BaseException:  # a stop by Airflow is one too; and the store need not wait for the deadline
                _open_again(switch_, regions)
                raise
            _open_again(switch_, sorted(switch_.failed))
            if switch_.failed:
                raise FenceFailed(
                    f"cutover: not switched, and open: {'; '.join(switch_.failed.values())}. Switched: "
                    f"{', '.join(switch_.handed_over) or 'none'}. Run poco_reconcile, which finds and mends the rows, then clear this task."
                )
    recounting.what_is_left(place, run)
    log.info("the store was closed for %.1f s", closed)
    return {"signed": signed, "regions": regions, "closed_seconds": round(closed, 1)}


def _handed_over(place: Workplace) -> set[str]:
    names = [entity.name for entity in cards.moving_at("cutover")]
    return ownership.read_ownership(place, names).handed_over(names)


def watch(place: Workplace) -> list[str]:
    """Open what a dead worker left closed for good without handing it over; returns the regions. Rerun: safe.

    Called by poco_follow, so it happens within seconds, and without anybody.
    """
    return reopening.watch(place, [entity.name for entity in cards.moving_at("cutover")], SEAL)


@contextmanager
def _begun(place: Workplace, run: Run, regions: list[str]) -> Iterator[Switch]:
    # A try that Airflow has given up may be at work still; it ends within the time for which the store may be closed.
    with locks.only_switch(place, place.settings.freeze.budget_s) as mine, ExitStack() as kept, ExitStack() as held:
        if not mine:
            raise StageRefused("cutover: another run or try of the switch is at work. Wait for its end, then clear this task.")
        yield Switch(place, run, list(regions), handover.begin_attempt(place), held, kept)


def _open_again(switch_: Switch, regions: Sequence[str]) -> None:
    with suppress(MigrationError):  # its connections may be what has failed
        switch_.held.close()
    reopening.open_again(switch_.place, switch_.names, regions)


# The steps -----------------------------------------------------------------------------------------------------------


def _approach(switch_: Switch) -> int:
    place, looked = switch_.place, 0
    ownership.refuse_returning(place, switch_.names, switch_.regions)
    replication_slot.require_whole(place)
    rehearsal.require_rehearsal(place)
    with connection_pair.connect(place, switch_.run) as link:
        reverification.require_compared(link.target, switch_.entities)
    last, suspected = float("inf"), list[reverification.Unequal]()
    for _ in range(ROUNDS):
        began = time.monotonic()
        with consistent_point.still(place, switch_.run) as at:
            keys, unequal = _settled(switch_, at)
        looked, took = looked + keys, time.monotonic() - began
        # What differs is looked at once more: while others write, a commit can become visible out of its order in the log.
        if unequal == suspected and (took < SHORT_SECONDS or took > 0.8 * last):
            break
        last, suspected = took, unequal
    switch_.drop(unequal)
    switch_.predicted = place.settings.freeze.lock_timeout_s + took + HANDOVER_SECONDS
    log.info("the store will be closed for about %.1f s", switch_.predicted)
    if switch_.predicted > place.settings.freeze.budget_s:
        raise StageRefused(
            f"cutover: the store would be closed for about {switch_.predicted:.0f} s, and it may be for {place.settings.freeze.budget_s} s "
            "(freeze.budget_s). The store is open. Choose a quieter hour, or see why following is slow (docs/runbook.md, 'The backlog'), "
            "then clear this task."
        )
    return looked


def _close(switch_: Switch) -> None:
    switch_.closed = time.monotonic()
    fence.raise_(switch_.place, switch_.names, switch_.regions)


def _drain(switch_: Switch) -> int:
    patience = switch_.place.settings.freeze.budget_s - HANDOVER_SECONDS - (time.monotonic() - switch_.closed)
    switch_.at = switch_.held.enter_context(consistent_point.still(switch_.place, switch_.run, patience))
    with connection_pair.connect(switch_.place, switch_.run) as link:
        if left := follower.lag(link, switch_.place).keys:
            raise FenceFailed(
                f"cutover: {left} keys that were written before the store closed could not be copied. Nothing was handed over, the store "
                "is open. See why poco_follow is behind (docs/runbook.md, 'The backlog'), then clear this task."
            )
    return 0


def _prove(switch_: Switch) -> int:
    looked, unequal = _settled(switch_, switch_.at)
    switch_.drop(unequal)
    recounting.still_parked(switch_.place, switch_.run, switch_.names, switch_.parked)
    if switch_.at:
        switch_.instant = switch_.kept.enter_context(consistent_point.pinned(switch_.place, switch_.at))
    return looked


def _seal(switch_: Switch) -> None:
    fence.seal(switch_.place, switch_.names, switch_.regions, HANDOVER_SECONDS)


def _hand_over(switch_: Switch) -> None:
    recounting.begins(switch_.place, switch_.run)
    # IRREVERSIBLE without poco_rollback: from here customers change things at mi.com; guarded by the two approvals.
    still_proven = partial(reverification.require_proven, entities=switch_.entities, left=switch_.left)
    handover.to_xiaomi(switch_.place, switch_.names, switch_.regions, switch_.run, HANDOVER_SECONDS, switch_.attempt, still_proven)
    switch_.handed_over, switch_.regions = switch_.regions, []
    switch_.held.close()


def _recount(switch_: Switch) -> None:
    assert switch_.instant
    recounting.at_the_switch(switch_.place, switch_.run, switch_.instant, switch_.handed_over)


def _settled(switch_: Switch, at: str | None) -> tuple[int, list[reverification.Unequal]]:
    """Look at every row that has changed since it was compared; returns how many, and which differ.

    Regions that move later, and still sell, are no concern of this switch.
    """
    with connection_pair.connect(switch_.place, switch_.run, yielding=False) as link:
        looked, unequal = reverification.reverify(replace(link, at=at), switch_.entities)
    switch_.left = unequal
    later = set(switch_.place.settings.moving()) - set(switch_.regions)
    return looked, [found for found in unequal if found.region not in later]


@dataclass(frozen=True)
class PlannedStep:
    """One wait of the page: what it does, and what is left when it fails."""

    name: str
    about: str
    undo: str
    do: Callable[[Switch], int | None]


OPEN = "the store stays open"
OPENS = "the store is opened at once, and by its own deadline if nobody is left to do it"
SEAL = "seal"
PLAN: tuple[PlannedStep, ...] = (
    PlannedStep(
        "approach", "with the store open, copy and prove what has changed until little is left; predict the window", OPEN, _approach
    ),
    PlannedStep("close", "refuse writes to what moves, until a deadline that POCO's database keeps itself", OPEN, _close),
    PlannedStep("drain", "copy what was written before", OPENS, _drain),
    PlannedStep("prove", "compare every row that has changed since all were compared", OPENS, _prove),
    PlannedStep(SEAL, "close for good, if the deadline is still far", OPENS, _seal),
    PlannedStep(
        "hand over",
        "mi.com owns the regions, in one transaction",
        "the follower opens the store within seconds, or a rerun goes on",
        _hand_over,
    ),
    PlannedStep(
        "recount",
        "count and sum all rows as they were at the switch, while mi.com sells",
        "the gate is red; poco_rollback leads back",
        _recount,
    ),
)
