"""A certificate needs green gates, or yellow ones somebody accepted; the chain is unbroken; the same proof is the same."""

from __future__ import annotations

import json

import psycopg
import pytest

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import approvals, canonical, certificate
from poco_migration.errors import ApprovalMissing, StageRefused
from poco_migration.model import Run

RUN = Run("poco_backfill/one")


def judged(place: Workplace, verdict: str, stage: str = "backfill", run: Run = RUN) -> None:
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute(
            "insert into migration.gate (stage, gate, run, try_number, verdict, expected, evaluated, failed, report, sha256)"
            " values (%s, 'loaded', %s, 1, %s, 1, 1, 0, 'bucket/report.html', 'x')",
            (stage, run.id, verdict),
        )


def test_nothing_judged_or_a_red_gate_is_not_certified(site: Workplace) -> None:
    with pytest.raises(StageRefused, match="nothing to certify"):
        certificate.issue(site, "backfill", RUN)
    judged(site, "fail")
    with pytest.raises(StageRefused, match="gate loaded is red"):
        certificate.issue(site, "backfill", RUN)
    judged(site, "pass")
    assert certificate.issue(site, "backfill", RUN).sequence == 1


def test_warnings_need_somebody_who_accepts_them(site: Workplace) -> None:
    judged(site, "warn")
    with pytest.raises(StageRefused, match="warnings nobody has accepted"):
        certificate.issue(site, "backfill", RUN)
    answer = {"chosen_options": ["Approve"], "responded_by_user": {"id": "alice"}, "responded_at": "2024-10-20T10:00:00+00:00"}
    approvals.require(site, "backfill", RUN, "warnings of loaded", [answer], 1)
    made = certificate.issue(site, "backfill", RUN)
    assert json.loads(made.document)["proof"]["approvals"][0]["approver"] == "alice"


def test_certificates_are_a_chain_and_the_bytes_in_s3_are_the_bytes_that_were_hashed(site: Workplace) -> None:
    judged(site, "pass")
    first = certificate.issue(site, "backfill", RUN)
    assert certificate.issue(site, "backfill", RUN) == first, "the same proof gives the same certificate"
    other = Run("poco_reconcile/two")
    judged(site, "pass", "reconcile", other)
    second = certificate.issue(site, "reconcile", other)
    assert (second.sequence, json.loads(second.document)["previous"]) == (2, first.sha256)
    for made in (first, second):
        bucket, key = made.report.replace("certificate.html", "certificate.json").split("/", 1)
        body = site.objects.get(bucket, key)
        assert canonical.digest(body) == made.sha256 and body.decode() == made.document


def test_a_certificate_issued_after_the_deadline_says_so(site: Workplace) -> None:
    run = Run("poco_history/three")
    judged(site, "pass", "history", run)
    assert json.loads(certificate.issue(site, "history", run).document)["proof"]["late"] is True


ALICE = {"chosen_options": ["Approve"], "responded_by_user": {"id": "alice"}, "responded_at": "2024-10-20T10:00:00+00:00"}
BOB = ALICE | {"responded_by_user": {"id": "bob"}}


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([ALICE, None], "approval 2 of 2 was never answered"),
        ([ALICE, ALICE], "the same person cannot sign twice"),
        ([ALICE, BOB | {"chosen_options": ["Reject"]}], "bob rejected it"),
        ([ALICE, BOB | {"responded_by_user": {"id": "dana"}}], "dana is no approver"),
        ([], "0 of 2 people have signed"),
    ],
)
def test_what_cannot_be_undone_refuses_without_two_different_signatures(place: Workplace, answers: list, why: str) -> None:
    with pytest.raises(ApprovalMissing, match=why):
        approvals.require(place, "cutover", RUN, "cutover", answers, 2)


def test_two_different_people_are_enough_and_are_noted(place: Workplace) -> None:
    assert approvals.require(place, "cutover", RUN, "cutover", [ALICE, BOB], 2) == ["alice", "bob"]
    assert approvals.require(place, "cutover", RUN, "cutover", [ALICE, BOB], 2) == ["alice", "bob"]
    with psycopg.connect(place.target) as target:
        assert target.execute("select approver from migration.approval order by 1").fetchall() == [("alice",), ("bob",)]
