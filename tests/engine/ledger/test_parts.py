"""Parts are disjoint, cover every key there is or will be, and are the same at every plan."""

from __future__ import annotations

import itertools

import psycopg
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from support.workplaces import RUN

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.ledger import parts
from poco_migration.model import KeyRange, KeySet

KEYS = st.lists(st.integers(min_value=-(10**13), max_value=8 * 10**14), unique=True, max_size=40)


def covered(planned: list[KeyRange]) -> bool:
    """Open at both ends, and each part starts where the one before ends."""
    return planned[0].lo is None and planned[-1].hi is None and all(a.hi == b.lo for a, b in itertools.pairwise(planned))


@profile(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=KEYS, part_rows=st.integers(min_value=1, max_value=15))
def test_any_keys_are_cut_into_disjoint_covering_parts(place: Workplace, keys: list[int], part_rows: int) -> None:
    with psycopg.connect(place.source_owner, autocommit=True) as source, psycopg.connect(place.target, autocommit=True) as target:
        source.execute("truncate poco.consents")
        target.execute("delete from migration.part")
        with source.cursor() as cursor:
            cursor.executemany("insert into poco.consents values (%s, 'DE', 1, 'sms', true, now())", [(key,) for key in keys])
        with connection_pair.connect(place, RUN) as opened:
            planned = parts.plan(opened.source, opened.target, cards.entities()["consents"], part_rows)
        assert covered(planned)
        inside = [sum((p.lo is None or key >= p.lo) and (p.hi is None or key < p.hi) for key in keys) for p in planned]
        assert sum(inside) == len(keys)
        assert len(keys) <= part_rows or all(0 < n <= part_rows for n in inside)


def test_a_plan_is_stored_and_comes_back_though_the_table_has_grown(place: Workplace, source: psycopg.Connection) -> None:
    entity = cards.entities()["orders"]
    with connection_pair.connect(place, RUN) as opened:
        first = parts.plan(opened.source, opened.target, entity, 100)
        source.execute("insert into poco.orders select id + 800000000, region, order_number || 'b', customer_id, guest_email, guest_phone, status,"
                       " currency, 0, 0, 0, 0, 0, null, null, null, placed_at, updated_at from poco.orders where id < 900000000")  # fmt: skip
        assert parts.plan(opened.source, opened.target, entity, 100) == first
    assert covered(first) and len(first) > 5


def test_overlapping_parts_wait_for_each_other_and_others_do_not(place: Workplace) -> None:
    entity = cards.entities()["orders"]
    with connection_pair.connect(place, RUN) as one, connection_pair.connect(place, RUN) as two:
        planned = parts.plan(one.source, one.target, entity, 200)
        key = planned[1].lo
        assert key is not None
        two.target.execute("set lock_timeout = '200ms'")
        with one.target.transaction():
            parts.lock(one.target, entity, planned[1])
            with two.target.transaction():
                parts.lock(two.target, entity, planned[2])
            for overlapping in (KeySet((key,)), KeyRange(None, key + 1), KeyRange(key, None), planned[1]):
                try:
                    with two.target.transaction():
                        parts.lock(two.target, entity, overlapping)
                    raise AssertionError(f"{overlapping} did not wait")
                except psycopg.errors.LockNotAvailable:
                    pass
