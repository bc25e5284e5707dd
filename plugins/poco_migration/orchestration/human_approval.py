"""The tasks that ask a person: in Airflow's own form, once for each try, and with the answer kept for who acts on it.

Called by doors.py only. What an answer allows is decided by who reads it (engine/evidence/approvals.py), not here.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.exceptions import HITLRejectException, HITLTimeoutError
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk.exceptions import AirflowFailException

from poco_migration.engine.evidence import approvals
from poco_migration.errors import ApprovalMissing

# The tasks of the two signatures under a draft certificate.
SIGNATURES = ("approval_1", "approval_2")


class Question(ApprovalOperator):  # type: ignore[misc]
    """Asks a person once: a rejection and a silence are final for this try, and are not asked again by a retry."""

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        try:
            return super().execute_complete(context, event)
        except (HITLRejectException, HITLTimeoutError) as error:
            said = "was rejected" if isinstance(error, HITLRejectException) else "was not answered in time"
            raise AirflowFailException(f"{self.task_id} {said}. Settle it, then clear this task: it asks again.") from None


class Signature(Question):
    """Asks for a signature under a draft certificate. The answer names the draft that was on the page when it was asked."""

    def execute(self, context: Any) -> Any:
        # Kept until the answer comes: a draft that was made meanwhile is not the one that the person has read.
        context["ti"].xcom_push(key="draft", value=context["ti"].xcom_pull(task_ids="draft")["sha256"])
        return super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        answer = dict(super().execute_complete(context, event))
        others = {name: context["ti"].xcom_pull(task_ids=name) for name in SIGNATURES if name != self.task_id}
        try:
            approvals.require_another(self.task_id, str(answer["responded_by_user"]["id"]), others)
        except ApprovalMissing as error:
            self.log.error("ApprovalMissing: %s", error)
            raise AirflowFailException(f"ApprovalMissing: {error}") from None
        return answer | {"draft": context["ti"].xcom_pull(task_ids=self.task_id, key="draft")}


class Acceptance(Question):
    """Asks a person to accept the warnings of a gate; asks nobody when the gate has none."""

    def __init__(self, *, judged: str, **options: Any) -> None:
        super().__init__(**options)
        self.judged = judged

    def execute(self, context: Any) -> Any:
        if context["ti"].xcom_pull(task_ids=self.judged)["verdict"] != "warn":
            return None
        return super().execute(context)
