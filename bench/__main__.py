"""make bench: every measure on one pair of servers; `--quick` with a small store, to see that the measures work."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import psycopg

from bench import archive, following, freeze, memory, redirects, reissue, report
from bench.servers import object_store, running


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--freeze",
        action="store_true",
        help="how long the store is closed, and nobody sells on the way back, with 100,000 and 10,000,000 rows",
    )
    parser.add_argument(
        "--reissue", action="store_true", help="only the coupon reissue: its rate and its memory, with 100,000 and 1,000,000 coupons"
    )
    parser.add_argument("--archive", action="store_true", help="how fast 10,000,000 rows are archived, and what that holds in memory")
    parser.add_argument("--redirects", action="store_true", help="only the redirect service beside nginx")
    asked = parser.parse_args()
    quick = asked.quick
    if asked.freeze:
        return _freeze(quick)
    coupons = (2_000, 20_000) if quick else (100_000, 1_000_000)
    if asked.reissue:
        return _reissue(*coupons)
    if asked.archive:
        return _archive(quick)
    if asked.redirects:
        print(report.write(_redirects(quick), "none", name="redirects"))
        return 0
    scale, changes, rounds, many = (0.1, 10_000, 1, 50_000) if quick else (1.0, 100_000, 5, 1_000_000)
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder), scale) as bench:
            measures = following.measure(bench, changes, rounds) + memory.measure(bench, 10_000, many)
            measures += reissue.measure(bench, *coupons)
            with psycopg.connect(bench.source.dsn("poco")) as source:
                served = str(source.info.parameter_status("server_version"))
    print(report.write([*measures, *_redirects(quick)], served))
    return 0


def _reissue(few: int, many: int) -> int:
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder), 0.02) as bench:
            measures = reissue.measure(bench, few, many)
    print(report.write(measures, "18", name="reissue"))
    return 0


def _redirects(quick: bool) -> list[report.Measure]:
    pages, requests, seconds, rounds = (7_000, 5_000, 2, 1) if quick else (100_000, 100_000, 8, 5)
    with tempfile.TemporaryDirectory(prefix="bench") as folder, object_store(Path(folder)) as objects:
        return redirects.measure(Path(folder), objects, pages, requests, seconds, rounds)


def _freeze(quick: bool) -> int:
    small, large, pending, rounds = (0.02, 0.2, 200, 2) if quick else (0.06, 6.1, 1_000, 20)
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        Path(folder).chmod(0o755)
        measures = freeze.measure(Path(folder), small, large, pending, rounds)
    print(report.write(measures, "18", name="freeze"))
    return 0


def _archive(quick: bool) -> int:
    few, many, rounds = (100_000, 1_000_000, 1) if quick else (1_000_000, 10_000_000, 3)
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        Path(folder).chmod(0o755)
        measures = archive.measure(Path(folder), few, many, rounds)
    print(report.write(measures, "18", name="archive"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
