"""The tasks that ask a person: in Airflow's own form, once for each try. The answer is looked at when it comes.

Called by dag_parts.py only. What an answer allows is decided by the step that reads it (engine/evidence/approvals.py), not here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.exceptions import HITLRejectException, HITLTimeoutError
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param
from airflow.sdk.exceptions import AirflowFailException

from poco_migration import settings
from poco_migration.adapters import connections
from poco_migration.engine.evidence import approvals
from poco_migration.stages import certification

# How a page says what to sign. The digest is of what the page shows, so a page that was overtaken signs nothing.
SIGN = """

**To approve**, run this on your own machine with your own key, and paste all that it prints into `signature`:

    echo '{statement}' | ssh-keygen -Y sign -n poco-migration -f ~/.ssh/id_ed25519

**To reject**, say why in `reason`: it stands on the certificate.

Airflow keeps the text of a question that was asked before. What is to be signed now, always the newest: [{link}]({link})
"""


class Question(ApprovalOperator):  # type: ignore[misc]
    """Asks a person once: a rejection and a silence are final for this try, and are not asked again by a retry.

    `about` is the stage, and `asks` the subject of the signature as the ledger names it. `digest` is the SHA-256 of what the page
    shows, as a template. An answer that is no signature of it fails the task and is kept in the ledger.
    """

    template_fields = (*ApprovalOperator.template_fields, "digest")

    def __init__(self, *, about: str, asks: str, digest: str, body: str, **options: Any) -> None:
        statement = f"poco-migration | {about} | {{{{ dag.dag_id }}}}/{{{{ run_id }}}} | {asks} | {digest}"
        asked = settings.load().approvals
        options.pop("params", None)  # the DAG's, which Airflow hands to every task: they are no fields of this question
        super().__init__(
            body=body + SIGN.format(statement=statement, link=f"/poco/sign/{about}"),
            assigned_users=[{"id": name, "name": name} for name in asked.approvers],
            fail_on_reject=True,
            response_timeout=timedelta(hours=asked.response_hours),
            params={
                # Airflow's form wants something in every field that may not be null.
                "signature": Param(
                    None, type=["null", "string"], format="multiline", description="To approve: all that the command on this page prints."
                ),
                "reason": Param(None, type=["null", "string"], description="To reject: why."),
            },
            **options,
        )
        self.about, self.asks, self.digest = about, asks, digest

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        known = self.digest if self.asks == approvals.ERASE else ""
        if event.get("error_type") == "timeout":
            connections.at_work(certification.not_answered)(self.about, self.asks, self.task_id)
        elif "error" not in event:
            connections.at_work(certification.answered)(self.about, self.asks, self.task_id, event, known)
        try:
            return super().execute_complete(context, event)
        except (HITLRejectException, HITLTimeoutError) as error:
            said = "was rejected" if isinstance(error, HITLRejectException) else "was not answered in time"
            raise AirflowFailException(f"{self.task_id} {said}. Settle it, then clear this task: it asks again.") from None


class Acceptance(Question):
    """Asks a person to accept the warnings of a gate; asks nobody when the gate has none."""

    def __init__(self, *, judged: str, **options: Any) -> None:
        super().__init__(**options)
        self.judged = judged

    def execute(self, context: Any) -> Any:
        if context["ti"].xcom_pull(task_ids=self.judged)["verdict"] != "warn":
            return None
        return super().execute(context)
