"""What capturing holds in memory: few changes against many, in one transaction, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import re
from dataclasses import replace
from pathlib import Path

import psycopg

from bench.report import Measure
from bench.servers import RUN, Bench
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import connection_pair
from poco_migration.engine.follow import change_capture, follower


def measure(bench: Bench, few: int, many: int) -> list[Measure]:
    """Peak memory of the capturing process, in MB."""
    peaks = {number: _peak(bench, number) for number in (few, many)}
    ratio = peaks[many] / peaks[few]
    name = f"capture: peak memory with {many:,} changes in one transaction, against {few:,} (times)"
    return [Measure(name, ratio, "<= 1.5", ratio <= 1.5, {"peak_mb": {str(k): v for k, v in peaks.items()}})]


def _peak(bench: Bench, number: int) -> float:
    assert follower.catch_up(bench.place, RUN, 600)
    with psycopg.connect(bench.place.source_owner) as source:  # one transaction
        left = number
        while left > 0:
            left -= source.execute(
                "update poco.order_items set quantity = quantity where id in (select id from poco.order_items order by id limit %s)",
                (left,),
            ).rowcount
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_capture, args=(bench.place, queue))
    process.start()
    keys, peak = queue.get(timeout=900)
    process.join()
    assert keys > 0
    return float(peak)


def _capture(place: Workplace, queue: multiprocessing.Queue[tuple[int, float]]) -> None:
    keys = 0
    with connection_pair.connect(replace(place, source=place.source_follower), RUN) as link:
        while found := change_capture.capture(link.source, link.target, place.settings.follow.slot).keys:
            keys += found
    # Not ru_maxrss: what the parent ever held counts there too.
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    queue.put((keys, int(peak[1]) / 1024 if peak else 0.0))
