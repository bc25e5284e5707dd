"""Following against PostgreSQL's own logical replication of the same changes, without a transform, into bare tables."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import psycopg

from bench.report import Measure, median
from bench.servers import RUN, Bench
from poco_migration.engine.follow import follower

TABLES = ("orders", "payments")
WAIT_SECONDS = 300


def measure(bench: Bench, changes: int, rounds: int) -> list[Measure]:
    """Each round changes the same scattered rows twice: once followed by us, once by a subscription; the other one waits."""
    _subscribe(bench)
    ours, native, keys = list[float](), list[float](), 0
    for _ in range(rounds):
        keys = _change(bench, changes)
        began = time.monotonic()
        assert follower.catch_up(bench.place, RUN, WAIT_SECONDS)
        ours.append(time.monotonic() - began)
        _replicated(bench)
        assert follower.catch_up(bench.place, RUN, WAIT_SECONDS)
        _change(bench, changes)
        native.append(_replicated(bench))
        assert follower.catch_up(bench.place, RUN, WAIT_SECONDS)
    ratio = median(ours) / median(native)
    return [
        Measure("follow: scattered changes captured and applied, against native logical replication (times)", ratio, "<= 2.5", ratio <= 2.5,
                {"keys": keys, "ours_s": ours, "native_s": native}),
        Measure("follow: keys per second", keys / median(ours), ">= 20000", keys / median(ours) >= 20_000, {"ours_s": ours}),
    ]  # fmt: skip


def _change(bench: Bench, changes: int) -> int:
    """Change every n-th row of the tables in one transaction; returns how many rows of regions that move."""
    moving = list(bench.place.settings.moving())
    with psycopg.connect(bench.place.source_owner, autocommit=True) as source:
        total = sum(_one(source, f"select count(*) from poco.{table} where region = any (%s)", moving) for table in TABLES)
        every = max(1, total // changes)
        with source.transaction():
            return sum(
                source.execute(
                    f"update poco.{table} set provider_ref = md5(provider_ref) where region = any (%s) and id %% %s = 0"
                    if table == "payments"
                    else f"update poco.{table} set updated_at = updated_at + interval '1 second' where region = any (%s) and id %% %s = 0",
                    (moving, every),
                ).rowcount
                for table in TABLES
            )


def _subscribe(bench: Bench) -> None:
    names = ", ".join(f"poco.{table}" for table in TABLES)
    with psycopg.connect(bench.source.dsn("poco"), autocommit=True) as source:
        source.execute(f"create publication native for table {names}")
    with psycopg.connect(bench.target.dsn("postgres"), autocommit=True) as target:
        target.execute("create database replica")
    with psycopg.connect(bench.source.dsn("poco"), autocommit=True) as source:
        columns = {
            table: _one(
                source,
                "select string_agg(format('%%I %%s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum) from pg_attribute"
                " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
                f"poco.{table}",
            )
            for table in TABLES
        }
    with psycopg.connect(bench.target.dsn("replica"), autocommit=True) as replica:
        replica.execute("create schema poco")
        for table, described in columns.items():
            replica.execute(f"create table poco.{table} ({described}, primary key (id))")
            replica.execute(f"create unique index on poco.{table} (id, region, currency)")
            replica.execute(f"alter table poco.{table} alter region set not null, alter currency set not null")
        replica.execute(f"create subscription native connection '{bench.source.dsn('poco')}' publication native")
        give_up = time.monotonic() + WAIT_SECONDS
        while _one(replica, "select count(*) from pg_subscription_rel where srsubstate <> 'r'") and time.monotonic() < give_up:
            time.sleep(0.2)
        replica.execute("alter subscription native disable")
        replica.execute("vacuum analyze")


def _replicated(bench: Bench) -> float:
    """Let the subscription catch up; returns the seconds it took, and has it wait again."""
    with (
        psycopg.connect(bench.source.dsn("poco"), autocommit=True) as source,
        psycopg.connect(bench.target.dsn("replica"), autocommit=True) as replica,
    ):
        goal = _one(source, "select pg_current_wal_insert_lsn()::text")
        began = time.monotonic()
        replica.execute("alter subscription native enable")
        behind = "select coalesce(bool_or(replay_lsn >= %s::pg_lsn), false) from pg_stat_replication where application_name = 'native'"
        while not _one(source, behind, goal):
            if time.monotonic() - began > WAIT_SECONDS:
                raise TimeoutError("the subscription did not catch up")
            time.sleep(0.01)
        seconds = time.monotonic() - began
        replica.execute("alter subscription native disable")
        with suppress(TimeoutError):
            while _one(source, "select count(*) from pg_stat_replication"):
                time.sleep(0.01)
    return seconds


def _one(connection: psycopg.Connection[Any], query: str, *parameters: object) -> Any:
    row = connection.execute(query, parameters or None).fetchone()
    return row[0] if row else None
