"""Signatures of people. What cannot be undone asks here, itself: an approval task can be marked as success by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import draft
from poco_migration.errors import ApprovalMissing
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
# What Airflow's approval task leaves behind when somebody has answered it; nothing when nobody has.
Answer = Mapping[str, Any] | None


def require_signatures(place: Workplace, stage: str, run: Run, subject: str, answers: Sequence[Answer], signatures: int) -> list[str]:
    """Take note of these answers and return who signed. Rerun: safe; a signature counts once.

    Raises ApprovalMissing when one is missing, is a rejection, is not by an approver of migration.toml, when there are
    fewer different people than `signatures`, or when what two people have signed is not the newest draft of the run.
    """
    signed: dict[str, Mapping[str, Any]] = {}
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
        signed[person] = answer
    if len(signed) < signatures:
        raise ApprovalMissing(
            f"{stage}: {len(signed)} of {signatures} people have signed ({', '.join(signed) or 'nobody'}); the same person cannot "
            "sign twice. Clear one approval task and let another approver answer it."
        )
    with postgres.connect(place.target, "target", name=f"approvals {run.id}") as target:
        if signatures > 1:
            _require_newest_draft(target, stage, run, signed)
        postgres.run_many(target, SQL / "approval_store.sql", [
            (stage, run.id, subject, person, _moment(answer["responded_at"]), answer.get("draft")) for person, answer in signed.items()
        ])  # fmt: skip
    return sorted(signed)


def require_another(task: str, person: str, others: Mapping[str, Answer]) -> None:
    """Raises ApprovalMissing where this person has answered the same question already; `others` are those answers, by task."""
    for other, answer in others.items():
        if answer and str(answer["responded_by_user"]["id"]) == person:
            raise ApprovalMissing(
                f"{task}: {person} has signed {other} already, and the same person cannot sign twice. "
                "Clear this task and let another approver answer it."
            )


def _require_newest_draft(target: postgres.Connection, stage: str, run: Run, signed: Mapping[str, Mapping[str, Any]]) -> None:
    newest = draft.newest_draft(target, stage, run.id)
    if newest is None:
        raise ApprovalMissing(
            f"{stage}: no draft certificate of run {run.id} was ever made, so nobody can have read what was signed. "
            "Clear the task draft: it makes one and asks both people again."
        )
    for person, answer in signed.items():
        if answer.get("draft") != newest.sha256:
            raise ApprovalMissing(
                f"{stage}: {person} has signed another draft than the newest one, {newest.sha256[:16]}: the facts have changed since. "
                f"Clear both approval tasks, have the new draft read, and let both sign again. Draft: {newest.report}"
            )
    if changed := draft.judged_again(target, newest):
        raise ApprovalMissing(
            f"{stage}: gate {changed[0]} was judged again after the draft that was signed: the facts have changed since. "
            "Clear the task draft: it makes a new one and asks both people again."
        )
    if wrong := draft.measured_again(target, newest):
        raise ApprovalMissing(
            f"{stage}: the draft that was signed does not stand on the facts of this run: {wrong} Then clear the task draft: it makes a "
            "new one and asks both people again."
        )


def _moment(at: Any) -> datetime:
    return at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
