"""The switch hands over what it has proven while the store was closed, or nothing; and what is handed over stays."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from faults import database_pairs
from support.certificates import signed
from support.hanging_commit import a_commit_hangs
from support.workplaces import RUN, Servers, compare_all, copy_all, prepared

from poco_migration.adapters.log_stream import LogStream
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.cutover import fence, handover, reopening, stopping
from poco_migration.engine.follow import applier, change_capture, follower, heartbeat, replication_slot
from poco_migration.engine.ledger import locks, ownership
from poco_migration.engine.shutdown import decommission
from poco_migration.engine.verify import currency_list, measurement, reverification
from poco_migration.errors import FenceFailed, SlotLost, StageRefused, TargetError
from poco_migration.model import Run
from poco_migration.stages import backfill, cutover, reconcile, rollback, switch_steps

ENTITIES = [entity.name for entity in cards.moving_at("cutover")]


def switch(place: Workplace, run: Run = RUN) -> dict[str, Any]:
    return cutover.switch(place, run, signed(place, "cutover", run))


@pytest.fixture(scope="module")
def moved(servers: Servers) -> Workplace:
    """Everything copied, compared and rehearsed: a pair to clone."""
    place = prepared(servers)
    replication_slot.create_publication(place)
    copy_all(place, "cutover")
    compare_all(place)
    rollback.rehearse(place, RUN)
    return place


@pytest.fixture
def copied(moved: Workplace, servers: Servers) -> Iterator[Workplace]:
    with database_pairs.following_pair(moved, servers, "cutover") as pair:
        yield pair


@pytest.fixture
def source(copied: Workplace) -> Iterator[psycopg.Connection]:
    with psycopg.connect(copied.source_owner, autocommit=True) as connection:
        yield connection


@pytest.fixture
def target(copied: Workplace) -> Iterator[psycopg.Connection]:
    with psycopg.connect(copied.target, autocommit=True, options="-c timezone=UTC") as connection:
        yield connection


def closed_for_good(place: Workplace) -> bool:
    state = fence.state(place)
    return all(state.get(entity, {}).get(region) == fence.FOR_GOOD for entity in ENTITIES for region in place.settings.moving())


def test_the_switch_hands_over_and_the_store_stays_closed(copied: Workplace) -> None:
    switch(copied, RUN)
    assert len(ownership.read_ownership(copied, ENTITIES).away) == len(ENTITIES) * len(copied.settings.moving()) and closed_for_good(copied)


def test_what_was_written_until_the_store_closed_is_handed_over_too(
    copied: Workplace, source: psycopg.Connection, target: psycopg.Connection
) -> None:
    source.execute("update poco.orders set note = 'the last one' where id = (select max(id) from poco.orders where region = 'DE')")
    switch(copied, RUN)
    assert target.execute("select count(*) from mi.orders where note = 'the last one'").fetchone() == (1,)


def test_what_is_owed_is_kept_as_it_was_at_the_switch(
    copied: Workplace, source: psycopg.Connection, target: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A coupon that is spent until the store closes is not owed any more; one that POCO's job expires behind the handover is."""
    keep = switch_steps.at_handover

    def kept(place: Workplace, run: Run, regions: list[str], at: str | None = None) -> None:
        if at:
            source.execute("update poco.coupons set status = 3 where id = 900023001")
        keep(place, run, regions, at)
        if not at:
            source.execute("update poco.coupons set status = 2, uses_left = 0 where id = 900023002")

    monkeypatch.setattr(switch_steps, "at_handover", kept)
    switch(copied, RUN)
    both = " from {} where coupon_id in (900023001, 900023002)"
    assert target.execute("select coupon_id, customer" + both.format("migration.coupon_freeze")).fetchall() == [(900023001, 900023001)]
    assert source.execute("select coupon_id" + both.format("poco_export.owed_coupons")).fetchall() == [(900023001,)]
    assert target.execute("select count(*) > 0 from migration.points_freeze").fetchone() == (True,)


@pytest.mark.copied("cutover")
def test_without_a_slot_nothing_is_closed(place: Workplace) -> None:
    with pytest.raises(StageRefused, match="Run poco_prepare"):
        switch(place, RUN)
    assert fence.state(place) == {}


def test_after_a_lost_slot_nothing_is_closed_until_all_rows_have_been_compared(copied: Workplace) -> None:
    slot, answers = copied.settings.follow.slot, signed(copied, "cutover", RUN)
    with psycopg.connect(copied.source_follower, autocommit=True) as migrator:
        migrator.execute("select pg_drop_replication_slot(%s)", (slot,))
    with pytest.raises(SlotLost, match="the source does not have it"):
        cutover.switch(copied, RUN, answers)
    assert replication_slot.renew(copied) and not replication_slot.renew(copied)
    with pytest.raises(SlotLost, match="the source does not have it"):
        cutover.switch(copied, RUN, answers)
    assert fence.state(copied) == {}
    with psycopg.connect(copied.target, autocommit=True) as target:
        target.execute("update migration.stream set lost = null")  # as stages/reconcile.py does it (test_difference.py)
    cutover.switch(copied, RUN, answers)


def with_freeze(place: Workplace, **limits: Any) -> Workplace:
    freeze = place.settings.freeze.model_copy(update=limits)
    return replace(place, settings=place.settings.model_copy(update={"freeze": freeze}))


def before(step: str, do: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have something happen right before a step of the plan."""
    steps = [replace(known, do=_both(do, known.do)) if known.name == step else known for known in cutover.PLAN]
    assert any(known.name == step for known in steps)
    monkeypatch.setattr(cutover, "PLAN", tuple(steps))


def _both(first: Callable[[], Any], then: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda switch: (first(), then(switch))[1]


def note(place: Workplace, region: str, text: str) -> None:
    """A write of a customer of this region, as the store's owner would make it."""
    with psycopg.connect(place.source_owner, autocommit=True) as connection:
        connection.execute(
            "update poco.orders set note = %s where id = (select min(id) from poco.orders where region = %s and customer_id is not null)",
            (text, region),
        )


def test_a_window_longer_than_the_budget_is_foreseen_and_nothing_is_closed(copied: Workplace, source: psycopg.Connection) -> None:
    with pytest.raises(StageRefused, match="the store would be closed for about"):
        switch(with_freeze(copied, budget_s=2), RUN)
    assert fence.state(copied) == {}


def test_rows_that_were_copied_whole_and_not_compared_since_refuse_it(copied: Workplace) -> None:
    backfill.copy_part(copied, RUN, {"entity": "orders", "lo": None, "hi": None})
    with pytest.raises(StageRefused, match=r"not compared row by row since: orders \(1\)"):
        switch(copied, RUN)
    assert fence.state(copied) == {}


def test_a_backlog_that_cannot_be_copied_opens_the_store(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applier, "apply", lambda *_: 0)
    before("close", lambda: note(copied, "DE", "too late"), monkeypatch)
    with pytest.raises(FenceFailed, match="keys that were written before the store closed could not be copied"):
        switch(copied, RUN)
    assert ownership.read_ownership(copied, ENTITIES).away == set() and fence.state(copied) == {}


def test_a_drain_without_end_opens_the_store(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    before("drain", lambda: monkeypatch.setattr(applier, "apply", lambda *_: time.sleep(0.2) or 1), monkeypatch)
    with pytest.raises(StageRefused, match="could not be copied within"):
        switch(with_freeze(copied, budget_s=7), RUN)
    assert ownership.read_ownership(copied, ENTITIES).away == set() and fence.state(copied) == {}


LAST = "update poco.orders set note = 'the last one' where id = (select max(id) from poco.orders where region = 'DE' and id < 900000000)"


def test_a_commit_that_hangs_is_waited_for_or_the_store_is_opened_and_nothing_acknowledged_is_lost(
    copied: Workplace, source: psycopg.Connection, target: psycopg.Connection, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that stays open for now; behind it in the log an order of Germany, acknowledged right before the store closes."""
    monkeypatch.setattr(change_capture, "VISIBLE_SECONDS", 1.0)
    with a_commit_hangs(servers.source, copied), pytest.raises(StageRefused, match="not seen after 1 s: its commit waits"):
        switch(copied, RUN)
    with psycopg.connect(copied.target) as ledger:
        assert ledger.execute("select array_agg(distinct step) from migration.switch_step").fetchone() == (["approach"],)
    with ExitStack() as hanging:

        def hang() -> None:
            hanging.enter_context(a_commit_hangs(servers.source, copied))
            source.execute(LAST)

        before("close", hang, monkeypatch)
        with pytest.raises(StageRefused, match="its commit waits"):
            switch(copied, RUN)
        assert ownership.read_ownership(copied, ENTITIES).away == set() and fence.state(copied) == {}
        source.execute(LAST)  # the store is open
    monkeypatch.undo()
    switch(copied, RUN)
    assert target.execute("select count(*) from mi.orders where note = 'the last one'").fetchone() == (1,)


def test_the_drain_believes_no_position_but_reads_its_word_out_of_the_log(
    copied: Workplace, source: psycopg.Connection, target: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong with positions: without having read what was written last, nothing is handed over."""

    def all_is_read(stream: LogStream, source: object, begin: int, until: int, most: int) -> Iterator[bytes]:
        stream.reached = until
        return iter(())

    def too_early() -> None:
        monkeypatch.setattr(LogStream, "messages", all_is_read)
        source.execute(LAST)

    before("close", too_early, monkeypatch)
    with pytest.raises(StageRefused, match="could not be copied within"):
        switch(with_freeze(copied, budget_s=7), RUN)
    assert ownership.read_ownership(copied, ENTITIES).away == set() and fence.state(copied) == {}


def test_a_slot_that_is_lost_while_the_store_is_closed_opens_it_at_once(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose() -> None:
        assert fence.state(copied)
        with psycopg.connect(copied.source_follower, autocommit=True) as migrator:
            migrator.execute("select pg_drop_replication_slot(%s)", (copied.settings.follow.slot,))

    before("drain", lose, monkeypatch)
    with pytest.raises(SlotLost):
        switch(copied, RUN)
    assert ownership.read_ownership(copied, ENTITIES).away == set() and fence.state(copied) == {}


def test_a_proof_longer_than_the_budget_hands_nothing_over_and_opens_the_store(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    before("seal", lambda: time.sleep(4.5), monkeypatch)
    with pytest.raises(FenceFailed, match="took longer than the store may be closed"):
        switch(with_freeze(copied, budget_s=7), RUN)
    assert ownership.read_ownership(copied, ENTITIES).away == set() and fence.state(copied) == {}


def test_a_row_that_differs_keeps_its_region_open_and_the_others_go(
    copied: Workplace, target: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil() -> None:
        target.execute("update mi.orders set note = 'spoilt' where note = 'last'")

    before("close", lambda: note(copied, "DE", "last"), monkeypatch)
    before("prove", spoil, monkeypatch)
    with pytest.raises(FenceFailed, match=r"DE: 1 rows differ, first orders \d+ \(stale\). Switched: GLOBAL, UK, FR, IT, ES, ID"):
        switch(copied, RUN)
    others = {region for region in copied.settings.moving() if region != "DE"}
    assert ownership.read_ownership(copied, ENTITIES).handed_over(ENTITIES) == others
    closed = {region for table in fence.state(copied).values() for region in table}
    assert closed == others
    monkeypatch.undo()
    settle_by_repair(copied, "DE")
    assert switch(copied, RUN)["regions"] == ["DE"]
    assert ownership.read_ownership(copied, ENTITIES).handed_over(ENTITIES) == {*others, "DE"} and closed_for_good(copied)


def settle_by_repair(place: Workplace, region: str) -> None:
    """Copy the spoilt row once more, as poco_reconcile would."""
    note(place, region, "and again")


def test_a_row_that_is_nobodys_hands_nothing_over_and_every_region_is_open(
    copied: Workplace, target: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither side can say its region, so it concerns them all: none is switched, and none stays closed until the deadline."""
    before("close", lambda: note(copied, "DE", "last"), monkeypatch)
    before("prove", lambda: target.execute("update mi.orders set note = 'spoilt' where note = 'last'"), monkeypatch)
    monkeypatch.setattr(reverification, "_regions", lambda *_: {})
    with pytest.raises(FenceFailed, match=r"UNKNOWN: 1 rows differ, .*Switched: none"):
        switch(copied, RUN)
    assert ownership.read_ownership(copied, ENTITIES).away == set() and fence.state(copied) == {}
    note(copied, "FR", "open")


def test_a_list_of_currencies_that_changes_after_the_rows_were_compared_hands_nothing_over(
    copied: Workplace, source: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no region, so it is neither fenced nor followed, and every amount hangs on it."""

    def another_exponent() -> None:
        source.execute("update poco.currencies set exponent = 0 where code = 'EUR'")

    before("close", another_exponent, monkeypatch)
    with pytest.raises(StageRefused, match=r"list of currencies has changed since \d+ entities were compared"):
        switch(copied, RUN)
    assert ownership.read_ownership(copied, ENTITIES).away == set() and fence.state(copied) == {}
    monkeypatch.undo()
    source.execute("update poco.currencies set exponent = 2 where code = 'EUR'")  # rows may have been compared in between
    with pytest.raises(StageRefused, match="Run poco_reconcile to its end"):
        switch(copied, RUN)
    reconcile.parts_to_compare(copied, RUN, "cutover")
    with connection_pair.connect(copied, RUN) as link:
        currency_list.require_same_currencies(link, ENTITIES)


@pytest.fixture
def deaf() -> Iterator[None]:
    """As in a task of Airflow's, which hears nothing of SIGTERM by itself."""
    known = signal.signal(signal.SIGTERM, lambda *_: None)
    yield
    signal.signal(signal.SIGTERM, known)


@pytest.mark.parametrize("step", ["prove", "hand over"])
def test_a_task_that_is_stopped_from_outside_opens_the_store_first(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch, deaf: None, step: str
) -> None:
    stop = lambda: os.kill(os.getpid(), signal.SIGTERM)  # noqa: E731
    open_again = reopening.open_again
    before(step, stop, monkeypatch)
    # Whoever stops it is impatient and does so again while it opens the store.
    monkeypatch.setattr(reopening, "open_again", lambda *given: (stop(), open_again(*given)))
    with pytest.raises(stopping.Stopped):
        switch(copied, RUN)
    assert ownership.read_ownership(copied, ENTITIES).away == set() and fence.state(copied) == {}
    assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    note(copied, "DE", "open")


def test_without_a_follower_that_would_open_the_store_nothing_is_closed(copied: Workplace, target: psycopg.Connection) -> None:
    target.execute("update migration.stream set followed_at = null")
    with pytest.raises(StageRefused, match="poco_follow has never looked at the store.*Unpause poco_follow"):
        switch(copied, RUN)
    target.execute("update migration.stream set followed_at = now() - interval '1 hour'")
    with pytest.raises(StageRefused, match=r"poco_follow has not looked at the store for 36\d\d s"):
        cutover.plan(copied, replace(RUN, asked={"dry_run": True}))
    assert fence.state(copied) == {}
    heartbeat.note_look(copied)
    switch(copied, RUN)


def test_a_row_that_differs_already_is_found_with_the_store_open(copied: Workplace, target: psycopg.Connection) -> None:
    note(copied, "FR", "changed")
    follower.follow(copied, RUN, lambda _, left: not left.keys)
    target.execute("update mi.orders set note = 'spoilt' where note = 'changed'")
    with pytest.raises(FenceFailed, match="FR: 1 rows differ"):
        switch(copied, RUN)
    assert "FR" not in ownership.read_ownership(copied, ENTITIES).handed_over(ENTITIES) and ownership.read_ownership(
        copied, ENTITIES
    ).handed_over(ENTITIES)


class TestWaves:
    """A run can be about some regions only; the others go on selling, and are followed."""

    WAVE = replace(RUN, id="poco_cutover/wave 1", asked={"regions": ["DE", "FR"]})
    REST = replace(RUN, id="poco_cutover/wave 2")

    def test_one_wave_after_the_other(self, copied: Workplace, target: psycopg.Connection) -> None:
        switch(copied, self.WAVE)
        assert ownership.read_ownership(copied, ENTITIES).handed_over(ENTITIES) == {"DE", "FR"}
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            note(copied, "DE", "too late")
        # Customers of the first wave change things at mi.com, and those of the second at POCO.
        target.execute("update mi.orders set note = 'changed at mi.com' where market = 'de'")
        note(copied, "ES", "sold at POCO")
        follower.follow(copied, RUN, lambda _, left: not left.keys)
        assert target.execute("select count(*) from mi.orders where note = 'sold at POCO'").fetchone() == (1,)
        before = target.execute("select count(*) from mi.orders where note = 'changed at mi.com'").fetchone()
        # Copied whole and compared again: what is mi.com's is neither undone nor found to differ.
        for entity in ENTITIES:
            backfill.copy_part(copied, RUN, {"entity": entity, "lo": None, "hi": None})
        compare_all(copied)
        assert target.execute("select count(*) from mi.orders where note = 'changed at mi.com'").fetchone() == before
        assert switch(copied, self.REST)["regions"] == [r for r in copied.settings.moving() if r not in ("DE", "FR")]
        assert closed_for_good(copied)

    def test_what_mi_com_deletes_after_its_wave_does_not_open_the_equations_of_the_next(
        self, copied: Workplace, target: psycopg.Connection
    ) -> None:
        switch(copied, self.WAVE)
        target.execute("delete from mi.consents where consent_id = (select min(consent_id) from mi.consents c"
                       " join mi.profiles p using (profile_id) where c.origin = 'poco' and p.market = 'de')")  # fmt: skip
        switch(copied, self.REST)
        assert measurement._open(copied, self.REST) == []

    def test_only_regions_that_move(self, copied: Workplace) -> None:
        with pytest.raises(StageRefused, match="IN do not move"):
            switch(copied, replace(RUN, asked={"regions": ["DE", "IN"]}))


class TestADeadWorker:
    """Whoever dies leaves the store open, or closed and soon open again; and a dead one that comes back does no harm."""

    def sealed(self, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        """A worker dies between the seal and the handover; nothing of it can tidy up."""
        before("hand over", lambda: (_ for _ in ()).throw(KeyboardInterrupt), monkeypatch)
        monkeypatch.setattr(cutover, "_open_again", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            switch(place, RUN)
        monkeypatch.undo()
        assert closed_for_good(place) and ownership.read_ownership(place, ENTITIES).away == set()

    def test_what_it_left_closed_for_good_is_opened_by_the_follower(self, copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sealed(copied, monkeypatch)
        assert set(cutover.watch(copied)) == set(copied.settings.moving())
        note(copied, "DE", "open again")
        assert cutover.watch(copied) == [] and fence.state(copied) == {}
        switch(copied, RUN)
        assert closed_for_good(copied) and cutover.watch(copied) == []

    def test_or_finished_by_a_rerun(self, copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sealed(copied, monkeypatch)
        switch(copied, RUN)
        assert ownership.read_ownership(copied, ENTITIES).handed_over(ENTITIES) == set(copied.settings.moving())

    def test_while_a_switch_is_at_work_nobody_opens_what_it_has_closed(self, copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        found: list[list[str]] = []
        before("hand over", lambda: found.append(cutover.watch(copied)), monkeypatch)
        switch(copied, RUN)
        assert found == [[]] and closed_for_good(copied)

    def test_one_that_comes_back_after_the_store_was_opened_hands_nothing_over(
        self, copied: Workplace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def meanwhile() -> None:
            with psycopg.connect(copied.target, autocommit=True) as connection:
                connection.execute("update migration.switch_step set began_at = now() - interval '1 hour'")
            assert cutover.watch(copied)

        before("hand over", meanwhile, monkeypatch)
        with pytest.raises(FenceFailed, match="taken for dead"):
            switch(copied, RUN)
        assert ownership.read_ownership(copied, ENTITIES).away == set() and fence.state(copied) == {}

    def test_two_at_once_are_one_too_many(self, copied: Workplace) -> None:
        with locks.only_switch(copied), pytest.raises(StageRefused, match="another run or try of the switch is at work"):
            switch(with_freeze(copied, budget_s=1))

    def test_a_try_that_follows_another_waits_for_its_end(self, copied: Workplace) -> None:
        with ThreadPoolExecutor(1) as other:
            with locks.only_switch(copied):
                waiting = other.submit(switch, copied)
                time.sleep(1)
                assert not waiting.done()
            assert waiting.result()["regions"]


def test_a_dry_run_prints_the_plan_of_the_run_and_closes_nothing(copied: Workplace) -> None:
    lines = cutover.plan(copied, replace(RUN, asked={"dry_run": True}))
    assert [line.split(":")[0] for line in lines[1:-1]] == [f"{n}. {step.name}" for n, step in enumerate(cutover.PLAN, start=1)]
    assert (
        "would be closed for about" in lines[-1] and fence.state(copied) == {} and ownership.read_ownership(copied, ENTITIES).away == set()
    )
    switch(copied, RUN)
    with psycopg.connect(copied.target) as target:
        taken = target.execute("select step from migration.switch_step where seconds is not null order by step_id").fetchall()
    assert [step for (step,) in taken] == [step.name for step in cutover.PLAN]


def test_all_rows_are_counted_as_they_were_at_the_switch_though_mi_com_sells(
    copied: Workplace, target: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = "delete from mi.consents where consent_id = (select min(consent_id) from mi.consents where origin = 'poco')"
    before("recount", lambda: target.execute(sold), monkeypatch)
    switch(copied, RUN)
    with psycopg.connect(copied.target) as connection:
        assert connection.execute("select count(*) from migration.recon where run = %s", (RUN.id,)).fetchone() > (100,)
    assert measurement._open(copied, RUN) == []


def test_what_was_lost_behind_everybodys_back_is_found_by_the_count_after_the_switch(
    copied: Workplace, target: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the approach has measured once more what was signed: before it, the switch would refuse."""
    lost = "delete from mi.consents where consent_id = (select min(consent_id) from mi.consents where origin = 'poco')"
    before("prove", lambda: target.execute(lost), monkeypatch)
    switch(copied, RUN)
    assert {row["name"] for row in measurement._open(copied, RUN)} >= {"consents"}


def test_the_handover_waits_for_a_copy_in_flight_and_not_for_ever(copied: Workplace) -> None:
    with psycopg.connect(copied.target) as copying:
        ownership.require_writable(copying, "orders")
        with pytest.raises(TargetError, match="handover: QueryCanceled"):
            handover.to_xiaomi(copied, ENTITIES, copied.settings.moving(), RUN, 1)
    handover.to_xiaomi(copied, ENTITIES, copied.settings.moving(), RUN, 1)
    with psycopg.connect(copied.target) as copying, pytest.raises(StageRefused, match="orders belongs to mi.com"):
        ownership.require_writable(copying, "orders")


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
    assert decommission.revoke_tokens(copied, copied.settings.moving()) > 0
    assert decommission.revoke_tokens(copied, copied.settings.moving()) == 0
    assert source.execute(live.format("=")).fetchone() == indian
