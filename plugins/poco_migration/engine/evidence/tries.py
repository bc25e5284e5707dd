"""Every try of every gate, red ones too: what the ledger remembers of it, beside what the evidence bucket has of it.

The ledger has the SHA-256 of each result, so a result that somebody has deleted or changed in the bucket is noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import canonical_json, evidence_files
from poco_migration.errors import StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
Files = Iterable[Mapping[str, Any]]  # as evidence.of_run and evidence.others tell them


def tries_of_run(place: Workplace, target: postgres.Connection, stage: str, run: Run, files: Files) -> list[dict[str, Any]]:
    """Every verdict of this run, oldest first: {gate, try_number, verdict, judged_at, result, sha256}.

    Raises StageRefused where the bucket lacks a result, or has another one than the gate left there.
    """
    there = {file["key"]: file["sha256"] for file in files}
    found = []
    for row in postgres.run(target, SQL / "gate_tries.sql", stage, run.id):
        key = result_of(place, row)
        if there.get(key) != row["sha256"]:
            became = "is not what gate" if key in there else "is gone: it is what gate"
            raise StageRefused(
                f"{stage}: {key} in the evidence bucket {became} {row['gate']} left there. Somebody has changed or deleted it: call the "
                "auditors, put the file back out of a copy of the bucket (docs/runbook.md, 'A result is gone'), then clear this task."
            )
        found.append({
            "gate": row["gate"], "try_number": row["try_number"], "verdict": row["verdict"],
            "judged_at": canonical_json.plain(row["judged_at"]), "result": key, "sha256": row["sha256"],
        })  # fmt: skip
    return found


def results_lost(place: Workplace, target: postgres.Connection, run: Run, others: Files) -> list[dict[str, Any]]:
    """The verdicts of other runs whose result is not in the bucket as its gate left it, and that no certificate has told yet."""
    there, named = {file["key"]: file["sha256"] for file in others}, evidence_files.files_named(target)
    found = []
    for row in postgres.run(target, SQL / "gate_others.sql", run.id):
        key = result_of(place, row)
        # What a certificate names is vouched for by it: the verifier looks at the file itself.
        if key not in named and there.get(key) != row["sha256"]:
            found.append({
                "stage": row["stage"], "gate": row["gate"], "run": row["run"], "verdict": row["verdict"],
                "judged_at": canonical_json.plain(row["judged_at"]), "result": key, "sha256": row["sha256"], "found": there.get(key),
            })  # fmt: skip
    return found


def result_of(place: Workplace, row: Mapping[str, Any]) -> str:
    """The key of the result that belongs to a verdict's report."""
    return str(row["report"]).removeprefix(f"{place.settings.objects.evidence}/").replace("report.html", "result.json")
