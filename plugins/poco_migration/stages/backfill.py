"""Copies what exists: a plan of key ranges, then each part on its own, in any order, any number of times."""

from __future__ import annotations

import logging
from typing import Any

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier
from poco_migration.engine.ledger import ownership, parts
from poco_migration.engine.prepare import forecast, schema_install
from poco_migration.model import KeyRange, PartOf, Run

log = logging.getLogger(__name__)


def plan(place: Workplace, run: Run, name: str) -> list[PartOf]:
    """The parts of one entity, as many tasks as Airflow maps. Rerun: the stored plan comes back."""
    entity = cards.entities()[name]
    if entity.moves == "reissue" and ownership.read_ownership(place, [name]).still_pocos([name], place.settings.moving()):
        schema_install.store_points_rates(place)  # once mi.com owns them, the rate that they were certified at stays
    with connection_pair.connect(place, run) as link:
        planned = parts.plan(link.source, link.target, entity, place.settings.copying.part_rows)
    log.info("%s: %d parts", name, len(planned))
    return parts.as_tasks([{"entity": name, "lo": part.lo, "hi": part.hi} for part in planned])


def copy_part(place: Workplace, run: Run, part: PartOf) -> dict[str, Any]:
    """Copy one part, or several neighbours one after the other. Rerun: safe until the handover; what is right is not touched.

    Raises StageRefused once mi.com owns the entity: copying would undo what customers have changed there.
    """
    if "parts" in part:
        done = [copy_part(place, run, one) for one in part["parts"]]
        return {"entity": part["entity"]} | {name: round(sum(one[name] for one in done), 2) for name in ("rows", "changed", "seconds")}
    entity = cards.entities()[part["entity"]]
    with connection_pair.connect(place, run) as link:
        receipt = copier.copy(link, entity, KeyRange(part["lo"], part["hi"]), run)
    rate = receipt.rows_read / receipt.seconds if receipt.seconds else 0
    log.info(
        "%s %s: %d rows read, %d kept (%d changed), %d gone, %d set aside; %.1f MB in %.1f s, %.0f rows/s",
        entity.name, receipt.part, receipt.rows_read, receipt.rows_kept, receipt.rows_changed, receipt.rows_gone, receipt.rows_parked,
        receipt.bytes / 1e6, receipt.seconds, rate,
    )  # fmt: skip
    return {"entity": entity.name, "rows": receipt.rows_read, "changed": receipt.rows_changed, "seconds": round(receipt.seconds, 2)}


def compare_forecast(place: Workplace, run: Run) -> dict[str, Any]:
    """Say what was forecast and what it took; the next readiness report says it too. Rerun: compares again."""
    found = forecast.close_forecast(place, run)
    log.info(found["said"])
    return found
