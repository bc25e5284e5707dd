"""Between the handover of the orders and the reissue nobody can spend a coupon or a point, so nobody loses one either."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from support.workplaces import RUN, copy_again, copy_all, on_the_day

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.coupons import liability, reissue
from poco_migration.engine.prepare import schema_install
from poco_migration.engine.totals import control_totals
from poco_migration.stages import coupon_reissue

ALL = (0, 9_000_000_000_000_000)
REISSUE = datetime(2024, 12, 2, tzinfo=UTC)
KEY = 900023001  # a coupon of DE, of the customer with the same key


@pytest.fixture
def handed_over(place: Workplace) -> Workplace:
    """All that the cutover moves is at mi.com, and what POCO owed at the handover is kept; nothing is planned yet."""
    copy_all(place, "cutover")
    liability.at_handover(place, RUN, place.settings.moving())
    return on_the_day(place, REISSUE)


def store(place: Workplace, query: str, *parameters: Any, side: str = "source_owner") -> list[tuple[Any, ...]]:
    with psycopg.connect(getattr(place, side), autocommit=True) as connection:
        cursor = connection.execute(query, parameters or None)
        return cursor.fetchall() if cursor.description else []


def at_mi(place: Workplace, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(place.target, autocommit=True, options="-c timezone=UTC") as connection:
        return connection.execute(query, parameters or None).fetchall()


def voucher(place: Workplace, key: int) -> list[tuple[Any, ...]]:
    return at_mi(place, "select state, uses_total, valid_until from mi.vouchers where coupon_ref = mi.poco_key(%s)", key)


def open_liability(place: Workplace) -> list[tuple[Any, ...]]:
    liability.measure_liability(place, RUN)
    return at_mi(place, "select * from migration.liability_open where run = %s", RUN.id)


def test_coupons_that_pocos_jobs_expire_in_the_gap_are_extended_and_issued(handed_over: Workplace) -> None:
    """However the job says it: by the status alone, with an end that has come, with no uses left. One that had ended before stays so."""
    store(handed_over, "update poco.coupons set status = 3, valid_until = '2024-11-01' where id = %s", KEY)
    store(handed_over, "update poco.coupons set status = 3, uses_left = 0 where id = 900023004")
    store(handed_over, "update poco.coupons set status = 3 where id = 900023009")  # it ends on 1 November
    (before,) = store(handed_over, "select id from poco.coupons where region = 'DE' and status = 3 and id not in (900023001, 900023004, 900023009) limit 1")  # fmt: skip
    copy_all(handed_over, "reissue")
    liability.freeze(handed_over, RUN)
    move = reissue.move(handed_over, *ALL, RUN)
    assert move.keys() == {"done"}
    gap = timedelta(days=52)  # 21 October to 12 December
    assert voucher(handed_over, KEY) == [("spendable", 1, datetime(2025, 6, 30, 10, tzinfo=UTC))]
    assert voucher(handed_over, 900023004)[0][:2] == ("spendable", 321)
    assert voucher(handed_over, 900023009) == [("spendable", 1, datetime(2024, 11, 1, 11, tzinfo=UTC) + gap)]
    assert voucher(handed_over, before[0]) == []
    assert coupon_reissue.settle(handed_over, RUN)["refused"] == 0 and open_liability(handed_over) == []
    assert at_mi(handed_over, "select customer from migration.coupon_freeze where coupon_id = %s", KEY) == [(900023001,)]
    assert control_totals.measure_totals(handed_over, ["coupons"], RUN) > 0
    unequal = "select total, region, bucket, source, target from migration.control_total where run = %s and source <> target"
    assert at_mi(handed_over, unequal, RUN.id) == []


def test_what_had_expired_before_the_handover_is_not_owed_though_a_dry_run_had_kept_it(handed_over: Workplace) -> None:
    store(handed_over, "update poco.coupons set status = 3 where id = %s", KEY)
    liability.at_handover(handed_over, RUN, ["DE"])
    copy_all(handed_over, "reissue")
    assert at_mi(handed_over, "select reason from migration.left_out where entity = 'coupons' and source_key = %s", KEY) == [("expired",)]
    assert at_mi(handed_over, "select count(*) from migration.coupon_freeze where coupon_id = %s", KEY) == [(0,)]
    reissue.move(handed_over, *ALL, RUN)
    kept = "select count(*), sum(uses) from migration.coupon_freeze where region = 'DE'"
    owed = at_mi(handed_over, kept)
    liability.at_handover(handed_over, RUN, ["DE"])  # once a coupon is on its way, what was owed stands
    assert at_mi(handed_over, kept) == owed


def test_what_cannot_be_issued_is_given_back_as_expired_as_it_was(handed_over: Workplace) -> None:
    store(handed_over, "update poco.coupons set status = 3 where id = %s", KEY)
    taken = "select coupon_id, epoch, uses_left from poco_export.reserve_coupons(array[%s]::bigint[])"
    assert store(handed_over, taken, KEY, side="source") == [(KEY, 1, 1)]
    given = "select * from poco_export.give_back_coupons(array[%s]::bigint[], array[1])"
    assert store(handed_over, given, KEY, side="source") == [(KEY,)]
    assert store(handed_over, "select status from poco.coupons where id = %s", KEY) == [(3,)]
    assert store(handed_over, taken, KEY, side="source") == [(KEY, 2, 1)]


def test_a_late_reissue_issues_nothing_that_has_ended(handed_over: Workplace) -> None:
    """Each has as many days as it had at the cutover, from the day on which it is issued."""
    ends = {KEY: "2024-11-01", 900023004: "2024-12-20", 900023009: "2025-06-30"}
    for key, day in ends.items():
        store(handed_over, "update poco.coupons set valid_until = %s where id = %s", day, key)
    liability.at_handover(handed_over, RUN, ["DE"])
    copy_all(handed_over, "reissue")
    late = on_the_day(handed_over, datetime(2025, 1, 15, tzinfo=UTC))
    assert reissue.move(late, *ALL, RUN).keys() == {"done"}
    left = at_mi(late, "select coupon_ref - mi.poco_key(0), (valid_until - timestamptz '2025-01-15 00:00 UTC')::text from mi.vouchers where coupon_ref = any (select mi.poco_key(k) from unnest(%s) k) order by 1", list(ends))  # fmt: skip
    assert [(key, text.split()[0]) for key, text in left] == [(KEY, "10"), (900023004, "59"), (900023009, "165")]
    ended = "select count(*) from mi.vouchers v join migration.coupon_reissue c using (reissue_id) where v.valid_until <= c.issued_on"
    assert at_mi(late, ended) == [(0,)]


def book(place: Workplace, key: int, points: int, kind: str = "expired", at: str = "2024-11-05", ends: str | None = None) -> None:
    store(place, "insert into poco.points_ledger (id, region, customer_id, kind, state, points, expires_at, created_at)"
                 " values (%s, 'DE', 900023001, %s, 'posted', %s, %s, %s)", 880_000_000_000 + key, kind, points, ends, at)  # fmt: skip


@pytest.mark.parametrize(("ruling", "moved", "left_out"), [("left_out", 70, -60), ("stand", 10, 0)])
def test_points_that_poco_expires_in_the_gap_follow_the_ruling(place: Workplace, ruling: str, moved: int, left_out: int) -> None:
    gap = place.settings.points_gap.model_copy(update={"expired": ruling})
    place = replace(place, settings=place.settings.model_copy(update={"points_gap": gap}))
    schema_install.store_points_rates(place)
    copy_all(place, "cutover")
    book(place, 1, 100, "earned", "2024-01-05", "2024-11-05")
    book(place, 2, -40, at="2024-10-01")
    liability.at_handover(place, RUN, place.settings.moving())
    book(place, 3, -60)
    book(place, 4, 10, "adjusted")
    copy_all(place, "reissue")
    balance = (
        "select coalesce(sum(points), 0), min(expires_at)::date::text from mi.loyalty_entries where profile_id = mi.poco_key(900023001)"
    )
    assert at_mi(place, balance) == [(moved, "2024-12-26" if ruling == "left_out" else "2024-11-04")]
    liability.measure_liability(place, RUN)
    lines = "select kind, ruling, at_handover, booked, left_out from migration.points_gap where run = %s and region = 'DE' and kind in ('expired', 'adjusted') and booked <> 0 order by 1"  # fmt: skip
    assert at_mi(place, lines, RUN.id) == [("adjusted", ruling, at_mi(place, "select sum(points) from migration.points_freeze where region = 'DE' and kind = 'adjusted'")[0][0] or 0, 10, 0), ("expired", ruling, at_mi(place, "select sum(points) from migration.points_freeze where region = 'DE' and kind = 'expired'")[0][0], -60, left_out)]  # fmt: skip
    assert control_totals.measure_totals(place, ["points_ledger"], RUN) > 0
    assert (
        at_mi(place, "select total, bucket, source, target from migration.control_total where run = %s and source <> target", RUN.id) == []
    )


def test_an_expiry_that_is_dated_back_is_seen(handed_over: Workplace) -> None:
    book(handed_over, 5, -60, at="2020-01-01")
    copy_all(handed_over, "reissue")
    liability.measure_liability(handed_over, RUN)
    against = (
        "select booked, left_out from migration.points_gap where run = %s and region = 'DE' and kind = 'expired' and booked <> left_out"
    )
    assert at_mi(handed_over, against, RUN.id) == [(-60, 0)]


def test_earlier_uses_are_at_mi_com_before_a_voucher_can_be_spent(handed_over: Workplace) -> None:
    """A public coupon, once per customer: whoever has used it at POCO has used it at mi.com, when its voucher can be spent."""
    store(handed_over, "update poco.coupons set per_customer = 1 where id = 900023004")
    store(handed_over, "insert into poco.coupon_redemptions (id, region, coupon_id, order_id, customer_id, amount_minor, redeemed_at)"
                       " values (880000000077, 'DE', 900023004, 900023001, 900023001, 100, '2024-10-01')")  # fmt: skip
    copy_all(handed_over, "reissue")
    reissue.move(handed_over, *ALL, RUN)
    used = "select count(*) from mi.order_discounts where coupon_ref = mi.poco_key(900023004)"
    assert voucher(handed_over, 900023004)[0][0] == "spendable" and at_mi(handed_over, used) == [(1,)]
    copy_again(handed_over, "coupon_redemptions")
    assert at_mi(handed_over, used) == [(1,)]
