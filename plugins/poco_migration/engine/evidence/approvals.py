"""Signatures of people. What cannot be undone asks here, itself.

An approver signs with a key of their own (`ssh-keygen -Y sign`) the digest of what they have read. So it does not matter who has
carried the answer here: Airflow's record of it, an XCom or a task's state can be written by others, and a signature cannot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres, ssh_signatures
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import draft
from poco_migration.errors import ApprovalMissing
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
# What Airflow's approval task leaves behind when somebody has answered it; nothing when nobody has.
Answer = Mapping[str, Any] | None
APPROVE = "Approve"
ERASE = "erase"  # the subject of the signature under an erasure


def statement(stage: str, run: str, subject: str, shown: str) -> str:
    """The line that a person signs: which stage and run, what is asked, and the SHA-256 of what the page shows."""
    return f"poco-migration | {stage} | {run} | {subject} | {shown}"


def newest_shown(target: postgres.Connection, stage: str, run: Run, subject: str) -> str | None:
    """The SHA-256 of what is to be signed now: the newest draft of the run, or the newest result of a gate. None where there is none."""
    found = _shown(target, stage, run, subject)
    return found[0] if found else None


def require_signatures(
    place: Workplace, stage: str, run: Run, subject: str, answers: Sequence[Answer], signatures: int, shown: str = ""
) -> list[str]:
    """Take note of these answers and return who signed. Rerun: safe; a signature counts once.

    `shown` is the SHA-256 of what was asked where the ledger does not know it (an erasure). Raises ApprovalMissing when one is missing,
    is a rejection, is signed by nobody of migration.toml's approvers, when there are fewer different people than `signatures`, or
    when what they have signed is not the newest draft of the run, or the newest result of the gate.
    """
    signed: dict[str, str] = {}
    with postgres.connect(place.target, "target", name=f"approvals {run.id}") as target:
        known = [shown] if shown else _shown(target, stage, run, subject)
        for number, answer in enumerate(answers, start=1):
            person, signature = _signer(place, stage, run, subject, known, answer, f"approval {number} of {len(answers)}")
            signed[person] = signature
        if len(signed) < signatures:
            raise ApprovalMissing(
                f"{stage}: {len(signed)} of {signatures} people have signed ({', '.join(signed) or 'nobody'}); the same person cannot "
                "sign twice. Clear one approval task and let another approver answer it."
            )
        if signatures > 1:
            _require_draft_that_stands(target, stage, run)
        postgres.run_many(target, SQL / "approval_store.sql", [
            (stage, run.id, subject, person, known[0], signature, place.approvers[person]) for person, signature in signed.items()
        ])  # fmt: skip
    return sorted(signed)


def require_answer(place: Workplace, stage: str, run: Run, subject: str, task: str, answer: Mapping[str, Any], shown: str = "") -> str:
    """Look at an answer when it comes, so that who gives it hears at once what is wrong; returns who signed.

    What lets nothing happen is kept in the ledger, and stands on the certificate. Raises ApprovalMissing, also where this person has
    answered another question of the same subject in this run already. Rerun: notes it again.
    """
    told = str((answer.get("responded_by_user") or {}).get("id") or "nobody")
    with postgres.connect(place.target, "target", name=f"approvals {run.id}") as target:
        known = [shown] if shown else _shown(target, stage, run, subject)
        asked = (stage, run.id, subject, task)
        try:
            person, _ = _signer(place, stage, run, subject, known, answer, task)
            if other := postgres.run(target, SQL / "answered_elsewhere.sql", *asked, person, known[0]):
                raise ApprovalMissing(
                    f"{task}: {person} has signed {other[0]['task']} already, and the same person cannot sign twice. "
                    "Clear this task and let another approver answer it."
                )
        except ApprovalMissing as error:
            rejected = list(answer["chosen_options"]) != [APPROVE]
            kind, why = ("rejected", _text(answer, "reason") or "no reason given") if rejected else ("refused", str(error))
            postgres.run(target, SQL / "objection_store.sql", *asked, told, kind, why, known[0] if known else None)
            raise
        postgres.run(target, SQL / "answer_store.sql", *asked, person, known[0])
    return person


def note_silence(place: Workplace, stage: str, run: Run, subject: str, task: str) -> None:
    """Keep that nobody has answered in time."""
    with postgres.connect(place.target, "target", name=f"approvals {run.id}") as target:
        postgres.run(
            target, SQL / "objection_store.sql", stage, run.id, subject, task, "nobody", "unanswered", "not answered in time", None
        )


def _signer(place: Workplace, stage: str, run: Run, subject: str, known: Sequence[str], answer: Answer, which: str) -> tuple[str, str]:
    """(who has signed, the signature); `known` is what was shown, newest first."""
    if not answer:
        raise ApprovalMissing(f"{stage}: {which} was never answered. Clear the approval task and let a person answer it.")
    if list(answer["chosen_options"]) != [APPROVE]:
        raise ApprovalMissing(f"{stage}: {which} was rejected. Settle the objection, then clear the approval task.")
    if not known:
        raise ApprovalMissing(
            f"{stage}: nothing of run {run.id} was ever shown to sign ({subject}), so nobody can have read what was signed. "
            "Clear the task draft, or the gate's: it asks again."
        )
    signature = _text(answer, "signature")
    for number, digest in enumerate(known):
        message = f"{statement(stage, run.id, subject, digest)}\n".encode()
        if person := ssh_signatures.signer(signature, message, _approvers(place)):
            if number:
                raise ApprovalMissing(
                    f"{stage}: {person} has signed another draft or result than the newest one, {known[0][:16]}: the facts have changed "
                    "since. Clear the approval task, read what is shown now, and sign that."
                )
            return person, signature
    raise ApprovalMissing(
        f"{stage}: {which} holds no signature by the key of an approver of migration.toml over what was shown, {known[0][:16]}. "
        "Clear the approval task; the approver runs the command that the page shows and pastes all that it prints "
        "(docs/runbook.md, 'To sign')."
    )


def _approvers(place: Workplace) -> dict[str, str]:
    """Who may sign, with their public keys: named in migration.toml, and in the file of keys."""
    return {name: key for name, key in place.approvers.items() if name in place.settings.approvals.approvers}


def _text(answer: Mapping[str, Any], name: str) -> str:
    return str((answer.get("params_input") or {}).get(name) or "").strip()


def _shown(target: postgres.Connection, stage: str, run: Run, subject: str) -> list[str]:
    return [row["sha256"] for row in postgres.run(target, SQL / "shown_before.sql", stage, run.id, subject)]


def _require_draft_that_stands(target: postgres.Connection, stage: str, run: Run) -> None:
    newest = draft.newest_draft(target, stage, run.id)
    assert newest is not None  # it was signed
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
