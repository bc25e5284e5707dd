"""Every coupon that can be spent becomes one voucher; at no step could it be spent twice; a crash is continued."""

from __future__ import annotations

import re

import psycopg
import pytest
from workplaces import RUN, copy_all

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import reissue
from poco_migration.stages import reissue as stage


@pytest.fixture
def planned(place: Workplace) -> Workplace:
    copy_all(place, "cutover", "reissue")
    return place


def coupons(place: Workplace) -> list[int]:
    with psycopg.connect(place.target) as target:
        return reissue.open_coupons(target)


def states(place: Workplace) -> dict[str, int]:
    with psycopg.connect(place.target) as target:
        return dict(target.execute("select state, count(*) from migration.coupon_reissue group by state").fetchall())


def at_poco(place: Workplace) -> dict[int, int]:
    with psycopg.connect(place.source_owner) as source:
        return dict(source.execute("select id, status from poco.coupons").fetchall())


def vouchers(place: Workplace) -> dict[int, str]:
    query = "select c.coupon_id - mi.poco_key(0), v.state from mi.vouchers v join migration.coupon_reissue c using (reissue_id)"
    with psycopg.connect(place.target) as target:
        return dict(target.execute(query).fetchall())


def spendable_on_both_sides(place: Workplace) -> int:
    there = at_poco(place)
    return sum(state == "spendable" and there[key] == 1 for key, state in vouchers(place).items())


def test_all_of_them_arrive_once_with_their_terms(planned: Workplace) -> None:
    keys = coupons(planned)
    assert len(keys) > 100
    assert reissue.move(planned, keys, RUN) == {"done": len(keys)}
    assert reissue.move(planned, keys, RUN) == {"done": len(keys)}
    assert set(vouchers(planned).values()) == {"spendable"} and len(vouchers(planned)) == len(keys)
    there = at_poco(planned)
    assert all(there[key] == 6 for key in vouchers(planned))
    with psycopg.connect(planned.target) as target:
        codes = [row[0] for row in target.execute("select code from mi.vouchers")]
        public = target.execute("select v.uses_left, v.per_customer, v.profile_id from mi.vouchers v join migration.coupon_reissue c using (reissue_id)"
                                " where c.coupon_id = mi.poco_key(900023004)").fetchone()  # fmt: skip
    assert len(set(codes)) == len(codes) and all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{16}", code) for code in codes)
    assert public == (321, 2, None)


@pytest.mark.parametrize(
    "step", ["reissue_reserved", "reissue_voucher", "reissue_issued", "reissue_void_source", "reissue_release", "reissue_done"]
)
def test_a_crash_before_any_step_is_continued(planned: Workplace, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    keys = coupons(planned)
    whole = postgres.run

    def run(connection, path, *parameters):
        if path.stem == step:
            raise KeyboardInterrupt  # the worker is killed here
        return whole(connection, path, *parameters)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(postgres, "run", run)
        reissue.move(planned, keys, RUN)
    assert spendable_on_both_sides(planned) == 0
    assert reissue.move(planned, keys, RUN) == {"done": len(keys)}
    assert len(vouchers(planned)) == len(keys) and spendable_on_both_sides(planned) == 0


def test_what_was_spent_or_revoked_in_between_is_not_reissued_and_says_why(planned: Workplace) -> None:
    keys = coupons(planned)
    with psycopg.connect(planned.source_owner, autocommit=True) as store:
        store.execute("update poco.coupons set status = 2, uses_left = 0 where id = 900023001")
        store.execute("update poco.coupons set status = 4 where id = 900023002")
        store.execute("update poco.coupons set uses_left = 300 where id = 900023004")
    assert reissue.move(planned, keys, RUN) == {"done": len(keys) - 2, "refused": 2}
    assert stage.settle(planned, RUN) == {"refused": 2}
    with psycopg.connect(planned.target) as target:
        why = dict(
            target.execute(
                "select source_key, reason from migration.left_out where entity = 'coupons' and source_key in (900023001, 900023002)"
            ).fetchall()
        )
        uses = target.execute(
            "select v.uses_left from mi.vouchers v join migration.coupon_reissue c using (reissue_id) where c.coupon_id = mi.poco_key(900023004)"
        ).fetchone()
    assert why == {900023001: "used_up", 900023002: "revoked"} and uses == (300,)


def test_the_code_needs_the_key_and_is_the_same_every_time() -> None:
    identity = reissue.reissue_id(42, 1)
    assert reissue.code(b"key", identity) == reissue.code(b"key", identity)
    assert len({reissue.code(b"key", identity), reissue.code(b"other", identity), reissue.code(b"key", reissue.reissue_id(42, 2))}) == 3


def test_poco_never_redeems_what_is_reserved(planned: Workplace) -> None:
    redeem = "update poco.coupons set uses_left = uses_left - 1 where id = 900023001 and status = 1 and uses_left > 0"
    with psycopg.connect(planned.source, autocommit=True) as migrator, psycopg.connect(planned.source_owner, autocommit=True) as store:
        assert migrator.execute("select coupon_id, uses_left from poco_export.reserve_coupons(array[900023001, 900023005])").fetchall() == [
            (900023001, 1)
        ]
        assert store.execute(redeem).rowcount == 0
