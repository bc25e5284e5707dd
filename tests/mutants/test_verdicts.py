"""Orders under other customers, addresses that name the city twice, claims without their line: rows that compare as equal, because both
sides are read through the same mistake. The gate is red, and says which column; and the quick judging of mutants says what the gate says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

import psycopg
import pytest
from support.workplaces import Servers, clone, copy_all, install

from mutants import judging
from poco_migration.adapters import expectations, gate_suites, postgres
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.evidence import gate
from poco_migration.engine.verify import measurement
from poco_migration.errors import GateStopped
from poco_migration.model import Run
from poco_migration.stages import reconcile

NIGHT = Run("poco_reconcile/night")
ANOTHER_CUSTOMER = """coalesce((select max(c.id) from poco_export.customers c where c.region = o.region and c.id < o.customer_id and c.status = 1
                        and c.birth_date < '1990-01-01' and c.mi_account_id is null), o.customer_id)"""
MISTAKES = {
    "orders": ("poco_export.mi_key(o.customer_id) end", f"poco_export.mi_key({ANOTHER_CUSTOMER}) end"),
    "addresses": ("nullif(btrim(p.line1), '') ", "nullif(btrim(p.city), '') "),
    "warranty_claims": ("poco_export.mi_key(w.order_item_id) ", "null::bigint "),
}
AT_MI = (
    "update mi.accounts set status = 'closed' where account_id in (select account_id from mi.profiles where joined_by = 'created' and status = 'active' order by 1 limit 1)",
    "update mi.listings set status = 'hidden' where listing_id in (select listing_id from mi.brand_items where joined_by = 'created' and status = 'on_sale' order by 1 limit 1)",
    "update mi.profiles set phone = '+491234567' where profile_id in (select profile_id from mi.profiles where origin = 'poco' and phone is not null order by 1 limit 1)",
)  # fmt: skip


@contextmanager
def mistaken() -> Iterator[None]:
    known = cards.entities()
    changed = {}
    for name, (right, wrong) in MISTAKES.items():
        assert known[name].extract.count(right) == 1, name
        changed[name] = replace(known[name], extract=known[name].extract.replace(right, wrong))
    with mock.patch.dict(known, changed):
        yield


def both(place: Workplace) -> tuple[set[str], set[str]]:
    """What the gate's own judging refuses, and what the quick one does, for every suite that mutants are judged by."""
    slow = set[str]()
    for (stage, name), wanted in judging.ASKED.items():
        asked = [suite for suite in gate_suites.read(stage, name).suites if suite.name in wanted]
        found = expectations.judge(place.target_auditor, asked, NIGHT.id)
        assert not [judgement for judgement in found if judgement.error]
        slow |= {
            f"{stage}/{name} {j.suite}: {j.about}" for j in found if j.severity == "critical" and not j.success and j.type != judging.FLOOR
        }
    with postgres.connect(place.target_auditor, "target", name="test") as auditor, auditor.transaction():
        auditor.execute("select set_config('migration.run', %s, true)", (NIGHT.id,))
        quick = {": ".join(told.split(": ")[:2]) for told in judging.failed(auditor)}
    return slow, quick


def test_what_compares_as_equal_is_seen_by_the_gate_and_named_by_column(servers: Servers, objects: ObjectStore) -> None:
    place = replace(clone(servers), objects=objects)
    with mistaken():
        install(place)
        copy_all(place, "cutover")
        for part in reconcile.parts_to_compare(place, NIGHT, "cutover"):
            reconcile.compare_part(place, NIGHT, part)
        assert not any(reconcile.verify(place, NIGHT).values()), "the comparison of rows sees none of it"
        reconcile.measure(place, NIGHT, "cutover", "never")
    open_ = {row["name"] for row in measurement._open(place, NIGHT)}
    assert open_ == {"columns_of_orders customer", "columns_of_addresses line1", "columns_of_warranty_claims line"}
    with pytest.raises(GateStopped, match="columns_of_addresses/DE/line1"):
        gate.judge(place, "reconcile", "control_totals", NIGHT)
    slow, quick = both(place)
    assert slow == quick and len(slow) == 1


def test_the_quick_judging_refuses_what_the_gate_refuses(migrated: Workplace, servers: Servers) -> None:
    place = clone(servers)
    install(place)
    copy_all(place, "cutover")
    reconcile.measure(place, NIGHT, "cutover", "never")
    assert both(place) == (set(), set())
    with psycopg.connect(place.target, autocommit=True) as target:
        for statement in AT_MI:
            assert target.execute(statement).rowcount == 1
    slow, quick = both(place)
    assert slow == quick and len(slow) >= 3
