"""By 12 December: every coupon that can still be spent becomes a voucher, exactly once; points become loyalty entries."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier
from poco_migration.engine.coupons import liability, notices, reissue
from poco_migration.engine.cutover import fence, handover
from poco_migration.engine.evidence import approvals
from poco_migration.engine.follow import follower, published_tables, replication_slot
from poco_migration.errors import StageRefused
from poco_migration.model import Entity, KeyRange, KeySet, PartOf, Run
from poco_migration.stages import reconcile

log = logging.getLogger(__name__)
COUPONS = "coupons"
DRAIN_SECONDS = 600
# Airflow maps 1,024 tasks at most, and each has about a second of its own around it.
TASKS = 200


def planned(place: Workplace, run: Run) -> list[str]:
    """What is about to be reissued, for the two people who sign: coupons by region and kind. Rerun: counts again.

    Raises StageRefused when customers could not be told their new codes in the end, OperatorNeeded when somebody could guess them.
    """
    notices.require_keys(place)
    with postgres.connect(place.target, "target", name=str(run)) as target:
        rows = reissue.planned_coupons(target)
    about = "Coupons and points close at POCO for good, in every region that moves. Each of these is then issued once at mi.com:"
    return [about] + [f"{row['region']}: {row['coupons']} {row['kind']} coupons, {row['uses']} uses" for row in rows]


def close(place: Workplace, run: Run, answers: Sequence[approvals.Answer]) -> list[str]:
    """Close coupons and points at POCO for good and bring mi.com's plan up to date, so that it can be compared. Rerun: safe.

    Returns who signed. Raises ApprovalMissing, or as `planned`, before anything is closed.
    """
    notices.require_keys(place)  # three days may lie between the plan and the second signature
    signed = approvals.require_signatures(place, "coupon_reissue", run, "coupon_reissue", answers, 2)
    entities = cards.moving_at("reissue")
    # IRREVERSIBLE: guarded by the two approvals above.
    fence.raise_(place, [entity.name for entity in entities], place.settings.moving(), for_good=True)
    if published_tables.published(place, [entity.name for entity in entities]):
        _bring_up_to_date(place, run, entities)
    return signed


def parts_to_compare(place: Workplace, run: Run) -> list[PartOf]:
    """The parts of points and of planned coupons that are to be compared. Rerun: compares anew, but no coupons once one has left POCO.

    From then on the reissue changes both sides by itself, and proves each coupon by its own equation.
    """
    with postgres.connect(place.target, "target", name=str(run)) as target:
        begun = postgres.value(target, "select exists (select from migration.coupon_reissue where state <> 'planned')")
    return reconcile.parts_to_compare(place, run, "reissue", but=[COUPONS] if begun else [])


def batches(place: Workplace, run: Run, answers: Sequence[approvals.Answer]) -> list[PartOf]:
    """Close coupons and points at POCO for good, note what is owed, and cut what is to be reissued into batches of keys [lo, hi).

    Rerun: what is done already is in no batch; what waited for an order, or was given back, is tried again. Raises
    ApprovalMissing, or as `planned`, before anything is touched.
    """
    notices.require_keys(place)
    approvals.require_signatures(place, "coupon_reissue", run, "coupon_reissue", answers, 2)
    entities, regions = [entity.name for entity in cards.moving_at("reissue")], place.settings.moving()
    fence.raise_(place, entities, regions, for_good=True)
    if published_tables.published(place, entities):
        _bring_up_to_date(place, run, cards.moving_at("reissue"))
        # From here the only writer is the reissue itself: following its own marks would count each coupon a second time.
        published_tables.unpublish(place, entities)
    owed = liability.freeze(place, run)
    with connection_pair.connect(place, run) as link:
        waiting = reissue.take_up_decisions(link.source, link.target, COUPONS)
        _copy(link, waiting, run)
        cuts = reissue.plan_batches(link.target, TASKS)
    log.info("%d coupons are owed; %d waited and are looked at again; %d batches", owed, len(waiting), len(cuts))
    return [{"entity": COUPONS, "lo": lo, "hi": hi} for lo, hi in cuts]


def _copy(link: connection_pair.Link, keys: Sequence[int], run: Run) -> None:
    for start in range(0, len(keys), reissue.BATCH):
        copier.copy(link, cards.entities()[COUPONS], KeySet(tuple(keys[start : start + reissue.BATCH])), run)


def _bring_up_to_date(place: Workplace, run: Run, entities: Sequence[Entity]) -> None:
    """Copy what was written before these tables were closed. Raises StageRefused when it cannot be done in time."""
    if replication_slot.require_slot(place).lost:
        # Nobody knows what changed, and nothing changes any more: a copy of all of it is as good.
        with connection_pair.connect(place, run) as link:
            for entity in entities:
                copier.copy(link, entity, KeyRange(None, None), run)
    elif not follower.catch_up(place, run, DRAIN_SECONDS):
        raise StageRefused(
            "coupons and points are closed at POCO, but what was written before could not be copied yet. See why poco_follow is behind "
            "(docs/runbook.md, 'The backlog'), then clear this task."
        )


def move_batch(place: Workplace, run: Run, part: PartOf) -> dict[str, int]:
    """Reissue one batch. Rerun: safe at any step; each coupon goes on from where it stands."""
    counts = reissue.move(place, part["lo"], part["hi"], run)
    log.info("coupons: %s", ", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "none left to do")
    return counts


def settle(place: Workplace, run: Run) -> dict[str, Any]:
    """Note the reason of each coupon that has no voucher; hand over the rest. Rerun: safe.

    A region in which a coupon waits (for an order, or for another attempt) keeps its coupons for this stage: once they are
    mi.com's, nothing of them is copied any more.
    """
    with connection_pair.connect(place, run) as link:
        refused = reissue.refused_keys(link.target)
        _copy(link, refused, run)
        waiting = reissue.waiting_regions(link.target, COUPONS)
    for entity in cards.moving_at("reissue"):
        handover.to_xiaomi(place, [entity.name], _ready(place, entity, waiting), run)
    if waiting:
        log.warning("coupons wait in %s; clear the task batches of this run when what they wait for has come", ", ".join(sorted(waiting)))
    return {"refused": len(refused), "waiting": sorted(waiting)}


def _ready(place: Workplace, entity: Entity, waiting: Collection[str]) -> list[str]:
    return [region for region in place.settings.moving() if entity.name != COUPONS or region not in waiting]


def measure(place: Workplace, run: Run) -> dict[str, int]:
    """Measure the liability, the equations and the control totals. As reconcile.measure, with what is open of all."""
    liability.measure_liability(place, run)
    return reconcile.measure(place, run, "reissue")


def write_notices(place: Workplace, run: Run) -> dict[str, int]:
    """Write what the mailing system is to tell customers; returns how many notices by region. Nothing is sent. Rerun: the same files."""
    files = notices.write_notices(place, run)
    total, bucket = sum(file.notices for file in files), place.settings.objects.notices
    log.info("%d notices in %d files, and a manifest, in bucket %s", total, len(files), bucket)
    return {file.region: file.notices for file in files}
