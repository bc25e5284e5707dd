"""What an approval task does with an answer: a rejection, a silence and a second signature of one person fail; the answer that
stands names the draft that was on the page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import jinja2
import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from poco_migration.orchestration import dag_parts, human_approval


class Memory:
    """A run's XCom as a task sees it."""

    def __init__(self, task: str, **results: Any) -> None:
        self.task = task
        self.kept: dict[tuple[str, str], Any] = {(name, "return_value"): value for name, value in results.items()}

    def xcom_pull(self, task_ids: str, key: str = "return_value") -> Any:
        return self.kept.get((task_ids, key))

    def xcom_push(self, key: str, value: Any) -> None:
        self.kept[self.task, key] = value


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


def asked(task: str) -> human_approval.Signature:
    with DAG("doors", schedule=None):
        return human_approval.Signature(task_id=task, subject="Hand over?", body=dag_parts.DRAFT, **dag_parts._asked())


def said(person: str, option: str = "Approve") -> dict[str, Any]:
    return {
        "chosen_options": [option],
        "params_input": {},
        "responded_at": datetime.now(UTC),
        "responded_by_user": {"id": person, "name": person},
    }


@pytest.fixture
def parked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow would put the question into its database and let the worker go."""
    monkeypatch.setattr(human_approval.Question, "execute", lambda self, context: None)


def test_the_answer_names_the_draft_that_was_on_the_page_when_it_was_asked(parked: None) -> None:
    memory = Memory("approval_2", draft=DRAFT, approval_1=said("alice"))
    question = asked("approval_2")
    question.execute({"ti": memory})
    memory.kept["draft", "return_value"] = DRAFT | {"sha256": "b" * 64}  # made anew while the question waited
    answer = question.execute_complete({"ti": memory}, said("bob"))
    assert (answer["draft"], answer["responded_by_user"]["id"]) == ("a" * 64, "bob")


@pytest.mark.parametrize(("second", "first"), [("approval_2", "approval_1"), ("approval_1", "approval_2")])
def test_the_same_person_cannot_answer_both(second: str, first: str) -> None:
    memory = Memory(second, draft=DRAFT, **{first: said("alice")})
    with pytest.raises(AirflowFailException, match=f"ApprovalMissing: {second}: alice has signed {first} already.*another approver"):
        asked(second).execute_complete({"ti": memory}, said("alice"))


def test_a_silence_does_not_approve() -> None:
    with pytest.raises(AirflowFailException, match="approval_1 was not answered in time.*it asks again"):
        asked("approval_1").execute_complete({"ti": Memory("approval_1")}, {"error": "timed out", "error_type": "timeout"})
    assert asked("approval_1").defaults is None, "no option is taken by itself"


def test_a_rejection_is_final_for_this_try() -> None:
    with pytest.raises(AirflowFailException, match="approval_1 was rejected"):
        asked("approval_1").execute_complete({"ti": Memory("approval_1")}, said("alice", "Reject"))


def test_the_page_shows_digest_report_figures_and_what_will_happen() -> None:
    page = jinja2.Template(dag_parts.DRAFT).render(ti=Memory("approval_1", draft=DRAFT))
    for shown in ("`aaaaaaaaaaaaaaaa`", "bucket/draft.html", "- The store closes.", "**12 of 12**", "**8 of 8**", "Gate entry: **pass**"):
        assert shown in page, page
    nothing = DRAFT | {"gates": [], "figures": dict.fromkeys(FIGURES, 0)}
    assert "Nothing in this run" in jinja2.Template(dag_parts.DRAFT).render(ti=Memory("approval_1", draft=nothing))
