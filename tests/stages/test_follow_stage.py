"""The stage around following: bounded runs, an alarm that is loud once and patient then, and an end that is final."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from support.certificates import signed
from support.workplaces import RUN, followed

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.cutover import fence, handover
from poco_migration.engine.follow import change_capture, heartbeat, replication_slot
from poco_migration.errors import BacklogAlarm, NothingToDo, SlotLost, SourceReplaced, StageRefused
from poco_migration.stages import coupon_reissue, cutover, follow, history, reconcile


@pytest.fixture
def live(place: Workplace) -> Iterator[Workplace]:
    with followed(place) as with_slot:
        limits = with_slot.settings.follow.model_copy(update={"run_seconds": 2})
        yield replace(with_slot, settings=with_slot.settings.model_copy(update={"follow": limits}))


def drop_slot(place: Workplace) -> None:
    with psycopg.connect(place.source_follower, autocommit=True) as source:
        source.execute("select pg_drop_replication_slot(%s)", (place.settings.follow.slot,))


def followed_to_the_end(place: Workplace) -> dict[str, Any]:
    """What the last run says: on a slow machine one of two seconds leaves what its only pass has made dirty, and the next one goes on."""
    for _ in range(30):
        found = follow.follow(place, RUN)
        if not found["keys"]:
            return found
    raise AssertionError(f"runs leave keys for ever: {found}")


def slot_names(place: Workplace) -> set[str]:
    with psycopg.connect(place.source) as source:
        return {row[0] for row in source.execute("select slot_name from pg_replication_slots")}


@pytest.mark.copied("cutover")
def test_a_run_copies_what_changes_and_ends_with_the_lag(live: Workplace, source: psycopg.Connection, target: psycopg.Connection) -> None:
    source.execute("update poco.orders set note = 'followed' where region = 'DE'")
    began = time.monotonic()
    found = followed_to_the_end(live)
    assert time.monotonic() - began >= 2
    assert found["keys"] == 0 and found["seconds"] == 0
    assert target.execute("select count(*) > 0 from mi.orders where note = 'followed'").fetchone() == (True,)


def test_before_the_slot_is_made_a_run_says_what_to_run(place: Workplace) -> None:
    with pytest.raises(StageRefused, match="Run poco_prepare"):
        follow.follow(place, RUN)


def test_a_lost_slot_is_told_at_once_and_then_once_a_run(live: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    drop_slot(live)
    wait, waits = follow._wait, list[float]()
    monkeypatch.setattr(follow, "_wait", lambda place, ends: waits.append(ends) or wait(place, ends))
    for waited in (0, 1):
        began = time.monotonic()
        with pytest.raises(SlotLost, match="Run poco_reconcile"):
            follow.follow(live, RUN)
        assert len(waits) == waited and time.monotonic() - began >= 2 * waited


def test_a_store_that_a_dead_switch_left_closed_is_opened_though_no_pass_succeeds(live: Workplace) -> None:
    names, regions = [entity.name for entity in cards.moving_at("cutover")], list(live.settings.moving())
    with psycopg.connect(live.target, autocommit=True) as target:
        target.execute(
            "insert into migration.switch_step (run, attempt, step, regions) values ('dead', 1, %s, %s)", (cutover.SEAL, regions)
        )
    fence.raise_(live, names, regions, for_good=True)
    drop_slot(live)
    with pytest.raises(SlotLost):
        follow.follow(live, RUN)
    assert fence.state(live) == {}


def test_a_run_says_that_somebody_follows(live: Workplace, target: psycopg.Connection) -> None:
    target.execute("update migration.stream set followed_at = null")
    follow.follow(live, RUN)
    silent = heartbeat.silent_seconds(live)
    assert silent is not None and silent < 60


@pytest.mark.copied("cutover")
def test_a_pocos_server_that_is_another_one_is_noticed_and_compared_with(live: Workplace, target: psycopg.Connection) -> None:
    """As the ledger has it, the log was read from timeline 7; a standby that is promoted begins another."""
    known = target.execute("select server from migration.stream").fetchone()
    target.execute("update migration.stream set server = split_part(server, '/', 1) || '/7'")
    with pytest.raises(SourceReplaced, match="Run poco_reconcile"):
        follow.follow(live, RUN)
    with pytest.raises(SlotLost, match="all rows must be compared"):
        replication_slot.require_whole(live)
    assert reconcile.renew_slot(live, RUN) == {"renewed": True}
    assert target.execute("select server from migration.stream").fetchone() == known and replication_slot.require_slot(live).lost
    target.execute("update migration.stream set captured = 'FFFFFFF/0'")
    with pytest.raises(SourceReplaced, match="ends before that"):
        follow.follow(live, RUN)


@pytest.mark.copied("cutover")
def test_a_store_that_has_forgotten_that_mi_com_owns_a_region_makes_the_run_red(live: Workplace) -> None:
    fence.raise_(live, ["orders", "reviews"], ["DE", "FR"], for_good=True)
    handover.to_xiaomi(live, ["orders", "reviews"], ["DE", "FR"], RUN)
    follow.follow(live, RUN)
    fence.reopen(live, ["orders"], ["FR"])
    with pytest.raises(BacklogAlarm, match=r"1 entities and regions that mi\.com owns \(first: orders/FR\)"):
        follow.follow(live, RUN)


@pytest.mark.copied("cutover")
def test_a_slot_made_anew_is_followed_while_the_loss_stays_known(live: Workplace, source: psycopg.Connection) -> None:
    drop_slot(live)
    with pytest.raises(SlotLost):
        follow.follow(live, RUN)
    assert replication_slot.renew(live)
    source.execute("update poco.orders set note = 'again' where region = 'DE'")
    assert followed_to_the_end(live)["keys"] == 0
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


@pytest.mark.copied("cutover", "history")
def test_a_review_written_before_history_closed_is_copied_before_it_is_handed_over(
    live: Workplace, source: psycopg.Connection, target: psycopg.Connection
) -> None:
    changed = source.execute("update poco.reviews set title = 'the last one' where region = 'DE' and id < 900000000").rowcount
    fence.raise_(live, [entity.name for entity in cards.moving_at("history")], live.settings.moving(), for_good=True)
    history.hand_over(live, RUN)
    assert changed and target.execute("select count(*) from mi.reviews where title = 'the last one'").fetchone() != (0,)
    assert target.execute("select count(*) from migration.dirty").fetchone() == (0,)


@pytest.mark.copied("cutover", "reissue")
def test_the_marks_of_the_reissue_itself_are_not_followed(live: Workplace) -> None:
    batches = coupon_reissue.batches(live, RUN, signed(live, "coupon_reissue", RUN))
    for part in batches:
        coupon_reissue.move_batch(live, RUN, part)
    with psycopg.connect(live.source, autocommit=True) as source:
        assert source.execute("select count(*) > 0 from poco_export.coupons where status = 6").fetchone() == (True,)
    with psycopg.connect(live.source_follower, autocommit=True) as source, psycopg.connect(live.target, autocommit=True) as target:
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
        with connection_pair.connect(replace(live, source=live.source_follower), RUN) as opened:
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
