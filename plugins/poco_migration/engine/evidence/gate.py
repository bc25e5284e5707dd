"""Stop or go: a gate's suites are judged, the report is kept for ever, and a red gate stops the stage.

The verdict counts, it does not trust: fewer results than expectations, an error, or a failed critical is a stop; a
failed warning needs a person; an info is shown.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from poco_migration.adapters import expectations, gate_suites, postgres, rendering
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import canonical_json, facts, lateness
from poco_migration.engine.evidence.evidence_files import slug
from poco_migration.errors import GateStopped
from poco_migration.model import GateResult, Judgement, Run, Verdict

SQL = Path(__file__).parent / "sql"
ROWS_SHOWN = 500


def judge(place: Workplace, stage: str, name: str, run: Run) -> GateResult:
    """Judge a gate on the facts measured under this run, keep the report in S3, record the verdict in the ledger.

    Facts that were not measured to their end in this run, or are measured again meanwhile, make the gate red. Rerun: a new try writes a
    new report beside the old one. Raises GateStopped when the verdict is fail; its message names each failed expectation, the next
    action and the report.
    """
    gate = gate_suites.read(stage, name)
    before = _measured(place, run)
    judged = expectations.judge(place.target_auditor, gate.suites, run.id)
    judgements = (facts.facts_judgement(stage, name, before, _measured(place, run)), *judged)
    expected = 1 + sum(len(suite.expectations) for suite in gate.suites)
    result = GateResult(stage, name, verdict(judgements, expected), expected, len(judgements), judgements)
    result = _keep(place, gate, result, run, before)
    if result.verdict == "fail":
        raise GateStopped(_why(result))
    return result


def verdict(judgements: tuple[Judgement, ...], expected: int) -> Verdict:
    """The one rule, apart from everything else so that tests can break it."""
    if len(judgements) != expected or any(j.error for j in judgements):
        return "fail"
    failed = {j.severity for j in judgements if not j.success}
    if "critical" in failed:
        return "fail"
    return "warn" if "warning" in failed else "pass"


def _measured(place: Workplace, run: Run) -> facts.Newest:
    with postgres.connect(place.target, "target", name=f"gate {run.id}") as target:
        return facts.newest_facts(target, run)


def _keep(place: Workplace, gate: gate_suites.Gate, result: GateResult, run: Run, measured: facts.Newest) -> GateResult:
    bucket = place.settings.objects.evidence
    prefix = f"reports/{result.stage}/{result.gate}/{slug(run.id)}/{slug(run.task)}-try{run.try_number}"
    document = {
        "gate": result.gate, "stage": result.stage, "verdict": result.verdict, "run": str(run), "judged_at": datetime.now(UTC).isoformat(),
        "owner": gate.owner, "expected": result.expected, "evaluated": result.evaluated,
        "judgements": [asdict(judgement) for judgement in result.judgements], "facts": _facts(place, gate, run),
        "measured": {what: measured[what][0] for what in facts.needed(result.stage, result.gate) if what in measured},
    }  # fmt: skip
    body = canonical_json.encode(document)
    late = lateness.said(place.settings.calendar, result.stage, datetime.now(UTC))
    html = rendering.page("gate.html", document | {"sha256": canonical_json.digest(body), "late": late})
    digest = place.objects.put_once(bucket, f"{prefix}/result.json", body, "application/json")
    place.objects.put_once(bucket, f"{prefix}/report.html", html.encode(), "text/html; charset=utf-8")
    result = replace(result, report=f"{bucket}/{prefix}/report.html", sha256=digest)
    with postgres.connect(place.target, "target", name=f"gate {run.id}") as target:
        failed = sum(not judgement.success for judgement in result.judgements)
        postgres.run(target, SQL / "gate_store.sql", result.stage, result.gate, run.id, run.try_number, result.verdict, result.expected,
                     result.evaluated, failed, result.report, digest)  # fmt: skip
    return result


def _facts(place: Workplace, gate: gate_suites.Gate, run: Run) -> list[dict[str, Any]]:
    """The rows a suite looked at, where they are facts of the ledger; rows of mi.com's tables are never shown."""
    found = []
    with postgres.connect(place.target_auditor, "target", name=f"gate {run.id}") as target:
        target.execute("select set_config('migration.run', %s, false)", (run.id,))
        for suite in gate.suites:
            if suite.show:
                rows = postgres.rows(target, f"select * from ({suite.query}\n) q limit {ROWS_SHOWN}")
                found.append(
                    {"suite": suite.name, "rows": [{key: canonical_json.plain(value) for key, value in row.items()} for row in rows]}
                )
    return found


def _why(result: GateResult) -> str:
    lines = [
        f"gate {result.stage}/{result.gate} is red ({result.evaluated} of {result.expected} expectations gave a result); "
        f"report: {result.report}"
    ]
    for judgement in result.judgements:
        if judgement.error or (not judgement.success and judgement.severity == "critical"):
            keys = ", ".join("/".join(str(value) for value in key.values()) for key in judgement.details.get("keys", [])[:5])
            lines.append(
                f"- {judgement.about}: {judgement.error or 'not so'}{f' for {keys}' if keys else ''}. Next: {judgement.next_action}"
            )
    lines.append("When that is done, clear this task: everything after it waits.")
    return "\n".join(lines)
