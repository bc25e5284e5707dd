"""What every stage begins and ends with: may it start, is it proven, is it certified."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from poco_migration.adapters import notifying
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import approvals, certificate, certificate_content, gate, lateness
from poco_migration.engine.evidence import draft as drafts
from poco_migration.engine.milestones import stage_entry
from poco_migration.errors import GateStopped
from poco_migration.model import Run
from poco_migration.settings import AFTER

log = logging.getLogger(__name__)
# What a step does by itself to keep the word of the page on which people sign.
AGAIN = {
    "cutover": "With the store open, the switch measures these figures again; when more than single rows stay behind, are gone or differ "
    "since, it refuses too.",
}


def enter(place: Workplace, run: Run, stage: str) -> dict[str, str]:
    """Refuse unless the stage is due and the stages before it are certified. Returns their hashes. Rerun: safe."""
    found = stage_entry.enter(place, stage)
    log.info("%s may start; it stands on %s", stage, ", ".join(found) or "nothing before it")
    return found


def judge(place: Workplace, run: Run, stage: str, name: str) -> dict[str, Any]:
    """Judge a gate on what this run has measured. Rerun: a new report beside the old one.

    Raises GateStopped, and everything after the gate waits. AlertFailed, where a red gate could not be told, is tried again.
    """
    try:
        result = gate.judge(place, stage, name, run)
    except GateStopped as red:
        if stage == AFTER:  # nobody waits for this gate, so people are told outside of Airflow
            notifying.send(place.alerts, f"POCO to mi.com: gate {stage}/{name} is red", str(red))
        raise
    log.info("gate %s/%s: %s, %d of %d expectations gave a result; report %s", stage, name, result.verdict, result.evaluated,
             result.expected, result.report)  # fmt: skip
    return {
        "verdict": result.verdict, "report": result.report, "sha256": result.sha256,
        "failed": sum(not j.success for j in result.judgements),
        "late": _late(place, stage),
    }  # fmt: skip


def draft(
    place: Workplace, run: Run, stage: str, happens: list[str], accepted: dict[str, approvals.Answer] | None = None
) -> dict[str, Any]:
    """Draft the stage's certificate for the two people who sign: what is proven so far, and what their signatures let happen.

    `accepted` holds, by gate, who accepted its warnings before. Rerun: the same facts give the same draft. Shape: its digest and
    report, the numbers that matter, verdicts, `happens`. Raises StageRefused where a gate before the signatures is not green or accepted.
    """
    _note(place, run, stage, accepted or {})
    made = drafts.make_draft(place, stage, run, happens)
    found = json.loads(made.document)["proof"]
    bucket = place.settings.objects.evidence
    gates = [
        {name: gate_[name] for name in ("gate", "verdict", "failed")} | {"report": f"{bucket}/{gate_['report']}"}
        for gate_ in found["gates"]
    ]
    log.info("%s: draft %s, %s", stage, made.sha256, made.report)
    return {
        "sha256": made.sha256, "report": made.report, "figures": certificate_content.figures(found), "gates": gates, "happens": happens,
        "late": _late(place, stage), "again": AGAIN.get(stage, ""),
    }  # fmt: skip


def _late(place: Workplace, stage: str) -> str:
    """What whoever signs or accepts is told of the stage's deadline; nothing while it is met."""
    said = lateness.said(place.settings.calendar, stage, datetime.now(UTC))
    if said:
        log.warning("%s", said)
    return said


def certify(place: Workplace, run: Run, stage: str, accepted: dict[str, approvals.Answer]) -> dict[str, Any]:
    """Issue the stage's certificate; `accepted` holds, by gate, who accepted its warnings. Rerun: the same certificate.

    Raises StageRefused or ApprovalMissing; both say what is open.
    """
    _note(place, run, stage, accepted)
    made = certificate.issue(place, stage, run)
    log.info("%s is certified: certificate %d, sha256 %s, %s", stage, made.sequence, made.sha256, made.report)
    return {"sequence": made.sequence, "sha256": made.sha256, "report": made.report}


def answered(place: Workplace, run: Run, stage: str, subject: str, task: str, answer: dict[str, Any], shown: str = "") -> str:
    """Look at a person's answer when it comes: who signs hears at once what is wrong. Returns whose key has signed.

    Rerun: looks again. Raises ApprovalMissing; a rejection and a refused signature are kept in the ledger.
    """
    return approvals.require_answer(place, stage, run, subject, task, answer, shown)


def not_answered(place: Workplace, run: Run, stage: str, subject: str, task: str) -> None:
    """Keep in the ledger that nobody has answered in time. Rerun: keeps it again."""
    approvals.note_silence(place, stage, run, subject, task)


def _note(place: Workplace, run: Run, stage: str, accepted: dict[str, approvals.Answer]) -> None:
    for name, answer in accepted.items():
        if answer:
            approvals.require_signatures(place, stage, run, f"warnings of {name}", [answer], 1)
