"""Orders with their items, payments, refunds, returns and parcels; reviews and warranty claims of what was bought."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from legacy_store import catalogue, media
from legacy_store.people import Put, address
from legacy_store.population import LAST_DAY, Person, canary, moment

SCANS = ("accepted", "departed", "arrived", "out_for_delivery", "delivered")
RECENT = LAST_DAY - timedelta(days=5)  # younger orders are still on their way


def order(rng: random.Random, person: Person, put: Put) -> int:
    """One order with all that hangs on it; returns its key."""
    place = person.place
    placed = moment(rng, person.joined)
    currency = place.currency
    if place.region == "GLOBAL":
        currency = rng.choices(("USD", "KWD", "JPY"), (8, 1, 1))[0]
    lines = []
    for _ in range(rng.choices((1, 2, 3), (5, 3, 2))[0]):
        number = rng.randrange(catalogue.PER_REGION)
        lines.append((number, rng.choice((1, 1, 1, 2)), catalogue.minor(currency, catalogue.dollars(number))))
    subtotal = sum(quantity * unit for _, quantity, unit in lines)
    discount = subtotal // 10 if rng.random() < 0.12 else 0
    shipping = catalogue.minor(currency, 4.9) if subtotal < catalogue.minor(currency, 100) else 0
    total = subtotal - discount + shipping
    cancelled = rng.random() < 0.04
    status = 60 if cancelled else (rng.choice((10, 20, 30, 40)) if placed > RECENT else 50)
    guest = rng.random() < 0.05
    payload = address(place.country, person, person.customer_id) if rng.random() < 0.95 else None
    key = put("orders", (
        "", None if guest else person.customer_id, person.email if guest else None, None, status, currency,
        subtotal, discount, shipping, total // 6, total, None, payload,
        canary(place, "leave it with the neighbour") if rng.random() < 0.1 else None, placed, placed + timedelta(hours=2),
    ))  # fmt: skip
    items = [
        put("order_items", (key, catalogue.product_id(place, number), catalogue.sku(number), canary(place, catalogue.title(number)),
                            quantity, unit, quantity * unit))
        for number, quantity, unit in lines
    ]  # fmt: skip
    _money(rng, key, currency, total, placed, status, put)
    if status == 50:
        _after_sales(rng, person, key, items, lines, placed, put)
    if status in (40, 50):
        _parcel(rng, person, key, placed, status == 50, put)
    return key


def _money(rng: random.Random, order_key: int, currency: str, total: int, placed: datetime, status: int, put: Put) -> None:
    method = rng.choice(("card", "card", "paypal", "transfer", "cod"))
    captured = status not in (10, 60)
    payment = put("payments", (order_key, method, f"ref-{rng.getrandbits(64):016x}", f"card_{rng.getrandbits(96):024x}", total, currency,
                               2 if captured else (3 if status == 60 else 1), placed if captured else None))  # fmt: skip
    if captured and total > 0 and rng.random() < 0.06:
        part = total if rng.random() < 0.5 else max(1, total // 3)
        put("refunds", (payment, part, "changed my mind", 2, placed + timedelta(days=9)))


def _after_sales(rng: random.Random, person: Person, order_key: int, items: list[int], lines: list[tuple[int, int, int]],
                 placed: datetime, put: Put) -> None:  # fmt: skip
    place = person.place
    if rng.random() < 0.05:
        status = rng.choice((1, 2, 3, 3, 4))
        opened = placed + timedelta(days=6)
        put("returns", (order_key, items[0], 1, "does not fit", status, opened, opened + timedelta(days=4) if status > 2 else None))
    if rng.random() < 0.33:
        number = lines[0][0]
        written = placed + timedelta(days=10)
        reply = rng.random() < 0.2
        # Photos: the key is known only once the review has one, so it is derived from the order's, which is unique too.
        photos = [f"reviews/{place.region.lower()}/{order_key}/{n}.jpg" for n in range(rng.randint(1, 2))] if order_key % 211 == 0 else []
        put("reviews", (catalogue.product_id(place, number), person.customer_id, rng.randint(1, 5),
                        canary(place, "Good phone"), canary(place, "Battery lasts two days. 👍 Çok iyi."),
                        canary(place, "Thank you!") if reply else None, written + timedelta(days=1) if reply else None,
                        photos, [media.sha256(photo) for photo in photos],
                        rng.choice((1, 1, 1, 2, 3)), written))  # fmt: skip
    if rng.random() < 0.03:
        status = rng.choice((1, 2, 3, 4))
        opened = placed + timedelta(days=100)
        put("warranty_claims", (person.customer_id, items[0], f"{86_000_000_000_0000 + order_key % 10**9:015d}",
                                canary(place, "The display stays dark."), status, opened, opened + timedelta(days=12) if status > 1 else None))  # fmt: skip


def _parcel(rng: random.Random, person: Person, order_key: int, placed: datetime, delivered: bool, put: Put) -> None:
    shipped = placed + timedelta(days=1)
    arrived = shipped + timedelta(days=3) if delivered else None
    key = put(
        "shipments",
        (order_key, rng.choice(("DHL", "UPS", "PostNL", "JNE")), f"TRK{order_key:012d}", 3 if delivered else 2, shipped, arrived),
    )
    for number in range(len(SCANS) if delivered else 2):
        put("shipment_events", (key, number + 1, SCANS[number], canary(person.place, "Hub 7"), shipped + timedelta(hours=18 * number)))
