"""No dead ends: the DAG that a message names as the next action may begin in each state of the calendar in which the message arises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import yaml
from engine.milestones.test_stage_entry import CUTOVER, on
from house.test_documents import RAISED
from support.next_actions import ARISES, BACK, CALENDAR, DAG, NO_ENTRY, OTHERWISE, STATES, span
from support.workplaces import Servers, clone, install

from poco_migration import settings
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import handover
from poco_migration.engine.evidence import certificate
from poco_migration.engine.milestones import stage_entry
from poco_migration.engine.prepare import readiness
from poco_migration.engine.rollback import way_back
from poco_migration.engine.shutdown import preconditions
from poco_migration.errors import StageRefused
from poco_migration.model import Run
from poco_migration.settings import PROJECT

Allowed = Mapping[str, Mapping[str, str]]  # state: {DAG: why it may not begin, or nothing}
LATE = "2025-01-02"
STEPS = {
    "after prepare": ["prepare"],
    "after the backfill": ["backfill"],
    "after the reconciliation": ["reconcile"],
    "between waves": ["cutover"],
    "after the cutover": ["cutover"],
    "after history and the reissue": ["history", "coupon_reissue"],
    "after the archive": ["archive"],
    "before the shutdown": ["redirects"],
    "after the shutdown": ["final_shutdown"],
}


def asked(place: Workplace) -> dict[str, str]:
    found = {}
    for dag in settings.STAGES:
        try:
            stage_entry.enter(place, dag)
            found[dag] = ""
        except StageRefused as why:
            found[dag] = str(why)
    return found


@pytest.fixture(scope="module")
def allowed(servers: Servers) -> Allowed:
    """One store through the whole calendar, asked in each state; and another one that went back."""
    found: dict[str, dict[str, str]] = {"before prepare": asked(on(clone(servers), LATE))}
    forth, back = (on(clone(servers), LATE) for _ in range(2))
    for place in (forth, back):
        install(place)
    for state in CALENDAR[1:]:
        _to(forth, state)
        found[state] = asked(forth)
        if state in span("after prepare", "after the cutover"):
            _to(back, state)
    run = Run("poco_rollback/1")
    way_back.begin_return(back, CUTOVER, back.settings.moving(), run)
    found["on the way back"] = asked(back)
    way_back.to_poco(back, CUTOVER, back.settings.moving(), run)
    _certified(back, "rollback", run)
    found["rolled back"] = asked(back)
    _certified(back, "reconcile", Run("poco_reconcile/again"))
    return found | {"compared after the rollback": asked(back)}


def _certified(place: Workplace, stage: str, run: Run) -> None:
    """That there is a certificate is all that is asked here; a whole one takes a second each."""
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute(
            "insert into migration.certificate (sequence, stage, run, document, sha256, report)"
            " select count(*) + 1, %s, %s, '{}', md5(%s), 'nowhere' from migration.certificate",
            (stage, run.id, run.id),
        )


def _to(place: Workplace, state: str) -> None:
    regions = ("DE", "FR") if state == "between waves" else place.settings.moving()
    for stage in STEPS[state]:
        run = Run(f"poco_{stage}/{state}")
        _certified(place, stage, run)
        moved = {"cutover": CUTOVER, "history": _of("history"), "coupon_reissue": _of("reissue")}.get(stage, [])
        if moved:
            handover.to_xiaomi(place, moved, regions, run)


def _of(milestone: str) -> list[str]:
    return [entity.name for entity in cards.moving_at(milestone)]


def refused(text: str, states: Iterable[str], allowed: Allowed) -> Iterator[str]:
    """Where a DAG that the text names may not begin."""
    for dag in sorted(set(DAG.findall(text)) - NO_ENTRY.keys()):
        for state in states:
            if why := allowed[state][dag]:
                yield f"{state}: poco_{dag} may not begin: {why}"


# -- What is refused leads on ------------------------------------------------------------------------------------------


def end_of(stage: str, at: Mapping[str, str]) -> str:
    """Where somebody ends who follows the message of a refused stage, from DAG to DAG."""
    met = [stage]
    while why := at[met[-1]]:
        onward = [dag for dag in DAG.findall(why) if dag != met[-1]]
        if not onward or onward[0] in NO_ENTRY:
            return onward[0] if onward else f"nowhere: {why}"
        if onward[0] in met:
            return f"in a circle: {' -> '.join([*met, onward[0]])}"
        met.append(onward[0])
    return met[-1]


@pytest.mark.parametrize("state", STATES)
def test_whoever_is_refused_is_sent_where_they_may_begin(allowed: Allowed, state: str) -> None:
    ends = {stage: end_of(stage, allowed[state]) for stage in settings.STAGES}
    assert [end for end in ends.values() if end.startswith(("nowhere", "in a circle"))] == []


def test_a_circle_and_a_message_that_names_no_dag_are_seen() -> None:
    at = {"prepare": "run poco_backfill first", "backfill": "run poco_prepare first", "reconcile": "not today"}
    assert end_of("prepare", at) == "in a circle: prepare -> backfill -> prepare"
    assert end_of("reconcile", at) == "nowhere: not today"


# -- What is raised ----------------------------------------------------------------------------------------------------

NAMING = sorted({said for _, said in RAISED if DAG.search(said) or "poco_…" in said})


def states_of(said: str) -> tuple[str, ...]:
    return next(states for begins, states in ARISES.items() if said.startswith(begins))


def test_every_message_that_names_a_dag_has_its_states() -> None:
    raised = {said for _, said in RAISED}
    assert [said for said in NAMING if not any(said.startswith(begins) for begins in ARISES)] == []
    assert [begins for begins in ARISES if not any(said.startswith(begins) for said in raised)] == []
    assert {state for states in ARISES.values() for state in states} <= set(STATES)


@pytest.mark.parametrize("said", NAMING)
def test_the_dag_that_an_error_names_may_begin(allowed: Allowed, said: str) -> None:
    # A slot that is lost opens the reconciliation before the backfill is certified; tests/stages/test_behind_the_cutover.py plays that.
    lost = said.startswith(("replication slot", "POCO's server is not the one"))
    states = [state for state in states_of(said) if not (lost and state == "after prepare")]
    assert list(refused(said, states, allowed)) == []


# -- What gates, conditions and checks say -----------------------------------------------------------------------------


def next_actions(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for name, value in found.items():
            yield from [value] if name == "next_action" and isinstance(value, str) else next_actions(value)
    elif isinstance(found, list):
        for value in found:
            yield from next_actions(value)


SUITES = {
    (path.parent.name, path.stem): sorted(set(next_actions(yaml.safe_load(path.read_text("utf-8")))))
    for path in sorted((PROJECT / "expectations").glob("*/*.yml"))
}


@pytest.mark.parametrize("gate", SUITES, ids="/".join)
def test_the_dag_that_a_gate_names_may_begin_where_the_gate_is_judged(allowed: Allowed, gate: tuple[str, str]) -> None:
    """A gate is judged wherever its stage may have begun: where it may begin now, and in the state that comes next."""
    stage = gate[0]
    if stage in settings.STAGES:
        judged = [state for state in STATES if not allowed[state][stage] and state != "after the shutdown"]
        # A certified reconciliation and the shutdown's own gates are judged before anything else is.
        if stage in ("backfill", "reconcile"):
            judged = [
                state for state in judged if state in ("after prepare", "after the backfill", "after the reconciliation", "between waves")
            ]
    else:
        judged = {"rollback": ["on the way back"], "after": ["after the shutdown"]}[stage]
    wrong = [f"{said!r}: {why}" for said in SUITES[gate] for why in refused(said, judged, allowed)]
    assert wrong == []


def test_the_dag_that_makes_rows_agree_may_begin(allowed: Allowed) -> None:
    measured = {"backfill": ["after prepare"], "reconcile": ["after the backfill", "after the reconciliation", "between waves"]}
    for stage in settings.STAGES:
        assert (
            list(refused(certificate._mending(stage), measured.get(stage, span("after the cutover", "before the shutdown")), allowed)) == []
        )


def test_the_dag_that_a_condition_of_the_shutdown_names_may_begin(allowed: Allowed) -> None:
    for condition in preconditions.CONDITIONS:
        assert list(refused(condition.next_action, ["before the shutdown"], allowed)) == []


def test_every_next_action_says_who_does_what() -> None:
    said = {text for texts in SUITES.values() for text in texts} | {condition.next_action for condition in preconditions.CONDITIONS}
    said |= {reason.next_action for entity in cards.entities().values() for reason in entity.reasons.values()}
    said |= set(cards.not_returned().values()) | {check.next_action for check in readiness.checks()}
    said |= {text for error, text in RAISED if error not in ("RowsRefused", "ConfigurationError")}
    assert len(said) > 200
    assert [text for text in sorted(said) if not DAG.search(text) and not any(does.search(text) for does in OTHERWISE.values())] == []


def test_what_waits_in_quarantine_says_what_becomes_of_it_behind_the_handover() -> None:
    """No part is copied any more then, and POCO's table is closed."""
    for entity in cards.entities().values():
        for reason in entity.reasons.values():
            if "the part" in reason.next_action and reason.outcome == "quarantined":
                assert "once mi.com owns it" in reason.next_action, (entity.name, reason.name)


# -- The check bites ---------------------------------------------------------------------------------------------------


def test_a_dag_that_may_not_begin_where_a_message_arises_is_seen(allowed: Allowed) -> None:
    said = "a table has changed: run poco_backfill"
    assert len(list(refused(said, ["after the backfill", "after the cutover"], allowed))) == 1
    assert len(list(refused(said, BACK, allowed))) == 3
    before = {state: {**at, "prepare": "prepare would write over"} for state, at in allowed.items()}
    drift = next(text for text in NAMING if "Nothing was copied" in text)
    assert len(list(refused(drift, states_of(drift), before))) == len(states_of(drift))


def test_the_states_are_real(allowed: Allowed) -> None:
    assert tuple(allowed) == STATES
    assert datetime.fromisoformat(LATE).replace(tzinfo=UTC) > settings.load().calendar.final_shutdown
    assert not allowed["after the cutover"]["prepare"] and allowed["after the cutover"]["backfill"]
