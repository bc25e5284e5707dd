"""People with something in every table of POCO's, each value recognisable as one person's; and a search that knows no inventory."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from poco_migration.adapters.workplace import Workplace

ZERO = 7_000_000_000_000_000


@dataclass
class Somebody:
    """One person. `mark` stands in every text of theirs; `numbers` are what cannot hold a mark."""

    key: int
    mark: str
    region: str = "DE"
    email: str = ""
    numbers: set[str] = field(default_factory=set)

    @property
    def wanted(self) -> list[str]:
        return sorted({self.mark.lower(), *self.numbers})


def arrive(store: psycopg.Connection[Any], somebody: Somebody) -> Somebody:
    """Write a row of this person into every table of POCO's store."""
    key, region, mark = somebody.key, somebody.region, somebody.mark
    somebody.email = somebody.email or f"{mark}.mail@example.com".lower()
    phone, imei = f"030 55{key % 100000:05}", f"35{key:013}"
    somebody.numbers |= {phone, f"+493055{key % 100000:05}", imei}

    def put(table: str, **row: Any) -> None:
        given = {"id": key, "region": region} | row
        store.execute(
            sql.SQL("insert into poco.{} ({}) values ({})").format(
                sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, given)), sql.SQL(", ").join([sql.Placeholder()] * len(given))
            ),
            list(given.values()),
        )

    day = "2024-03-03 10:00"
    address = json.dumps({"name": f"{mark} Name", "line1": f"{mark} street 1", "line2": f"{mark} floor", "city": f"{mark} city",
                          "postcode": "10115", "country": "DE", "phone": phone})  # fmt: skip
    put("customers", email=somebody.email, email_verified_at=day, phone=phone, phone_verified_at=day, full_name=f"{mark} Name",
        birth_date="1981-02-03", password_hash=f"{mark}-hash", locale="de", status=1, note=f"{mark} note", created_at=day)  # fmt: skip
    put("products", sku=f"SKU-{key}", slug=f"slug-{key}", name="Thing", model="Thing", category="phones", status=1, created_at=day)
    put("addresses", customer_id=key, kind="shipping", payload=address, is_default=True, created_at=day)
    put("consents", customer_id=key, purpose="newsletter", granted=True, recorded_at=day)
    put("orders", order_number=f"{region}-N{key}", customer_id=key, guest_email=f"{mark}.guest@example.com".lower(), guest_phone=phone, status=50,
        currency="EUR", subtotal_minor=1000, discount_minor=0, shipping_minor=0, tax_minor=0, total_minor=1000, shipping_address=address,
        note=f"{mark} order note", placed_at=day, updated_at=day)  # fmt: skip
    put("order_items", order_id=key, product_id=key, sku=f"SKU-{key}", title="Thing", quantity=1, unit_minor=1000, total_minor=1000)
    put("payments", order_id=key, method="card", provider_ref=f"ref-{key}", card_token=f"{mark}-card", amount_minor=1000, currency="EUR",
        status=2, paid_at=day)  # fmt: skip
    put("refunds", payment_id=key, amount_minor=100, reason=f"{mark} refund", status=2, refunded_at=day)
    put("returns", order_id=key, order_item_id=key, quantity=1, reason=f"{mark} return", status=3, opened_at=day, closed_at=day)
    put("shipments", order_id=key, carrier="DHL", tracking_number=f"{mark}-TRACK", status=3, shipped_at=day, delivered_at=day)
    put("shipment_events", shipment_id=key, sequence_no=1, code="delivered", location=f"{mark} hallway", occurred_at=day)
    put("reviews", product_id=key, customer_id=key, rating=4, title=f"{mark} title", body=f"{mark} body", reply=f"Dear {mark}",
        replied_at=day, photo_keys=[f"reviews/{mark}.jpg"], status=1, created_at=day)  # fmt: skip
    put("tickets", customer_id=key, order_id=key, subject=f"{mark} subject", status=1, opened_at=day)
    put("ticket_messages", ticket_id=key, author="customer", body=f"{mark} asks", sent_at=day,
        attachments=json.dumps([{"key": f"tickets/{mark}.pdf", "name": f"{mark}.pdf", "bytes": 3}]))  # fmt: skip
    put("ticket_messages", id=key + 500, ticket_id=key, author="agent", body=f"An answer to {mark}", sent_at=day)
    put("warranty_claims", customer_id=key, order_item_id=key, imei=imei, description=f"{mark} broke", status=1, opened_at=day)
    put("coupons", code=f"CODE-{key}", kind=1, value_minor=500, currency="EUR", minimum_minor=0, customer_id=key, status=1,
        valid_from="2024-01-01", valid_until="2025-06-30")  # fmt: skip
    put("coupon_redemptions", coupon_id=key, order_id=key, customer_id=key, amount_minor=0, redeemed_at=day)
    put("points_ledger", customer_id=key, kind="earned", state="posted", points=70, order_id=key, created_at=day)
    put("app_tokens", customer_id=key, token=f"TOKEN-{key}", device=f"{mark} phone", created_at=day)
    return somebody


def found(dsn: str, wanted: list[str], *schemas: str) -> dict[str, int]:
    """{table: rows} in which any of these texts stands, whatever the column; by a role that reads everything."""
    seen = {}
    with psycopg.connect(dsn, autocommit=True) as database:
        query = "select schemaname, tablename from pg_tables where schemaname = any (%s) order by 1, 2"
        for schema, table in database.execute(query, (list(schemas),)).fetchall():
            count = database.execute(
                sql.SQL(
                    "select count(*) from {} t where exists (select from unnest(%s::text[]) w where position(w in lower(t::text)) > 0)"
                ).format(sql.Identifier(schema, table)),
                (wanted,),
            ).fetchone()
            if count and count[0]:
                seen[f"{schema}.{table}"] = count[0]
    return seen


def everywhere(place: Workplace, somebody: Somebody, bucket_names: tuple[str, ...] = ()) -> dict[str, int]:
    """All places that say something of this person still: both databases, and the buckets, by key and by content."""
    seen = found(place.source_owner, somebody.wanted, "poco", "poco_export") | found(place.target, somebody.wanted, "mi", "migration")
    objects = place.settings.objects
    for bucket in (objects.media_source, objects.media_target, objects.evidence, place.settings.personal_data.exports, *bucket_names):
        for key in place.objects.keys(bucket):
            body = place.objects.get(bucket, key).lower()
            if any(text in key.lower() or text.encode() in body for text in somebody.wanted):
                seen[bucket] = seen.get(bucket, 0) + 1
    return seen
