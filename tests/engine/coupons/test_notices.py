"""One file per region tells the mailing system whom to write to; no code can be read in it, and a rerun changes no byte."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import psycopg
import pytest
from support.workplaces import MAILING_PRIVATE, RUN, on_the_day

from poco_migration.adapters import sealed_codes
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.coupons import liability, reissue
from poco_migration.errors import ObjectStoreError, StageRefused
from poco_migration.model import Run
from poco_migration.stages import coupon_reissue

pytestmark = pytest.mark.copied("cutover", "reissue")

PREFIX = "coupon_reissue/test-run/"


@pytest.fixture
def reissued(site: Workplace) -> Workplace:
    site = on_the_day(site, datetime(2024, 12, 2, tzinfo=UTC))
    liability.freeze(site, RUN)
    reissue.move(site, 0, 9_000_000_000_000_000, RUN)
    bucket = f"notices-{site.settings.objects.evidence}"
    site.objects.ensure_bucket(bucket)
    kept = site.settings.objects.model_copy(update={"notices": bucket})
    return replace(site, settings=site.settings.model_copy(update={"objects": kept}))


def lying(place: Workplace) -> dict[str, bytes]:
    bucket = place.settings.objects.notices
    return {key: place.objects.get(bucket, key) for key in place.objects.keys(bucket)}


def lines(place: Workplace, region: str) -> list[dict[str, Any]]:
    key = next(key for key in lying(place) if key.startswith(f"{PREFIX}{region}."))
    return [json.loads(line) for line in lying(place)[key].splitlines()]


def codes(place: Workplace) -> dict[str, str]:
    with psycopg.connect(place.target) as target:
        return {str(notice): code for notice, code in target.execute("select reissue_id, code from mi.vouchers where origin = 'poco'")}


def test_every_voucher_is_told_of_once_and_only_the_mailing_system_reads_its_code(reissued: Workplace) -> None:
    written = coupon_reissue.write_notices(reissued, RUN)
    known, told = codes(reissued), [line for region in written for line in lines(reissued, region)]
    assert len(told) == sum(written.values()) > 100 and len({line["notice"] for line in told}) == len(told)
    with psycopg.connect(reissued.target) as target:
        closed = target.execute(
            "select count(*) from mi.vouchers v join mi.profiles p using (profile_id) where p.status <> 'active'"
        ).fetchone()
    assert closed and len(told) + closed[0] == len(known)
    for line in told:
        assert sealed_codes.opened(MAILING_PRIVATE, line["code"], bytes.fromhex(line["notice"].replace("-", ""))) == known[line["notice"]]
    assert len({line["code"] for line in told}) == len(told)
    bodies = b"".join(lying(reissued).values()) + "".join(lying(reissued)).encode()
    assert not [code for code in known.values() if code.encode() in bodies]


def test_a_notice_says_whom_in_which_language_on_which_template_and_until_when(reissued: Workplace) -> None:
    coupon_reissue.write_notices(reissued, RUN)
    with psycopg.connect(reissued.target) as target:
        ids = dict(
            target.execute(
                "select coupon_id - mi.poco_key(0), reissue_id::text from migration.coupon_reissue where state = 'done'"
            ).fetchall()
        )
        account = target.execute("select account_id from mi.profiles where profile_id = mi.poco_key(900023001)").fetchone()
    told = {line["notice"]: line for line in lines(reissued, "DE")}
    personal, public, gap = (told[ids[key]] for key in (900023001, 900023004, 900023009))
    assert account and (personal["account_id"], personal["language"], personal["template"]) == (account[0], "en", "coupon_fixed")
    assert (personal["amount"], personal["currency"], personal["valid_until"]) == ("5.000", "EUR", "2025-06-30T10:00:00+00:00")
    assert (public["account_id"], public["language"], public["template"]) == (None, "de", "coupon_public_fixed")
    assert (public["uses"], public["per_customer"], public["category"]) == (321, 2, "phones")
    assert gap["extended"] is True and not personal["extended"]


def test_a_rerun_writes_the_same_bytes_and_the_manifest_names_them(reissued: Workplace) -> None:
    coupon_reissue.write_notices(reissued, RUN)
    before = lying(reissued)
    with psycopg.connect(reissued.target, autocommit=True) as target:  # customers go on spending
        target.execute("update mi.vouchers set uses_left = 0, state = 'used_up' where uses_left = 1")
    coupon_reissue.write_notices(reissued, RUN)
    assert lying(reissued) == before
    manifest = json.loads(before[f"{PREFIX}manifest.json"])
    assert manifest["sealed_for"] == hashlib.sha256(sealed_codes.raw(reissued.mailing_key)).hexdigest()
    bucket = reissued.settings.objects.notices
    for file in manifest["files"]:
        body = before[file["object"].removeprefix(f"{bucket}/")]
        assert (file["sha256"], file["bytes"], file["notices"]) == (hashlib.sha256(body).hexdigest(), len(body), body.count(b"\n"))
    assert len(manifest["files"]) == len(before) - 1


def test_another_run_tells_only_of_what_no_run_has_told(reissued: Workplace) -> None:
    first = coupon_reissue.write_notices(reissued, RUN)
    with psycopg.connect(reissued.target, autocommit=True) as target:
        target.execute("update migration.coupon_reissue set noticed_by = null where coupon_id = mi.poco_key(900023001)")
    assert coupon_reissue.write_notices(reissued, Run("test/later")) == {"DE": 1} and first["DE"] > 1


def test_without_the_mailing_system_s_key_nobody_is_asked_to_sign(reissued: Workplace) -> None:
    with pytest.raises(StageRefused, match="there is no key of the mailing system"):
        coupon_reissue.planned(replace(reissued, mailing_key=""), RUN)


def test_a_file_that_comes_back_with_other_bytes_is_noticed(reissued: Workplace) -> None:
    with pytest.raises(ObjectStoreError, match="other bytes than were put"):
        reissued.objects.put_stream(reissued.settings.objects.notices, "x", BytesIO(b"one"), hashlib.sha256(b"two").hexdigest())
