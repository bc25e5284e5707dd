"""The stage from its batches to its certificate, with the gate judged by Great Expectations: green as it is, red for one cent, one use."""

from __future__ import annotations

import json
from dataclasses import replace

import psycopg
import pytest
from support import certificates
from support.certificates import signed
from support.workplaces import RUN

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import approvals, draft, gate
from poco_migration.errors import GateStopped
from poco_migration.stages import certification, coupon_reissue

pytestmark = pytest.mark.copied("cutover", "reissue")

FAULTS = {
    "one cent": "update mi.vouchers set amount = amount {} 0.01 where coupon_ref = mi.poco_key(900023001)",
    "one use": "update mi.vouchers set uses_total = uses_total {} 1 where coupon_ref = mi.poco_key(900023004)",
}


@pytest.fixture
def reissued(site: Workplace) -> Workplace:
    bucket = f"notices-{site.settings.objects.evidence}"
    site.objects.ensure_bucket(bucket)
    kept = site.settings.objects.model_copy(update={"notices": bucket})
    place = replace(site, settings=site.settings.model_copy(update={"objects": kept}))
    draft.make_draft(place, "coupon_reissue", RUN, coupon_reissue.planned(place, RUN))
    answers = signed(place, "coupon_reissue", RUN)
    for part in coupon_reissue.batches(place, RUN, answers):
        coupon_reissue.move_batch(place, RUN, part)
    coupon_reissue.settle(place, RUN)
    return place


def judged(place: Workplace, try_number: int) -> str:
    return gate.judge(place, "coupon_reissue", "liability", replace(RUN, try_number=try_number)).verdict


def test_the_gate_is_green_sees_what_is_planted_and_the_certificate_shows_the_equation(reissued: Workplace) -> None:
    coupon_reissue.measure(reissued, RUN)
    assert judged(reissued, 1) == "pass"
    for number, statement in enumerate(FAULTS.values(), start=2):
        with psycopg.connect(reissued.target, autocommit=True) as target:
            target.execute(statement.format("+"))
            assert coupon_reissue.measure(reissued, RUN)["open"] > 0
            with pytest.raises(GateStopped, match="What was owed at the freeze is issued|Every use that was left at the freeze"):
                judged(reissued, number)
            target.execute(statement.format("-"))
        assert coupon_reissue.measure(reissued, RUN)["open"] == 0
    assert judged(reissued, 9) == "pass"
    certificates.judged(reissued, "pass", "coupon_reissue", RUN, "rows")
    coupon_reissue.write_notices(reissued, RUN)
    assert approvals.require_signatures(reissued, "coupon_reissue", RUN, "coupon_reissue", signed(reissued, "coupon_reissue", RUN), 2)
    made = certification.certify(reissued, RUN, "coupon_reissue", {})
    with psycopg.connect(reissued.target) as target:
        row = target.execute("select document from migration.certificate where sequence = %s", (made["sequence"],)).fetchone()
    proof = json.loads(row[0])["proof"] if row else {}
    lines = {entry["line"] for entry in proof["liability"]}
    assert {"freeze", "issued"} < lines and proof["notices"] and not lines & {""}
    page = reissued.objects.get(reissued.settings.objects.evidence, made["report"].split("/", 1)[1]).decode()
    assert "What is owed in coupons" in page and proof["notices"][0]["sha256"] in page
