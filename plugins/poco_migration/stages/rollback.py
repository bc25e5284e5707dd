"""The way back: until the coupons are reissued, a region that was handed over can be POCO's again, with what changed meanwhile.

No step leaves both sides writable: mi.com stops first (owner `returning`), then everything comes back and is compared,
then POCO owns it, and last the store is opened. Whoever is killed in between leaves neither side writable and is run again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.copying import schema_drift
from poco_migration.engine.cutover import fence
from poco_migration.engine.evidence import approvals, facts
from poco_migration.engine.ledger import ownership
from poco_migration.engine.rollback import bring_back, change_list, changed_rows, rehearsal, way_back
from poco_migration.engine.rollback.changed_rows import Return
from poco_migration.errors import StageRefused
from poco_migration.model import Run

log = logging.getLogger(__name__)


def rehearse(place: Workplace, run: Run) -> dict[str, int]:
    """Prove the inverse of every mapping on rows of the open store, and take it back. Rerun: safe, changes no row.

    Raises StageRefused when a row does not come back: then there must be no switch.
    """
    with connection_pair.connect(place, run) as link:
        found = rehearsal.rehearse(link, place, run)
    rehearsal.require_rehearsal(place)
    return {"keys": sum(one.keys for one in found), "equal": sum(one.equal for one in found)}


def plan(place: Workplace, run: Run, regions: str = "") -> list[str]:
    """What would come back and what not, counted by trying it and rolling it back. mi.com goes on selling meanwhile.

    `regions` are names with commas between, none for all that were handed over. Rerun: counts again. Raises
    StageRefused where there is nothing to return, or no way back any more.
    """
    chosen = _chosen(place, run, regions)
    with postgres.connect(place.target, "target", name=str(run)) as target:
        if reasons := way_back.no_way_back(place, target, chosen):
            raise StageRefused(
                f"rollback: these regions cannot return any more: {'; '.join(reasons)}. What is wrong is mended at mi.com from here on "
                "(docs/runbook.md, 'The way back')."
            )
    with connection_pair.connect(place, run) as link:
        way = _way(place, link, Run(f"{run.id} plan"), chosen)
        known = changed_rows.know(way)
        found = changed_rows.find_changed(way)
        with bring_back.tried_return(way) as trial:
            bring_back.note_changed(trial, found)
            bring_back.bring_changed(trial)
            counts = bring_back.counted(trial)
    lines = [f"{', '.join(sorted(chosen))} return to POCO; {len(found)} rows have changed at mi.com since the switch."]
    lines += [
        f"{row['entity']}, {row['region']}: {row['found']} {row['kind']}, {row['back']} come back, "
        f"{row['listed'] + row['unexplained']} do not"
        for row in counts
    ]
    if not known:
        lines.append(f"Nobody sells while every row is compared, because mi.com keeps no list of its changes. {change_list.INSTALL}.")
    for line in lines:
        log.info("%s", line)
    return lines


@facts.measures("return")
def give_back(place: Workplace, run: Run, answers: Sequence[approvals.Answer], regions: str = "") -> dict[str, Any]:
    """Stop mi.com's writes, bring back what changed, compare it, give the regions to POCO and open the store.

    Rerun: safe at any point, goes on from what is true. Raises ApprovalMissing, and StageRefused behind the point of no
    return, before anything has changed.
    """
    signed = approvals.require_signatures(place, "rollback", run, "rollback", answers, 2)
    chosen = _chosen(place, run, regions)
    entities = [entity.name for entity in cards.moving_at("cutover")]
    started = time.monotonic()
    _take_over(place, run, entities, chosen)
    if not ownership.read_ownership(place, entities).returning:  # else mi.com has stopped, and what is looked at first is looked at in vain
        with connection_pair.connect(place, run) as link:
            changed_rows.know(_way(place, link, run, chosen))
    # IRREVERSIBLE for mi.com: what it sells from here on is POCO's to keep; guarded by the two approvals above.
    way_back.begin_return(place, entities, chosen, run)
    still = time.monotonic()
    with connection_pair.connect(place, run, yielding=False) as link:
        way = _way(place, link, run, chosen)
        if ownership.read_ownership(place, entities).returning:
            bring_back.bring_back(way)
        counts = bring_back.counted(way)
    way_back.to_poco(place, entities, chosen, run)
    fence.reopen(place, entities, chosen)
    seconds = time.monotonic()
    log.info("mi.com stopped in %.1f s; everything was back and the store open %.1f s later", still - started, seconds - still)
    total = {kind: sum(row[kind] for row in counts) for kind in ("found", "back", "listed")}
    return {"signed": signed, "regions": sorted(chosen), "seconds": round(seconds - still, 3), **total}


def _take_over(place: Workplace, run: Run, entities: Sequence[str], regions: Collection[str]) -> None:
    """What an earlier run has begun and not ended goes on as this one's; the shapes that the tables have now are accepted."""
    with postgres.connect(place.target, "target", name=str(run)) as target:
        bring_back.adopt_earlier_run(target, run, entities, regions)
    # mi.com may have changed its tables since the switch, and a way back waits for no prepare stage. Every row proves itself.
    schema_drift.pin(place)


def _way(place: Workplace, link: Link, run: Run, regions: Collection[str]) -> Return:
    return Return(link, run, cards.moving_at("cutover"), frozenset(regions), place.settings.rollback.batch_keys)


def _chosen(place: Workplace, run: Run, regions: str) -> set[str]:
    """The regions that are to return: those named, else all that POCO does not own or that are closed though it does."""
    entities = [entity.name for entity in cards.moving_at("cutover")]
    away = {region for _, region in ownership.read_ownership(place, entities).away} | way_back.closed_though_pocos(place, entities)
    with postgres.connect(place.target, "target", name=str(run)) as target:
        done = bring_back.returned_regions(target, run)
    named = {region.strip() for region in regions.split(",") if region.strip()}
    if unknown := named - away - done:
        raise StageRefused(
            f"rollback: {', '.join(sorted(unknown))} is not handed over to mi.com, so it cannot return. Name other regions, or none."
        )
    if not (chosen := named or away or done):
        raise StageRefused(
            "rollback: nothing is handed over to mi.com, so nothing can return. Before the switch the store opens by itself."
        )
    return chosen
