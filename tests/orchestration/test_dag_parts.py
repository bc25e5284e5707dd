"""What an approval task does with an answer: what is no signature of the newest draft fails at once, and is kept in the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import jinja2
import psycopg
import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException
from support.certificates import answer, signed

from poco_migration.adapters import connections
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import approvals
from poco_migration.model import Run
from poco_migration.orchestration import dag_parts, human_approval


class Memory:
    """A run's XCom as a task sees it."""

    def __init__(self, task: str, **results: Any) -> None:
        self.task = task
        self.kept: dict[tuple[str, str], Any] = {(name, "return_value"): value for name, value in results.items()}

    def xcom_pull(self, task_ids: str, key: str = "return_value") -> Any:
        return self.kept.get((task_ids, key))


FIGURES = {
    "equations": 12,
    "equations_closed": 12,
    "rows": 1000,
    "quarantined": 3,
    "totals": 8,
    "totals_equal": 8,
    "expectations": 5,
    "expectations_hold": 5,
}
DRAFT = {"sha256": "a" * 64, "report": "bucket/draft.html", "happens": ["The store closes."], "figures": FIGURES,
         "gates": [{"gate": "entry", "verdict": "pass", "failed": 0, "report": "bucket/report.html"}]}  # fmt: skip


RUN = Run("poco_cutover/one")


def asked(task: str) -> human_approval.Question:
    with DAG("doors", schedule=None):
        return human_approval.Question(
            task_id=task, subject="Hand over?", body=dag_parts.DRAFT, about="cutover", asks="cutover",
            digest="{{ ti.xcom_pull(task_ids='draft').sha256 }}",
        )  # fmt: skip


@pytest.fixture
def at_the_ledger(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """Airflow's connections lead to these databases, and this run is at work."""
    monkeypatch.setattr(connections, "workplace", lambda: place)
    monkeypatch.setattr(connections, "run", lambda: RUN)
    return place


def said(given: dict[str, Any]) -> dict[str, Any]:
    return given | {"responded_at": datetime.now(UTC)}


def test_an_answer_is_refused_when_it_comes_unless_it_is_a_signature_of_the_newest_draft(at_the_ledger: Workplace) -> None:
    alice, bob = signed(at_the_ledger, "cutover", RUN)
    stale = answer("bob", approvals.statement("cutover", RUN.id, "cutover", "b" * 64))
    for given in (answer("bob"), stale, answer("mallory", approvals.statement("cutover", RUN.id, "cutover", "b" * 64))):
        with pytest.raises(AirflowFailException, match="ApprovalMissing: cutover: approval_2 holds no signature by the key of an approver"):
            asked("approval_2").execute_complete({}, said(given))
    assert asked("approval_1").execute_complete({}, said(alice))["params_input"] == alice["params_input"]
    with pytest.raises(AirflowFailException, match="ApprovalMissing: approval_2: alice has signed approval_1 already.*another approver"):
        asked("approval_2").execute_complete({}, said(alice | {"responded_by_user": {"id": "bob", "name": "bob"}}))
    asked("approval_2").execute_complete({}, said(bob))
    assert noted(at_the_ledger) == [("refused",)] * 4


def noted(place: Workplace) -> list[tuple[Any, ...]]:
    with psycopg.connect(place.target) as target:
        return target.execute("select kind from migration.objection order by 1").fetchall()


def test_a_silence_does_not_approve_and_is_kept(at_the_ledger: Workplace) -> None:
    with pytest.raises(AirflowFailException, match="approval_1 was not answered in time.*it asks again"):
        asked("approval_1").execute_complete({}, {"error": "timed out", "error_type": "timeout"})
    assert asked("approval_1").defaults is None, "no option is taken by itself"
    assert noted(at_the_ledger) == [("unanswered",)]


def test_a_rejection_is_final_for_this_try_and_is_kept_with_its_reason(at_the_ledger: Workplace) -> None:
    with pytest.raises(AirflowFailException, match="approval_1 was rejected"):
        asked("approval_1").execute_complete({}, said(answer("alice", option="Reject", reason="Not on a Friday.")))
    with psycopg.connect(at_the_ledger.target) as target:
        assert target.execute("select person, kind, reason from migration.objection").fetchall() == [
            ("alice", "rejected", "Not on a Friday.")
        ]


def test_the_page_shows_digest_report_figures_what_will_happen_and_the_line_to_sign() -> None:
    seen = {"ti": Memory("approval_1", draft=DRAFT), "dag": SimpleNamespace(dag_id="poco_cutover"), "run_id": "one"}
    page = jinja2.Template(asked("approval_1").body).render(**seen)
    line = approvals.statement("cutover", "poco_cutover/one", "cutover", "a" * 64)
    for shown in ("`aaaaaaaaaaaaaaaa`", "bucket/draft.html", "- The store closes.", "**12 of 12**", "**8 of 8**", "Gate entry: **pass**",
                  f"echo '{line}' | ssh-keygen -Y sign -n poco-migration", "/poco/sign/cutover"):  # fmt: skip
        assert shown in page, page
    nothing = DRAFT | {"gates": [], "figures": dict.fromkeys(FIGURES, 0)}
    assert "Nothing in this run" in jinja2.Template(dag_parts.DRAFT).render(ti=Memory("approval_1", draft=nothing))
