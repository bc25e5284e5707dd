"""The readiness report: for each region what is red and what to do, what will move, what will not and why, and how long it takes.

Canonical JSON and a page that stands alone, kept for ever in the evidence bucket beside the gates' reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres, rendering
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import canonical_json, evidence_files
from poco_migration.engine.prepare import constraint_conflicts
from poco_migration.engine.prepare import forecast as forecasts
from poco_migration.engine.prepare.forecast import Forecast
from poco_migration.model import Finding, Reject, Run

SQL = Path(__file__).parent / "sql"
WHOLE = "ALL"
ORDER = {"critical": 0, "warning": 1, "info": 2}


def publish_report(place: Workplace, run: Run, findings: Sequence[Finding], forecast: Forecast) -> str:
    """Write JSON and page; returns where the page is. Rerun: a new try writes a new one beside the old one."""
    document = describe(place, run, findings, forecast)
    body = canonical_json.encode(document)
    page = rendering.page("readiness.html", document | {"sha256": canonical_json.digest(body)})
    bucket = place.settings.objects.evidence
    prefix = f"reports/prepare/assessment/{evidence_files.slug(run.id)}/{evidence_files.slug(run.task)}-try{run.try_number}"
    place.objects.put_once(bucket, f"{prefix}/readiness.json", body, "application/json")
    place.objects.put_once(bucket, f"{prefix}/readiness.html", page.encode(), "text/html; charset=utf-8")
    return f"{bucket}/{prefix}/readiness.html"


def describe(place: Workplace, run: Run, findings: Sequence[Finding], forecast: Forecast) -> dict[str, Any]:
    """The report as plain values: counts, names and durations, no value of a row."""
    rejects, origin = expected_rejects(place, run)
    with postgres.connect(place.target, "target", name=f"report {run.id}") as target, postgres.translated_errors("target", "report"):
        outcome = forecasts.last_outcome(place, target)
    whole = [_line(finding) for finding in _sorted(findings) if finding.region == WHOLE]
    total = sum(entity.rows for entity in forecast.entities) or 1
    regions = [_region(region, findings, rejects, forecast, total) for region in place.settings.moving()]
    others = sorted({finding.region for finding in findings} - {WHOLE, *place.settings.moving()})
    return {
        "run": str(run), "assessed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "verdict": readiness_verdict(findings), "whole": whole, "regions": regions,
        "others": [_line(finding) for finding in _sorted(findings) if finding.region in others],
        "rejects_from": origin,
        "forecast": _forecast(place, forecast),
        "outcome": outcome and {**outcome[0], "run": outcome[1][0]["run"], "entities": [
            {"entity": row["entity"], "forecast_rows": row["forecast_rows"], "rows": row["rows"],
             "forecast_s": round(row["forecast_s"], 2), "seconds": round(row["seconds"], 2)} for row in outcome[1]]},
    }  # fmt: skip


def _forecast(place: Workplace, made: Forecast) -> dict[str, Any]:
    return {
        "work_s": round(made.work_s, 1),
        "wall_s": round(made.wall_s, 1),
        "parts_at_once": place.settings.copying.parts_at_once,
        "megabytes": round(made.bytes / 1e6, 1),
        "rates": sorted({entity.rate_from for entity in made.entities}),
        "freeze_s": round(made.freeze_s, 1),
        "freeze_from": made.freeze_from,
        "changed_per_s": _rounded(made.changed_per_s),
        "copied_per_s": _rounded(made.copied_per_s),
        "log_kb_per_s": round(made.wal_bytes_per_s / 1024, 1),
        "log_from": made.wal_from,
        "log_megabytes": round(made.wal_bytes_per_s * made.wall_s / 1e6, 1),
        "log_budget_mb": place.settings.follow.wal_budget_mb,
        "entities": [
            {"entity": e.entity, "moves": e.moves, "rows": e.rows, "rows_from": e.rows_from, "parts": e.parts,
             "megabytes": round(e.bytes / 1e6, 1), "seconds": round(e.seconds, 1)} for e in made.entities
        ],
    }  # fmt: skip


def readiness_verdict(findings: Sequence[Finding]) -> str:
    """fail: something stops the stage. warn: a person must accept something."""
    broken = {finding.severity for finding in findings if not finding.ok}
    return "fail" if "critical" in broken else "warn" if "warning" in broken else "pass"


def expected_rejects(place: Workplace, run: Run) -> tuple[list[Reject], str]:
    """What will not move by itself, and how that is known: the ledger after a copy, else the extracts on the source."""
    with postgres.connect(place.target, "target", name=f"report {run.id}") as target, postgres.translated_errors("target", "rejects"):
        copied = postgres.value(target, "select exists (select from migration.receipt)")
        rows = postgres.run(target, SQL / "forecast_ledger_rejects.sql") if copied else []
    if copied:
        return [Reject(**row) for row in rows], "the ledger, of what was copied last"
    found = constraint_conflicts.rejects(place, run)
    if found is None:
        return [], "not known before the views of poco_export are installed"
    return found, "the extracts on the source; rows whose parent or account is in doubt are known after a rehearsal"


def _region(region: str, findings: Sequence[Finding], rejects: Sequence[Reject], forecast: Forecast, total: int) -> dict[str, Any]:
    mine = [finding for finding in findings if finding.region == region]
    # What is about the whole stops every region.
    shared = [finding for finding in findings if finding.region == WHOLE]
    rows = {entity.entity: entity.regions.get(region, 0) for entity in forecast.entities}
    return {
        "region": region,
        "verdict": readiness_verdict([*mine, *shared]),
        "findings": [_line(finding) for finding in _sorted(mine)],
        "rows": rows,
        "total": sum(rows.values()),
        "work_s": round(forecast.work_s * sum(rows.values()) / total, 1),
        "rejects": [
            {"entity": r.entity, "reason": r.reason, "outcome": r.outcome, "rows": r.rows} for r in rejects if r.region == region
        ],
    }  # fmt: skip


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (finding.ok, ORDER[finding.severity], finding.region, finding.check))


def _line(finding: Finding) -> dict[str, Any]:
    return asdict(finding)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 1)
