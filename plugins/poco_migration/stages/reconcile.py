"""Compares both sides row by row, repairs what differs, counts and sums; it judges nothing, the gates do."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.evidence import certificate, facts
from poco_migration.engine.follow import loss, replication_slot
from poco_migration.engine.ledger import locks, ownership, parts
from poco_migration.engine.shutdown import write_watch
from poco_migration.engine.verify import currency_list, measurement, recheck, reverification, row_diff
from poco_migration.errors import NothingToDo, SlotLost
from poco_migration.model import KeyRange, PartOf, Run

log = logging.getLogger(__name__)


def anything_left(place: Workplace, run: Run) -> list[str]:
    """What is compared, because it is POCO's still: the entities. Raises NothingToDo once mi.com owns them in every region.

    A slot that was lost is made good behind the cutover too, by comparing what is followed still. Otherwise the night is used to
    look whether POCO's closed tables are quiet, which the shutdown asks for. Rerun: safe.
    """
    if left := _left(place):
        return left
    if loss.lost(place):
        log.warning("the slot was lost behind the cutover; what POCO owns still is compared, so that the slot can be made good")
        return loss.entities_followed(place)
    looked = write_watch.fingerprint_tables(place, run) if place.source_owner else 0
    raise NothingToDo(
        f"mi.com owns every region since the cutover, so there is nothing to compare and nothing to repair. {looked} closed tables of "
        "POCO's were looked at, for the shutdown."
    )


def _left(place: Workplace) -> list[str]:
    names = [entity.name for entity in cards.moving_at("cutover")]
    return ownership.read_ownership(place, names).still_pocos(names, place.settings.moving())


def renew_slot(place: Workplace, run: Run) -> dict[str, bool]:
    """Make the slot anew if it was lost, before anything is compared: what changes from here on is in its log.

    Rerun: safe. What changed while there was none is found by the comparison. Raises NothingToDo while the backfill is under way:
    the first comparison of all rows comes behind it.
    """
    renewed = replication_slot.renew(place)
    if renewed:
        log.warning("the slot was lost and is made anew; every row is compared now")
    with postgres.connect(place.target, "target", name=str(run)) as target:
        uncopied = parts.uncopied(target, [entity.name for entity in cards.moving_at("cutover")])
    if uncopied and loss.lost(place):
        raise NothingToDo(
            f"the slot was lost and is made anew, and what changes is followed again. {len(uncopied)} entities are not copied whole: let "
            "poco_backfill come to its end. The comparison of all rows comes behind it, and finds what changed meanwhile."
        )
    return {"renewed": renewed}


def all_parts(place: Workplace, run: Run) -> list[PartOf]:
    """The planned parts of what the cutover hands over; where the slot was lost, of all that is followed. Rerun: as parts_to_compare."""
    cutover = [entity.name for entity in cards.moving_at("cutover")]
    followed = [name for name in loss.entities_followed(place) if name not in cutover] if loss.lost(place) else []
    return _parts(place, run, [*cutover, *followed])


def parts_to_compare(place: Workplace, run: Run, *milestones: str, but: Collection[str] = ()) -> list[PartOf]:
    """The planned parts of the entities that POCO still owns. Rerun: forgets what this run has compared of them, and begins anew.

    What mi.com owns is left out: customers change it there, and nothing of it may be repaired. What was compared of it stands,
    and what was compared of `but`.
    """
    return _parts(place, run, [entity.name for entity in cards.moving_at(*milestones) if entity.name not in but])


def _parts(place: Workplace, run: Run, entities: Collection[str]) -> list[PartOf]:
    facts.begins(place, run, "comparison")
    pocos = ownership.read_ownership(place, entities).still_pocos(entities, place.settings.moving())
    if owned := sorted(set(entities) - set(pocos)):
        log.warning("%s: owned by mi.com, so they are neither compared nor repaired", ", ".join(owned))
    with connection_pair.connect(place, run) as link:
        for name in pocos:
            if parts.cut_anew(link.source, link.target, cards.entities()[name], place.settings.copying.part_rows):
                log.info("%s: its parts had grown uneven and are cut anew", name)
    currency_list.remember_currencies(place, pocos)
    with postgres.connect(place.target, "target", name=str(run)) as target, target.transaction():
        row_diff.forget_compared(target, run, pocos)
        reverification.begin_comparison(target, pocos, run)
        planned = parts.planned(target, pocos)
    return parts.as_tasks([{"entity": row["entity"], "number": row["part_no"], "lo": row["lo"], "hi": row["hi"]} for row in planned])


def compare_part(place: Workplace, run: Run, part: PartOf) -> dict[str, Any]:
    """Compare one part, or several neighbours; changes no row of either side. Rerun: what this run has compared is not compared again."""
    if "parts" in part:
        done = [compare_part(place, run, one) for one in part["parts"]]
        return {"entity": part["entity"]} | {name: sum(one[name] for one in done) for name in ("rows", "suspected")}
    entity = cards.entities()[part["entity"]]
    with connection_pair.connect(place, run) as link:
        found = row_diff.compare_part(link, entity, part["number"], KeyRange(part["lo"], part["hi"]), run)
    if found is None:
        log.info("%s: compared already in this run", entity.name)
        return {"entity": entity.name, "rows": 0, "suspected": 0}
    suspected = len(found.kinds) + len(found.foreign)
    log.info("%s: %d rows here and %d there, %d keys to look at again", entity.name, found.rows_source, found.rows_target, suspected)
    return {"entity": entity.name, "rows": found.rows_source, "suspected": suspected}


def repair(place: Workplace, run: Run) -> dict[str, int]:
    """Look again at every key that was found, copy what differs, and what is set aside without the source's word.

    Rerun: safe; goes on from what is open. Shape: how many keys differed, were on their way, are foreign, were copied.
    """
    with connection_pair.connect(place, run) as link:
        before = recheck.recheck(link, place, run)
        copied = recheck.repair(link, place, run)
    log.info("%d keys differed, %d were on their way, %d rows are foreign; %d keys copied", *before.values(), copied)
    return before | {"copied": copied}


@facts.measures("comparison")
def verify(place: Workplace, run: Run) -> dict[str, int]:
    """Look at every key once more after its repair, and repair once more what other repairs have made possible.

    Rerun: safe. Shape: how many keys still differ, are undecided, are foreign; the gate wants zeros.
    """
    with connection_pair.connect(place, run) as link:
        left = recheck.recheck(link, place, run)
        if left["different"] or left["undecided"]:
            recheck.repair(link, place, run)
            left = recheck.recheck(link, place, run)
        if not any(left.values()):
            # Refuses by itself when a part is missing, or was compared before the slot was made anew.
            reverification.note_all_compared(link.target, place.settings.follow.slot, run, loss.withdrawn(place))
            with locks.turn(link.target):  # what is owed is being looked at only by whoever has it
                log.info("%d lines of owed keys are settled by this comparison", reverification.proven(link.target, run))
    log.info("%(different)d keys differ, %(undecided)d are undecided, %(foreign)d rows are foreign", left)
    return left


def to_certify(place: Workplace, run: Run) -> list[str]:
    """What is POCO's still and is certified now. Raises NothingToDo behind the cutover, where this run has only made the slot good,
    and SlotLost when it has not, because keys differ still. Rerun: safe."""
    if left := _left(place):
        with postgres.connect(place.target, "target", name=str(run)) as target:
            if certificate.newest_certificate(target, "backfill") is None:
                raise NothingToDo("the slot is good again. The backfill is not certified yet: let poco_backfill come to its end.")
        return left
    if why := loss.lost(place):
        raise SlotLost(
            f"rows that are followed differ still, so the slot is not good again ({why}). Find the keys in migration.difference "
            "(docs/runbook.md, 'Rows that differ'), mend them, then clear the task repair of this run."
        )
    raise NothingToDo("the slot is good again. mi.com owns every region since the cutover, so there is nothing else to certify here.")


@facts.measures("counts")
def measure(place: Workplace, run: Run, *milestones: str) -> dict[str, int]:
    """Measure equations and control totals of the entities of these milestones; shape and rerun: as measurement.measure."""
    return measurement.measure(place, run, *milestones)
