"""The coupon reissue: how many coupons a worker takes through all four steps, each committed durably on both sides, and its memory."""

from __future__ import annotations

import multiprocessing
import re
import time
from pathlib import Path
from typing import Any

import psycopg

from bench.report import Measure
from bench.servers import RUN, Bench
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier
from poco_migration.engine.coupons import reissue
from poco_migration.model import KeyRange

FIRST = 500_000_000_000
REGION = "DE"


def measure(bench: Bench, few: int, many: int) -> list[Measure]:
    """Reissue `few` and then `many` coupons, each in a worker process of its own; the goals are for one worker."""
    taken = {}
    for number in (few, many):
        first = FIRST + number
        _make(bench, first, number)
        taken[number] = _moved(bench, first, number)
        print(f"coupon reissue: {number:,} coupons in {taken[number]['seconds']:.1f} s, peak {taken[number]['peak_mb']:.0f} MB", flush=True)
    rate, ratio = many / taken[many]["seconds"], taken[many]["peak_mb"] / taken[few]["peak_mb"]
    raw: dict[str, Any] = {str(number): told for number, told in taken.items()}
    return [
        Measure(
            f"coupon reissue: coupons per second and worker, {many:,} coupons, four durable steps", rate, ">= 5000", rate >= 5_000, raw
        ),
        Measure(f"coupon reissue: peak memory with {many:,} coupons, against {few:,} (times)", ratio, "<= 1.2", ratio <= 1.2, raw),
    ]


def _make(bench: Bench, first: int, number: int) -> None:
    """Coupons of customers who are at mi.com, planned by the product's own copy."""
    with psycopg.connect(bench.target.dsn("mi"), autocommit=True) as target:
        query = "select array_agg(profile_id - mi.poco_key(0)) from mi.profiles where market = 'de' and profile_id > mi.poco_key(0)"
        row = target.execute(query).fetchone()
        owners = row[0] if row else []
    with psycopg.connect(bench.source.dsn("poco"), autocommit=True) as source:
        source.execute(
            "insert into poco.coupons (id, region, code, kind, value_minor, percent, currency, minimum_minor, category, stackable,"
            " customer_id, uses_total, uses_left, per_customer, status, valid_from, valid_until)"
            " select %(first)s + n, %(region)s, 'BENCH-' || (%(first)s + n), 1 + n %% 3, case n %% 3 when 0 then 500 end,"
            " case n %% 3 when 1 then 10 end, 'EUR', 0, null, false,"
            " case when n %% 20 > 0 then (%(owners)s::bigint[])[1 + n %% %(known)s] end,"
            " 10, 10, 1, 1, '2024-01-01', '2025-06-30' from generate_series(0, %(number)s - 1) n",
            {"first": first, "region": REGION, "owners": owners, "known": len(owners), "number": number},
        )
        source.execute("vacuum analyze poco.coupons")
    with connection_pair.connect(bench.place, RUN) as link:
        copier.copy(link, cards.entities()["coupons"], KeyRange(first, first + number), RUN)
    for cluster, database in ((bench.source, "poco"), (bench.target, "mi")):
        with psycopg.connect(cluster.dsn(database), autocommit=True) as connection:
            connection.execute("vacuum analyze")
            connection.execute("checkpoint")


def _moved(bench: Bench, first: int, number: int) -> dict[str, float]:
    with psycopg.connect(bench.target.dsn("mi")) as target:
        zero = target.execute("select mi.poco_key(0)").fetchone()
    lo = first + (zero[0] if zero else 0)
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_work, args=(bench.place, lo, lo + number, queue))
    process.start()
    counts, seconds, peak = queue.get(timeout=1800)
    process.join()
    assert counts == {"done": number}, counts
    return {"seconds": seconds, "peak_mb": peak}


def _work(place: Workplace, lo: int, hi: int, queue: multiprocessing.Queue[tuple[dict[str, int], float, float]]) -> None:
    began = time.monotonic()
    counts = reissue.move(place, lo, hi, RUN)
    seconds = time.monotonic() - began
    # Not ru_maxrss: what the parent ever held counts there too.
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    queue.put((counts, seconds, int(peak[1]) / 1024 if peak else 0.0))
