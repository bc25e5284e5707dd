"""Coupons, what was redeemed with them, and points."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from legacy_store import catalogue
from legacy_store.people import Put
from legacy_store.population import LAST_DAY, Person, canary, moment

# What a coupon's life can be at the cutover, and how often of a hundred.
LIVES = (("active", 40), ("gap", 8), ("expired", 22), ("used", 22), ("revoked", 6), ("held", 2))


def coupon(rng: random.Random, person: Person, order_key: int | None, put: Put) -> None:
    """One coupon; one in twenty is public with many uses."""
    place = person.place
    life = rng.choices([name for name, _ in LIVES], [weight for _, weight in LIVES])[0]
    if life in ("used", "held") and order_key is None:
        life = "expired"
    public = rng.random() < 0.05 and life != "held"
    kind = rng.choices((1, 2, 3), (5, 4, 1))[0]
    until = {
        "expired": moment(rng, datetime(2024, 1, 1), datetime(2024, 10, 1)),
        "gap": moment(rng, datetime(2024, 10, 23), datetime(2024, 12, 10)),
    }.get(life, moment(rng, datetime(2025, 2, 1), datetime(2025, 12, 31)))
    uses = rng.randint(50, 500) if public else 1
    left = 0 if life == "used" else (uses - rng.randint(0, 20) if public else 1)
    key = put("coupons", (
        canary(place, f"POCO-{rng.getrandbits(60):015X}"), kind,
        catalogue.minor(place.currency, rng.choice((5, 10, 20))) if kind == 1 else None,
        rng.choice((5, 10, 15)) if kind == 2 else None, place.currency,
        catalogue.minor(place.currency, rng.choice((0, 0, 50, 100))), rng.choice((None, None, "phones", "accessories")),
        rng.random() < 0.2, None if public else person.customer_id, uses, left, 1, {"used": 2, "revoked": 4}.get(life, 1),
        order_key if life == "held" else None, datetime(2023, 6, 1), until,
    ))  # fmt: skip
    if life == "used" and order_key is not None:
        put("coupon_redemptions", (key, order_key, person.customer_id, catalogue.minor(place.currency, 5), moment(rng, person.joined)))


def points(rng: random.Random, person: Person, orders: list[int], put: Put) -> None:
    """A small history of points: earned, some spent, some still pending, some expired."""
    key = person.customer_id
    balance = 0
    for order_key in orders:
        earned = rng.randint(10, 900)
        balance += earned
        made = moment(rng, person.joined)
        pending = made > LAST_DAY - timedelta(days=14)
        put("points_ledger", (key, "earned", "pending" if pending else "posted", earned, order_key, made + timedelta(days=730), made))
    if balance > 100 and rng.random() < 0.4:
        put("points_ledger", (key, "spent", "posted", -rng.randint(50, balance), None, None, moment(rng, person.joined)))
    if rng.random() < 0.1:
        put("points_ledger", (key, "expired", "posted", -rng.randint(1, 40), None, None, moment(rng, person.joined)))
    if rng.random() < 0.5:
        put("points_ledger", (key, "adjusted", "posted", rng.randint(1, 200), None, datetime(2025, 6, 30), moment(rng, person.joined)))
