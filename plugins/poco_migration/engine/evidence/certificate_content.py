"""What a run has proven: the content of its certificate, and of the draft that people sign before it.

Counts, keys, hashes and verdicts out of the ledger and out of the reports as they lie in the bucket; never a row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import canonical_json, evidence_files, tries
from poco_migration.errors import StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
Proof = dict[str, Any]


def content(place: Workplace, target: postgres.Connection, stage: str, run: Run) -> Proof:
    """All that a certificate says, but its place in the chain. Reads only."""
    calendar, files = place.settings.calendar, evidence_files.of_run(place, run)
    return {
        "code_sha256": code_digest(),
        "configuration_sha256": settings.configuration_digest(),
        "milestone": canonical_json.plain(getattr(calendar, stage, None)),
        "deadline": canonical_json.plain(getattr(calendar.deadline, stage, None)),
        "calendar_movable": calendar.movable,
        "rehearsal_shift_seconds": int(calendar.shift.total_seconds()),
        "gates": [_gate(place, stage, row) for row in postgres.run(target, SQL / "gate_newest.sql", stage, run.id)],
        "tries": tries.tries_of_run(place, target, stage, run, files),
        "measured": facts(target, "proof_measured", run),
        "equations": facts(target, "proof_equations", run),
        "control_totals": facts(target, "proof_totals", run),
        "points": facts(target, "proof_points", run),
        "points_gap": facts(target, "proof_points_gap", run),
        "objects": facts(target, "proof_objects", run),
        "liability": facts(target, "proof_liability", run),
        "notices": facts(target, "proof_notices", run),
        "coverage": facts(target, "proof_coverage", run),
        "system_of_record": facts(target, "proof_owners", run),
        "approvers": dict(place.approvers),
        "approvals": facts(target, "proof_approvals", run),
        "objections": facts(target, "proof_objections", run),
        "excused": facts(target, "proof_excused", run),
        "behind": facts(target, "proof_behind", run),
        "uncounted": facts(target, "proof_uncounted", run),
        "evidence": files,
    }


def before_signing(place: Workplace, target: postgres.Connection, stage: str, run: Run) -> Proof:
    """The same without the answers, and without the drafts that lie there already: the same facts, the same draft."""
    found = content(place, target, stage, run)
    found["evidence"] = [file for file in found["evidence"] if not file["key"].startswith(evidence_files.DRAFTS)]
    return {name: value for name, value in found.items() if name not in ("approvals", "objections")}


def facts(target: postgres.Connection, name: str, run: Run) -> list[dict[str, Any]]:
    rows = postgres.run(target, SQL / f"{name}.sql", run.id)
    return [{key: canonical_json.plain(value) for key, value in row.items()} for row in rows]


def accepted(gates: Iterable[Mapping[str, Any]], approvals: Iterable[Mapping[str, Any]]) -> set[str]:
    """The gates whose newest result somebody has signed: who accepted an earlier try has not read this one."""
    signed = {(row["subject"], row["shown"]) for row in approvals}
    return {gate["gate"] for gate in gates if (f"warnings of {gate['gate']}", gate["sha256"]) in signed}


def figures(proof: Proof) -> dict[str, Any]:
    """The numbers that matter, for pages: how many there are of each, and how many hold."""
    equations, totals = proof["equations"], proof["control_totals"]
    expectations = [e for gate in proof["gates"] for suite in gate["suites"] for e in suite["expectations"]]
    return {
        "equations": len(equations), "equations_closed": sum(not e["missing"] and not e["extra"] for e in equations),
        "rows": sum(e["source"] for e in equations), "quarantined": sum(e["quarantined"] for e in equations),
        "behind": proof.get("behind", []), "behind_rows": _behind(proof),
        "totals": len(totals), "totals_equal": sum(t["source"] == t["target"] for t in totals),
        "objects": sum(o["named"] for o in proof["objects"]), "objects_quarantined": sum(o["quarantined"] for o in proof["objects"]),
        "compared": sum(c["compared_source"] for c in proof["coverage"]), "keys_open": sum(c["keys_open"] for c in proof["coverage"]),
        "expectations": len(expectations), "expectations_hold": sum(e["holds"] for e in expectations),
        "gates": len(proof["gates"]), "gates_passed": sum(g["verdict"] == "pass" for g in proof["gates"]),
        "files": len(proof["evidence"]),
    }  # fmt: skip


def _behind(proof: Proof) -> list[dict[str, Any]]:
    """Per region that moves: how many rows stay behind in quarantine, of how many, as a share in per cent."""
    regions: dict[str, list[int]] = {}
    for e in proof["equations"]:
        if e["decision"] == "move" and e["source"]:
            told = regions.setdefault(e["region"], [0, 0])
            told[0] += e["quarantined"]
            told[1] += e["source"]
    return [
        {"region": region, "rows": rows, "of_rows": of_rows, "share": f"{100 * rows / of_rows:.2f}"}
        for region, (rows, of_rows) in sorted(regions.items())
    ]


def _gate(place: Workplace, stage: str, row: dict[str, Any]) -> dict[str, Any]:
    """A verdict and every expectation behind it, out of the result as the bucket has it; refuses one that was changed there."""
    bucket, result = place.settings.objects.evidence, tries.result_of(place, row)
    report = str(row["report"]).removeprefix(f"{bucket}/")
    body = place.objects.get(bucket, result)
    if canonical_json.digest(body) != row["sha256"]:
        raise StageRefused(
            f"{stage}: {result} in the evidence bucket is not what gate {row['gate']} left there. Somebody has changed it: keep "
            "both, call the auditors, then clear the gate's task, which judges again and writes a new report."
        )
    suites: dict[str, dict[str, Any]] = {}
    document = json.loads(body)
    for judged in document["judgements"]:
        suite = suites.setdefault(judged["suite"], {"suite": judged["suite"], "query": judged["details"]["query"], "expectations": []})
        suite["expectations"].append({
            "number": judged["details"]["number"], "about": judged["about"], "requirement": judged["requirement"],
            "severity": judged["severity"], "type": judged["type"], "arguments": judged["details"]["kwargs"],
            "holds": judged["success"], "error": judged["error"],
            "rows": judged["details"]["rows"], "failed_rows": judged["details"]["unexpected"],
        })  # fmt: skip
    return {**row, "report": report, "result": result, "measured": document.get("measured", {}), "suites": list(suites.values())}


def code_digest() -> str:
    """One hash over every file that decides what the migration does: package, DAGs and expectations."""
    total = hashlib.sha256()
    for folder in (settings.PACKAGE, settings.PROJECT / "dags", settings.EXPECTATIONS):
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
            total.update(f"{path.relative_to(settings.PROJECT)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def open_differences(target: postgres.Connection, run: Run) -> list[dict[str, Any]]:
    """The equations and totals that this run has measured and that do not agree; rows of open_differences.sql. Reads only."""
    return postgres.run(target, SQL / "open_differences.sql", run.id)
