"""The worker of the switch is killed when mi.com owns the regions and nothing is counted yet: the gate waits for a count, which a rerun
makes as well as it can be made, and what it cannot count is named."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from support.workplaces import Servers, compare_all, copy_all, prepared

from faults import database_pairs, report
from faults.database_pairs import as_customer
from faults.test_switch import NAMES, _environment
from faults.workers.switcher import RUN, orders, switch
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import gate
from poco_migration.engine.follow import replication_slot
from poco_migration.engine.ledger import ownership
from poco_migration.errors import GateStopped
from poco_migration.settings import PROJECT
from poco_migration.stages import rollback

pytestmark = pytest.mark.faults
CONSENT = "select min(consent_id) from mi.consents where origin = 'poco'"


@pytest.fixture(scope="module")
def moved(servers: Servers) -> Workplace:
    """Everything copied, compared and rehearsed: a pair to clone."""
    place = prepared(servers)
    replication_slot.create_publication(place)
    copy_all(place, "cutover")
    compare_all(place)
    rollback.rehearse(place, RUN)
    return place


@pytest.fixture
def handed_over(moved: Workplace, servers: Servers, objects: ObjectStore) -> Iterator[Workplace]:
    """The worker has been killed by SIGKILL between hand over and recount."""
    with database_pairs.following_pair(moved, servers, "killed_recount") as pair:
        place = replace(pair, objects=objects)
        dead = subprocess.run([sys.executable, "-m", "faults.workers.switcher"], input=orders(place, "recount"), text=True,
                              capture_output=True, check=False, timeout=300, cwd=PROJECT, env=_environment())  # fmt: skip
        assert dead.returncode == -9, dead.stderr[-2000:]
        assert ownership.read_ownership(place, NAMES).handed_over(NAMES) == set(place.settings.moving())
        yield place


def judged(place: Workplace, number: int) -> str:
    return gate.judge(place, "cutover", "switched", replace(RUN, task="gate_switched", try_number=number)).verdict


def test_a_worker_killed_between_hand_over_and_recount(handed_over: Workplace) -> None:
    with pytest.raises(GateStopped, match="'recount' has not been measured to its end"):
        judged(handed_over, 1)
    with psycopg.connect(as_customer(handed_over.target, "target"), autocommit=True) as customer:
        assert customer.execute(f"delete from mi.consents where consent_id = ({CONSENT})").rowcount == 1
    assert switch(handed_over)["regions"] == []
    verdict = judged(handed_over, 2)
    with psycopg.connect(handed_over.target) as target:
        named = [row[0] for row in target.execute("select distinct name from migration.uncounted where run = %s", (RUN.id,))]
    ok = verdict == "warn" and "rows of consents" in named
    report.cell("switch", "worker killed between hand over and recount", f"the rerun counted; gate {verdict}; not counted: {named}", ok)
    assert ok, (verdict, named)


def test_what_was_lost_before_the_late_count_makes_the_gate_red(handed_over: Workplace) -> None:
    with psycopg.connect(handed_over.target, autocommit=True) as target:
        target.execute("delete from mi.refunds where refund_id = (select min(refund_id) from mi.refunds where origin = 'poco')")
    switch(handed_over)
    with pytest.raises(GateStopped, match="No row is missing on the target"):
        judged(handed_over, 3)
    report.cell("switch", "worker killed, and a refund lost before the recount", "the gate is red by name", True)
