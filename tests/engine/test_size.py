"""What the engine does for a large store costs what changed, and not what is there: parts, keys that wait, keys that are owed."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from support.workplaces import RUN, compare_all, copy_all, followed

from poco_migration.adapters import expectations, gate_suites, postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier
from poco_migration.engine.follow import replication_slot
from poco_migration.engine.ledger import locks, parts
from poco_migration.engine.prepare import readiness
from poco_migration.engine.verify import reverification, row_diff, row_equations
from poco_migration.errors import StageRefused
from poco_migration.model import KeyRange, KeySet, Run
from poco_migration.stages import backfill, reconcile

NIGHT = Run("test/another night")
ENGINE = Path(parts.__file__).parents[1]
PARTS, ROWS = 4_000, 250_000
# A machine ten times slower still passes; what compares every key with every part takes many seconds.
SOON = 3.0


def plan(target: psycopg.Connection, entity: str = "orders", parts_: int = PARTS, copied: str = "now()") -> None:
    """A plan as of a thousand million rows; nothing of it need be there."""
    target.execute(
        f"insert into migration.part (entity, part_no, lo, hi, copied_at) select %s, g, case when g > 0 then g * {ROWS}::bigint end,"
        f" case when g < {parts_ - 1} then (g + 1) * {ROWS}::bigint end, {copied} from generate_series(0, {parts_ - 1}) g".encode(),
        (entity,),
    )
    target.execute("analyze migration.part")


def asked(target: psycopg.Connection, name: str, *parameters: Any) -> tuple[list[dict[str, Any]], float]:
    began = time.monotonic()
    found = postgres.run(target, next(ENGINE.rglob(name)), *parameters)
    seconds = time.monotonic() - began
    print(f"measured: {name} over {PARTS:,} parts: {seconds * 1000:.0f} ms")  # shown by pytest -s, for docs/performance.md
    return found, seconds


@pytest.mark.parametrize("which", ["newest", "scattered"])
def test_keys_find_their_parts_by_looking_them_up(place: Workplace, target: psycopg.Connection, which: str) -> None:
    plan(target)
    end = PARTS * ROWS
    keys = list(range(end - 50_000, end)) if which == "newest" else sorted(random.Random(1).sample(range(end), 50_000))
    found, seconds = asked(target, "parts_of_keys.sql", "orders", postgres.array(keys))
    assert [row["part_no"] for row in found] == sorted({key // ROWS for key in keys})
    assert seconds < SOON


def test_a_key_outside_of_all_starts_lies_in_the_first_or_last_part(place: Workplace, target: psycopg.Connection) -> None:
    plan(target, parts_=3)
    plan(target, "returns", parts_=1)
    keys = postgres.array([-5, ROWS - 1, ROWS, 10**14])
    assert [row["part_no"] for row in asked(target, "parts_of_keys.sql", "orders", keys)[0]] == [0, 1, 2]
    assert [row["part_no"] for row in asked(target, "parts_of_keys.sql", "returns", keys)[0]] == [0]
    assert asked(target, "parts_of_keys.sql", "coupons", keys)[0] == []


def test_dirty_keys_pass_over_the_parts_that_were_never_copied(place: Workplace, target: psycopg.Connection) -> None:
    plan(target, copied="case when g %% 2 = 0 then now() end")
    target.execute("insert into migration.dirty (entity, source_key, family)"
                   f" select 'orders', g * 20000::bigint, false from generate_series(1, {PARTS * ROWS // 20000 - 1}) g".encode())  # fmt: skip
    target.execute("analyze migration.dirty")
    found, seconds = asked(target, "dirty_next.sql", "orders", 10**9, None, 50_000)
    keys = [row["source_key"] for row in found]
    assert keys == [key for key in range(20_000, PARTS * ROWS, 20_000) if key // ROWS % 2 == 0]
    assert seconds < SOON
    target.execute("update migration.part set wanted = 1 where part_no % 2 = 1")
    on_their_way, seconds = asked(target, "difference_dirty.sql", "orders", list(range(1, PARTS * ROWS, 20_000)), False)
    assert {row["source_key"] // ROWS % 2 for row in on_their_way} == {1}
    assert seconds < SOON


def test_what_waits_is_counted_up_to_a_bound_and_not_after_every_pass(place: Workplace, target: psycopg.Connection) -> None:
    plan(target)
    target.execute("insert into migration.stream (slot, captured) values ('test', '0/1')")
    target.execute("insert into migration.dirty (entity, source_key, family, since)"
                   " select 'orders', g, false, now() - make_interval(secs => 600000 - g) from generate_series(1, 600000) g")  # fmt: skip
    target.execute("vacuum analyze migration.dirty")
    work, seconds = asked(target, "apply_work.sql", 5_001)
    assert [(row["entity"], row["keys"]) for row in work] == [("orders", 5_001)]
    began = time.monotonic()
    waiting = replication_slot.behind(target, "test")
    assert replication_slot.COUNTED_KEYS <= waiting["keys"] <= 660_000
    assert 599_000 < waiting["seconds"] < 610_000  # the oldest of all, and not of those that were counted
    print(f"measured: lag.sql over 600,000 dirty rows: {(time.monotonic() - began) * 1000:.0f} ms")
    assert seconds + time.monotonic() - began < SOON
    plans = target.execute(
        "explain (analyze, format json) " + postgres.statement(next(ENGINE.rglob("apply_work.sql"))).replace("$1", "5001")
    ).fetchone()
    assert plans and read(plans[0][0]["Plan"], "dirty") <= 5_001 * 2
    target.execute("delete from migration.dirty where source_key > 70")
    assert replication_slot.behind(target, "test")["keys"] == 70


def read(node: dict[str, Any], relation: str) -> float:
    """How many rows a plan has read of a table."""
    own = node["Actual Rows"] * node["Actual Loops"] if node.get("Relation Name") == relation else 0
    return float(own) + sum(read(below, relation) for below in node.get("Plans", ()))


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        ("alter table poco.consents drop constraint consents_pkey, add primary key (id, region)", "consents (id bigint, region text)"),
        ("insert into poco.consents values (900000000000000, 'DE', 1, 'sms', true, now())", " to 900000000000000)"),
        ("update poco.consents set id = -100000000000001 where id = (select min(id) from poco.consents)", "consents (-100000000000001 to "),
    ],
)
def test_keys_that_cannot_be_carried_are_refused_by_name(place: Workplace, source: psycopg.Connection, plant: str, named: str) -> None:
    assert [(found.measured, found.ok) for found in readiness.ask_checks(place, RUN, ["keys_supported"])] == [("all are inside", True)]
    source.execute(plant.encode())
    found = readiness.ask_checks(place, RUN, ["keys_supported"])[0]
    assert named in found.measured and not found.ok


def test_no_list_of_tasks_is_longer_than_airflow_maps_and_no_part_is_forgotten(place: Workplace, target: psycopg.Connection) -> None:
    plan(target, parts_=2_500)
    plan(target, "returns", parts_=700)
    plan(target, "stores", parts_=1)
    asked_for = reconcile.parts_to_compare(place, RUN, "cutover")
    assert len(asked_for) <= 1_024
    each = [one for task in asked_for for one in task.get("parts", [task])]
    assert len(each) == 3_201
    assert all({one["entity"] for one in task.get("parts", [task])} == {task["entity"]} for task in asked_for)
    assert len(backfill.plan(place, RUN, "orders")) <= 1_024
    found = [
        reconcile.compare_part(place, RUN, part=task)["rows"] for task in asked_for if task["entity"] == "stores" or task["lo"] is None
    ]
    assert sum(found) > 0


def test_a_gate_fetches_the_keys_that_it_shows_and_no_more(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = gate_suites.Expectation(
        1, "expect_column_values_to_be_in_set", "critical", "", "", "", {"column": "state", "value_set": ["right"]}
    )
    suite = gate_suites.Suite("many", "select g as key, 'wrong' as state from generate_series(1, 50000) g", ("key",), False, (wrong,))
    real, lengths = expectations._judgement, list[int]()

    def watched(suite: gate_suites.Suite, asked: Any, outcome: dict[str, Any]) -> Any:
        lengths.extend(len(found) for found in outcome["result"].values() if isinstance(found, list))
        return real(suite, asked, outcome)

    monkeypatch.setattr(expectations, "_judgement", watched)
    judged = expectations.judge(place.target_auditor, [suite], RUN.id)
    assert (judged[0].success, judged[0].details["unexpected"], len(judged[0].details["keys"])) == (False, 50_000, expectations.KEYS_SHOWN)
    assert 0 < max(lengths) <= expectations.KEYS_SHOWN


def owed(target: psycopg.Connection, entity: str) -> list[list[int]]:
    return [row[0] for row in target.execute("select keys from migration.unproven where entity = %s order by seq", (entity,))]


def test_a_comparison_of_every_part_settles_what_was_owed_before_it_began(place: Workplace, target: psycopg.Connection) -> None:
    copy_all(place, "cutover")
    late = psycopg.connect(place.target)  # its copy owes before the comparison begins, and commits after
    late.execute("insert into migration.unproven (entity, keys) values ('orders', '{900000001}')")
    target.execute("insert into migration.unproven (entity, keys) select 'orders', array[g] from generate_series(900000002, 900001000) g")
    asked_for = reconcile.parts_to_compare(place, RUN, "cutover")
    target.execute("insert into migration.unproven (entity, keys) values ('orders', '{900001001}')")
    for part in asked_for[:-1]:
        reconcile.compare_part(place, RUN, part)
    late.commit()
    with connection_pair.connect(place, RUN) as opened:
        assert reverification.proven(opened.target, RUN) == (0 if asked_for[-1]["entity"] == "orders" else 999)
    reconcile.compare_part(place, RUN, asked_for[-1])
    assert not any(reconcile.verify(place, RUN).values())
    # Beside them what the verification itself has copied owes, which nobody has compared.
    assert [keys for keys in owed(target, "orders") if len(keys) == 1 and keys[0] <= 900001001] == [[900000001], [900001001]]
    late.close()


def test_what_is_owed_is_looked_at_by_pages_and_what_is_owed_anew_stays(place: Workplace, target: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    copy_all(place, "cutover")
    entity, pages = cards.entities()["consents"], list[int]()
    keys = [row[0] for row in target.execute("select consent_id - mi.poco_key(0) from mi.consents order by 1")][:60]
    target.execute("insert into migration.unproven (entity, keys) select 'consents', %s from generate_series(1, 3)", (keys,))
    target.execute("update mi.consents set granted = not granted where consent_id = mi.poco_key(%s)", (keys[7],))
    real = row_diff.of_keys

    def watched(opened: Any, which: Any, page: list[int]) -> dict[int, str]:
        pages.append(len(page))
        if len(pages) == 1:
            target.execute("insert into migration.unproven (entity, keys) values ('consents', '{5}')")
        return real(opened, which, page)

    monkeypatch.setattr(row_diff, "of_keys", watched)
    monkeypatch.setattr(reverification, "BATCH", 25)
    with connection_pair.connect(place, RUN) as opened:
        looked, unequal = reverification.reverify(opened, [entity])
    assert (looked, pages, [found.key for found in unequal]) == (60, [25, 25, 10], [keys[7]])
    assert owed(target, "consents") == [[5], [keys[7]]]


CATALOG = ("pg_class", "pg_attribute", "pg_type", "pg_depend", "pg_index", "pg_rewrite", "pg_statistic", "pg_constraint", "pg_attrdef")


def written(target: psycopg.Connection) -> int:
    """Rows inserted into mi.com's catalog and deleted from it, by everybody, so far."""
    target.execute("select pg_stat_force_next_flush()")
    query = "select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_sys_tables where relname = any (%s)"
    row = target.execute(query, (list(CATALOG),)).fetchone()
    assert row
    return int(row[0])


def test_a_copy_of_single_keys_writes_nothing_to_the_catalog(place: Workplace, target: psycopg.Connection) -> None:
    copy_all(place, "cutover")
    copies = [(entity, key_of(target, entity)) for entity in ("customers", "products", "orders", "returns")]
    with connection_pair.connect(place, RUN) as opened:

        def around() -> None:
            for entity, key in copies:
                copier.copy(opened, cards.entities()[entity], KeySet((key,)), RUN)

        around()  # the first copy of each entity makes its working tables
        opened.target.execute("select pg_stat_force_next_flush()")
        before = written(target)
        for _ in range(3):
            around()
        opened.target.execute("select pg_stat_force_next_flush()")
        per_copy = (written(target) - before) / (3 * len(copies))
    print(f"measured: {per_copy:.2f} rows of the catalog written per copy of a single key")
    assert per_copy < 1


def key_of(target: psycopg.Connection, entity: str) -> int:
    card = cards.entities()[entity]
    row = target.execute(f"select max({card.key}) - mi.poco_key(0) from {card.table} where origin = 'poco'".encode()).fetchone()
    assert row
    return int(row[0])


def test_working_tables_are_made_anew_where_they_went_with_their_transaction(place: Workplace, target: psycopg.Connection) -> None:
    """A copy that is rolled back takes the tables along that it made; and one of whole parts and one of keys share them."""
    copy_all(place, "cutover")
    key = key_of(target, "customers")
    target.execute("update mi.profiles set note = 'wrong' where profile_id in (mi.poco_key(%s), mi.poco_key(%s))", (key, key))
    with connection_pair.connect(place, RUN) as opened:
        customers = cards.entities()["customers"]
        with suppress(ZeroDivisionError), opened.target.transaction():
            copier.copy(opened, customers, KeySet((key,)), RUN)
            raise ZeroDivisionError
        assert copier.copy(opened, customers, KeySet((key,)), RUN).rows_changed == 1
        target.execute("update mi.profiles set note = 'wrong' where profile_id = mi.poco_key(%s)", (key,))
        everything = copier.copy(opened, customers, KeyRange(None, None), RUN)
        assert (everything.rows_changed, everything.rows_gone) == (1, 0) and everything.rows_read > 50
        assert copier.copy(opened, customers, KeySet((key,)), RUN).rows_changed == 0


def with_parts_of(place: Workplace, rows: int) -> Workplace:
    copy_ = place.settings.copying.model_copy(update={"part_rows": rows})
    return replace(place, settings=place.settings.model_copy(update={"copying": copy_}))


def plan_of(target: psycopg.Connection, what: str = "lo, hi") -> list[tuple[Any, ...]]:
    return target.execute(f"select {what} from migration.part where entity = 'orders' order by part_no".encode()).fetchall()


@pytest.fixture
def compared(place: Workplace) -> Workplace:
    """Orders in parts of 300, all copied and compared."""
    copy_all(place, "cutover", part_rows=300)
    compare_all(place)
    return place


def test_a_plan_that_has_grown_uneven_is_cut_anew_and_what_was_proven_stays_so(compared: Workplace, target: psycopg.Connection) -> None:
    before = plan_of(target)
    proven = {row[0] for row in plan_of(target, "proven_copies = copies")}
    target.execute("update migration.part set wanted = 1 where entity = 'orders' and part_no = 1")
    reconcile.parts_to_compare(compared, NIGHT, "cutover")
    assert plan_of(target) == before  # 250,000 rows fit
    reconcile.parts_to_compare(with_parts_of(compared, 100), NIGHT, "cutover")
    after = plan_of(target)
    assert len(after) > 2.5 * len(before) and after[0][0] is after[-1][1] is None
    assert all(one[1] == other[0] for one, other in pairwise(after))
    assert {row[0] for row in plan_of(target, "proven_copies = copies")} <= proven and None not in proven
    (low, high), wanted = before[1], [row[:2] for row in plan_of(target, "lo, hi, wanted > done") if row[2]]
    assert wanted[0][0] <= low and wanted[-1][1] >= high and len(wanted) <= 5
    with connection_pair.connect(compared, RUN) as opened:
        reverification.require_compared(opened.target, [cards.entities()["consents"]])


def test_a_plan_is_not_cut_while_a_copy_is_at_work_nor_before_all_is_copied(compared: Workplace, target: psycopg.Connection) -> None:
    before, finer = plan_of(target), with_parts_of(compared, 100)
    with connection_pair.connect(compared, RUN) as copying_, copying_.target.transaction():
        parts.lock(copying_.target, cards.entities()["orders"], KeySet((900000001,)))
        reconcile.parts_to_compare(finer, NIGHT, "cutover")
        assert plan_of(target) == before
    target.execute("update migration.part set copied_at = null where entity = 'orders' and part_no = 0")
    reconcile.parts_to_compare(finer, NIGHT, "cutover")
    assert plan_of(target) == before


def test_a_range_of_the_old_plan_has_the_new_parts_compared_again(compared: Workplace, target: psycopg.Connection) -> None:
    """A part that Airflow has in hand still: what it copies is proven by no old comparison."""
    middle = plan_of(target)[1][0] + 1
    with connection_pair.connect(compared, RUN) as opened:
        copier.copy(opened, cards.entities()["orders"], KeyRange(None, middle), RUN)
        with pytest.raises(StageRefused, match=r"orders \(2\)"):
            reverification.require_compared(opened.target, [cards.entities()["orders"]])


def test_following_does_not_wait_while_everything_is_counted(
    place: Workplace, target: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_all(place, "cutover", part_rows=300)
    real, free, statements = row_equations.measure_equations, list[bool](), list[tuple[Any, ...]]()

    def watched(*given: Any) -> Any:
        with locks.turn(target, wait=False) as mine:
            free.append(mine)
        return real(*given)

    run = postgres.run
    monkeypatch.setattr(row_equations, "measure_equations", watched)
    monkeypatch.setattr(
        postgres, "run", lambda c, path, *p: statements.append(p) or run(c, path, *p) if path.name == "census.sql" else run(c, path, *p)
    )
    with followed(place) as live:
        found = reconcile.measure(live, RUN, "cutover", "never")
    assert free == [True] and found["open"] == 0
    assert len([given for given in statements if given[0] == "orders"]) == len(plan_of(target)) > 3
