"""The comparison row by row finds every planted fault by its exact key, repairs it, and ends at zero."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from oracle import differences
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from workplaces import RUN, Servers, clone, copy_all, install

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, difference, gate, handover, rowhash, settling, slots
from poco_migration.engine import link as links
from poco_migration.errors import GateStopped
from poco_migration.model import Entity, Run
from poco_migration.stages import reconcile

ENTITIES = [entity for entity in cards.of("cutover", "history", "reissue") if entity.table.startswith("mi.")]
Finding = tuple[str, int | None, str]


@pytest.fixture(scope="module")
def whole(servers: Servers) -> Workplace:
    """Everything copied; a test breaks something and has it repaired."""
    place = clone(servers)
    install(place)
    copy_all(place, part_rows=500)
    return place


def owner(place: Workplace) -> str:
    return make_conninfo(**{**conninfo_to_dict(place.target), "user": "mi_owner", "password": "test-mi_owner"})


def plant(place: Workplace, statement: str) -> int:
    with psycopg.connect(owner(place), autocommit=True) as target:
        return target.execute(statement.encode()).rowcount


def ledger(place: Workplace, query: str, *parameters: object) -> list[tuple]:
    with psycopg.connect(place.target, autocommit=True) as target:
        return target.execute(query.encode(), parameters or None).fetchall()


def compared(place: Workplace, run: Run = RUN) -> None:
    for part in reconcile.parts_to_compare(place, run, "cutover", "history"):
        reconcile.compare_part(place, run, part=part)


def noted(place: Workplace, run: Run = RUN) -> set[Finding]:
    """Everything of the run that is a difference, repaired or not."""
    return set(ledger(place, "select entity, coalesce(source_key, target_key), kind from migration.difference"
                             " where run = %s and confirmed_at is not null", run.id))  # fmt: skip


def proven(place: Workplace, run: Run = RUN) -> tuple[set[Finding], dict[str, int]]:
    """Compare, repair and verify: what was a difference, and what is left."""
    compared(place, run)
    reconcile.repair(place, run)
    return noted(place, run), reconcile.verify(place, run)


ZERO = {"different": 0, "undecided": 0, "foreign": 0}


def test_after_a_whole_copy_nothing_differs(whole: Workplace) -> None:
    assert proven(whole) == (set(), ZERO)
    rows = ledger(whole, "select sum(rows_source), sum(rows_target), bool_and(counted_source = rows_source + set_aside and counted_target = rows_target)"
                         " from migration.difference_part where run = %s", RUN.id)[0]  # fmt: skip
    assert rows[0] == rows[1] > 5_000 and rows[2]


def key(number: int) -> str:
    return f"mi.poco_key({number})"


def of(table: str, column: str, condition: str = "true") -> str:
    """The lowest of POCO's rows of a table for which a condition holds."""
    return f"{column} = (select min({column}) from {table} where origin = 'poco' and {condition})"


MESSAGE = of("mi.case_messages", "message_id", "length(body) > 3")
PROFILE = of("mi.profiles", "profile_id", "joined_by = 'created' and email_verified")
LONE = "(select count(*) from mi.profiles q where q.account_id = mi.profiles.account_id) = 1"
REVIEW = of("mi.reviews", "review_id", "market_of(item_id)").replace("market_of(item_id)", "item_id is not null")

# Statements planted on the target as its owner: (entity, expected kind, statement). The keys are taken before planting.
FAULTS: dict[str, tuple[str, str, str, str]] = {
    "one cent": ("payments", "stale", f"payment_id = {key(900022001)}", "update mi.payments set amount = amount + 0.01 where {}"),
    "two columns swapped": ("orders", "stale", f"order_id = {key(900022001)}", "update mi.orders set shipping = tax, tax = shipping where {}"),
    "a shifted zone": ("orders", "stale", of("mi.orders", "order_id", "market = 'es'"), "update mi.orders set placed_at = placed_at + interval '1 hour' where {}"),
    "a local time shifted": ("shipment_events", "stale", of("mi.shipment_events", "event_id"), "update mi.shipment_events set occurred_local = occurred_local - interval '1 hour' where {}"),
    "a lost order line": ("order_items", "lost", of("mi.order_lines", "line_id", "not exists (select from mi.returns r where r.line_id = mi.order_lines.line_id) and not exists"
                          " (select from mi.warranties w where w.line_id = mi.order_lines.line_id)"), "delete from mi.order_lines where {}"),
    "a lost scan": ("shipment_events", "lost", of("mi.shipment_events", "event_id", "market_is"), "delete from mi.shipment_events where {}"),
    "a lost consent": ("consents", "lost", of("mi.consents", "consent_id"), "delete from mi.consents where {}"),
    "a wrong parent": ("payments", "stale", of("mi.payments", "payment_id"), "update mi.payments set order_id = (select max(order_id) from mi.orders where origin = 'poco') where {}"),
    "a parent of another market": ("addresses", "stale", of("mi.addresses", "address_id"), "update mi.addresses set profile_id = (select max(profile_id) from mi.profiles where origin = 'poco' and"
                                   " market <> (select p.market from mi.profiles p where p.profile_id = mi.addresses.profile_id)) where {}"),
    "a review under the wrong article": ("reviews", "stale", of("mi.reviews", "review_id"), "update mi.reviews set item_id = (select max(item_id) from mi.brand_items where origin = 'poco') where {}"),
    "a letter lost": ("ticket_messages", "stale", MESSAGE, "update mi.case_messages set body = left(body, -1) where {}"),
    "an empty string for NULL": ("orders", "stale", of("mi.orders", "order_id", "note is null"), "update mi.orders set note = '' where {}"),
    "a blank for NULL": ("customers", "stale", of("mi.profiles", "profile_id", "note is null"), "update mi.profiles set note = ' ' where {}"),
    "NULL for a value": ("orders", "stale", of("mi.orders", "order_id", "ship_to is not null"), "update mi.orders set ship_to = null where {}"),
    "a blank at the end": ("addresses", "stale", of("mi.addresses", "address_id", "city is not null"), "update mi.addresses set city = city || ' ' where {}"),
    "a photo's place": ("reviews", "stale", of("mi.reviews", "review_id"), "update mi.reviews set photos = photos || array['x'] where {}"),
    "a number in JSON": ("orders", "stale", of("mi.orders", "order_id", "ship_to is not null"), "update mi.orders set ship_to = ship_to || '{{\"n\": 1.0}}' where {}"),
    "a stale row": ("tickets", "stale", of("mi.service_cases", "case_id", "status <> 'open'"), "update mi.service_cases set status = 'open' where {}"),
    "points for somebody else": ("points_ledger", "stale", of("mi.loyalty_entries", "entry_id"), "update mi.loyalty_entries set points = points + 1 where {}"),
    "a derived phone": ("customers", "stale", of("mi.profiles", "profile_id", "phone is not null and not phone_verified"), "update mi.profiles set phone = '+4915112345678' where {}"),
    "a derived phone that is gone": ("customers", "stale", of("mi.profiles", "profile_id", "phone is not null and not phone_verified"), "update mi.profiles set phone = null where {}"),
    "an account closed": ("customers", "stale", PROFILE.replace("email_verified", f"email_verified and {LONE} and status = 'active'"),
                          "update mi.accounts set status = 'closed' where account_id = (select account_id from mi.profiles where {})"),
    "an identity of somebody else": ("customers", "stale", PROFILE.replace("email_verified", f"email_verified and {LONE}"),
                                     "update mi.account_identities set value = 'wrong@example.com' where account_id = (select account_id from mi.profiles where {})"),
    "an account made for somebody else": ("customers", "stale", PROFILE.replace("email_verified", f"email_verified and {LONE}"),
                                          "update mi.accounts set origin_person = '\\x00' where account_id = (select account_id from mi.profiles where {})"),
    "a profile under another account": ("customers", "stale", PROFILE.replace("email_verified", f"email_verified and {LONE}"),
                                        "update mi.profiles set account_id = (select min(account_id) from mi.accounts where origin = 'mi') where {}"),
    "a listing hidden": ("products", "stale", of("mi.brand_items", "item_id", "joined_by = 'created' and status = 'on_sale' and (select count(*) from mi.brand_items q where"
                         " q.listing_id = mi.brand_items.listing_id) = 1"), "update mi.listings set status = 'hidden' where listing_id = (select listing_id from mi.brand_items where {})"),
    "another brand": ("products", "stale", of("mi.brand_items", "item_id"), "update mi.brand_items set brand = 'Redmi' where {}"),
    "a price of another currency": ("product_prices", "stale", of("mi.item_prices", "price_id", "currency = 'EUR'"), "update mi.item_prices set currency = 'GBP' where {}"),
}  # fmt: skip
FAULTS["a lost scan"] = ("shipment_events", "lost", of("mi.shipment_events", "event_id"), "delete from mi.shipment_events where {}")


def everything(place: Workplace, run: Run = RUN) -> None:
    for part in reconcile.parts_to_compare(place, run, "cutover", "history", "reissue"):
        if part["entity"] != "coupons":
            reconcile.compare_part(place, run, part=part)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_by_key_and_repaired(whole: Workplace, fault: str) -> None:
    name, kind, condition, statement = FAULTS[fault]
    entity = cards.entities()[name]
    found = ledger(whole, f"select {entity.key} - mi.poco_key(0) from {entity.table} where {condition}")[0][0]
    exact = f"{entity.key} = {key(found)}"
    assert plant(whole, statement.format(exact)) == 1
    everything(whole)
    reconcile.repair(whole, RUN)
    assert noted(whole) == {(name, found, kind)}
    assert reconcile.verify(whole, RUN) == ZERO
    assert ledger(whole, "select repaired_at is not null from migration.difference where run = %s", RUN.id) == [(True,)]
    everything(whole)
    assert reconcile.verify(whole, RUN) == ZERO and noted(whole) == set()


def test_after_all_repairs_the_target_is_what_a_fresh_migration_would_be(whole: Workplace, servers: Servers) -> None:
    assert differences(whole, servers) == []
