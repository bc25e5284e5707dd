"""Points and planned coupons are compared row by row before the first coupon leaves POCO; the gate holds whatever follows."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from engine.verify.test_proof import key, owner
from support.certificates import signed
from support.workplaces import Servers, buckets_of_its_own, clone_of

from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import ApprovalMissing, GateStopped
from poco_migration.model import Run
from poco_migration.stages import certification, coupon_reissue, reconcile

RUN = Run("poco_coupon_reissue/test", "gate_rows")


@pytest.fixture
def store(servers: Servers, migrated: Workplace, objects: ObjectStore) -> Workplace:
    return buckets_of_its_own(clone_of(servers, migrated, objects), "reissue-rows")


def compare(place: Workplace) -> int:
    parts = coupon_reissue.parts_to_compare(place, RUN)
    for part in parts:
        reconcile.compare_part(place, RUN, part)
    return len(parts)


def test_a_difference_in_points_or_in_a_coupons_terms_is_red_and_repaired_before_anything_is_reissued(store: Workplace) -> None:
    with pytest.raises(ApprovalMissing):
        coupon_reissue.close(store, RUN, [])
    answers = signed(store, "coupon_reissue", RUN)
    assert coupon_reissue.close(store, RUN, answers) == ["alice", "bob"]
    with psycopg.connect(owner(store), autocommit=True) as target:
        target.execute(f"update mi.loyalty_entries set kind = 'adjusted' where entry_id = {key(900024001)}")
    with psycopg.connect(store.target, autocommit=True) as target:
        target.execute(f"update migration.coupon_reissue set stackable = not stackable where coupon_id = {key(900023004)}")
    assert compare(store) == 3  # with the uses of coupons
    with pytest.raises(GateStopped) as stopped:
        certification.judge(store, RUN, "coupon_reissue", "rows")
    assert "coupons/900023004/stale" in str(stopped.value) or "points_ledger/900024001/stale" in str(stopped.value)
    reconcile.repair(store, RUN)
    assert reconcile.verify(store, RUN) == {"different": 0, "undecided": 0, "foreign": 0}
    with psycopg.connect(store.target) as target:
        repaired = target.execute(
            "select entity, source_key from migration.difference where kind = 'stale' and repaired_at is not null order by 1"
        ).fetchall()
    assert repaired == [("coupons", 900023004), ("points_ledger", 900024001)]
    assert certification.judge(store, replace(RUN, try_number=2), "coupon_reissue", "rows")["verdict"] == "pass"

    # A planned coupon has not migrated: the equation closes only when its voucher can be spent.
    assert reconcile.measure(store, RUN, "reissue")["open"] > 0
    batches = coupon_reissue.batches(store, RUN, answers)
    coupon_reissue.move_batch(store, RUN, batches[0] | {"hi": batches[0]["lo"] + 1})
    assert compare(store) == 2, "once a coupon has left, coupons are not compared again, and their proof stands"
    reconcile.repair(store, RUN)
    assert not any(reconcile.verify(store, RUN).values())
    assert certification.judge(store, replace(RUN, try_number=4), "coupon_reissue", "rows")["verdict"] == "pass"
    for batch in batches:
        coupon_reissue.move_batch(store, RUN, batch)
    coupon_reissue.settle(store, RUN)
    assert reconcile.measure(store, RUN, "reissue")["open"] == 0
    assert compare(store) == 0, "what is handed over is not compared again, and its proof stands"
    reconcile.verify(store, RUN)  # as the DAG does it: a comparison of nothing has its end too
    assert certification.judge(store, replace(RUN, try_number=3), "coupon_reissue", "rows")["verdict"] == "pass"
