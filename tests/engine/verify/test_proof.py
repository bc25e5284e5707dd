"""Equations and control totals see every planted fault, and neither trusts what moved the rows."""

from __future__ import annotations

from collections import Counter

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from support.workplaces import prepared

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.totals import control_totals, kept_back
from poco_migration.engine.verify import measurement, row_equations
from poco_migration.model import Run
from poco_migration.stages import reconcile

RUN = Run("test/proof")
COPIED = ("cutover", "history", "reissue", "never")


@pytest.fixture(scope="module")
def whole(servers) -> Workplace:
    """Everything copied; a test breaks something and mends it again."""
    return prepared(servers, "cutover", "history", "reissue")


def measured(place: Workplace, *milestones: str) -> set[tuple[str, str]]:
    reconcile.measure(place, RUN, *(milestones or ("cutover", "history", "never")))
    return {(row["kind"], row["name"].split()[0]) for row in measurement._open(place, RUN)}


def owner(place: Workplace) -> str:
    return make_conninfo(**{**conninfo_to_dict(place.target), "user": "mi_owner", "password": "test-mi_owner"})


def test_after_a_whole_copy_everything_closes(whole: Workplace) -> None:
    assert measured(whole) == set()


def test_every_entity_and_region_has_its_equation_and_india_only_stays(whole: Workplace) -> None:
    measured(whole)
    with connection_pair.connect(whole, RUN) as link:
        equations = row_equations.latest(link.target)
    regions = {"GLOBAL", "UK", "FR", "DE", "IT", "ES", "ID", "IN", "XX"}
    entities = {e.entity for e in equations}
    assert len(entities) == 18  # 21 entities less coupons, their uses and points, which move later
    for entity in entities:
        assert {e.region for e in equations if e.entity == entity} >= regions
    india = [e for e in equations if e.region == "IN"]
    assert sum(e.source for e in india) > 1000
    assert all((e.migrated, e.merged, e.quarantined, e.excluded) == (0, 0, 0, e.source) for e in india)
    tokens = [e for e in equations if e.entity == "app_tokens"]
    assert sum(e.source for e in tokens) > 100 and all(e.excluded == e.source for e in tokens)
    held = Counter(e.entity for e in equations if e.region == "XX" and e.quarantined)
    assert held.keys() == {"customers", "products", "orders", "order_items", "reviews", "addresses"}


def key(number: int) -> str:
    return f"mi.poco_key({number})"


ORDER, SCAN, REVIEW = f"order_id = {key(900022001)}", f"event_id = {key(900004001)}", f"review_id = {key(900019001)}"
MESSAGE = "message_id = (select min(message_id) from mi.case_messages where origin = 'poco')"
CONSENT = "consent_id = (select min(consent_id) from mi.consents where origin = 'poco')"
SWAP = f"""update mi.shipment_events e set occurred_local = o.occurred_local from mi.shipment_events o
            where e.shipment_id = {key(900004001)} and o.shipment_id = e.shipment_id and o.event_id <> e.event_id"""

# What is planted on the target, how it is mended, and which measurements must see it: those and no others.
FAULTS = {
    "one cent": (
        f"update mi.payments set amount = amount + 0.01 where payment_id = {key(900022001)}",
        f"update mi.payments set amount = amount - 0.01 where payment_id = {key(900022001)}",
        {("control total", "payment_money"), ("control total", "kept_payments"), ("control total", "columns_of_payments")},
    ),
    "a cent of a refund": (
        f"update mi.refunds set amount = amount + 0.01 where refund_id = {key(900022001)}",
        f"update mi.refunds set amount = amount - 0.01 where refund_id = {key(900022001)}",
        {("control total", "refund_money"), ("control total", "kept_refunds"), ("control total", "columns_of_refunds")},
    ),
    "two columns swapped": (
        f"update mi.orders set shipping = tax, tax = shipping where {ORDER}",
        f"update mi.orders set shipping = tax, tax = shipping where {ORDER}",
        {("control total", "order_money"), ("control total", "kept_orders"), ("control total", "columns_of_orders")},
    ),
    "a shifted zone": (
        f"update mi.orders set placed_at = placed_at + interval '1 hour' where {ORDER}",
        f"update mi.orders set placed_at = placed_at - interval '1 hour' where {ORDER}",
        {("control total", "order_time"), ("control total", "kept_orders"), ("control total", "columns_of_orders")},
    ),
    "a lost scan": (
        f"update mi.shipment_events set origin = 'mi' where {SCAN}",
        f"update mi.shipment_events set origin = 'poco' where {SCAN}",
        {
            ("equation", "shipment_events"),
            ("control total", "scans"),
            ("control total", "scans_of_parcels"),
            ("control total", "columns_of_shipment_events"),
        },
    ),
    "two scans in each other's place": (
        SWAP,
        SWAP,
        {("control total", "scans"), ("control total", "scans_of_parcels"), ("control total", "columns_of_shipment_events")},
    ),
    "a scan an hour late, its local time untouched": (
        f"update mi.shipment_events set occurred_at = occurred_at + interval '1 hour' where {SCAN}",
        f"update mi.shipment_events set occurred_at = occurred_at - interval '1 hour' where {SCAN}",
        {("control total", "scans_of_parcels"), ("control total", "columns_of_shipment_events")},
    ),
    "a review under the wrong article": (
        f"update mi.reviews set item_id = (select min(item_id) from mi.brand_items where origin = 'poco' and market = 'fr') where {REVIEW}",
        f"update mi.reviews set item_id = {key(900019001)} where {REVIEW}",
        {("control total", "reviews"), ("control total", "photos_of_reviews"), ("control total", "columns_of_reviews")},
    ),
    "a photo too many": (
        f"update mi.reviews set photos = array['x'] where {REVIEW}",
        f"update mi.reviews set photos = '{{}}' where {REVIEW}",
        {("control total", "reviews"), ("control total", "photos_of_reviews"), ("control total", "columns_of_reviews")},
    ),
    "a consent turned round": (
        f"update mi.consents set granted = not granted where {CONSENT}",
        f"update mi.consents set granted = not granted where {CONSENT}",
        {("control total", "consent"), ("control total", "columns_of_consents")},
    ),
    "a letter lost in a message": (
        f"update mi.case_messages set body = left(body, -1) where {MESSAGE}",
        f"update mi.case_messages set body = body || '.' where {MESSAGE}",
        {("control total", "cases"), ("control total", "columns_of_ticket_messages")},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_seen_by_name(whole: Workplace, fault: str) -> None:
    broken, mended, seen_by = FAULTS[fault]
    with psycopg.connect(owner(whole), autocommit=True) as target:
        assert target.execute(broken).rowcount in (1, 2)
        found = measured(whole)
        target.execute(mended)
    assert found == seen_by
    assert measured(whole) == set()


def test_points_under_the_wrong_customer_are_seen_though_the_sum_is_the_same(whole: Workplace) -> None:
    def differing() -> set[str]:
        reconcile.measure(whole, RUN, "reissue")
        return {row["name"].split()[0] for row in measurement._open(whole, RUN) if row["kind"] == "control total"} - {"coupon_value"}

    assert differing() == set()
    swap = "update mi.loyalty_entries set profile_id = mi.poco_key(%s) where entry_id = mi.poco_key(900024001)"
    with psycopg.connect(owner(whole), autocommit=True) as target:
        target.execute(swap, (900024002,))
        assert differing() == {"points_by_customer", "columns_of_points_ledger"}, "and no other balance of points"
        target.execute(swap, (900024001,))
    assert differing() == set()


def test_a_wrong_transform_is_seen_by_the_totals_though_rows_are_all_there(whole: Workplace) -> None:
    """As if load.sql had taken IDR for a currency with two decimals, as ISO 4217 says: every count is right."""
    scale = "update mi.orders set total = total {0} 100, subtotal = subtotal {0} 100 where market = 'id' and currency = 'IDR'"
    with psycopg.connect(owner(whole), autocommit=True) as target:
        target.execute(scale.format("/"))
        found = measured(whole)
        target.execute(scale.format("*"))
    assert found == {("control total", "order_money"), ("control total", "kept_orders"), ("control total", "columns_of_orders")}


def test_an_extra_row_is_seen(whole: Workplace) -> None:
    with psycopg.connect(owner(whole), autocommit=True) as target:
        target.execute("insert into mi.consents (consent_id, profile_id, purpose, granted, origin, recorded_at)"
                       " select mi.poco_key(899999999), min(profile_id), 'sms', true, 'poco', now() from mi.profiles where origin = 'poco'")  # fmt: skip
        assert measured(whole) == {("equation", "consents"), ("control total", "consent"), ("control total", "columns_of_consents")}
        target.execute("delete from mi.consents where consent_id = mi.poco_key(899999999)")
    assert measured(whole) == set()


def test_a_row_that_is_parked_without_a_reason_of_its_own_is_seen(whole: Workplace) -> None:
    """What is in quarantine is taken off every total, so the reason itself is asked of POCO's table."""
    park = """with gone as (delete from mi.consents where consent_id = (select min(consent_id) from mi.consents where origin = 'poco') returning *)
              insert into migration.quarantine (entity, source_key, region, reason, next_action, detail)
              select 'consents', consent_id - mi.poco_key(0), upper(p.market), %s, 'wait', %s || (g.profile_id - mi.poco_key(0))
                from gone g join mi.profiles p using (profile_id)"""
    for reason, detail in (("purpose_unknown", ""), ("parent_missing", "customers "), ("parent_missing", "customers 1")):
        with (
            postgres.connect(whole.target, "target", name="test") as target,
            postgres.connect(whole.source_auditor, "source", name="test") as source,
        ):
            control_totals.prepare_totals(source, target)
            with target.transaction(force_rollback=True):
                target.execute(park, (reason, detail))
                control_totals.set_aside(source, target, cards.entities()["consents"])
            borne_out, kept = kept_back.compare_kept_back(source, "consents", whole.settings.moving())
        assert sum(kept.values()) - sum(borne_out.values()) == 1, reason
