"""Before anything moves: is everything there, and what may leave POCO's database at all."""

from __future__ import annotations

import logging
from typing import Any

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.copying import schema_drift
from poco_migration.engine.evidence import facts
from poco_migration.engine.follow import loss, replication_slot
from poco_migration.engine.prepare import forecast as forecasts
from poco_migration.engine.prepare import foreseeing, readiness, readiness_report, schema_install
from poco_migration.errors import DataRefused
from poco_migration.model import Run

log = logging.getLogger(__name__)


def open_ledger(place: Workplace, run: Run) -> None:
    """Install the control schema on the target. Rerun: safe."""
    schema_install.control_schema(place)


@facts.measures("readiness")
def assess(place: Workplace, run: Run) -> dict[str, Any]:
    """Measure the readiness of both sides, forecast, and report; writes nothing to the source. Rerun: measures again."""
    expected = forecasts.make_forecast(place, run)
    findings = readiness.run_checks(place, run, expected.demands())
    report = readiness_report.publish_report(place, run, findings, expected)
    for finding in findings:
        if not finding.ok:
            log.warning(
                "%s, region %s: %s, but %s. Next: %s",
                finding.check,
                finding.region,
                finding.measured,
                finding.demanded,
                finding.next_action,
            )
    red = sum(not finding.ok and finding.severity == "critical" for finding in findings)
    log.info("%d findings, %d of them red; report %s", len(findings), red, report)
    return {"checks": len(findings), "red": red, "report": report}


def install(place: Workplace, run: Run) -> None:
    """Install on the source what may leave it, and the fence, still open; accept the shape that the tables have now.

    Rerun: safe; a closed fence stays closed, and a changed shape is accepted.
    """
    schema_install.export_schema(place)
    schema_drift.pin(place)


def forecast(place: Workplace, run: Run) -> dict[str, Any]:
    """With the export views in place: what mi.com would refuse, what will not move, and how long the backfill takes.

    Writes nothing to the source; the forecast is kept, and the end of the backfill is compared with it. Rerun: forecasts again.
    Raises DataRefused when a constraint of mi.com refuses more than single rows.
    """
    findings = readiness.ask_again(place, run)
    expected = forecasts.make_forecast(place, run)
    forecasts.store_forecast(place, run, expected)
    foreseeing.keep_foreseen(place, run, expected)
    report = readiness_report.publish_report(place, run, findings, expected)
    log.info("copying is forecast to take %.0f s of work, about %.0f s in all; report %s", expected.work_s, expected.wall_s, report)
    if red := [finding for finding in findings if not finding.ok and finding.severity == "critical"]:
        raise DataRefused(
            f"prepare: {len(red)} findings are red now that POCO's rows can be asked ({red[0].check}, region {red[0].region}: "
            f"{red[0].measured}). Do what the report says, then clear this task: {report}"
        )
    return {"work_s": round(expected.work_s, 1), "wall_s": round(expected.wall_s, 1), "report": report}


def begin_following(place: Workplace, run: Run) -> None:
    """Publish the identities of what changes, and make the slot: from here on no change is missed.

    Rerun: safe; a slot that is there stays, and behind the shutdown nothing is followed again. Raises SlotLost when the ledger knows a
    slot that the source has lost.
    """
    if (stream := replication_slot.find_slot(place)) and stream.ended:
        log.info("the shutdown has ended what follows; nothing is published again")
        return
    replication_slot.create_publication(place, loss.withdrawn(place))
    replication_slot.create(place)
