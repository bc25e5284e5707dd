"""Every coupon that can be spent becomes one voucher; at no step could it be spent twice; a crash is continued."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from support.certificates import signed
from support.workplaces import RUN, copy_again, copy_all, on_the_day

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.coupons import liability, reissue
from poco_migration.engine.cutover import fence
from poco_migration.engine.verify import measurement
from poco_migration.errors import DataRefused
from poco_migration.stages import coupon_reissue

pytestmark = pytest.mark.copied("cutover", "reissue")

ALL = (0, 9_000_000_000_000_000)
SPEND = "update poco.coupons set uses_left = uses_left - 1 where id = %s and status = 1 and uses_left > 0"


@pytest.fixture
def planned(place: Workplace) -> Workplace:
    """The day of the reissue; what was owed at the handover is known."""
    liability.at_handover(place, RUN, place.settings.moving())
    liability.freeze(place, RUN)
    return on_the_day(place, datetime(2024, 12, 2, tzinfo=UTC))


def move(place: Workplace) -> dict[str, int]:
    return reissue.move(place, *ALL, RUN)


def asked(place: Workplace, query: str, *parameters: Any, side: str = "target") -> list[tuple[Any, ...]]:
    with psycopg.connect(getattr(place, side), autocommit=True) as connection:
        cursor = connection.execute(query, parameters or None)
        return cursor.fetchall() if cursor.description else []


def at_poco(place: Workplace) -> dict[int, int]:
    return dict(asked(place, "select id, status from poco.coupons", side="source_owner"))


def vouchers(place: Workplace) -> dict[int, str]:
    return dict(asked(place, "select coupon_ref - mi.poco_key(0), state from mi.vouchers where origin = 'poco' and state <> 'cancelled'"))


def spendable_on_both_sides(place: Workplace) -> int:
    there = at_poco(place)
    return sum(state == "spendable" and there[key] == 1 for key, state in vouchers(place).items())


def owed(place: Workplace) -> list[tuple[Any, ...]]:
    liability.measure_liability(place, RUN)
    return asked(place, "select * from migration.liability_open where run = %s", RUN.id)


def why(place: Workplace, key: int) -> str | None:
    found = asked(
        place,
        "select reason from migration.left_out where entity = 'coupons' and source_key = %s union all"
        " select reason from migration.quarantine where entity = 'coupons' and source_key = %s and resolved_at is null",
        key, key,
    )  # fmt: skip
    return found[0][0] if found else None


def test_all_of_them_arrive_once_with_their_terms(planned: Workplace) -> None:
    number = asked(planned, "select count(*) from migration.coupon_reissue")[0][0]
    assert number > 100
    assert move(planned) == {"done": number}
    assert move(planned) == {"done": number}
    assert set(vouchers(planned).values()) == {"spendable"} and len(vouchers(planned)) == number
    there = at_poco(planned)
    assert all(there[key] == 6 for key in vouchers(planned))
    codes = [row[0] for row in asked(planned, "select code from mi.vouchers")]
    assert len(set(codes)) == len(codes) and all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{16}", code) for code in codes)
    terms = "kind, uses_total, uses_left, per_customer, profile_id, category, minimum, stackable"
    assert asked(planned, f"select {terms} from mi.vouchers where coupon_ref = mi.poco_key(900023004)") == [
        ("fixed", 321, 321, 2, None, "phones", asked(planned, "select 49.990")[0][0], True)
    ]
    assert owed(planned) == []


def test_the_batches_cover_what_is_open_and_nothing_else(planned: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reissue, "BATCH", 30)
    with psycopg.connect(planned.target) as target:
        parts = reissue.plan_batches(target, 5)
        assert len(parts) == 5 and all(before[1] == after[0] for before, after in pairwise(parts))
        covered = target.execute(
            "select count(*) from migration.coupon_reissue where coupon_id >= %s and coupon_id < %s", (parts[0][0], parts[-1][1])
        )
        assert covered.fetchone() == target.execute("select count(*) from migration.coupon_reissue").fetchone()
    reissue.move(planned, *parts[0], RUN)
    with psycopg.connect(planned.target) as target:
        assert reissue.plan_batches(target, 1000)[0][0] == parts[1][0]
    assert move(planned)["done"] == asked(planned, "select count(*) from migration.coupon_reissue")[0][0]


STEPS = ["reissue_reserve_source", "reissue_reserved", "reissue_voucher", "reissue_issued", "reissue_void_source", "reissue_release"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_is_continued(planned: Workplace, monkeypatch: pytest.MonkeyPatch, step: str, after: bool) -> None:
    """Before it, and after it has happened on the server and nobody has heard of it."""
    whole = postgres.run

    def run(connection, path, *parameters):
        if path.stem != step:
            return whole(connection, path, *parameters)
        if after:
            whole(connection, path, *parameters)
        raise KeyboardInterrupt  # the worker is killed here

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(postgres, "run", run)
        move(planned)
    assert spendable_on_both_sides(planned) == 0
    number = asked(planned, "select count(*) from migration.coupon_reissue")[0][0]
    assert move(planned) == {"done": number}
    assert len(vouchers(planned)) == number and spendable_on_both_sides(planned) == 0 and owed(planned) == []


def test_what_was_spent_or_revoked_in_between_is_not_reissued_and_says_why(planned: Workplace) -> None:
    number = asked(planned, "select count(*) from migration.coupon_reissue")[0][0]
    asked(planned, "update poco.coupons set status = 2, uses_left = 0 where id = 900023001", side="source_owner")
    asked(planned, "update poco.coupons set status = 4 where id = 900023002", side="source_owner")
    asked(planned, "update poco.coupons set status = 3 where id = 900023009", side="source_owner")
    asked(planned, "update poco.coupons set uses_left = 300 where id = 900023004", side="source_owner")
    assert move(planned) == {"done": number - 2, "refused": 2}
    assert coupon_reissue.settle(planned, RUN)["refused"] == 2
    # What was active at the handover and POCO's own job has expired since is not lost.
    assert [why(planned, key) for key in (900023001, 900023002, 900023009)] == ["used_up", "revoked", None]
    assert vouchers(planned)[900023009] == "spendable" and at_poco(planned)[900023009] == 6
    assert asked(planned, "select uses_total from mi.vouchers where coupon_ref = mi.poco_key(900023004)") == [(300,)]
    assert owed(planned) == []
    spent = "select coupons, uses, worth from migration.liability where run = %s and line = 'spent'"
    assert [(c, u, float(w)) for c, u, w in asked(planned, spent, RUN.id)] == [(0, 21, 105.0)]


def test_a_redemption_under_way_is_waited_for_and_what_it_leaves_is_taken(planned: Workplace) -> None:
    """The store's transaction holds the row when the reservation comes; it wins, and the use is gone; the next one loses."""
    with psycopg.connect(planned.source_owner) as store, psycopg.connect(planned.source, autocommit=True) as migrator:
        assert store.execute(SPEND, (900023004,)).rowcount == 1
        assert store.execute("update poco.coupons set status = 2, uses_left = 0 where id = 900023001").rowcount == 1
        with psycopg.connect(planned.source, autocommit=True) as other:
            other.execute("set lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute("select * from poco_export.reserve_coupons(array[900023001, 900023004])")
        store.commit()
        taken = migrator.execute(
            "select coupon_id, epoch, uses_left from poco_export.reserve_coupons(array[900023001, 900023004])"
        ).fetchall()
        assert taken == [(900023004, 1, 320)]
        assert store.execute(SPEND, (900023004,)).rowcount == 0


@pytest.mark.parametrize("careless", ["uses_left = uses_left - 1", "status = 1", "status = 4", "reserved_order_id = 1"])
def test_a_store_that_does_not_look_at_the_status_is_refused_by_its_database(planned: Workplace, careless: str) -> None:
    with psycopg.connect(planned.source, autocommit=True) as migrator:
        migrator.execute("select * from poco_export.reserve_coupons(array[900023004])")
    with psycopg.connect(planned.source_owner) as store, pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match="reserved for mi.com"):
        store.execute(f"update poco.coupons set {careless} where id = 900023004")
    with psycopg.connect(planned.source_owner) as store:
        assert store.execute(f"update poco.coupons set {careless} where id = 900023003").rowcount == 1


def test_nobody_but_the_migration_makes_an_issued_voucher_spendable(planned: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(reissue, "_finish", lambda *_: None)
        move(planned)
    app = make_conninfo(**{**conninfo_to_dict(planned.target), "user": "mi_app", "password": "test-mi_app"})
    with psycopg.connect(app) as shop, pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match="not given up yet"):
        shop.execute("update mi.vouchers set state = 'spendable', spendable_since = now()")


REFUSE = (
    "alter table mi.vouchers add constraint planted check (coupon_ref <> mi.poco_key(900023001)) not valid",
    "alter table mi.vouchers drop constraint planted",
)


def as_owner(place: Workplace) -> str:
    return make_conninfo(**{**conninfo_to_dict(place.target), "user": "mi_owner", "password": "test-mi_owner"})


def test_one_that_cannot_be_issued_is_given_back_and_tried_again_under_the_next_epoch(planned: Workplace) -> None:
    number = asked(planned, "select count(*) from migration.coupon_reissue")[0][0]
    with psycopg.connect(as_owner(planned), autocommit=True) as owner:
        owner.execute(REFUSE[0])
    assert move(planned) == {"done": number - 1, "given_back": 1}
    assert at_poco(planned)[900023001] == 1 and 900023001 not in vouchers(planned)
    settled = coupon_reissue.settle(planned, RUN)
    assert settled["refused"] == 1 and "DE" in settled["waiting"]
    assert why(planned, 900023001) == "refused_by_target" and owed(planned) == []
    with psycopg.connect(as_owner(planned), autocommit=True) as owner:
        owner.execute(REFUSE[1])
    for part in coupon_reissue.batches(planned, RUN, signed(planned, "coupon_reissue", RUN)):
        assert coupon_reissue.move_batch(planned, RUN, part) == {"done": 1}
    assert coupon_reissue.settle(planned, RUN)["refused"] == 0
    assert asked(planned, "select epoch, state from migration.coupon_reissue where coupon_id = mi.poco_key(900023001)") == [(2, "done")]
    assert why(planned, 900023001) is None and owed(planned) == [] and at_poco(planned)[900023001] == 6


def test_when_mi_com_refuses_nearly_all_of_them_a_person_is_asked(planned: Workplace) -> None:
    copying = planned.settings.copying.model_copy(update={"poisoned_rows_limit": 3})
    object.__setattr__(planned, "settings", planned.settings.model_copy(update={"copying": copying}))
    with psycopg.connect(as_owner(planned), autocommit=True) as owner:
        owner.execute("alter table mi.vouchers add constraint planted check (origin <> 'poco') not valid")
    with pytest.raises(DataRefused, match=r"more than 3 vouchers of one batch \(CheckViolation planted vouchers\)"):
        move(planned)
    states = dict(asked(planned, "select state, count(*) from migration.coupon_reissue group by state"))
    assert states["given_back"] == 3 and states["reserved"] > 100


def test_an_attempt_that_was_given_back_can_never_become_void(planned: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that slept: its voucher is there, POCO has the coupon again and has spent it, and a second attempt stands at POCO."""
    with monkeypatch.context() as patch:
        patch.setattr(reissue, "_finish", lambda *_: None)
        move(planned)
    key = [900023004], [1]
    assert asked(planned, "select poco_export.give_back_coupons(%s, %s)", *key, side="source") == [(900023004,)]
    asked(planned, SPEND, 900023004, side="source_owner")
    assert asked(planned, "select * from poco_export.reserve_coupons(%s)", [900023004], side="source") == [(900023004, 2, 320)]
    assert asked(planned, "select * from poco_export.void_coupons(%s, %s)", *key, side="source") == [(900023004, False)]
    assert move(planned)["given_back"] == 1
    assert asked(planned, "select state from mi.vouchers where coupon_ref = mi.poco_key(900023004)") == [("cancelled",)]
    coupon_reissue.settle(planned, RUN)
    assert why(planned, 900023004) == "taken_back"
    for part in coupon_reissue.batches(planned, RUN, signed(planned, "coupon_reissue", RUN)):
        coupon_reissue.move_batch(planned, RUN, part)
    assert asked(planned, "select uses_total, state from mi.vouchers where coupon_ref = mi.poco_key(900023004) order by voucher_id") == [
        (321, "cancelled"), (320, "spendable"),
    ]  # fmt: skip
    assert asked(planned, "select poco_export.give_back_coupons(%s, %s)", [900023004], [2], side="source") == []


@pytest.mark.copied()
@pytest.mark.parametrize(("status", "at_mi", "then"), [(10, "placed", "held_by_order"), (60, "cancelled", None), (20, "paid", "used_up")])
def test_a_coupon_in_an_open_order_waits_for_it(place: Workplace, status: int, at_mi: str, then: str | None) -> None:
    place = on_the_day(place, datetime(2024, 12, 2, tzinfo=UTC))
    asked(place, "update poco.orders set status = 10 where id = 900023001", side="source_owner")
    asked(place, "insert into poco.orders (id, region, order_number, customer_id, status, currency, subtotal_minor, discount_minor, shipping_minor,"
          " tax_minor, total_minor, placed_at, updated_at) select 900023001, 'DE', 'DET23', 900023001, 10, 'EUR', 1, 0, 0, 0, 1, '2024-10-19', '2024-10-19'"
          " on conflict do nothing", side="source_owner")  # fmt: skip
    copy_all(place, "cutover", "reissue")
    fence.raise_(place, ["orders"], ["DE"], for_good=True)
    for part in coupon_reissue.batches(place, RUN, signed(place, "coupon_reissue", RUN)):
        coupon_reissue.move_batch(place, RUN, part)
    assert why(place, 900023008) == "held_by_order" and "DE" in coupon_reissue.settle(place, RUN)["waiting"]
    assert asked(place, "update mi.orders set status = %s where order_id = mi.poco_key(900023001) returning status", at_mi) == [(at_mi,)]
    for part in coupon_reissue.batches(place, RUN, signed(place, "coupon_reissue", RUN)):
        coupon_reissue.move_batch(place, RUN, part)
    assert ("DE" in coupon_reissue.settle(place, RUN)["waiting"]) == (then == "held_by_order")
    assert why(place, 900023008) == then and (900023008 in vouchers(place)) == (then is None)
    assert owed(place) == []


def test_while_the_store_could_still_decide_its_orders_nobody_else_does(planned: Workplace) -> None:
    told = "select poco_export.settle_held_coupons(array[900023008], array[900023001], array[true])"
    assert asked(planned, told, side="source") == []
    fence.raise_(planned, ["orders"], ["DE"], for_good=True)
    assert asked(planned, told, side="source") == [(900023008,)]


def test_a_voucher_that_customers_have_spent_since_is_still_issued(planned: Workplace) -> None:
    copy_again(planned, "points_ledger")  # what ends in the gap ends later, since the handover is noted
    move(planned)
    asked(planned, "update mi.vouchers set uses_left = 0, state = 'used_up' where coupon_ref = mi.poco_key(900023001)")
    asked(planned, "update mi.vouchers set uses_left = uses_left - 20 where coupon_ref = mi.poco_key(900023004)")
    coupon_reissue.settle(planned, RUN)
    assert coupon_reissue.measure(planned, RUN)["open"] == 0
    assert move(planned).keys() == {"done"} and vouchers(planned)[900023001] == "used_up"


FAULTS = {
    "a lost voucher": (
        "update mi.vouchers set spendable_since = null, state = 'issued' where coupon_ref = mi.poco_key(900023001)",
        (1, 1, 5),
    ),
    "a cent": ("update mi.vouchers set amount = amount - 0.01 where coupon_ref = mi.poco_key(900023001)", (0, 0, 0.01)),
    "a use": ("update mi.vouchers set uses_total = uses_total + 1 where coupon_ref = mi.poco_key(900023001)", (0, -1, -5)),
    "a reason that is not noted": ("delete from migration.quarantine where entity = 'coupons' and source_key = 900023008", (1, 1, 5)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_liability_that_is_not_accounted_for_is_seen(planned: Workplace, fault: str) -> None:
    move(planned)
    coupon_reissue.settle(planned, RUN)
    assert owed(planned) == []
    with psycopg.connect(planned.target, autocommit=True) as target:
        assert target.execute(FAULTS[fault][0]).rowcount == 1
    assert [(row[1], tuple(map(float, row[5:]))) for row in owed(planned)] == [("DE", FAULTS[fault][1])]
    found = measurement._open(planned, RUN)
    assert [row["kind"] for row in found if row["kind"] == "liability"] == ["liability"]


def test_what_was_owed_at_the_freeze_stands(planned: Workplace) -> None:
    before = asked(planned, "select count(*), sum(uses), sum(uses * worth) from migration.coupon_freeze")
    asked(planned, SPEND, 900023004, side="source_owner")
    assert liability.freeze(planned, RUN) == before[0][0]
    assert asked(planned, "select count(*), sum(uses), sum(uses * worth) from migration.coupon_freeze") == before


def test_the_code_needs_the_key_and_is_the_same_every_time() -> None:
    identity = reissue.reissue_id(42, 1)
    assert reissue.code(b"key", identity) == reissue.code(b"key", identity)
    assert len({reissue.code(b"key", identity), reissue.code(b"other", identity), reissue.code(b"key", reissue.reissue_id(42, 2))}) == 3
