"""Signatures of people. What cannot be undone asks here, itself: an approval task can be marked as success by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import ApprovalMissing
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
# What Airflow's approval task leaves behind when somebody has answered it; nothing when nobody has.
Answer = Mapping[str, Any] | None


def require(place: Workplace, stage: str, run: Run, subject: str, answers: Sequence[Answer], signatures: int) -> list[str]:
    """Take note of these answers and return who signed. Rerun: safe; a signature counts once.

    Raises ApprovalMissing when one is missing, is a rejection, is not by an approver of migration.toml, or when there
    are fewer different people than `signatures`.
    """
    signed = {}
    for number, answer in enumerate(answers, start=1):
        if not answer:
            raise ApprovalMissing(
                f"{stage}: approval {number} of {len(answers)} was never answered. Clear the approval task and let a person answer it."
            )
        person = str(answer["responded_by_user"]["id"])
        if list(answer["chosen_options"]) != ["Approve"]:
            raise ApprovalMissing(f"{stage}: {person} rejected it. Settle the objection, then clear the approval task.")
        if person not in place.settings.approvals.approvers:
            raise ApprovalMissing(
                f"{stage}: {person} is no approver of migration.toml. Clear the approval task and let an approver answer it."
            )
        signed[person] = answer["responded_at"]
    if len(signed) < signatures:
        raise ApprovalMissing(
            f"{stage}: {len(signed)} of {signatures} people have signed ({', '.join(signed) or 'nobody'}); the same person cannot "
            "sign twice. Clear one approval task and let another approver answer it."
        )
    with postgres.connect(place.target, "target", name=f"approvals {run.id}") as target:
        postgres.run_many(
            target, SQL / "approval_store.sql", [(stage, run.id, subject, person, _moment(at)) for person, at in signed.items()]
        )
    return sorted(signed)


def _moment(at: Any) -> datetime:
    return at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
