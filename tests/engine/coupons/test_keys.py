"""Whoever has this source cannot make a voucher's code: without a key that nobody can guess nobody signs, and nothing is issued."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from support.workplaces import MAILING_PRIVATE, RUN, VOUCHER_KEY, on_the_day

from poco_migration.adapters import sealed_codes, secret_keys
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.coupons import liability, reissue
from poco_migration.engine.prepare import secret_readiness
from poco_migration.errors import OperatorNeeded
from poco_migration.stages import coupon_reissue

pytestmark = pytest.mark.copied("cutover", "reissue")

GUESSABLE = [b"", b"k", b"thirty-one letters, and no more", b"x" * 64, b"abcabc" * 10]
ALL = (0, 9_000_000_000_000_000)


def issue(place: Workplace) -> object:
    return reissue.move(place, *ALL, RUN)


STEPS: list[Callable[[Workplace], object]] = [
    lambda place: coupon_reissue.planned(place, RUN),
    lambda place: coupon_reissue.close(place, RUN, []),
    lambda place: coupon_reissue.batches(place, RUN, []),
    issue,
    lambda place: coupon_reissue.write_notices(place, RUN),
]


@pytest.fixture
def due(site: Workplace) -> Workplace:
    site = on_the_day(site, datetime(2024, 12, 2, tzinfo=UTC))
    liability.freeze(site, RUN)
    return site


def states(place: Workplace) -> dict[str, int]:
    with psycopg.connect(place.target) as target:
        return dict(target.execute("select state, count(*) from migration.coupon_reissue group by 1").fetchall())


@pytest.mark.parametrize("key", GUESSABLE, ids=["none", "one letter", "31 bytes", "one letter often", "three letters often"])
def test_with_a_key_that_can_be_guessed_nobody_signs_and_nothing_is_reserved(due: Workplace, key: bytes) -> None:
    before, weak = states(due), replace(due, voucher_key=key)
    for step in STEPS:
        with pytest.raises(OperatorNeeded, match="connection voucher_key") as told:
            step(weak)
        assert not key or len(key) < 5 or key.decode() not in str(told.value)
    assert states(due) == before and before.keys() == {"planned"}
    with psycopg.connect(due.target) as target:
        assert target.execute("select count(*) from mi.vouchers where origin = 'poco'").fetchone() == (0,)


def test_keys_as_they_are_made_are_strong_enough() -> None:
    for key in (bytes(range(32)), b"0123456789abcdef" * 2, VOUCHER_KEY):
        assert secret_keys.voucher_key(key) == key


def test_readiness_names_each_key_that_is_missing_or_is_none(due: Workplace) -> None:
    def red(place: Workplace) -> set[str]:
        return {finding.check.removeprefix("key ") for finding in secret_readiness.find_keys(place) if not finding.ok}

    assert red(due) == set()
    faults = {"signing_key": "no key", "voucher_key": b"k", "mailing_key": due.signing_key, "archive_key": b"a" * 40}
    for name, fault in faults.items():
        for value in (fault, type(fault)()):
            spoilt = replace(due, **{name: value})
            assert red(spoilt) == {name}
            assert all(not value or str(value) not in finding.measured for finding in secret_readiness.find_keys(spoilt))


def test_the_key_of_the_vouchers_can_be_exchanged_between_two_batches(due: Workplace) -> None:
    """The rotation of the runbook: codes that were made stay, and the mailing system opens them all."""
    with psycopg.connect(due.target) as target:
        (middle,) = target.execute("select percentile_disc(0.5) within group (order by coupon_id) from migration.coupon_reissue").fetchone()  # type: ignore[misc]
    reissue.move(due, 0, middle, RUN)
    with psycopg.connect(due.target) as target:
        first = dict(target.execute("select coupon_ref, code from mi.vouchers where origin = 'poco'").fetchall())
    exchanged = replace(due, voucher_key=bytes(range(40, 80)))
    assert issue(exchanged).keys() == {"done"}  # type: ignore[attr-defined]
    with psycopg.connect(due.target) as target:
        every = dict(target.execute("select coupon_ref, code from mi.vouchers where origin = 'poco'").fetchall())
    assert len(first) > 10 and len(every) > len(first) and first.items() <= every.items()
    bucket = f"notices-{due.settings.objects.evidence}"
    due.objects.ensure_bucket(bucket)
    kept = due.settings.model_copy(update={"objects": due.settings.objects.model_copy(update={"notices": bucket})})
    written = coupon_reissue.write_notices(replace(exchanged, settings=kept), RUN)
    opened = set()
    for key in due.objects.keys(bucket):
        for line in due.objects.get(bucket, key).splitlines() if key.endswith(".jsonl") else ():
            notice = json.loads(line)
            opened.add(sealed_codes.opened(MAILING_PRIVATE, notice["code"], bytes.fromhex(notice["notice"].replace("-", ""))))
    assert len(opened) == sum(written.values()) and opened <= set(every.values())
