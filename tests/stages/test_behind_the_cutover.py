"""Behind the cutover a lost slot and a changed table heal by the product's own tasks, and the stages that are left go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from faults import database_pairs
from support.certificates import signed
from support.workplaces import RUN, Servers, clone, compare_all, copy_all, install

from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.follow import follower, loss, replication_slot
from poco_migration.engine.prepare import readiness
from poco_migration.engine.shutdown import preconditions
from poco_migration.errors import NothingToDo, SchemaDrift, SlotLost
from poco_migration.model import Finding, Run
from poco_migration.stages import backfill, coupon_reissue, cutover, history, prepare, reconcile, rollback

HISTORY, REISSUE = Run("poco_history/1"), Run("poco_coupon_reissue/1")


def everything_compared(servers: Servers) -> Workplace:
    """Everything of the cutover copied, compared and rehearsed: a pair to clone."""
    place = clone(servers)
    install(place)
    replication_slot.create_publication(place)
    copy_all(place, "cutover")
    compare_all(place)
    rollback.rehearse(place, RUN)
    return place


def switched(servers: Servers, ready: Workplace, objects: ObjectStore) -> Iterator[Workplace]:
    with database_pairs.following_pair(ready, servers, "behind") as made:
        cutover.switch(made, RUN, signed(made, "cutover", RUN))
        yield replace(made, objects=objects)


@pytest.fixture(scope="module")
def ready(servers: Servers) -> Workplace:
    return everything_compared(servers)


@pytest.fixture
def place(servers: Servers, ready: Workplace, objects: ObjectStore) -> Iterator[Workplace]:
    yield from switched(servers, ready, objects)


def copied(place: Workplace, run: Run, milestone: str) -> None:
    for entity in cards.moving_at(milestone):
        for part in backfill.plan(place, run, entity.name):
            backfill.copy_part(place, run, part)


def lose_the_slot(place: Workplace) -> None:
    """As the runbook lets POCO's administrator do it when the disk is full."""
    with psycopg.connect(place.source_follower, autocommit=True) as source:
        source.execute("select pg_drop_replication_slot(%s)", (place.settings.follow.slot,))


def alter(place: Workplace, servers: Servers, side: str, ddl: str) -> None:
    with psycopg.connect(
        place.source_owner
        if side == "source"
        else servers.target.dsn(database_pairs.names(place)[1], "mi_owner", servers.passwords["mi_owner"]),
        autocommit=True,
    ) as owner:
        owner.execute(ddl)


def prepared(place: Workplace) -> None:
    """poco_prepare's tasks, but for its reports; what its gate would stop is none."""
    run = Run("poco_prepare/behind")
    prepare.open_ledger(place, run)
    red = [f"{finding.check}/{finding.region}: {finding.measured}" for finding in readiness.run_checks(place, run) if _red(finding)]
    assert red == []
    prepare.install(place, run)
    assert not any(_red(finding) for finding in readiness.ask_again(place, run))
    prepare.begin_following(place, run)


def _red(finding: Finding) -> bool:
    return not finding.ok and finding.severity == "critical"


def reconciled(place: Workplace) -> str:
    """poco_reconcile's tasks in their order; what the run says in the end."""
    run = Run("poco_reconcile/behind")
    try:
        reconcile.anything_left(place, run)
        reconcile.renew_slot(place, run)
        for part in reconcile.all_parts(place, run):
            reconcile.compare_part(place, run, part)
        reconcile.repair(place, run)
        reconcile.verify(place, run)
        return f"certifies {len(reconcile.to_certify(place, run))}"
    except NothingToDo as done:
        return str(done)


def history_is_complete(place: Workplace) -> None:
    """poco_history's tasks, but for the photos."""
    history.close(place, HISTORY, signed(place, "history", HISTORY))
    copied(place, HISTORY, "history")
    compared(place, HISTORY, "history")
    assert reconcile.measure(place, HISTORY, "history", "cutover")["open"] == 0
    history.hand_over(place, HISTORY)


def compared(place: Workplace, run: Run, milestone: str) -> None:
    for part in (
        coupon_reissue.parts_to_compare(place, run) if milestone == "reissue" else reconcile.parts_to_compare(place, run, milestone)
    ):
        reconcile.compare_part(place, run, part)
    reconcile.repair(place, run)
    assert not any(reconcile.verify(place, run).values())


def planned(place: Workplace) -> None:
    copied(place, REISSUE, "reissue")


def reissued(place: Workplace) -> None:
    """poco_coupon_reissue's tasks behind its plan, but for the notices."""
    answers = signed(place, "coupon_reissue", REISSUE)
    coupon_reissue.close(place, REISSUE, answers)
    compared(place, REISSUE, "reissue")
    for part in coupon_reissue.batches(place, REISSUE, answers):
        coupon_reissue.move_batch(place, REISSUE, part)
    coupon_reissue.settle(place, REISSUE)
    assert coupon_reissue.measure(place, REISSUE)["open"] == 0


# -- The slot ----------------------------------------------------------------------------------------------------------


def test_history_and_the_reissue_come_to_their_end_after_the_slot_was_lost(place: Workplace) -> None:
    planned(place)
    lose_the_slot(place)
    history.close(place, HISTORY, signed(place, "history", HISTORY))
    copied(place, HISTORY, "history")
    for part in reconcile.parts_to_compare(place, HISTORY, "history"):
        reconcile.compare_part(place, HISTORY, part)
    with pytest.raises(SlotLost, match="Run poco_reconcile"):
        reconcile.repair(place, HISTORY)
    assert reconciled(place).startswith("the slot is good again")
    assert loss.lost(place) == ""
    history_is_complete(place)
    reissued(place)
    assert preconditions._drained(place, RUN) == ""


def test_the_slot_is_lost_when_coupons_have_begun_to_move(place: Workplace) -> None:
    planned(place)
    answers = signed(place, "coupon_reissue", REISSUE)
    coupon_reissue.close(place, REISSUE, answers)
    compared(place, REISSUE, "reissue")
    parts = coupon_reissue.batches(place, REISSUE, answers)
    coupon_reissue.move_batch(place, REISSUE, parts[0])
    with psycopg.connect(place.target) as target:
        before = target.execute("select state, count(*) from migration.coupon_reissue group by 1 order by 1").fetchall()
    lose_the_slot(place)
    with pytest.raises(SlotLost):
        coupon_reissue.measure(place, REISSUE)
    assert reconciled(place).startswith("the slot is good again")
    with psycopg.connect(place.target) as target:
        assert target.execute("select state, count(*) from migration.coupon_reissue group by 1 order by 1").fetchall() == before
    for part in parts:
        coupon_reissue.move_batch(place, REISSUE, part)
    coupon_reissue.settle(place, REISSUE)
    assert coupon_reissue.measure(place, REISSUE)["open"] == 0


def test_the_shutdown_accepts_a_slot_that_was_lost_after_everything_was_handed_over(place: Workplace) -> None:
    planned(place)
    history_is_complete(place)
    reissued(place)
    lose_the_slot(place)
    assert "Run poco_reconcile" in preconditions._lacking(_condition("drained"), place, RUN)
    assert "Run poco_reconcile" in preconditions._lacking(_condition("drained"), place, RUN), "once noted, the same"
    assert reconciled(place).startswith("the slot is good again")
    assert preconditions._drained(place, RUN) == ""
    assert reconciled(place).startswith("mi.com owns every region")


def test_rows_that_changed_while_there_was_no_slot_are_found_behind_the_cutover(place: Workplace) -> None:
    copied(place, HISTORY, "history")
    lose_the_slot(place)
    with psycopg.connect(place.source_owner, autocommit=True) as poco:
        poco.execute(
            "update poco.reviews set body = 'changed behind the slot' where id in (select id from poco.reviews where region = 'DE' limit 5)"
        )
    assert reconciled(place).startswith("the slot is good again")
    with psycopg.connect(place.target) as target:
        assert target.execute("select count(*) from mi.reviews where body = 'changed behind the slot'").fetchone() == (5,)


def _condition(name: str) -> preconditions.Condition:
    return next(condition for condition in preconditions.CONDITIONS if condition.name == name)


# -- A table -----------------------------------------------------------------------------------------------------------

CHANGES = {
    "mi.com adds a column to its orders": ("target", "alter table mi.orders add column delivery_slot text", "history"),
    "mi.com adds a column to its profiles": ("target", "alter table mi.profiles add column shoe_size text", "reissue"),
    "POCO adds a constraint to its reviews": ("source", "alter table poco.reviews add check (rating <> 99)", "history"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_table_that_changed_is_accepted_behind_the_cutover_by_whoever_says_so(place: Workplace, servers: Servers, change: str) -> None:
    side, ddl, milestone = CHANGES[change]
    alter(place, servers, side, ddl)
    run = Run(f"poco_{milestone}/1")
    with pytest.raises(SchemaDrift, match="run poco_prepare, which pins the tables anew"):
        copied(place, run, milestone)
    assert reconciled(place).startswith("mi.com owns every region")
    with pytest.raises(SchemaDrift):  # the night accepts nothing that nobody has looked at
        copied(place, run, milestone)
    prepared(place)
    copied(place, run, milestone)


def test_prepared_behind_the_reissue_what_is_withdrawn_stays_withdrawn(place: Workplace) -> None:
    planned(place)
    answers = signed(place, "coupon_reissue", REISSUE)
    coupon_reissue.close(place, REISSUE, answers)
    compared(place, REISSUE, "reissue")
    parts = coupon_reissue.batches(place, REISSUE, answers)
    away = {entity.name for entity in cards.moving_at("reissue")}
    assert set(loss.withdrawn(place)) == away
    prepared(place)
    assert set(loss.withdrawn(place)) == away
    for part in parts:
        coupon_reissue.move_batch(place, REISSUE, part)
    with psycopg.connect(place.target) as target:
        assert follower.catch_up(place, REISSUE, 60)
        assert target.execute("select count(*) from migration.dirty where entity = any (%s)", (list(away),)).fetchone() == (0,)
    coupon_reissue.settle(place, REISSUE)
    assert coupon_reissue.measure(place, REISSUE)["open"] == 0
