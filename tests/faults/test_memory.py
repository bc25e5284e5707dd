"""Capturing holds no transaction in memory: a hundred times the changes cost no more of it, in one transaction or in many."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from support.workplaces import Servers, copy_all, prepared

from faults import report
from faults.database_pairs import following_pair
from faults.driver import ENVIRONMENT
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.follow import replication_slot

TIMES = 1.5
FEW = 10_000
_INSERT = (
    "insert into poco.points_ledger (id, region, customer_id, kind, state, points, created_at)"
    " select %s + n, 'DE', n %% 500, 'earned', 'posted', n, '2024-05-01' from generate_series(1, %s) n"
)


@pytest.fixture(scope="module")
def followed(servers: Servers) -> Iterator[Workplace]:
    template = prepared(servers)
    replication_slot.create_publication(template)
    copy_all(template)
    with following_pair(template, servers, "memory_test") as place:
        yield place


def peak(place: Workplace, first: int, rows: int, transactions: int) -> int:
    """KiB at the most while so many changes are captured."""
    with psycopg.connect(place.source_owner, autocommit=True) as source:
        for n in range(transactions):
            source.execute(_INSERT, (first + n * (rows // transactions), rows // transactions))
        source.execute("set synchronous_commit = on")
        source.execute("create table if not exists public.flushed ()")  # what was committed without waiting is in the log now
    told = json.dumps({"source": place.source_follower, "target": place.target, "slot": place.settings.follow.slot})
    done = subprocess.run(
        [sys.executable, "-m", "faults.workers.capture_once"], input=told, capture_output=True, text=True, env=ENVIRONMENT, check=True
    )
    said = json.loads(done.stdout)
    assert said["keys"] == rows
    return int(said["peak_kib"])


@pytest.mark.parametrize(
    ("many", "transactions"),
    [
        pytest.param(150_000, 1, id="150 thousand in one transaction"),
        pytest.param(1_000_000, 1, id="a million in one transaction", marks=pytest.mark.faults),
        pytest.param(1_000_000, 20_000, id="a million in 20 thousand transactions", marks=pytest.mark.faults),
    ],
)
def test_memory_does_not_grow_with_the_changes(followed: Workplace, request: pytest.FixtureRequest, many: int, transactions: int) -> None:
    first = 100_000_000 + 10_000_000 * transactions + many
    few, lots = peak(followed, first, FEW, 1), peak(followed, first + FEW, many, transactions)
    report.say(
        f"capture, {FEW} changes: {few / 1024:.0f} MiB at the most; {many} in {transactions} transactions: {lots / 1024:.0f} MiB ({lots / few:.2f} times)"
    )
    assert lots <= TIMES * few
