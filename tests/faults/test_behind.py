"""What goes wrong behind the cutover, in the middle of a stage: the slot is lost, a table changes. The stages come to the same end.

The oracle computes what mi.com must have, and shares no code with the copies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from stages import test_behind_the_cutover as behind
from support.fresh_migration import differences
from support.workplaces import RUN, Servers

from faults import report
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.follow import loss
from poco_migration.engine.shutdown import preconditions
from poco_migration.errors import SchemaDrift, SlotLost

pytestmark = pytest.mark.faults
Fault = Callable[[Workplace, Servers], None]


@pytest.fixture(scope="module")
def ready(servers: Servers) -> Workplace:
    return behind.everything_compared(servers)


@pytest.fixture
def place(servers: Servers, ready: Workplace, objects: ObjectStore) -> Iterator[Workplace]:
    yield from behind.switched(servers, ready, objects)


def _slot(place: Workplace, _: Servers) -> None:
    behind.lose_the_slot(place)


def _table(place: Workplace, servers: Servers, ddl: str = "add column of_their_own text") -> None:
    for table in ("profiles", "orders", "brand_items", "order_discounts", "loyalty_entries"):
        behind.alter(place, servers, "target", f"alter table mi.{table} {ddl}")


def _wrong(place: Workplace, servers: Servers) -> int:
    """Rows of the cutover and the history that are not as a fresh migration would make them; the reissue proves itself."""
    _table(place, servers, "drop column if exists of_their_own")  # which the fresh one does not have
    asked = {entity.name for entity in cards.moving_at("cutover", "history")} | {"accounts", "listings"}
    return sum(found[0] in asked for found in differences(place, servers, "cutover", "history"))


FAULTS: dict[str, tuple[Fault, type[Exception], Callable[[Workplace], object]]] = {
    "slot lost behind the cutover": (_slot, SlotLost, behind.reconciled),
    "table changed behind the cutover": (_table, SchemaDrift, behind.prepared),
}
# The stages behind the cutover, in either order, each in two halves; the fault strikes before one of them.
HALVES: dict[str, Callable[[Workplace], object]] = {
    "the coupons are planned": behind.planned,
    "the history is complete": behind.history_is_complete,
    "the coupons are reissued": behind.reissued,
}


@pytest.mark.parametrize("struck", [*HALVES, "the shutdown"])
@pytest.mark.parametrize("fault", FAULTS)
def test_it_heals_by_the_products_own_tasks(place: Workplace, servers: Servers, fault: str, struck: str) -> None:
    strike, error, heal = FAULTS[fault]
    told = 0
    for name, go_on in {**HALVES, "the shutdown": _drained}.items():
        if name == struck:
            strike(place, servers)
        try:
            go_on(place)
        except error:
            told += 1
            heal(place)
            go_on(place)
    left, why = _wrong(place, servers), preconditions._drained(place, RUN)
    with psycopg.connect(place.target) as target:
        owners = target.execute("select count(*) from migration.system_of_record where owner <> 'Xiaomi'").fetchone()
    ok = left == 0 and not why and owners == (0,) and not loss.lost(place)
    report.cell("history", f"{fault}, before {struck}", f"{told} tasks said what to do, {left} rows differ, drained: {why or 'yes'}", ok)
    assert ok, (told, left, why, owners)


def _drained(place: Workplace) -> None:
    if loss.lost(place):
        raise SlotLost(preconditions._drained(place, RUN))
