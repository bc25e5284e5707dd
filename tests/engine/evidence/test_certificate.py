"""A certificate needs green gates, or yellow ones somebody accepted, figures that agree and the signatures of its stage; the
chain is unbroken, signed and wholly published; the same proof is the same certificate."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from support.certificates import accepted, all_judged, answer, certified, judged, signed
from support.workplaces import rehearsed

from poco_migration import settings
from poco_migration.adapters import signing
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.cutover import fence
from poco_migration.engine.evidence import approvals, canonical_json, certificate, draft
from poco_migration.errors import ApprovalMissing, OperatorNeeded, StageRefused
from poco_migration.model import Run
from poco_migration.stages import certification, coupon_reissue, cutover, final_shutdown, history

RUN = Run("poco_backfill/one")
CUTOVER = Run("poco_cutover/manual__2024-10-21T00:00:00+00:00")


def bucket(place: Workplace) -> dict[str, bytes]:
    name = place.settings.objects.evidence
    return {key: place.objects.get(name, key) for key in place.objects.keys(name)}


def ledger(place: Workplace, statement: str, *values: Any) -> None:
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute(statement, values)


def measured(place: Workplace, run: Run, *, missing: int = 0, euros: str = "12.50") -> None:
    ledger(place, "insert into migration.recon (run, entity, region, decision, source, migrated, merged, excluded, quarantined, missing, extra)"
           " values (%s, 'things', 'DE', 'move', 10, 7 - %s::int, 1, 1, 1, %s::int, 0)", run.id, missing, missing)  # fmt: skip
    ledger(place, "insert into migration.control_total values (%s, 'money', 'DE', 'EUR', '12.5', %s)", run.id, euros)


# -- What is refused ---------------------------------------------------------------------------------------------------


def test_nothing_judged_or_a_red_gate_is_not_certified(site: Workplace) -> None:
    with pytest.raises(StageRefused, match="nothing to certify"):
        certificate.issue(site, "backfill", RUN)
    judged(site, "fail", "backfill", RUN)
    with pytest.raises(StageRefused, match="gate loaded is red"):
        certificate.issue(site, "backfill", RUN)
    judged(site, "pass", "backfill", replace(RUN, try_number=2))
    assert certificate.issue(site, "backfill", RUN).sequence == 1


def test_warnings_need_somebody_who_accepts_them(site: Workplace) -> None:
    judged(site, "warn", "backfill", RUN)
    with pytest.raises(StageRefused, match="warnings nobody has accepted"):
        certificate.issue(site, "backfill", RUN)
    approvals.require_signatures(site, "backfill", RUN, "warnings of loaded", [accepted(site, "backfill", RUN, "loaded")], 1)
    made = certificate.issue(site, "backfill", RUN)
    assert json.loads(made.document)["proof"]["approvals"][0]["approver"] == "alice"


@pytest.mark.parametrize(("fault", "named"), [({"missing": 1}, "equation things, DE"), ({"euros": "12.51"}, "control total money EUR, DE")])
def test_what_does_not_agree_is_not_certified_whatever_the_gates_say(site: Workplace, fault: dict[str, Any], named: str) -> None:
    judged(site, "pass", "backfill", RUN)
    measured(site, RUN, **fault)
    with pytest.raises(StageRefused, match=f"1 equations or totals of run poco_backfill/one do not agree .first: {named}"):
        certificate.issue(site, "backfill", RUN)


def test_a_result_that_was_changed_in_the_bucket_is_not_certified(site: Workplace) -> None:
    result = judged(site, "pass", "backfill", RUN)
    key = result.report.split("/", 1)[1].replace("report.html", "result.json")
    body = site.objects.get(site.settings.objects.evidence, key)
    site.objects.put(site.settings.objects.evidence, key, body.replace(b'"expected":1', b'"expected":2'))
    with pytest.raises(StageRefused, match="is not what gate loaded left there"):
        certificate.issue(site, "backfill", RUN)


def test_without_a_key_nothing_is_drafted_and_nothing_certified(site: Workplace) -> None:
    bare = replace(site, signing_key="")
    all_judged(site, "cutover", CUTOVER)
    with pytest.raises(StageRefused, match="cutover cannot be certified: there is no key to sign with"):
        certificate.issue(bare, "cutover", CUTOVER)
    with pytest.raises(StageRefused, match="Put one into the connection signing_key"):
        draft.make_draft(bare, "cutover", CUTOVER, ["It happens."])
    assert not any(key.startswith(("certificates", "drafts")) for key in bucket(site))


@pytest.mark.parametrize("text", ["hunter2-not-a-key", "MC4CAQAwBQYDK2VuBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"])
def test_a_key_of_another_kind_is_refused_and_never_told(site: Workplace, text: str) -> None:
    judged(site, "pass", "backfill", RUN)
    with pytest.raises(OperatorNeeded, match="no Ed25519 private key") as refused:
        certificate.issue(replace(site, signing_key=text), "backfill", RUN)
    assert text not in str(refused.value) and refused.value.__cause__ is None
    assert site.signing_key not in repr(site)


# -- What a certificate is ---------------------------------------------------------------------------------------------


def test_certificates_are_a_chain_and_the_bytes_in_s3_are_the_bytes_that_were_hashed(site: Workplace) -> None:
    first = certified(site, "backfill", RUN)
    assert certificate.issue(site, "backfill", RUN) == first, "the same proof gives the same certificate"
    before = bucket(site)
    assert certificate.issue(site, "backfill", RUN) == first and bucket(site) == before, "a rerun changes no byte"
    second = certified(site, "reconcile", Run("poco_reconcile/two"))
    assert (second.sequence, json.loads(second.document)["previous"]) == (2, first.sha256)
    for made in (first, second):
        _, key = made.report.replace("certificate.html", "certificate.json").split("/", 1)
        body = bucket(site)[key]
        assert canonical_json.digest(body) == made.sha256 and body.decode() == made.document
        assert canonical_json.encode(json.loads(body)) == body
        signature = json.loads(bucket(site)[key.replace(".json", ".sig")])
        assert signature == signing.sign(site.signing_key, body) and signature["key"] == json.loads(body)["key"]


def test_it_says_all_that_was_proven_and_names_every_file_of_the_bucket(site: Workplace) -> None:
    measured(site, RUN)
    ledger(site, "insert into migration.difference_part (run, entity, part_no, rows_source, set_aside, counted_source, rows_target,"
           " counted_target, differing, seconds) values (%s, 'things', 1, 9, 1, 10, 8, 8, 0, 0.1), (%s, 'things', 2, 5, 0, 5, 5, 5, 0, 0.1)",
           RUN.id, RUN.id)  # fmt: skip
    judged(site, "fail", "reconcile", Run("poco_reconcile/given-up"))
    site.objects.put_once(site.settings.objects.evidence, "redirects/0/map.json", b"[]\n", "application/json")
    ledger(site, "insert into migration.stream (slot, captured) values ('poco', '16/B374D848')")
    made = json.loads(certified(site, "backfill", RUN).document)
    assert made["log"] == [{"slot": "poco", "captured": "16/B374D848", "whole": True}]
    ledger(site, "update migration.stream set captured = '16/B374D900'")
    assert json.loads(certificate.issue(site, "backfill", RUN).document) == made, "the log goes on, and the proof is the same"
    proof = made["proof"]
    assert proof["equations"][0] | {"entity": "", "region": ""} == {
        "entity": "", "region": "", "decision": "move", "source": 10, "migrated": 7, "merged": 1, "excluded": 1, "quarantined": 1,
        "missing": 0, "extra": 0,
    }  # fmt: skip
    assert [(total["source"], total["target"]) for total in proof["control_totals"]] == [("12.5", "12.50")]
    assert [(c["parts"], c["compared_source"], c["counted_source"], c["compared_target"]) for c in proof["coverage"]] == [(2, 14, 15, 13)]
    assert proof["gates"][0]["suites"] == [{"suite": "numbers", "query": "select 0 as missing", "expectations": [{
        "number": 1, "about": "Nothing is missing", "requirement": "P1 complete", "severity": "critical", "holds": True, "error": "",
        "type": "expect_column_values_to_be_in_set", "arguments": {"column": "missing", "value_set": [0]}, "rows": 3, "failed_rows": 0}]}]  # fmt: skip
    assert [made["others"][n]["key"].split("/")[0] for n in range(3)] == ["redirects", "reports", "reports"]
    named = {file["key"]: file for file in [*proof["evidence"], *made["others"]]}
    rest = {key: body for key, body in bucket(site).items() if not key.startswith("certificates/")}
    assert {key: (file["sha256"], file["bytes"]) for key, file in named.items()} == {
        key: (hashlib.sha256(body).hexdigest(), len(body)) for key, body in rest.items()
    }
    later = json.loads(certified(site, "reconcile", Run("poco_reconcile/two")).document)
    assert later["others"] == [], "what is named already is not named again"


def test_the_page_stands_alone_and_shows_what_fails_first(site: Workplace) -> None:
    measured(site, CUTOVER)
    made = certified(site, "cutover", CUTOVER)
    page = bucket(site)[made.report.split("/", 1)[1]].decode()
    assert "http://" not in page and "https://" not in page and "<script" not in page
    for said in (
        "Certificate 1: stage cutover",
        "all 1 equations close",
        "alice",
        "bob",
        "select 0 as missing",
        "P1 complete",
        "verify.py",
    ):
        assert said in page, said
    measured(site, RUN, missing=2)
    judged(site, "pass", "backfill", RUN)
    drafted = draft.make_draft(site, "backfill", RUN, ["It happens <soon>."])
    page = bucket(site)[drafted.report.split("/", 1)[1]].decode()
    assert "not certified yet" in page and "1 of 1 equations do not close" in page and "It happens &lt;soon&gt;." in page


def before_its_deadline(place: Workplace, stage: str, left: timedelta) -> Workplace:
    """The same place on a calendar that is moved so that the stage's deadline is so far away now."""
    return replace(place, settings=rehearsed(place.settings, datetime.now(UTC) + left - getattr(place.settings.calendar.deadline, stage)))


def test_a_certificate_issued_after_the_deadline_says_by_how_much_and_one_in_time_stays_so(site: Workplace) -> None:
    run, late = Run("poco_coupon_reissue/2"), timedelta(days=3, hours=2, minutes=1)
    in_time = certified(before_its_deadline(site, "history", timedelta(minutes=5)), "history", Run("poco_history/1"))
    assert json.loads(in_time.document)["late_seconds"] == 0
    behind = before_its_deadline(site, "coupon_reissue", -late)
    all_judged(behind, "coupon_reissue", run)
    told = certification.draft(behind, run, "coupon_reissue", ["It happens."])["late"]
    approvals.require_signatures(behind, "coupon_reissue", run, "coupon_reissue", signed(behind, "coupon_reissue", run), 2)
    made = certificate.issue(behind, "coupon_reissue", run)
    assert 0 <= json.loads(made.document)["late_seconds"] - late.total_seconds() < 60
    assert told.startswith("Late: coupon_reissue was to be certified before ") and "3 days 2 hours ago" in told
    written = bucket(site)
    for key in (
        made.report.split("/", 1)[1],
        next(key for key in written if key.startswith("drafts/coupon_reissue") and key.endswith("draft.html")),
    ):
        assert ">late</span>" in written[key].decode() and "3 days 2 hours after the deadline" in written[key].decode()
    report = next(body.decode() for key, body in written.items() if key.startswith("reports/coupon_reissue") and key.endswith(".html"))
    assert "Late: coupon_reissue was to be certified" in report and ">late</span>" not in written[in_time.report.split("/", 1)[1]].decode()


def test_a_rerun_behind_the_deadline_makes_nothing_late_that_was_in_time(site: Workplace) -> None:
    run = Run("poco_history/1")
    close = before_its_deadline(site, "history", timedelta(seconds=1.5))
    made = certified(close, "history", run)
    time.sleep(2)
    assert certification._late(close, "history") and certificate.issue(close, "history", run) == made


def test_a_crash_between_ledger_and_bucket_is_made_good_by_the_next_certificate(site: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    judged(site, "pass", "backfill", RUN)
    with monkeypatch.context() as dying:
        dying.setattr(certificate, "publish_certificates", lambda place: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            certificate.issue(site, "backfill", RUN)
    assert not any(key.startswith("certificates") for key in bucket(site))
    certified(site, "reconcile", Run("poco_reconcile/two"))
    assert sorted(key.split("/")[1][:4] for key in bucket(site) if key.endswith("certificate.sig")) == ["0001", "0002"]


def test_keys_are_rotated_by_exchanging_the_key(site: Workplace) -> None:
    first = certified(site, "backfill", RUN)
    other = replace(site, signing_key=signing.from_seed(b"x" * 32))
    second = certified(other, "reconcile", Run("poco_reconcile/two"))
    keys = [json.loads(made.document)["key"] for made in (first, second)]
    assert keys == [signing.key_id(site.signing_key), signing.key_id(other.signing_key)]
    assert json.loads(bucket(site)[certificate.HEAD])["signature"]["key"] == keys[1]


# -- Drafts and signatures -----------------------------------------------------------------------------------------------


def test_what_cannot_be_undone_refuses_without_two_different_signatures(place: Workplace) -> None:
    line = approvals.statement("cutover", RUN.id, "cutover", "0" * 64)
    with pytest.raises(ApprovalMissing, match="nothing of run poco_backfill/one was ever shown to sign"):
        approvals.require_signatures(place, "cutover", RUN, "cutover", [answer("alice", line), answer("bob", line)], 2)
    alice, bob, dana = signed(place, "cutover", RUN, ("alice", "bob", "dana"))
    carol = answer("carol", line) | {"params_input": {"signature": bob["params_input"]["signature"] + " "}}
    claimed = alice | {"responded_by_user": {"id": "bob", "name": "bob"}}
    nobodys = "holds no signature by the key of an approver"
    for answers, why in (
        ([alice, None], "approval 2 of 2 was never answered"),
        ([alice, alice], "1 of 2 people have signed .alice.; the same person cannot sign twice"),
        ([alice, claimed], "1 of 2 people have signed .alice.; the same person cannot sign twice"),
        ([bob, carol], "1 of 2 people have signed .bob.; the same person cannot sign twice"),
        ([alice, answer("bob", option="Reject")], "approval 2 of 2 was rejected"),
        ([alice, dana], nobodys),
        ([alice, answer("bob")], nobodys),
        ([alice, answer("bob", line)], nobodys),
        ([alice, answer("mallory", approvals.statement("cutover", RUN.id, "cutover", shown(place, RUN)))], nobodys),
        ([alice, answer("bob", approvals.statement("cutover", "poco_cutover/other", "cutover", shown(place, RUN)))], nobodys),
        ([alice, answer("bob", approvals.statement("rollback", RUN.id, "rollback", shown(place, RUN)))], nobodys),
        ([], "0 of 2 people have signed"),
    ):
        with pytest.raises(ApprovalMissing, match=why):
            approvals.require_signatures(place, "cutover", RUN, "cutover", answers, 2)
    with psycopg.connect(place.target) as target:
        assert target.execute("select count(*) from migration.approval").fetchone() == (0,)


def shown(place: Workplace, run: Run) -> str:
    with psycopg.connect(place.target) as target:
        return str(approvals.newest_shown(target, "cutover", run, "cutover"))


def test_two_different_people_are_enough_and_are_noted_with_the_draft_they_have_signed(place: Workplace) -> None:
    answers = signed(place, "cutover", RUN)
    assert approvals.require_signatures(place, "cutover", RUN, "cutover", answers, 2) == ["alice", "bob"]
    assert approvals.require_signatures(place, "cutover", RUN, "cutover", answers, 2) == ["alice", "bob"]
    with psycopg.connect(place.target) as target:
        noted = target.execute("select approver, draft from migration.approval order by 1").fetchall()
    assert noted == [("alice", shown(place, RUN)), ("bob", shown(place, RUN))]


def test_the_same_facts_give_the_same_draft_and_other_facts_another_which_must_be_signed_again(site: Workplace) -> None:
    all_judged(site, "cutover", CUTOVER)
    first = draft.make_draft(site, "cutover", CUTOVER, ["It happens."])
    assert draft.make_draft(site, "cutover", CUTOVER, ["It happens."]) == first
    stale = signed(site, "cutover", CUTOVER)
    measured(site, CUTOVER)
    second = draft.make_draft(site, "cutover", CUTOVER, ["It happens."])
    assert second.sha256 != first.sha256
    with pytest.raises(
        ApprovalMissing, match=f"alice has signed another draft or result than the newest one, {second.sha256[:16]}: the facts"
    ):
        approvals.require_signatures(site, "cutover", CUTOVER, "cutover", stale, 2)
    with pytest.raises(ApprovalMissing, match="bob has signed another draft"):
        approvals.require_signatures(site, "cutover", CUTOVER, "cutover", [signed(site, "cutover", CUTOVER)[0], stale[1]], 2)
    assert approvals.require_signatures(site, "cutover", CUTOVER, "cutover", signed(site, "cutover", CUTOVER), 2) == ["alice", "bob"]


@pytest.mark.parametrize(
    ("stage", "irreversible"),
    [
        ("cutover", cutover.switch),
        ("coupon_reissue", coupon_reissue.batches),
        ("history", history.close),
        ("final_shutdown", final_shutdown.close),
    ],
)
def test_what_cannot_be_undone_touches_nothing_when_the_facts_have_changed(
    site: Workplace, stage: str, irreversible: Callable[[Workplace, Run, list[approvals.Answer]], object]
) -> None:
    assert stage in settings.SIGNED
    run = Run(f"poco_{stage}/one")
    all_judged(site, stage, run)
    draft.make_draft(site, stage, run, ["It happens."])
    stale = signed(site, stage, run)
    draft.make_draft(site, stage, run, ["Something else happens."])
    with pytest.raises(ApprovalMissing, match="has signed another draft or result than the newest one"):
        irreversible(site, run, stale)
    assert fence.state(site) == {}


def test_a_gate_that_was_judged_again_behind_the_draft_needs_a_new_draft(site: Workplace) -> None:
    judged(site, "pass", "cutover", CUTOVER, "entry")
    draft.make_draft(site, "cutover", CUTOVER, ["It happens."])
    answers = signed(site, "cutover", CUTOVER)
    judged(site, "pass", "cutover", CUTOVER, "switched")
    approvals.require_signatures(site, "cutover", CUTOVER, "cutover", answers, 2)  # a gate that comes later is no reason
    judged(site, "pass", "cutover", replace(CUTOVER, try_number=2), "entry")
    with pytest.raises(ApprovalMissing, match="gate entry was judged again after the draft"):
        approvals.require_signatures(site, "cutover", CUTOVER, "cutover", answers, 2)


def test_nobody_is_asked_to_sign_a_red_gate(site: Workplace) -> None:
    judged(site, "fail", "cutover", CUTOVER, "entry")
    with pytest.raises(StageRefused, match="gate entry is red, and nobody is asked to sign that"):
        draft.make_draft(site, "cutover", CUTOVER, ["It happens."])


def test_the_certificate_names_the_draft_and_who_signed_it_and_needs_both(site: Workplace) -> None:
    all_judged(site, "cutover", CUTOVER)
    drafted = draft.make_draft(site, "cutover", CUTOVER, ["It happens."])
    with pytest.raises(StageRefused, match="0 of 2 people have signed the newest draft"):
        certificate.issue(site, "cutover", CUTOVER)
    approvals.require_signatures(site, "cutover", CUTOVER, "cutover", signed(site, "cutover", CUTOVER), 2)
    made = json.loads(certificate.issue(site, "cutover", CUTOVER).document)["proof"]
    assert made["draft"] == drafted.sha256
    assert [(a["approver"], a["draft"]) for a in made["approvals"]] == [("alice", drafted.sha256), ("bob", drafted.sha256)]
    assert drafted.sha256 in {file["sha256"] for file in made["evidence"]}


def test_the_second_question_itself_refuses_the_person_who_answered_the_first(site: Workplace) -> None:
    all_judged(site, "cutover", CUTOVER)
    draft.make_draft(site, "cutover", CUTOVER, ["It happens."])

    def said(task: str, given: Any) -> str:
        return approvals.require_answer(site, "cutover", CUTOVER, "cutover", task, given)

    alice, bob = signed(site, "cutover", CUTOVER)
    assert said("approval_1", alice) == said("approval_1", alice) == "alice"
    as_bob = alice | {"responded_by_user": {"id": "bob", "name": "bob"}}
    with pytest.raises(ApprovalMissing, match="approval_2: alice has signed approval_1 already"):
        said("approval_2", as_bob)
    with pytest.raises(ApprovalMissing, match="approval_2 was rejected"):
        said("approval_2", answer("bob", option="Reject", reason="Friday evening"))
    assert said("approval_2", bob) == "bob"
    approvals.note_silence(site, "cutover", CUTOVER, "cutover", "approval_2")
    # Asking until somebody says yes is seen.
    approvals.require_signatures(site, "cutover", CUTOVER, "cutover", [alice, bob], 2)
    told = json.loads(certificate.issue(site, "cutover", CUTOVER).document)["proof"]["objections"]
    assert [(o["task"], o["person"], o["kind"]) for o in told] == [
        ("approval_2", "bob", "refused"), ("approval_2", "bob", "rejected"), ("approval_2", "nobody", "unanswered"),
    ]  # fmt: skip
    assert told[1]["reason"] == "Friday evening" and "alice has signed approval_1 already" in told[0]["reason"]
    draft.make_draft(site, "cutover", CUTOVER, ["Something else happens."])
    assert said("approval_2", signed(site, "cutover", CUTOVER)[0]) == "alice", "of another draft each question may be answered anew"
