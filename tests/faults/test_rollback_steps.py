"""The way back, step by step: it is refused where it must be, and whoever is killed at any step is run again to the same end."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from types import ModuleType
from typing import Any
from unittest import mock

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from stages.test_rollback import BACK, ENTITIES, Store, busy, give_back, handed_over
from support.certificates import signed
from support.mi_customers import Journal, rows, wrong
from support.workplaces import RUN, Servers, clone, copy_all, prepared

from faults import report
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.copying import copier
from poco_migration.engine.cutover import fence, handover
from poco_migration.engine.ledger import locks
from poco_migration.engine.rollback import bring_back, inverse_mapping, new_rows, rehearsal, way_back
from poco_migration.errors import ApprovalMissing, SourceError, StageRefused, TargetError, TransientError
from poco_migration.model import Entity, Run
from poco_migration.stages import rollback

ACTS = 500


@pytest.fixture(scope="module")
def sold(servers: Servers) -> tuple[str, str, Journal, dict[Any, Any]]:
    """Databases of a store that was handed over and of a mi.com that has sold since; and the journal of what it did."""
    fresh = prepared(servers)
    going = handed_over(servers, fresh)
    store = next(going)
    customers, before = busy(store, ACTS)
    for _ in going:
        pass
    names = [str(conninfo_to_dict(dsn)["dbname"]) for dsn in (fresh.source, fresh.target)]
    return names[0], names[1], customers.journal, before


@pytest.fixture
def store(servers: Servers, sold: tuple[str, str, Journal, dict[Any, Any]]) -> Iterator[Store]:
    place = clone(servers, sold[0], sold[1])
    app = servers.source.dsn(str(conninfo_to_dict(place.source)["dbname"]), "poco_app", servers.passwords["poco_app"])
    owner = servers.target.dsn(str(conninfo_to_dict(place.target)["dbname"]), "mi_owner", servers.passwords["mi_owner"])
    with psycopg.connect(place.source_owner, autocommit=True) as poco, psycopg.connect(owner, autocommit=True) as mi:
        yield Store(place, poco, mi, app)


def is_whole(store: Store, sold: tuple[str, str, Journal, dict[Any, Any]]) -> bool:
    _, _, journal, before = sold
    return not wrong(before, rows(store.poco), journal) and store.listed().keys() == journal.untranslatable


def nothing_happened(store: Store, before: dict[Any, Any]) -> bool:
    kept = store.mi.execute("select (select count(*) from migration.return_key), (select count(*) from migration.not_returned)").fetchone()
    return rows(store.poco) == before and store.owners() == {"Xiaomi"} and not store.customers_can_write() and kept == (0, 0)


# -- Before anything changes -------------------------------------------------------------------------------------------


def test_the_plan_says_what_happens_and_changes_nothing(store: Store, sold: Any) -> None:
    lines = rollback.plan(store.place, BACK)
    assert nothing_happened(store, sold[3])
    done = give_back(store.place, BACK)
    counts = store.mi.execute(
        "select entity || ', ' || region || ': ' || found || ' ' || kind || ', ' || back || ' come back, ' || listed || ' do not'"
        " from migration.returned where run = %s and found > 0 order by entity, region, kind", (BACK.id,)
    ).fetchall()  # fmt: skip
    assert [line for (line,) in counts] == lines[1:]
    assert f"; {done['found']} rows have changed" in lines[0]


def test_one_signature_is_not_enough(store: Store, sold: Any) -> None:
    with pytest.raises(ApprovalMissing, match="1 of 2 people"):
        rollback.give_back(store.place, BACK, signed(store.place, "rollback", BACK, ("alice", "alice")))
    assert nothing_happened(store, sold[3])


COUPON = """insert into migration.coupon_reissue (coupon_id, region, market, kind, amount, currency, minimum, stackable, uses_left, per_customer,
 valid_from, valid_until, extended, state) values (1, 'DE', 'de', 'fixed', 1, 'EUR', 0, false, 1, 1, now(), now(), false, '{}')"""
BEHIND: dict[str, Callable[[Workplace, psycopg.Connection[Any]], Any]] = {
    "DE: 1 coupons": lambda place, migrator: migrator.execute(COUPON.format("reserved")),
    "DE: the reissue has closed coupons": lambda place, migrator: fence.raise_(place, ["coupons"], ["DE"], for_good=True),
    "DE: mi.com owns reviews": lambda place, migrator: handover.to_xiaomi(place, ["reviews"], ["DE"], RUN),
    "DE: mi.com owns points_ledger": lambda place, migrator: handover.to_xiaomi(place, ["points_ledger"], ["DE"], RUN),
}


@pytest.mark.parametrize("why", BEHIND)
def test_behind_the_point_of_no_return_it_refuses_and_says_why(store: Store, sold: Any, why: str) -> None:
    with psycopg.connect(store.place.target, autocommit=True) as migrator:
        BEHIND[why](store.place, migrator)
    for attempt in (lambda: rollback.plan(store.place, BACK), lambda: give_back(store.place, BACK)):
        with pytest.raises(StageRefused, match=why):
            attempt()
    assert nothing_happened(store, sold[3])
    give_back(store.place, BACK, "FR,IT")  # what happened in one region keeps no other from returning


def test_coupons_that_are_only_planned_do_not_matter_and_are_not_reserved_after_the_return(store: Store) -> None:
    from poco_migration.engine.coupons import reissue

    with psycopg.connect(store.place.target, autocommit=True) as migrator:
        migrator.execute(COUPON.format("planned"))
        give_back(store.place, BACK)
        assert reissue.move(store.place, 1, 2, RUN) == {"planned": 1}


def test_a_batch_of_coupons_that_is_under_way_is_waited_for_and_not_for_ever(store: Store) -> None:
    with psycopg.connect(store.place.target, autocommit=True) as batch:
        locks.hold_coupons(batch, together=True)
        with pytest.raises(TargetError, match="handover"):
            way_back.begin_return(store.place, ENTITIES, ["DE"], BACK, 1)
    way_back.begin_return(store.place, ENTITIES, ["DE"], BACK, 1)


def test_a_writer_of_mi_com_is_waited_for_and_not_for_ever(store: Store) -> None:
    with psycopg.connect(store.place.target) as writer:
        writer.execute("select from migration.system_of_record where entity = 'orders' and region = 'DE' for share")
        with pytest.raises(TargetError, match="handover"):
            way_back.begin_return(store.place, ENTITIES, ["DE"], BACK, 1)
        assert store.owners() == {"Xiaomi"}
    way_back.begin_return(store.place, ENTITIES, ["DE"], BACK, 1)
    assert store.owners() == {"Xiaomi", "returning"}


def test_what_is_on_its_way_back_is_not_handed_over(store: Store) -> None:
    way_back.begin_return(store.place, ENTITIES, ["DE"], BACK)
    with pytest.raises(StageRefused, match="on their way back"):
        handover.to_xiaomi(store.place, ENTITIES, store.place.settings.moving(), RUN)


def test_a_region_that_is_not_handed_over_cannot_return(store: Store) -> None:
    for unknown in ("IN", "DE,ATLANTIS"):
        with pytest.raises(StageRefused, match="is not handed over"):
            give_back(store.place, BACK, unknown)


def test_one_region_returns_and_the_others_stay(store: Store, sold: Any) -> None:
    give_back(store.place, BACK, "DE")
    assert store.customers_can_write("DE") and not store.customers_can_write("FR")
    found = dict(store.mi.execute("select region, string_agg(distinct owner, ',') from migration.system_of_record group by 1").fetchall())
    assert found == {region: "POCO" if region == "DE" else "Xiaomi" for region in store.place.settings.moving()}
    after, before = rows(store.poco), sold[3]
    assert {row["region"] for key, row in after.items() if row != before.get(key)} == {"DE"}
    assert not [fault for fault in wrong(before, after, sold[2]) if after.get(fault[0], before.get(fault[0], {})).get("region") == "DE"]
    give_back(store.place, Run("poco_rollback/2"))
    assert is_whole(store, sold) and store.owners() == {"POCO"}


# -- Killed at a step --------------------------------------------------------------------------------------------------

Step = tuple[ModuleType, str, bool, int]  # before or after the n-th call of a function
STEPS: dict[str, Step] = {
    "before mi.com stops": (way_back, "begin_return", True, 1),
    "mi.com has stopped": (way_back, "begin_return", False, 1),
    "changes found": (bring_back, "find_changed", False, 1),
    "changes noted": (bring_back, "note_changed", False, 1),
    "one batch written": (inverse_mapping, "put", False, 1),
    "some batches written": (inverse_mapping, "put", False, 6),
    "one batch noted": (bring_back, "note", False, 3),
    "rows made at mi.com written, not committed": (inverse_mapping, "put", False, 20),
    "rows made at mi.com written": (new_rows, "insert_at_source", False, 1),
    "one of them copied": (copier, "copy", False, 1),
    "some of them copied": (copier, "copy", False, 4),
    "mi.com's rows replaced": (new_rows, "adopt", False, 1),
    "one entity's deletions done": (bring_back, "_take_away", False, 3),
    "before the last look": (bring_back, "recheck_changed", True, 1),
    "all is back": (bring_back, "bring_changed", False, 1),
    "all is proven": (bring_back, "counted", False, 1),
    "POCO owns it": (way_back, "to_poco", False, 1),
    "the store is open": (fence, "reopen", False, 1),
}


def killed(place: Workplace, run: Run, step: Step) -> int:
    """Run the return in a process of its own that is killed at the step; returns the signal that ended it."""
    module, name, before, nth = step
    real, calls = getattr(module, name), 0

    @functools.wraps(real)
    def dying(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if before and calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    child = os.fork()
    if not child:
        with ExitStack() as stack:
            stack.enter_context(mock.patch.object(module, name, dying))
            try:
                give_back(place, run)
            finally:
                os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


ALWAYS = (
    "mi.com has stopped",
    "some batches written",
    "rows made at mi.com written",
    "one of them copied",
    "mi.com's rows replaced",
    "POCO owns it",
)


@pytest.mark.parametrize("name", [name if name in ALWAYS else pytest.param(name, marks=pytest.mark.faults) for name in STEPS])
def test_killed_at_a_step_the_rerun_ends_the_same(store: Store, sold: Any, name: str) -> None:
    assert killed(store.place, BACK, STEPS[name]) == signal.SIGKILL, "the step was not reached"
    mi_com_writes = "Xiaomi" in store.owners()
    assert not (store.customers_can_write() and store.owners() != {"POCO"}), "both sides could be written"
    assert not (mi_com_writes and fence.state(store.place) == {}), "both sides could be written"
    again = BACK if len(name) % 2 else Run("poco_rollback/2")  # the task is cleared, or somebody starts a new run
    if name == "the store is open" and again != BACK:
        again = BACK
    give_back(store.place, again)
    assert is_whole(store, sold) and store.customers_can_write() and store.owners() == {"POCO"}
    counts = store.mi.execute("select sum(found), sum(back + listed), sum(unexplained) from migration.returned where run = %s", (again.id,))
    found, settled, unexplained = counts.fetchone() or (0, 0, 0)
    assert found == settled and unexplained == 0
    report.cell("rollback", f"SIGKILL at '{name}'", "one side writable at most; rerun: all is back or listed, the store is open", True)


CUT = ("changes noted", "rows made at mi.com written, not committed", "mi.com's rows replaced")


@pytest.mark.parametrize("name", CUT)
def test_connections_cut_at_a_step_and_the_rerun_ends_the_same(store: Store, sold: Any, servers: Servers, name: str) -> None:
    """As when both servers are restarted: every session of both databases ends."""
    module, function, _, nth = STEPS[name]
    real, calls = getattr(module, function), 0

    def cutting(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        result = real(*args, **kwargs)
        if calls == nth:
            for server, dsn in ((servers.source, store.place.source), (servers.target, store.place.target)):
                with psycopg.connect(server.dsn(), autocommit=True) as superuser:
                    ends = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and application_name like 'poco_rollback%%'"
                    superuser.execute(ends, (conninfo_to_dict(dsn)["dbname"],))
        return result

    with mock.patch.object(module, function, cutting), pytest.raises(TransientError):
        give_back(store.place, BACK)
    assert store.owners() == {"returning"} and not store.customers_can_write()
    give_back(store.place, BACK)
    assert is_whole(store, sold) and store.customers_can_write() and store.owners() == {"POCO"}
    report.cell("rollback", f"all connections cut at '{name}'", "failed, said so; rerun: all is back or listed, the store is open", True)


# -- The rehearsal -----------------------------------------------------------------------------------------------------


@pytest.fixture
def copied(place: Workplace) -> Workplace:
    copy_all(place, "cutover")
    return place


def test_the_rehearsal_takes_every_status_of_every_region_and_changes_nothing(copied: Workplace, source: psycopg.Connection) -> None:
    before = rows(source)
    done = rollback.rehearse(copied, RUN)
    assert done["keys"] == done["equal"] > 1_000 and rows(source) == before
    rehearsal.require_rehearsal(copied)
    with psycopg.connect(copied.target, autocommit=True) as target:
        kept = target.execute("select count(distinct entity), count(distinct region) from migration.rollback_rehearsal").fetchone()
        assert kept == (len(ENTITIES), len(copied.settings.moving()))
        target.execute("update migration.rollback_rehearsal set at = at - interval '25 hours'")
    with pytest.raises(StageRefused, match="was rehearsed 25 hours ago"):
        rehearsal.require_rehearsal(copied)


def test_without_a_rehearsal_there_is_no_switch(copied: Workplace) -> None:
    with pytest.raises(StageRefused, match="was never rehearsed"):
        rehearsal.require_rehearsal(copied)


def test_the_rehearsal_gives_way_to_a_customer(copied: Workplace, source: psycopg.Connection) -> None:
    with psycopg.connect(copied.source_owner) as customer:
        customer.execute("select from poco.customers for update")
        with pytest.raises(SourceError, match="LockNotAvailable"):
            rollback.rehearse(copied, RUN)
    assert rollback.rehearse(copied, RUN)["keys"] > 1_000


@pytest.mark.parametrize(
    ("entity", "right", "mistaken"),
    [
        ("orders", "(40, 'shipped'), (50, 'delivered')", "(50, 'shipped'), (40, 'delivered')"),
        ("payments", "round(r.amount / u.unit)", "round(r.amount * 100)"),
        ("consents", "r.recorded_at at time zone k.time_zone", "r.recorded_at at time zone 'UTC'"),
        ("customers", "r.display_name  ", "null::text  "),
        ("addresses", "'postcode', r.postcode", "'postcode', r.city"),
    ],
)
def test_a_mapping_that_is_wrong_fails_the_rehearsal(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch, entity: str, right: str, mistaken: str
) -> None:
    def wronged(card: Entity) -> Entity:
        assert card.name != entity or right in card.inverse
        return replace(card, inverse=card.inverse.replace(right, mistaken)) if card.name == entity else card

    of = cards.moving_at
    monkeypatch.setattr(cards, "moving_at", lambda *milestones: [wronged(card) for card in of(*milestones)])
    with pytest.raises(StageRefused, match="the rehearsal of the way back failed: [1-9]"):
        rollback.rehearse(copied, RUN)
