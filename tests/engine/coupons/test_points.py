"""Points at any rate: nothing is rounded away, of any customer; no order, no rerun and no rival changes what is credited."""

from __future__ import annotations

import random
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo
from support.workplaces import RUN, Servers, copy_all, prepared

from poco_migration.adapters import postgres
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier
from poco_migration.engine.cutover import handover
from poco_migration.engine.evidence import gate
from poco_migration.engine.ledger import parts
from poco_migration.engine.prepare import schema_install
from poco_migration.errors import GateStopped
from poco_migration.model import Entity, KeyRange, KeySet, Part, Run
from poco_migration.settings import Points
from poco_migration.stages import backfill, reconcile

ALL = KeyRange(None, None)
CARD = cards.entities()["points_ledger"]
PLAN = (5_000_005, 5_000_060, 5_000_200, 5_000_400)
HOLDERS = 12  # of each of the two regions
REGIONS = ("DE", "FR")
EXPIRIES = (None, "2024-12-01", "2025-06-30", "2025-07-01 12:00")


@dataclass(frozen=True)
class Entry:
    """A row of POCO's ledger. `holder` is a number; odd holders are in the first region."""

    holder: int
    points: int
    state: str = "posted"
    expiry: str | None = None
    kind: str = "earned"


@dataclass
class Store:
    """Everything of the cutover copied, nobody with points yet."""

    place: Workplace
    source: psycopg.Connection
    target: psycopg.Connection
    link: connection_pair.Link
    customers: dict[int, tuple[int, str]]  # key and region of each holder

    def rate(self, *rates: Fraction) -> None:
        """As the prepare stage writes the rates of a changed migration.toml."""
        regions = dict(self.place.settings.regions)
        for region, rate in zip(REGIONS, rates, strict=True):
            regions[region] = regions[region].model_copy(update={"points": Points.model_construct(rate=rate)})
        self.place = replace(self.place, settings=self.place.settings.model_copy(update={"regions": regions}))
        for scope, connection in (("migration", self.target), ("poco_export", self.source)):
            for name, _, _, _, _, new, old in schema_install._decisions(self.place.settings):
                connection.execute(f"update {scope}.scope set points_new = %s, points_old = %s where region = %s", (new, old, name))

    def forget(self) -> None:
        self.target.execute("delete from mi.loyalty_entries where origin = 'poco'")
        for table in ("points_remainder", "quarantine", "dirty"):
            self.target.execute(f"delete from migration.{table}")

    def write(self, ledger: dict[int, Entry]) -> None:
        self.source.execute("truncate poco.points_ledger")
        rows = [(key, *reversed(self.customers[e.holder]), e.kind, e.state, e.points, e.expiry) for key, e in ledger.items()]
        with self.source.cursor() as cursor:
            cursor.executemany("insert into poco.points_ledger (id, region, customer_id, kind, state, points, expires_at, created_at)"
                               " values (%s, %s, %s, %s, %s, %s, %s, '2024-03-01 10:00')", rows)  # fmt: skip

    def copy(self, part: Part = ALL) -> int:
        return copier.copy(self.link, CARD, part, RUN).rows_changed

    def credited(self) -> dict[int, tuple[int, int]]:
        """What mi.com has by POCO's key: points, and what is left of them."""
        query = """select t.entry_id - mi.poco_key(0), t.points, coalesce(r.remainder, 0)
                     from mi.loyalty_entries t left join migration.points_remainder r using (entry_id) where t.origin = 'poco'"""
        return {key: (points, rest) for key, points, rest in self.target.execute(query)}

    def versions(self) -> Any:
        query = """select (select sum(xmin::text::bigint) from mi.loyalty_entries), (select sum(xmin::text::bigint) from migration.points_remainder)"""
        return self.target.execute(query).fetchone()


@pytest.fixture(scope="module")
def store(servers: Servers) -> Any:
    place = prepared(servers, "cutover")
    with (
        psycopg.connect(place.source_owner, autocommit=True) as source,
        psycopg.connect(place.target, autocommit=True, options="-c timezone=UTC") as target,
        connection_pair.connect(place, RUN) as opened,
    ):
        customers = {}
        for number, region in enumerate(REGIONS):
            query = """select p.profile_id - mi.poco_key(0) from mi.profiles p where p.market = %s and p.origin = 'poco'
                        order by p.status desc, p.profile_id limit %s"""  # accounts that are closed first: they keep their points
            found = target.execute(query, (region.lower(), HOLDERS)).fetchall()
            customers |= {2 * n + number: (key, region) for n, (key,) in enumerate(found)}
        assert len(customers) == 2 * HOLDERS
        edges = [None, *PLAN, None]  # or every copy would wait for every other one
        rows = [("points_ledger", n, lo, hi) for n, (lo, hi) in enumerate(pairwise(edges))]
        postgres.run_many(target, parts.SQL / "parts_store.sql", rows)
        yield Store(place, source, target, opened, customers)


def right(store: Store, ledger: dict[int, Entry], first: Fraction, second: Fraction) -> None:
    """Everything at mi.com is as the rule says, and conserved."""
    assert store.credited() == expected(ledger, (first, second))
    assert_conserved(ledger, (first, second), store.credited())


def expected(ledger: dict[int, Entry], rates: tuple[Fraction, ...]) -> dict[int, tuple[int, int]]:
    """The rule in other words: entries of a bucket in the order of keys, its sum converted and cut down to whole points."""
    sums: dict[tuple[int, str, str | None], int] = defaultdict(int)
    found = {}
    for key, entry in sorted(ledger.items()):
        if entry.kind == "conjured":
            continue
        rate, bucket = rates[entry.holder % 2], (entry.holder, entry.state, entry.expiry)
        before, sums[bucket] = sums[bucket], sums[bucket] + entry.points
        credit = sums[bucket] * rate // 1 - before * rate // 1
        found[key] = (credit, int((entry.points * rate - credit) * rate.denominator))
    return found


def assert_conserved(ledger: dict[int, Entry], rates: tuple[Fraction, ...], there: dict[int, tuple[int, int]]) -> None:
    """credited + remainder = source, of each customer and bucket and in all; and less than a point is left of a bucket."""
    balance: dict[Any, Fraction] = defaultdict(Fraction)
    left: dict[Any, Fraction] = defaultdict(Fraction)
    for key, entry in ledger.items():
        if entry.kind == "conjured":
            assert key not in there
            continue
        rate, (points, rest) = rates[entry.holder % 2], there[key]
        for whose in ((entry.holder, entry.state, entry.expiry), entry.holder, "all"):
            balance[whose] += entry.points * rate - points - Fraction(rest, rate.denominator)
            left[whose] += Fraction(rest, rate.denominator)
    assert not any(balance.values())
    assert all(0 <= rest < 1 for whose, rest in left.items() if isinstance(whose, tuple))
    assert len(there) == sum(entry.kind != "conjured" for entry in ledger.values())


amounts = st.one_of(st.integers(-20, 20), st.integers(-(10**6), 10**6), st.sampled_from((10**12, -(10**12), 999_999_999_999)))
entries = st.builds(
    Entry, st.integers(0, 2 * HOLDERS - 1), amounts, st.sampled_from(("posted", "posted", "pending")), st.sampled_from(EXPIRIES),
    st.sampled_from(("earned", "spent", "expired", "reversed", "adjusted", "conjured")),
)  # fmt: skip
ledgers = st.lists(entries, min_size=1, max_size=160).map(lambda rows: {5_000_000 + 3 * n: entry for n, entry in enumerate(rows)})
numbers = st.one_of(st.integers(1, 12), st.integers(1, 1_000_000))
rates = st.one_of(st.just(Fraction(1)), st.builds(Fraction, numbers, numbers))
THIRDS = {5_000_000 + n: Entry(n % 4, points) for n, points in enumerate((1, 1, -2, 7, -75, 10**12, 1, -1))}


@profile(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(ledger=ledgers, first=rates, second=rates, dice=st.randoms(use_true_random=False))
@example(ledger=THIRDS, first=Fraction(1, 3), second=Fraction(999_999, 1_000_000), dice=random.Random(1))
def test_any_ledger_at_any_rate_is_conserved_whatever_order_it_comes_in_and_however_often(
    store: Store, ledger: dict[int, Entry], first: Fraction, second: Fraction, dice: random.Random
) -> None:
    store.forget()
    store.rate(first, second)
    store.write(ledger)
    for part in shuffled(ledger, dice):
        store.copy(part)
    right(store, ledger, first, second)
    before = store.versions()
    assert store.copy() == 0 and store.versions() == before, "a rerun writes nothing"

    changed = dict(ledger)
    key, other = dice.choice(sorted(changed)), dice.choice(sorted(changed))
    changed[key] = replace(changed[other], points=dice.randint(-99, 99), holder=dice.randrange(2 * HOLDERS))
    gone = dice.choice(sorted(changed))
    del changed[gone]
    store.write(changed)
    store.copy(KeySet(tuple(sorted({key, gone}))))
    right(store, changed, first, second)

    store.rate(second, first)
    store.copy()
    right(store, changed, second, first)


def shuffled(ledger: dict[int, Entry], dice: random.Random) -> list[Part]:
    """Ranges that cover everything and a set of keys among them, in any order."""
    keys = sorted(ledger)
    cuts = [None, *sorted(dice.sample(keys, min(3, len(keys)))), None]
    found: list[Part] = [KeyRange(lo, hi) for lo, hi in pairwise(cuts)]
    found.append(KeySet(tuple(sorted(dice.sample(keys, len(keys) // 2)))))
    dice.shuffle(found)
    return found


def some(count: int, holders: int = 2 * HOLDERS) -> dict[int, Entry]:
    dice = random.Random(count)
    return {
        5_000_000 + n: Entry(dice.randrange(holders), dice.randint(-50, 90), dice.choice(("posted", "pending")), dice.choice(EXPIRIES))
        for n in range(count)
    }


RATES = (Fraction(3, 10), Fraction(7, 3))


def test_a_rule_that_rounds_each_entry_by_itself_fails_the_same_test(store: Store) -> None:
    """What the test above is worth: entries of three points at a third of nothing each are not a point altogether."""
    store.forget()
    store.rate(*RATES)
    ledger = some(60, holders=4)
    store.write(ledger)
    apart = CARD.load.replace(
        "over (partition by e.profile_id, e.state, e.expires_at order by e.entry_id)", "over (partition by e.entry_id)"
    )
    assert apart != CARD.load
    copier.copy(store.link, replace(CARD, load=apart), ALL, RUN)
    with pytest.raises(AssertionError):
        right(store, ledger, *RATES)
    store.copy()
    right(store, ledger, *RATES)


def test_what_no_column_can_hold_is_parked_by_its_key_and_the_rest_is_conserved(store: Store) -> None:
    store.forget()
    store.rate(Fraction(1_000_000, 7), Fraction(1, 7))
    ledger = {5_000_000 + n: Entry(0, points) for n, points in enumerate((3, 10**15, 4, -9))}
    store.write(ledger)
    store.copy()
    parked = store.target.execute(
        "select source_key, reason from migration.quarantine where entity = 'points_ledger' and resolved_at is null"
    )
    assert parked.fetchall() == [(5_000_001, "refused_by_target")]
    del ledger[5_000_001]
    right(store, ledger, Fraction(1_000_000, 7), Fraction(1, 7))


def together(place: Workplace, parts_: list[Part], card: Entity = CARD) -> None:
    """Copy all of these at once, each over connections of its own."""

    def one(part: Part) -> None:
        with connection_pair.connect(place, RUN) as opened:
            copier.copy(opened, card, part, RUN)

    with ThreadPoolExecutor(len(parts_)) as pool:
        list(pool.map(one, parts_))


def test_runs_at_the_same_time_credit_nothing_twice(store: Store) -> None:
    """Eight copies at once of the same entries and of some of them: each entry is credited once, whoever came first."""
    ledger = some(600)
    keys = sorted(ledger)
    for number in range(3):
        store.forget()
        store.rate(*RATES)
        store.write(ledger)
        dice = random.Random(number)
        cut = dice.choice(keys)
        overlapping: list[Part] = [KeySet(tuple(sorted(dice.sample(keys, 200)))) for _ in range(3)]
        together(store.place, [ALL, ALL, ALL, KeyRange(None, cut), KeyRange(cut, None), *overlapping])
        right(store, ledger, *RATES)
    with pytest.raises(psycopg.errors.UniqueViolation):
        store.target.execute("insert into mi.loyalty_entries (entry_id, profile_id, kind, state, points, created_at, origin)"
                             " select entry_id, profile_id, kind, state, points, created_at, origin from mi.loyalty_entries limit 1")  # fmt: skip


@pytest.mark.parametrize("locked", [True, False])
def test_two_parts_of_one_bucket_wait_for_each_other(store: Store, locked: bool) -> None:
    """Both have converted and neither has committed: without the lock, neither knows of the other's entries."""
    store.forget()
    store.rate(Fraction(1, 10), Fraction(1, 10))
    ledger = {5_000_000 + n: Entry(0, 7) for n in range(10)}
    store.write(ledger)
    load = ";\n".join(text for text in CARD.load.split(";\n") if locked or "pg_advisory_xact_lock" not in text)
    halves: list[Part] = [KeyRange(None, PLAN[0]), KeyRange(PLAN[0], None)]
    with psycopg.connect(store.place.target) as gate_, ThreadPoolExecutor(1) as pool:
        gate_.execute("lock table migration.receipt in share mode")  # where a copy comes to after its load
        running = pool.submit(together, store.place, halves, replace(CARD, load=load))
        waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        while store.target.execute(waits).fetchone() != (2,):
            assert not running.done()
        gate_.rollback()
        running.result(30)
    assert (store.credited() == expected(ledger, (Fraction(1, 10), Fraction(1, 10)))) is locked


# -- The gate ------------------------------------------------------------------------------------------------------------

ENTRY = "entry_id = mi.poco_key({})"
OTHER = "profile_id = (select profile_id from mi.loyalty_entries where " + ENTRY.format(5_000_002) + ")"
LEDGER = {5_000_000: Entry(0, 107, expiry=EXPIRIES[1]), 5_000_001: Entry(0, 55, "pending", EXPIRIES[2]), 5_000_002: Entry(2, 209, expiry=EXPIRIES[1]),
          5_000_003: Entry(4, -75), 5_000_004: Entry(1, 31)}  # fmt: skip
# What somebody does at mi.com, how it is mended, and of which balances the gate must say that customers differ.
FAULTS = {
    "a point more for one, a point less for another": (
        f"update mi.loyalty_entries set points = points + case when {ENTRY.format(5_000_000)} then 1 else -1 end"
        f" where {ENTRY.format(5_000_000)} or {ENTRY.format(5_000_002)}",
        {"posted", "posted by expiry"},
    ),
    "an entry of another customer": (f"update mi.loyalty_entries set {OTHER} where {ENTRY.format(5_000_000)}", {"posted", "posted by expiry", "posted remainder"}),
    "another expiry": (
        f"update mi.loyalty_entries set expires_at = expires_at + interval '1 day' where {ENTRY.format(5_000_000)}",
        {"posted by expiry", "posted remainder"},
    ),
    "a pending entry that is posted": (
        f"update mi.loyalty_entries set state = 'posted' where {ENTRY.format(5_000_001)}",
        {"pending", "pending by expiry", "pending remainder", "posted", "posted by expiry", "posted remainder"},
    ),
    "an entry that is credited twice": (
        "insert into mi.loyalty_entries (entry_id, profile_id, kind, state, points, expires_at, created_at, origin) select mi.poco_key(899999999),"
        f" profile_id, kind, state, points, expires_at, created_at, origin from mi.loyalty_entries where {ENTRY.format(5_000_000)}",
        {"posted", "posted by expiry"},
    ),
    "a remainder that is forgotten": (
        f"delete from migration.points_remainder where {ENTRY.format(5_000_000)}",
        {"posted remainder"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def judging(store: Store, objects: ObjectStore) -> Workplace:
    """At 3/10 in the one region and 7/3 in the other, with a bucket for reports."""
    store.forget()
    store.rate(*RATES)
    store.write(LEDGER)
    store.copy()
    objects.ensure_bucket("evidence-points")
    kept = store.place.settings.objects.model_copy(update={"evidence": "evidence-points"})
    return replace(store.place, objects=objects, settings=store.place.settings.model_copy(update={"objects": kept}))


def said_of_points(place: Workplace, run: Run) -> str:
    """What the gate of the stage says of points. It says more: no coupon was reissued here."""
    reconcile.measure(place, run, "reissue")
    with pytest.raises(GateStopped) as stopped:
        gate.judge(place, "coupon_reissue", "liability", run)
    return "\n".join(line for line in str(stopped.value).splitlines() if line.startswith("-") and "points" in line)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_gate_names_the_region_and_the_balance_of_which_a_customer_has_more_or_less(
    store: Store, judging: Workplace, fault: str
) -> None:
    broken, seen = FAULTS[fault]
    run = Run(f"test/{fault}")
    with psycopg.connect(store.place.target, autocommit=True) as target:
        before = store.credited()
        assert target.execute(broken).rowcount in (1, 2)
        said = said_of_points(judging, run)
        differing = {row[0] for row in target.execute("select bucket from migration.control_total where run = %s and total = 'points_by_customer'"
                                                      " and region = 'DE' and source <> target", (run.id,))}  # fmt: skip
        target.execute("delete from mi.loyalty_entries where entry_id = mi.poco_key(899999999)")
        store.copy()
    assert differing == {f"customers: {balance}" for balance in seen}
    assert "No customer has other points than POCO's ledger gives" in said and "FR/" not in said
    assert all(f"DE/customers: {balance}" in said for balance in sorted(seen)[:5])
    assert store.credited() == before, "copying the entries again mends it"


def test_without_a_fault_the_gate_says_nothing_of_points(judging: Workplace) -> None:
    assert said_of_points(judging, Run("test/without")) == ""


def test_the_comparison_of_rows_sees_a_point_too_many_at_any_rate_and_mends_it(store: Store, judging: Workplace) -> None:
    wrong = (5_000_000, 5_000_004)
    for key in wrong:
        store.target.execute(f"update mi.loyalty_entries set points = points + 1 where {ENTRY.format(key)}")
    for part in reconcile.parts_to_compare(store.place, RUN, "reissue"):
        if part["entity"] == CARD.name:
            reconcile.compare_part(store.place, RUN, part)
    assert reconcile.verify(store.place, RUN)["different"] == 0
    found = store.target.execute(
        "select source_key, kind from migration.difference where run = %s and repaired_at is not null order by 1", (RUN.id,)
    )
    assert found.fetchall() == [(key, "stale") for key in wrong]
    right(store, LEDGER, *RATES)


# -- Who gets what -------------------------------------------------------------------------------------------------------


@pytest.mark.copied("cutover")
def test_each_rule_says_what_becomes_of_the_points_it_is_about(
    place: Workplace, source: psycopg.Connection, target: psycopg.Connection
) -> None:
    """Below zero, closed, erased, held, no programme: nothing is dropped, and what does not move has its reason."""
    closed = target.execute(
        "select profile_id - mi.poco_key(0) from mi.profiles where origin = 'poco' and status = 'closed' and market = 'fr'"
    ).fetchone()
    erased = source.execute("select id from poco.customers where status = 3 and region = 'DE'").fetchone()
    member = source.execute("select min(id) from poco.customers where status = 1 and region = 'ID'").fetchone()
    assert closed and erased and member
    source.execute("truncate poco.points_ledger")
    for key, (region, customer, points) in enumerate(
        (("FR", *closed, -75), ("DE", *erased, 70), ("XX", *closed, 5), ("ID", *member, 900)), start=1
    ):
        source.execute(
            "insert into poco.points_ledger values (%s, %s, %s, 'reversed', 'posted', %s, null, null, '2024-03-01')",
            (key, region, customer, points),
        )
    copy_all(place, "reissue")

    def became() -> dict[int, str]:
        query = """select entry_id - mi.poco_key(0), points::text from mi.loyalty_entries where origin = 'poco'
                   union all select source_key, reason from migration.quarantine where entity = 'points_ledger' and resolved_at is null
                   union all select source_key, reason from migration.left_out where entity = 'points_ledger'"""
        return dict(target.execute(query).fetchall())

    assert became() == {1: "-75", 2: "person_erased", 3: "region_held", 4: "no_loyalty_programme"}
    assert all(action for (action,) in target.execute("select next_action from migration.quarantine where entity = 'points_ledger'"))

    regions = place.settings.regions
    ruled = regions | {"ID": regions["ID"].model_copy(update={"loyalty": True, "points": Points.model_construct(rate=Fraction(1, 8))})}
    place = replace(place, settings=place.settings.model_copy(update={"regions": ruled}))
    with connection_pair.connect(place, RUN) as opened:
        backfill.plan(place, RUN, CARD.name)
        copier.copy(opened, CARD, ALL, RUN)
        assert became()[4] == "no_loyalty_programme", "mi.com has none yet, whatever migration.toml says"
        with psycopg.connect(make_conninfo(place.target, user="mi_owner", password="test-mi_owner"), autocommit=True) as owner:
            owner.execute("update mi.markets set loyalty = true where market = 'id'")
        copier.copy(opened, CARD, ALL, RUN)
    assert became()[4] == "112" and target.execute("select remainder from migration.points_remainder").fetchall() == [(4,)]

    handover.to_xiaomi(place, [CARD.name], place.settings.moving(), RUN)
    back = replace(place, settings=place.settings.model_copy(update={"regions": regions}))
    backfill.plan(back, RUN, CARD.name)
    kept = "select loyalty, points_new, points_old from migration.scope where region = 'ID'"
    assert target.execute(kept).fetchone() == (True, 1, 8), "a ruling comes too late for points that are handed over"
