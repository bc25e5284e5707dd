"""The stage around following: bounded runs, an alarm that is loud once and patient then, and an end that is final."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from support.certificates import signed
from support.workplaces import RUN, followed

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import connection_pair
from poco_migration.engine.follow import change_capture, replication_slot
from poco_migration.errors import BacklogAlarm, NothingToDo, SlotLost, StageRefused
from poco_migration.stages import coupon_reissue, follow, reconcile


@pytest.fixture
def live(place: Workplace) -> Iterator[Workplace]:
    with followed(place) as with_slot:
        limits = with_slot.settings.follow.model_copy(update={"run_seconds": 2})
        yield replace(with_slot, settings=with_slot.settings.model_copy(update={"follow": limits}))


def drop_slot(place: Workplace) -> None:
    with psycopg.connect(place.source, autocommit=True) as source:
        source.execute("select pg_drop_replication_slot(%s)", (place.settings.follow.slot,))


def slot_names(place: Workplace) -> set[str]:
    with psycopg.connect(place.source) as source:
        return {row[0] for row in source.execute("select slot_name from pg_replication_slots")}


@pytest.mark.copied("cutover")
def test_a_run_copies_what_changes_and_ends_with_the_lag(live: Workplace, source: psycopg.Connection, target: psycopg.Connection) -> None:
    source.execute("update poco.orders set note = 'followed' where region = 'DE'")
    began = time.monotonic()
    found = follow.follow(live, RUN)
    assert 2 <= time.monotonic() - began < 10
    assert found["keys"] == 0 and found["seconds"] == 0
    assert target.execute("select count(*) > 0 from mi.orders where note = 'followed'").fetchone() == (True,)


def test_before_the_slot_is_made_a_run_says_what_to_run(place: Workplace) -> None:
    with pytest.raises(StageRefused, match="Run poco_prepare"):
        follow.follow(place, RUN)


def test_a_lost_slot_is_told_at_once_and_then_once_a_run(live: Workplace) -> None:
    drop_slot(live)
    for at_least, below in ((0, 1.5), (2, 6)):
        began = time.monotonic()
        with pytest.raises(SlotLost, match="Run poco_reconcile"):
            follow.follow(live, RUN)
        assert at_least <= time.monotonic() - began < below


@pytest.mark.copied("cutover")
def test_a_slot_made_anew_is_followed_while_the_loss_stays_known(live: Workplace, source: psycopg.Connection) -> None:
    drop_slot(live)
    with pytest.raises(SlotLost):
        follow.follow(live, RUN)
    assert replication_slot.renew(live)
    source.execute("update poco.orders set note = 'again' where region = 'DE'")
    assert follow.follow(live, RUN)["keys"] == 0
    assert replication_slot.require_slot(live).lost


@pytest.mark.copied("cutover")
def test_the_shutdown_ends_it_and_leaves_neither_slot_nor_publication(live: Workplace, source: psycopg.Connection) -> None:
    replication_slot.drop_slot(live)
    replication_slot.drop_slot(live)
    assert live.settings.follow.slot not in slot_names(live)
    assert source.execute("select count(*) from pg_publication").fetchone() == (0,)
    with pytest.raises(NothingToDo, match="the shutdown has dropped the slot"):
        follow.follow(live, RUN)
    assert not replication_slot.renew(live)


def test_a_run_during_which_the_shutdown_drops_the_slot_is_no_alarm(live: Workplace) -> None:
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(follow.follow, live, RUN)
        time.sleep(0.7)
        replication_slot.drop_slot(live)
        with pytest.raises(NothingToDo):
            running.result(30)
    assert replication_slot.require_slot(live).lost is None


@pytest.mark.copied("cutover", "reissue")
def test_points_earned_after_their_copy_and_before_the_store_closed_for_them_arrive(
    live: Workplace, source: psycopg.Connection, target: psycopg.Connection
) -> None:
    source.execute("insert into poco.points_ledger select 5000000 + id, region, customer_id, kind, state, points, null, null, created_at"
                   " from poco.points_ledger where region = 'DE' and id < 2000000")  # fmt: skip
    coupon_reissue.batches(live, RUN, signed(live, "coupon_reissue", RUN))
    before = source.execute("select count(*) from poco_export.points_ledger where id between 5000000 and 8000000").fetchone()
    after = target.execute(
        "select count(*) from mi.loyalty_entries where entry_id between mi.poco_key(5000000) and mi.poco_key(8000000)"
    ).fetchone()
    parked = target.execute(
        "select count(*) from migration.quarantine where entity = 'points_ledger' and source_key between 5000000 and 8000000"
    ).fetchone()
    left = target.execute(
        "select count(*) from migration.left_out where entity = 'points_ledger' and source_key between 5000000 and 8000000"
    ).fetchone()
    assert before is not None and after is not None and parked is not None and left is not None
    assert before[0] > 0 and after[0] > 0 and before[0] == after[0] + parked[0] + left[0]


@pytest.mark.copied("cutover", "reissue")
def test_the_marks_of_the_reissue_itself_are_not_followed(live: Workplace) -> None:
    batches = coupon_reissue.batches(live, RUN, signed(live, "coupon_reissue", RUN))
    for part in batches:
        coupon_reissue.move_batch(live, RUN, part)
    with psycopg.connect(live.source, autocommit=True) as source, psycopg.connect(live.target, autocommit=True) as target:
        assert source.execute("select count(*) > 0 from poco_export.coupons where status = 6").fetchone() == (True,)
        assert change_capture.capture(source, target, live.settings.follow.slot).keys == 0
    assert coupon_reissue.batches(live, RUN, signed(live, "coupon_reissue", RUN)) == []


@pytest.mark.copied("cutover", "reissue")
def test_with_a_lost_slot_coupons_and_points_are_copied_whole_before_the_reissue(live: Workplace, source: psycopg.Connection) -> None:
    drop_slot(live)
    with pytest.raises(SlotLost):
        follow.follow(live, RUN)
    source.execute("update poco.points_ledger set points = points + 7 where region = 'DE'")
    coupon_reissue.batches(live, RUN, signed(live, "coupon_reissue", RUN))
    with psycopg.connect(live.target) as target:
        written = "select count(*) from migration.receipt where entity in ('coupons', 'points_ledger') and rows_changed > 0 and lo is null and hi is null"
        assert target.execute(written).fetchone() == (3,)  # both at first, the points again


@pytest.mark.copied("cutover")
def test_an_alarm_makes_the_run_red_at_its_end_and_what_changed_is_copied_all_the_same(live: Workplace, source: psycopg.Connection) -> None:
    source.execute("update poco.orders set note = 'with an alarm' where region = 'DE'")
    small = live.settings.follow.model_copy(update={"wal_budget_mb": 1, "alarm_share": 0.000001})
    place = replace(live, settings=live.settings.model_copy(update={"follow": small}))
    with pytest.raises(BacklogAlarm, match="goes on by itself"):
        follow.follow(place, RUN)
    with psycopg.connect(live.target) as target:
        assert target.execute("select count(*) > 0 from mi.orders where note = 'with an alarm'").fetchone() == (True,)


@pytest.mark.copied("cutover")
def test_after_a_lost_slot_only_what_differs_is_copied_and_no_key_is_missed(live: Workplace, source: psycopg.Connection) -> None:
    drop_slot(live)
    changed = source.execute("update poco.orders set note = 'in no log' where region = 'DE' and status = 50 and id % 5 = 0").rowcount
    gone = source.execute("delete from poco.consents where region = 'FR' and id % 7 = 0 and id < 900000000").rowcount
    with pytest.raises(SlotLost):
        follow.follow(live, RUN)
    with psycopg.connect(live.target, autocommit=True) as target:
        before = target.execute("select coalesce(max(receipt_id), 0) from migration.receipt").fetchone()
        assert reconcile.renew_slot(live, RUN) == {"renewed": True}
        for part in reconcile.parts_to_compare(live, RUN, "cutover"):
            reconcile.compare_part(live, RUN, part)
        repaired = reconcile.repair(live, RUN)
        assert replication_slot.require_slot(live).lost, "not before the repair has been looked at again"
        assert reconcile.verify(live, RUN) == {"different": 0, "undecided": 0, "foreign": 0}
        assert replication_slot.require_slot(live).lost is None
        wrote = target.execute("select sum(rows_changed), sum(rows_gone) from migration.receipt where receipt_id > %s", before).fetchone()
        aside = target.execute("select count(*) from migration.quarantine where resolved_at is null").fetchone()
    assert changed > 10 and gone > 10 and wrote == (changed, gone)
    # Besides, what is set aside for a reason that only copying can tell again: looked at, and not written.
    looked_at = repaired["copied"] - changed - gone
    assert aside is not None and 0 <= looked_at <= aside[0]
    print(f"{changed + gone} rows had changed while there was no log, as many were written; {looked_at} that are set aside were looked at")


def test_a_slot_that_somebody_advances_does_not_look_lost(live: Workplace, source: psycopg.Connection) -> None:
    """The ledger is read, then the slot; whoever advances it in between must not make it look as if it had forgotten."""
    stop = threading.Event()

    def follows() -> None:
        with connection_pair.connect(live, RUN) as opened:
            while not stop.is_set():
                change_capture.capture(opened.source, opened.target, live.settings.follow.slot)

    with ThreadPoolExecutor(1) as pool:
        follower = pool.submit(follows)
        for number in range(60):
            source.execute("update poco.orders set note = %s where region = 'DE' and id < 5000", (f"n{number}",))
            assert not replication_slot.renew(live)
        stop.set()
        follower.result(30)
    assert replication_slot.require_slot(live).lost is None
