"""By 12 December: every coupon that can still be spent becomes a voucher, exactly once; points become loyalty entries."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import approvals, cards, copying, fence, following, handover, reissue, slots
from poco_migration.engine import link as links
from poco_migration.errors import StageRefused
from poco_migration.model import Entity, KeyRange, KeySet, Run
from poco_migration.stages import reconcile
from poco_migration.stages.backfill import PartOf

log = logging.getLogger(__name__)
SQL = Path(reissue.__file__).parent / "sql"
DRAIN_SECONDS = 600


def planned(place: Workplace, run: Run) -> list[str]:
    """What is about to be reissued, for the two people who sign: coupons by region and kind. Rerun: counts again."""
    with postgres.connect(place.target, "target", name=str(run)) as target:
        rows = postgres.run(target, SQL / "reissue_planned.sql")
    about = "Coupons and points close at POCO for good, in every region that moves. Each of these is then issued once at mi.com:"
    return [about] + [f"{row['region']}: {row['coupons']} {row['kind']} coupons, {row['uses']} uses" for row in rows]


def close(place: Workplace, run: Run, answers: Sequence[approvals.Answer]) -> list[str]:
    """Close coupons and points at POCO for good and bring mi.com's plan up to date, so that it can be compared. Rerun: safe.

    Returns who signed. Raises ApprovalMissing before anything is closed.
    """
    signed = approvals.require(place, "coupon_reissue", run, "coupon_reissue", answers, 2)
    entities = cards.of("reissue")
    # IRREVERSIBLE: guarded by the two approvals above.
    fence.raise_(place, [entity.name for entity in entities], place.settings.moving(), for_good=True)
    if slots.published(place, [entity.name for entity in entities]):
        _bring_up_to_date(place, run, entities)
    return signed


def parts_to_compare(place: Workplace, run: Run) -> list[PartOf]:
    """The parts of points and of planned coupons that are to be compared. Rerun: compares anew, but no coupons once one has left POCO.

    From then on the reissue changes both sides by itself, and proves each coupon by its own equation.
    """
    with postgres.connect(place.target, "target", name=str(run)) as target:
        begun = postgres.value(target, "select exists (select from migration.coupon_reissue where state <> 'planned')")
    return reconcile.parts_to_compare(place, run, "reissue", but=["coupons"] if begun else [])


def batches(place: Workplace, run: Run, answers: Sequence[approvals.Answer]) -> list[PartOf]:
    """Close coupons and points at POCO for good and cut what is to be reissued into batches of keys [lo, hi).

    Rerun: what is done already is in no batch. Raises ApprovalMissing before anything is touched.
    """
    approvals.require(place, "coupon_reissue", run, "coupon_reissue", answers, 2)
    entities, regions = [entity.name for entity in cards.of("reissue")], place.settings.moving()
    fence.raise_(place, entities, regions, for_good=True)
    if slots.published(place, entities):
        _bring_up_to_date(place, run, cards.of("reissue"))
        # From here the only writer is the reissue itself: following its own marks would count each coupon a second time.
        slots.withdraw(place, entities)
    with postgres.connect(place.target, "target", name=str(run)) as target:
        keys = reissue.open_coupons(target)
    cuts = keys[:: reissue.BATCH]
    return [{"entity": "coupons", "lo": lo, "hi": hi} for lo, hi in zip(cuts, [*cuts[1:], keys[-1] + 1] if keys else [], strict=True)]


def _bring_up_to_date(place: Workplace, run: Run, entities: Sequence[Entity]) -> None:
    """Copy what was written before these tables were closed. Raises StageRefused when it cannot be done in time."""
    if slots.known(place).lost:
        # Nobody knows what changed, and nothing changes any more: a copy of all of it is as good.
        with links.opened(place, run) as link:
            for entity in entities:
                copying.copy(link, entity, KeyRange(None, None), run)
    elif not following.catch_up(place, run, DRAIN_SECONDS):
        raise StageRefused(
            "coupons and points are closed at POCO, but what was written before could not be copied yet. See why poco_follow is behind "
            "(docs/runbook.md, 'The backlog'), then clear this task."
        )


def move_batch(place: Workplace, run: Run, part: PartOf) -> dict[str, int]:
    """Reissue one batch. Rerun: safe at any step; each coupon goes on from where it stands."""
    with postgres.connect(place.target, "target", name=str(run)) as target:
        keys = [key for key in reissue.open_coupons(target) if part["lo"] <= key < part["hi"]]
    counts = reissue.move(place, keys, run)
    log.info("coupons: %s", ", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "none left to do")
    return counts


def settle(place: Workplace, run: Run) -> dict[str, Any]:
    """Note the reason of each coupon that was spent or revoked before it could be reserved; hand over the rest.

    Rerun: safe.
    """
    entities = [entity.name for entity in cards.of("reissue")]
    with links.opened(place, run) as link:
        refused = [row["source_key"] for row in postgres.run(link.target, SQL / "reissue_refused.sql")]
        if refused:
            copying.copy(link, cards.entities()["coupons"], KeySet(tuple(refused)), run)
    handover.to_xiaomi(place, entities, place.settings.moving(), run)
    return {"refused": len(refused)}
