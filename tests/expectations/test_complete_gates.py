"""A certificate has every gate of its stage, judged in its run on the newest facts, with every try; and the verifier knows it too."""

from __future__ import annotations

import re
import runpy
from dataclasses import replace

import psycopg
import pytest
from support.certificates import all_judged, answer, certified, judged, signed

from poco_migration import settings
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import approvals, certificate, draft, facts
from poco_migration.engine.milestones import stage_entry
from poco_migration.errors import ApprovalMissing, StageRefused
from poco_migration.model import Run

RUN = Run("poco_cutover/one")


def keys_of(place: Workplace, part: str) -> list[str]:
    bucket = place.settings.objects.evidence
    return [key for key in place.objects.keys(bucket) if part in key]


def test_the_declared_gates_are_those_of_the_folders_the_dag_files_and_the_verifier() -> None:
    folders = {
        folder.name: {path.stem for path in folder.glob("*.yml")}
        for folder in settings.EXPECTATIONS.iterdir()
        if folder.is_dir() and list(folder.glob("*.yml"))
    }
    dags: dict[str, set[str]] = {}
    for path in (settings.PROJECT / "dags").glob("*.py"):
        for stage, name in re.findall(r'\bgate\("(\w+)", "(\w+)"\)', path.read_text("utf-8")):
            dags.setdefault(stage, set()).add(name)
    declared = {stage: set(gates) for stage, gates in settings.GATES.items()}
    assert declared == folders == dags
    verifier = runpy.run_path(str(settings.EXPECTATIONS / "verify.py"), run_name="verify")
    assert verifier["GATES"] == settings.GATES and verifier["NEEDS"] == stage_entry.NEEDS
    assert verifier["SIGNED_BY_TWO"] == settings.SIGNED
    assert all(set(gates) <= settings.GATES[stage].keys() for stage, gates in settings.BEFORE_SIGNING.items())


@pytest.mark.parametrize("stage", ["backfill", "reconcile", "coupon_reissue", "history"])
def test_a_stage_is_not_certified_while_one_of_its_gates_was_not_judged(site: Workplace, stage: str) -> None:
    run, gates = Run(f"poco_{stage}/one"), list(settings.GATES[stage])
    for name in gates[:-1]:
        judged(site, "pass", stage, run, name)
    judged(site, "pass", stage, Run(f"poco_{stage}/another"), gates[-1])  # of another run, it is no gate of this one
    said = "nothing to certify" if len(gates) == 1 else f"gate {gates[-1]} has not been judged in this run"
    with pytest.raises(StageRefused, match=said):
        certificate.issue(site, stage, run)


def test_nobody_signs_before_the_entry_gate_was_judged_and_its_warnings_were_accepted(site: Workplace) -> None:
    with pytest.raises(StageRefused, match="gate entry has not been judged in this run"):
        draft.make_draft(site, "cutover", RUN, ["It happens."])
    judged(site, "warn", "cutover", RUN, "entry")
    with pytest.raises(StageRefused, match="gate entry has warnings nobody has accepted, and nobody is asked to sign that"):
        draft.make_draft(site, "cutover", RUN, ["It happens."])
    approvals.require_signatures(site, "cutover", RUN, "warnings of entry", [answer("alice")], 1)
    draft.make_draft(site, "cutover", RUN, ["It happens."])


def test_a_signature_does_not_outlive_the_facts_of_its_draft(site: Workplace) -> None:
    judged(site, "pass", "cutover", RUN, "entry")
    draft.make_draft(site, "cutover", RUN, ["It happens."])
    answers = signed(site, "cutover", RUN)
    with facts.measured(site, RUN, "counts"):
        pass
    with pytest.raises(ApprovalMissing, match="does not stand on the facts of this run: gate entry was judged on other facts"):
        approvals.require_signatures(site, "cutover", RUN, "cutover", answers, 2)


def test_a_gate_that_was_judged_before_its_facts_or_on_half_of_them_is_not_certified(site: Workplace) -> None:
    run = Run("poco_backfill/one")
    all_judged(site, "backfill", run)
    facts.begins(site, run, "counts")
    with pytest.raises(StageRefused, match="gate loaded was judged on other facts than the newest ones of this run .'counts'"):
        certificate.issue(site, "backfill", run)
    with facts.measured(site, run, "counts"):
        pass
    with pytest.raises(StageRefused, match="gate loaded was judged on other facts"):
        certificate.issue(site, "backfill", run)
    judged(site, "pass", "backfill", replace(run, try_number=2))
    certificate.issue(site, "backfill", run)


def test_an_acceptance_of_an_earlier_try_does_not_count_for_a_later_one(site: Workplace) -> None:
    run = Run("poco_backfill/one")
    judged(site, "warn", "backfill", run)
    approvals.require_signatures(site, "backfill", run, "warnings of loaded", [answer("alice")], 1)
    with psycopg.connect(site.ledger, autocommit=True) as target:
        target.execute("update migration.approval set answered_at = answered_at - interval '5 minutes'")
    judged(site, "warn", "backfill", replace(run, try_number=2))
    with pytest.raises(StageRefused, match="warnings nobody has accepted"):
        certificate.issue(site, "backfill", run)


def test_a_red_try_that_is_deleted_from_the_bucket_is_missed(site: Workplace) -> None:
    run = Run("poco_backfill/one")
    judged(site, "fail", "backfill", run)
    judged(site, "pass", "backfill", replace(run, try_number=2))
    bucket, [red] = site.settings.objects.evidence, keys_of(site, "-try1/result.json")
    body = site.objects.get(bucket, red)
    site.objects.delete(bucket, red)
    with pytest.raises(StageRefused, match="is gone: it is what gate loaded left there"):
        certificate.issue(site, "backfill", run)
    site.objects.put(bucket, red, body.replace(b'"fail"', b'"pass"'))
    with pytest.raises(StageRefused, match="is not what gate loaded left there"):
        certificate.issue(site, "backfill", run)
    site.objects.put(bucket, red, body)
    made = certificate.issue(site, "backfill", run)
    assert '"verdict":"fail"' in made.document, "the red try is certified too"


def test_a_result_of_a_run_that_was_given_up_is_missed_by_the_next_certificate(site: Workplace) -> None:
    judged(site, "fail", "backfill", Run("poco_backfill/given-up"))
    [red] = keys_of(site, "given-up/-try1/result.json") or keys_of(site, "result.json")
    site.objects.delete(site.settings.objects.evidence, red)
    assert red in certified(site, "backfill", Run("poco_backfill/one")).document
    assert red not in certified(site, "backfill", Run("poco_backfill/two")).document, "it is told once"
