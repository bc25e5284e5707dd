"""The switch hands over what it has proven while the store was closed, or nothing; and what is handed over stays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from certifying import signed
from workplaces import RUN, copy_all, followed

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, closing, fence, following, handover, slots
from poco_migration.errors import FenceFailed, SlotLost, StageRefused, TargetError
from poco_migration.stages import backfill, cutover

ENTITIES = [entity.name for entity in cards.of("cutover")]


@pytest.fixture
def copied(place: Workplace) -> Iterator[Workplace]:
    with followed(place) as with_slot:
        copy_all(with_slot, "cutover")
        yield with_slot


def closed_for_good(place: Workplace) -> bool:
    state = fence.state(place)
    return all(state.get(entity, {}).get(region) == fence.FOR_GOOD for entity in ENTITIES for region in place.settings.moving())


def test_the_switch_hands_over_and_the_store_stays_closed(copied: Workplace) -> None:
    cutover.switch(copied, RUN, signed(copied, "cutover", RUN))
    assert len(handover.owned(copied, ENTITIES)) == len(ENTITIES) * len(copied.settings.moving()) and closed_for_good(copied)


def test_what_was_written_until_the_store_closed_is_handed_over_too(
    copied: Workplace, source: psycopg.Connection, target: psycopg.Connection
) -> None:
    source.execute("update poco.orders set note = 'the last one' where id = (select max(id) from poco.orders where region = 'DE')")
    cutover.switch(copied, RUN, signed(copied, "cutover", RUN))
    assert target.execute("select count(*) from mi.orders where note = 'the last one'").fetchone() == (1,)


def test_without_a_slot_nothing_is_closed(place: Workplace) -> None:
    copy_all(place, "cutover")
    with pytest.raises(StageRefused, match="Run poco_prepare"):
        cutover.switch(place, RUN, signed(place, "cutover", RUN))
    assert fence.state(place) == {}


def test_after_a_lost_slot_nothing_is_closed_until_all_rows_have_been_compared(copied: Workplace) -> None:
    slot = copied.settings.follow.slot
    with psycopg.connect(copied.source, autocommit=True) as migrator:
        migrator.execute("select pg_drop_replication_slot(%s)", (slot,))
    with pytest.raises(SlotLost, match="the source does not have it"):
        cutover.switch(copied, RUN, signed(copied, "cutover", RUN))
    assert slots.renew(copied) and not slots.renew(copied)
    with pytest.raises(SlotLost, match="the source does not have it"):
        cutover.switch(copied, RUN, signed(copied, "cutover", RUN))
    assert fence.state(copied) == {}
    with psycopg.connect(copied.target, autocommit=True) as target:
        target.execute("update migration.stream set lost = null")  # as stages/reconcile.py does it (test_difference.py)
    cutover.switch(copied, RUN, signed(copied, "cutover", RUN))


def test_with_too_much_on_its_way_nothing_is_closed(copied: Workplace, source: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze = copied.settings.freeze.model_copy(update={"budget_s": 2, "backlog_keys": 3})
    small = replace(copied, settings=copied.settings.model_copy(update={"freeze": freeze}))
    source.execute("update poco.orders set status = status where region = 'DE'")
    monkeypatch.setattr(following, "apply", lambda *_: 0)
    with pytest.raises(StageRefused, match="at most 3 waiting"):
        cutover.switch(small, RUN, signed(small, "cutover", RUN))
    assert fence.state(copied) == {}


def test_a_backlog_that_cannot_be_copied_in_time_opens_the_store(
    copied: Workplace, source: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze = copied.settings.freeze.model_copy(update={"budget_s": cutover.HANDOVER_SECONDS + 1})
    short = replace(copied, settings=copied.settings.model_copy(update={"freeze": freeze}))
    source.execute("update poco.orders set status = status where region = 'DE'")
    monkeypatch.setattr(following, "apply", lambda *_: 0)
    with pytest.raises(FenceFailed, match="could not be copied within the budget"):
        cutover.switch(short, RUN, signed(short, "cutover", RUN))
    assert handover.owned(copied, ENTITIES) == set() and fence.state(copied) == {}


def test_a_slot_that_is_lost_while_the_store_is_closed_opens_it_at_once(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    drain = following.catch_up

    def lost(*given: Any) -> bool:
        assert fence.state(copied)
        with psycopg.connect(copied.source, autocommit=True) as migrator:
            migrator.execute("select pg_drop_replication_slot(%s)", (copied.settings.follow.slot,))
        return drain(*given)

    monkeypatch.setattr(following, "catch_up", lost)
    with pytest.raises(SlotLost):
        cutover.switch(copied, RUN, signed(copied, "cutover", RUN))
    assert handover.owned(copied, ENTITIES) == set() and fence.state(copied) == {}


def test_a_proof_longer_than_the_budget_hands_nothing_over_and_opens_the_store(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze = copied.settings.freeze.model_copy(update={"budget_s": 5})
    short = replace(copied, settings=copied.settings.model_copy(update={"freeze": freeze}))
    proof = cutover.reconcile.measure
    monkeypatch.setattr(cutover.reconcile, "measure", lambda *given: (proof(*given), time.sleep(2.5)))
    with pytest.raises(FenceFailed, match="longer than the 5 s"):
        cutover.switch(short, RUN, signed(short, "cutover", RUN))
    assert handover.owned(copied, ENTITIES) == set() and fence.state(copied) == {}


def test_the_handover_waits_for_a_copy_in_flight_and_not_for_ever(copied: Workplace) -> None:
    with psycopg.connect(copied.target) as copying:
        handover.refuse_owned(copying, "orders")
        with pytest.raises(TargetError, match="handover: QueryCanceled"):
            handover.to_xiaomi(copied, ENTITIES, copied.settings.moving(), RUN, 1)
    handover.to_xiaomi(copied, ENTITIES, copied.settings.moving(), RUN, 1)
    with psycopg.connect(copied.target) as copying, pytest.raises(StageRefused, match="orders belongs to mi.com"):
        handover.refuse_owned(copying, "orders")


def test_killed_right_after_the_handover_the_rerun_closes_the_store_for_good(copied: Workplace) -> None:
    fence.raise_(copied, ENTITIES, copied.settings.moving())
    handover.to_xiaomi(copied, ENTITIES, copied.settings.moving(), RUN)
    assert not closed_for_good(copied)
    cutover.switch(copied, RUN, signed(copied, "cutover", RUN))
    assert closed_for_good(copied)


def test_a_copy_cleared_after_the_handover_does_not_undo_what_customers_changed(copied: Workplace, target: psycopg.Connection) -> None:
    part = {"entity": "orders", "lo": None, "hi": None}
    backfill.copy_part(copied, RUN, part)
    handover.to_xiaomi(copied, ["orders"], copied.settings.moving(), RUN)
    target.execute(
        "update mi.orders set note = 'changed at mi.com' where order_id = (select max(order_id) from mi.orders where origin = 'poco')"
    )
    with pytest.raises(StageRefused, match="orders belongs to mi.com"):
        backfill.copy_part(copied, RUN, part)
    assert target.execute("select count(*) from mi.orders where note = 'changed at mi.com'").fetchone() == (1,)


def test_a_login_made_before_the_fence_is_ended_behind_it_and_by_a_rerun(copied: Workplace, source: psycopg.Connection) -> None:
    fence.raise_(copied, ["app_tokens"], copied.settings.moving(), for_good=True)
    live = "select count(*) from poco.app_tokens where revoked_at is null and region {} 'IN'"
    before, indian = source.execute(live.format("<>")).fetchone(), source.execute(live.format("=")).fetchone()
    assert before is not None and before[0] > 0
    assert closing.revoke_tokens(copied, copied.settings.moving()) > 0
    assert closing.revoke_tokens(copied, copied.settings.moving()) == 0
    assert source.execute(live.format("=")).fetchone() == indian
