"""A part counts as proven only by a comparison that began after its last copy had committed, whatever the clocks say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from faults import database_pairs
from support.certificates import signed
from support.workplaces import RUN, Servers, compare_all, copy_all, prepared

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier as copier_
from poco_migration.engine.copying import receipts
from poco_migration.engine.cutover import fence
from poco_migration.engine.follow import replication_slot
from poco_migration.engine.ledger import ownership
from poco_migration.engine.verify import reverification
from poco_migration.errors import MigrationError, StageRefused
from poco_migration.model import KeyRange, KeySet, Part, Receipt, Run
from poco_migration.stages import cutover, reconcile, rollback

SPOIL = (
    "update mi.orders set note = 'SPOILT' where order_id = (select max(order_id) from mi.orders where market = 'de' and origin = 'poco')"
)
ORDERS = cards.entities()["orders"]


@pytest.fixture(scope="module")
def moved(servers: Servers) -> Workplace:
    """Everything copied, compared and rehearsed: a pair to clone."""
    place = prepared(servers)
    replication_slot.create_publication(place)
    copy_all(place, "cutover", part_rows=60)
    compare_all(place)
    rollback.rehearse(place, RUN)
    return place


@pytest.fixture
def copied(moved: Workplace, servers: Servers) -> Iterator[Workplace]:
    with database_pairs.following_pair(moved, servers, "proven") as pair:
        yield pair


@contextmanager
def slow_copy(place: Workplace, part: Part, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A copy of orders that spoils a row, as a faulty load would, and commits only when it is told to; at the end at the latest."""
    written, go, real = threading.Event(), threading.Event(), receipts.write_receipt

    def late(target: Any, receipt: Receipt, snapshot: str, run: Run) -> None:
        if threading.current_thread() is copier:
            target.execute(SPOIL)
            written.set()
            assert go.wait(120)
        real(target, receipt, snapshot, run)

    def copy() -> None:
        with connection_pair.connect(place, RUN) as link:
            copier_.copy(link, ORDERS, part, RUN)

    monkeypatch.setattr(receipts, "write_receipt", late)
    copier = threading.Thread(target=copy)
    copier.start()
    try:
        assert written.wait(120)
        yield go
    finally:
        go.set()
        copier.join()


def spoilt(place: Workplace) -> int:
    with psycopg.connect(place.target) as target:
        return int(target.execute("select count(*) from mi.orders where note = 'SPOILT'").fetchone()[0])  # type: ignore[index]


def all_orders(place: Workplace) -> KeySet:
    with psycopg.connect(place.source_owner) as source:
        return KeySet(tuple(row[0] for row in source.execute("select id from poco.orders where region = 'DE' order by 1")))


@pytest.mark.parametrize("part", [KeyRange(None, None), KeyRange(1, None)], ids=["whole", "a range that cuts a part"])
def test_a_part_that_commits_after_its_comparison_is_not_proven(copied: Workplace, part: KeyRange, monkeypatch: pytest.MonkeyPatch) -> None:
    night = Run("poco_reconcile/night")
    with slow_copy(copied, part, monkeypatch):
        for of in reconcile.parts_to_compare(copied, night, "cutover"):
            reconcile.compare_part(copied, night, of)
    assert not any(reconcile.verify(copied, night).values()), "the comparison saw the rows before the copy spoilt one"
    with pytest.raises(StageRefused, match="parts have been copied and not compared row by row since: orders"):
        cutover.switch(copied, RUN, signed(copied, "cutover", RUN))
    assert spoilt(copied) == 1 and not ownership.read_ownership(copied, ["orders"]).away and fence.state(copied) == {}
    # The next night finds the row, repairs it, and proves the part.
    for of in reconcile.parts_to_compare(copied, night, "cutover"):
        reconcile.compare_part(copied, night, of)
    reconcile.repair(copied, night)
    assert not any(reconcile.verify(copied, night).values()) and spoilt(copied) == 0
    cutover.switch(copied, RUN, signed(copied, "cutover", RUN))
    assert ownership.read_ownership(copied, ["orders"]).away


@pytest.mark.parametrize("by_keys", [False, True], ids=["whole", "by keys"])
def test_a_copy_that_ends_between_the_proof_and_the_handover_stops_the_handover(
    copied: Workplace, by_keys: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_copy(copied, all_orders(copied) if by_keys else KeyRange(None, None), monkeypatch) as go:
        at_seal = [
            replace(known, do=lambda s, do=known.do: (go.set(), do(s))[1])  # type: ignore[misc]
            if known.name == "hand over"
            else known
            for known in cutover.PLAN
        ]
        monkeypatch.setattr(cutover, "PLAN", tuple(at_seal))
        with pytest.raises(MigrationError, match="were copied while the proof was made|are to be copied once more"):
            cutover.switch(copied, RUN, signed(copied, "cutover", RUN))
    assert spoilt(copied) == 1 and not ownership.read_ownership(copied, ["orders"]).away
    assert not any(until for regions in fence.state(copied).values() for until in regions.values() if until == fence.FOR_GOOD), "open again"


def test_a_comparison_that_ends_late_takes_nothing_back_from_a_newer_one(copied: Workplace) -> None:
    early, late = Run("poco_reconcile/early"), Run("poco_reconcile/late")
    for of in reconcile.parts_to_compare(copied, early, "cutover"):
        reconcile.compare_part(copied, early, of)
    with connection_pair.connect(copied, RUN) as link:
        copier_.copy(link, ORDERS, KeyRange(None, None), RUN)
        for of in reconcile.parts_to_compare(copied, late, "cutover"):
            reconcile.compare_part(copied, late, of)
        reconcile.verify(copied, late)
        reverification.require_compared(link.target, cards.moving_at("cutover"))
        reconcile.verify(copied, early)
        reverification.require_compared(link.target, cards.moving_at("cutover"))
