"""The switch hands over what it has proven while the store was closed, or nothing; and what is handed over stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from workplaces import RUN, copy_all

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import approvals, cards, closing, fence, handover
from poco_migration.errors import FenceFailed, StageRefused
from poco_migration.stages import backfill, cutover

SIGNED: list[approvals.Answer] = [
    {"chosen_options": ["Approve"], "responded_by_user": {"id": name}, "responded_at": datetime.now(UTC).isoformat()}
    for name in ("alice", "bob")
]
ENTITIES = [entity.name for entity in cards.of("cutover")]


@pytest.fixture
def copied(place: Workplace) -> Workplace:
    copy_all(place, "cutover")
    return place


def closed_for_good(place: Workplace) -> bool:
    state = fence.state(place)
    return all(state.get(entity, {}).get(region) == fence.FOR_GOOD for entity in ENTITIES for region in place.settings.moving())


def test_the_switch_hands_over_and_the_store_stays_closed(copied: Workplace) -> None:
    cutover.switch(copied, RUN, SIGNED)
    assert len(handover.owned(copied, ENTITIES)) == len(ENTITIES) * len(copied.settings.moving()) and closed_for_good(copied)


def test_a_proof_longer_than_the_budget_hands_nothing_over_and_opens_the_store(copied: Workplace) -> None:
    freeze = copied.settings.freeze.model_copy(update={"budget_s": 1})
    short = replace(copied, settings=copied.settings.model_copy(update={"freeze": freeze}))
    with pytest.raises(FenceFailed, match="longer than the 1 s"):
        cutover.switch(short, RUN, SIGNED)
    assert handover.owned(copied, ENTITIES) == set() and fence.state(copied) == {}


def test_killed_right_after_the_handover_the_rerun_closes_the_store_for_good(copied: Workplace) -> None:
    fence.raise_(copied, ENTITIES, copied.settings.moving())
    handover.to_xiaomi(copied, ENTITIES, copied.settings.moving(), RUN)
    assert not closed_for_good(copied)
    cutover.switch(copied, RUN, SIGNED)
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
