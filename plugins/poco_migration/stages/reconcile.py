"""Compares both sides row by row, repairs what differs, counts and sums; it judges nothing, the gates do."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.evidence import facts
from poco_migration.engine.follow import replication_slot
from poco_migration.engine.ledger import ownership, parts
from poco_migration.engine.shutdown import write_watch
from poco_migration.engine.verify import measurement, recheck, reverification, row_diff
from poco_migration.errors import NothingToDo
from poco_migration.model import KeyRange, PartOf, Run

log = logging.getLogger(__name__)


def anything_left(place: Workplace, run: Run) -> list[str]:
    """What is POCO's still, and is compared: the entities. Raises NothingToDo once mi.com owns them in every region.

    Then the night is used to look whether POCO's closed tables are quiet, which the shutdown asks for. Rerun: safe.
    """
    names = [entity.name for entity in cards.moving_at("cutover")]
    if left := ownership.read_ownership(place, names).still_pocos(names, place.settings.moving()):
        return left
    looked = write_watch.fingerprint_tables(place, run) if place.source_owner else 0
    raise NothingToDo(
        f"mi.com owns every region since the cutover, so there is nothing to compare and nothing to repair. {looked} closed tables of "
        "POCO's were looked at, for the shutdown."
    )


def renew_slot(place: Workplace, run: Run) -> dict[str, bool]:
    """Make the slot anew if it was lost, before anything is compared: what changes from here on is in its log.

    Rerun: safe. What changed while there was none is found by the comparison.
    """
    renewed = replication_slot.renew(place)
    if renewed:
        log.warning("the slot was lost and is made anew; every row is compared now")
    return {"renewed": renewed}


def parts_to_compare(place: Workplace, run: Run, *milestones: str, but: Collection[str] = ()) -> list[PartOf]:
    """The planned parts of the entities that POCO still owns. Rerun: forgets what this run has compared of them, and begins anew.

    What mi.com owns is left out: customers change it there, and nothing of it may be repaired. What was compared of it stands,
    and what was compared of `but`.
    """
    facts.begins(place, run, "comparison")
    entities = [entity.name for entity in cards.moving_at(*milestones) if entity.name not in but]
    pocos = ownership.read_ownership(place, entities).still_pocos(entities, place.settings.moving())
    if owned := sorted(set(entities) - set(pocos)):
        log.warning("%s: owned by mi.com, so they are neither compared nor repaired", ", ".join(owned))
    with postgres.connect(place.target, "target", name=str(run)) as target, target.transaction():
        row_diff.forget_compared(target, run, pocos)
        planned = parts.planned(target, pocos)
    return [{"entity": row["entity"], "number": row["part_no"], "lo": row["lo"], "hi": row["hi"]} for row in planned]


def compare_part(place: Workplace, run: Run, part: PartOf) -> dict[str, Any]:
    """Compare one part; changes no row of either side. Rerun: a part that this run has compared is not compared again."""
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
            reverification.note_all_compared(link.target, place.settings.follow.slot, run)
    log.info("%(different)d keys differ, %(undecided)d are undecided, %(foreign)d rows are foreign", left)
    return left


@facts.measures("counts")
def measure(place: Workplace, run: Run, *milestones: str) -> dict[str, int]:
    """Measure equations and control totals of the entities of these milestones; shape and rerun: as measurement.measure."""
    return measurement.measure(place, run, *milestones)
