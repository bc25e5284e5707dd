"""Coupons while customers spend them on both sides: killed, cut off, repeated and run a hundred times at once.

At no look is one spendable on both sides, none is lost, none is issued twice, and what was owed is accounted for. With a rule
of the reissue switched off the same people see it.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import Any
from unittest import mock

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from support.tcp_proxy import Proxy
from support.workplaces import RUN, Servers, clone, copy_all, install

from faults import report
from faults.actors.coupon_spenders import ZERO, Market, attempts, finish, found, make, told
from faults.database_pairs import names
from faults.workers.reissuer import THE_END, order
from local_stack import databases
from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.coupons import reissue
from poco_migration.errors import TransientError
from poco_migration.settings import PROJECT

STEPS = (
    "reissue_reserve_source",
    "reissue_reserved",
    "reissue_voucher",
    "reissue_issued",
    "reissue_void_source",
    "reissue_release",
    THE_END,
)
GIVING_BACK = ("reissue_give_back_source", "reissue_given_back")
COUPONS = 30
pytestmark = pytest.mark.timeout(1800)  # fifty runs of a few seconds each, on a machine that does something else besides
RUNS = 50


@pytest.fixture(scope="module")
def empty(servers: Servers) -> Workplace:
    """Customers and all that the cutover moves, no coupon: only ever a template."""
    place = clone(servers)
    databases.grant_source(servers.source, servers.passwords, names(place)[0])
    install(place)
    copy_all(place, "cutover")
    with psycopg.connect(servers.source.dsn(names(place)[0]), autocommit=True) as store:
        store.execute("truncate poco.coupons, poco.coupon_redemptions")
    return place


@pytest.fixture
def place(empty: Workplace, servers: Servers) -> Workplace:
    return clone(servers, *names(empty))


@pytest.fixture(scope="module")
def worker() -> Iterator[Callable[[str], int]]:
    environment = os.environ | {"PYTHONPATH": f"{PROJECT / 'plugins'}:{PROJECT}:{PROJECT / 'tests'}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "faults.workers.reissuer"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env=environment,
    )

    def obey(line: str) -> int:
        assert process.stdin and process.stdout
        process.stdin.write(line)
        process.stdin.flush()
        return int(process.stdout.readline())

    yield obey
    assert process.stdin
    process.stdin.close()
    process.wait(30)


def seeds(request: pytest.FixtureRequest) -> range:
    """A few in make test, fifty in make faults, from the seed that was asked for."""
    config, first = request.config, int(request.config.getoption("--seed"))
    return range(first, first + (RUNS if config.getoption("--faults") else 2))


def tell(fault: str, runs: int, market: Market, wrong: Counter[str], extra: str = "") -> None:
    spent = ", ".join(f"{number} {what}" for what, number in sorted(market.spent.items()))
    report.cell("reissue", fault, f"{runs} runs{extra}, {market.looks} looks; {told(dict(wrong))}; {spent}", not wrong)
    assert not wrong, (fault, wrong)
    assert market.looks > runs and market.spent["at POCO"] and market.spent["at mi.com"], "nobody was there"


def play(
    place: Workplace, market: Market, fault: Callable[[random.Random], None], among: range, *, mended: Callable[[], None] = lambda: None
) -> Counter[str]:
    """Each seed: new coupons, customers on both sides, the fault, a rerun to the end; returns what is wrong."""
    wrong: Counter[str] = Counter()
    for seed in among:
        rng = random.Random(f"{seed}/fault")
        market.seed = seed
        make(place, market, COUPONS, rng)
        with market.open():
            fault(rng)
        mended()
        with market.open(service=False):  # customers go on; nobody takes back any more, so that it comes to an end
            finish(place, market)
        wrong.update(found(place, market))
        assert not wrong, f"seed {seed}: {wrong}"
    return wrong


@pytest.mark.parametrize(
    "step", [pytest.param(step, marks=() if step in ("reissue_void_source", "reissue_release") else pytest.mark.faults) for step in STEPS]
)
def test_the_worker_is_killed(place: Workplace, worker: Callable[[str], int], step: str, request: pytest.FixtureRequest) -> None:
    market, killed = Market(place), 0

    def kill(rng: random.Random) -> None:
        nonlocal killed
        killed += worker(order(place, ZERO + market.first, ZERO + market.last, step)) == 9
        if rng.random() < 0.3:  # a retry that comes while others go on, and is killed as well
            killed += worker(order(place, ZERO + market.first, ZERO + market.last, rng.choice(STEPS))) == 9

    wrong = play(place, market, kill, seeds(request))
    assert killed >= len(seeds(request)) // 2
    tell(f"SIGKILL before {step.removeprefix('reissue_').replace('_', ' ')}", len(seeds(request)), market, wrong, f", {killed} killed")


@pytest.mark.faults
@pytest.mark.parametrize("step", GIVING_BACK)
def test_the_worker_is_killed_while_it_gives_back(
    place: Workplace, worker: Callable[[str], int], servers: Servers, step: str, request: pytest.FixtureRequest
) -> None:
    market, killed = Market(place), 0

    def owner(statement: str) -> None:
        with psycopg.connect(servers.target.dsn(names(place)[1]), autocommit=True) as shop:
            shop.execute(statement)

    def kill(rng: random.Random) -> None:
        nonlocal killed
        owner("alter table mi.vouchers add constraint planted check (coupon_ref % 5 <> 0) not valid")
        killed += worker(order(place, ZERO + market.first, ZERO + market.last, step)) == 9

    wrong = play(place, market, kill, seeds(request), mended=lambda: owner("alter table mi.vouchers drop constraint planted"))
    assert killed >= len(seeds(request)) // 2
    tell(f"SIGKILL before {step.removeprefix('reissue_').replace('_', ' ')}", len(seeds(request)), market, wrong, f", {killed} killed")


LOST = ("reissue_reserve_source", "reissue_reserved", "_make_vouchers", "reissue_void_source", "reissue_release")


@pytest.mark.parametrize("step", [pytest.param(step, marks=() if step == "reissue_void_source" else pytest.mark.faults) for step in LOST])
def test_the_answer_is_lost_after_the_server_has_committed(place: Workplace, step: str, request: pytest.FixtureRequest) -> None:
    """A time-out after the remote success: the worker hears an error, the server has done it."""
    market = Market(place)
    of, name = (reissue, step) if step.startswith("_") else (postgres, "run")
    whole = getattr(of, name)

    def once(*given: Any) -> Any:
        result = whole(*given)
        if step.startswith("_") or given[1].stem == step:
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return result

    def lose(rng: random.Random) -> None:
        with mock.patch.object(of, name, once), pytest.raises(TransientError):
            reissue.move(place, ZERO + market.first, ZERO + market.last, RUN)

    wrong = play(place, market, lose, seeds(request))
    tell(f"the answer to {step.removeprefix('reissue_').strip('_').replace('_', ' ')} is lost", len(seeds(request)), market, wrong)


@pytest.mark.faults
@pytest.mark.parametrize("side", ["source", "target"])
def test_the_connection_is_cut_anywhere(place: Workplace, side: str, request: pytest.FixtureRequest) -> None:
    market, cuts = Market(place), 0

    def cut(rng: random.Random) -> None:
        nonlocal cuts
        known = getattr(place, side)
        with Proxy(int(conninfo_to_dict(known)["port"])) as proxy:
            proxy.at(rng.randint(500, 6_000 if side == "source" else 20_000), "cut")
            there = replace(place, **{side: make_conninfo(**{**conninfo_to_dict(known), "port": proxy.port})})
            try:
                reissue.move(there, ZERO + market.first, ZERO + market.last, RUN)
            except TransientError:
                cuts += 1

    wrong = play(place, market, cut, seeds(request))
    assert cuts >= len(seeds(request)) // 2
    tell(f"the connection to the {side} is cut", len(seeds(request)), market, wrong, f", {cuts} cut")


@pytest.mark.parametrize("number", [20, pytest.param(100, marks=pytest.mark.faults)])
def test_as_many_duplicates_at_once(place: Workplace, number: int, request: pytest.FixtureRequest) -> None:
    market, errors = Market(place), list[str]()
    among = seeds(request) if number < 100 else range(1, 6)
    wrong = play(place, market, lambda rng: errors.extend(attempts([place] * number, market)), among)
    tell(f"{number} duplicates at once", len(among), market, wrong, f", {len(errors)} refused")
    assert not errors, errors[:3]


# Rules, switched off ---------------------------------------------------------------------------------------------------


def released_first(stack: ExitStack, place: Workplace) -> None:
    """The voucher can be spent before POCO is asked to give its coupon up."""
    ask, release = reissue._void, reissue._release

    def after(target: Any, ended: Any, issued: Any) -> None:
        release(target, ended, issued)
        with postgres.connect(place.source, "source", name="late") as source:
            ask(source, issued)

    stack.enter_context(mock.patch.object(reissue, "_void", lambda source, issued: {attempt.source_key: True for attempt in issued}))
    stack.enter_context(mock.patch.object(reissue, "_release", after))


def without_lock_and_status(stack: ExitStack, place: Workplace) -> None:
    """It looks first and writes later, whatever has become of the coupon meanwhile."""
    _at_poco(
        place,
        "create or replace function poco_export.reserve_coupons(keys bigint[]) returns table (coupon_id bigint, epoch integer, uses_left integer)"
        " language plpgsql volatile security definer set search_path = pg_catalog as $$ declare seen jsonb; begin"
        " select coalesce(jsonb_object_agg(c.id, c.uses_left), '{}') into seen from poco.coupons c where c.id = any (keys) and c.status = 1 and c.uses_left > 0;"
        " perform pg_sleep(0.03);"
        " update poco.coupons c set status = 5 where seen ? c.id::text;"
        " insert into poco_export.reservation as r (coupon_id, epoch, state) select k::bigint, 1, 'reserved' from jsonb_object_keys(seen) k"
        " on conflict on constraint reservation_pkey do update set epoch = r.epoch + 1, state = 'reserved';"
        " return query select r.coupon_id, r.epoch, coalesce((seen ->> r.coupon_id::text)::integer, c.uses_left) from poco_export.reservation r"
        " join poco.coupons c on c.id = r.coupon_id where r.coupon_id = any (keys) and r.state <> 'returned' and c.status in (5, 6); end $$",
    )


def another_id_each_time(stack: ExitStack, place: Workplace) -> None:
    stack.enter_context(mock.patch.object(reissue, "reissue_id", lambda *_: uuid.uuid4()))


def any_epoch_is_void(stack: ExitStack, place: Workplace) -> None:
    """A worker that slept voids the reservation of the next attempt, and releases the voucher of its own."""
    _at_poco(
        place,
        "create or replace function poco_export.void_coupons(keys bigint[], epochs integer[]) returns table (coupon_id bigint, void boolean)"
        " language sql volatile security definer set search_path = pg_catalog begin atomic"
        " update poco_export.reservation r set state = 'void' where r.coupon_id = any (keys) and r.state = 'reserved';"
        " update poco.coupons c set status = 6 where c.id = any (keys) and c.status = 5;"
        " select c.id, c.status = 6 from poco.coupons c where c.id = any (keys); end",
    )
    ask = reissue._void

    def slept(source: Any, issued: Any) -> Any:
        for attempt in issued:
            source.execute("select poco_export.give_back_coupons(%s, %s)", ([attempt.source_key], [attempt.epoch]))
        with psycopg.connect(place.source_owner, autocommit=True) as store:
            for attempt in issued:
                spent = "with one as (update poco.coupons set uses_left = uses_left - 1 where id = %s and status = 1 and uses_left > 1 returning id)"
                store.execute(
                    f"{spent} insert into poco.coupon_redemptions select 800000000000 + id, 'DE', id, 1, null, 1, '2024-11-01' from one",
                    (attempt.source_key,),
                )
        source.execute("select count(*) from poco_export.reserve_coupons(%s)", ([attempt.source_key for attempt in issued],))
        return ask(source, issued)

    stack.enter_context(mock.patch.object(reissue, "_void", slept))


def no_guard_at_poco(stack: ExitStack, place: Workplace) -> None:
    _at_poco(place, "drop trigger zz_migration_reserved on poco.coupons")


RULES = {
    "coupons: void before release": released_first,
    "coupons: reserve under the row's lock and status": without_lock_and_status,
    "coupons: a reissue id that follows from the coupon": another_id_each_time,
    "coupons: an epoch ends once": any_epoch_is_void,
    "coupons: POCO's database refuses what is reserved": no_guard_at_poco,
}


def _at_poco(place: Workplace, statement: str) -> None:
    with psycopg.connect(place.source_owner, autocommit=True) as store:
        store.execute(statement)


@contextmanager
def off(rule: Callable[[ExitStack, Workplace], None] | None, place: Workplace) -> Iterator[None]:
    with ExitStack() as stack:
        if rule:
            rule(stack, place)
        yield


def story(place: Workplace, rule: Callable[[ExitStack, Workplace], None] | None, careless: bool, seed: int) -> str:
    """A few workers at once on fresh coupons, with customers on both sides; what the one who looks and the sums say in the end."""
    market = Market(place, seed, last=700_000_000_000 + 1_000 * seed, careless=careless)
    with off(rule, place):
        make(place, market, COUPONS, random.Random(seed))
        with market.open():
            attempts([place] * 4, market)
        with market.open(service=False), suppress(Exception):
            finish(place, market)
    return told(found(place, market))


@pytest.mark.parametrize("rule", [pytest.param(rule, marks=() if RULES[rule] is released_first else pytest.mark.faults) for rule in RULES])
def test_a_rule_that_is_switched_off_is_seen(place: Workplace, rule: str) -> None:
    careless = RULES[rule] is no_guard_at_poco
    assert story(place, None, careless, 1) == "equal"
    seen = next((seen for seed in range(2, 12) if (seen := story(place, RULES[rule], careless, seed)) != "equal"), "equal")
    report.rule(rule, seen)
    assert seen != "equal", f"nobody noticed that the rule is off: {rule}"
