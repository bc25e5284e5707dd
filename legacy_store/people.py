"""Customers with their addresses, consents and app tokens; tickets with their messages."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from legacy_store import media
from legacy_store.population import LAST_DAY, Person, canary, moment

Row = tuple[Any, ...]
Put = Callable[[str, Row], int]  # table and row without its key and region; returns the key it got


def customer(rng: random.Random, person: Person) -> Row:
    place = person.place
    phone = place.prefix + str(person.customer_id % 10**place.digits).zfill(place.digits)
    closed = person.customer_id % 97 == 0
    return (
        person.customer_id, place.region, person.mi_account_id if person.linked else None,
        f" {person.email} " if person.customer_id % 53 == 0 else person.email,
        person.joined if person.email_verified else None, phone, person.joined if person.phone_verified else None,
        person.name, person.born, "$2b$12$" + f"{rng.getrandbits(180):045x}"[:53], place.language, 2 if closed else 1,
        canary(place, "prefers to be called in the evening 🌙") if person.customer_id % 13 == 0 else None,
        person.joined, moment(rng, person.joined) if closed else None, None,
    )  # fmt: skip


def address(place_country: str, person: Person, number: int) -> str:
    payload = {
        "name": person.name, "line1": canary(person.place, f"{number} Market Street"), "city": "Springfield",
        "postcode": f"{10_000 + number % 80_000}", "country": place_country, "phone": None,
    }  # fmt: skip
    if number % 4 == 0:
        payload["line2"] = f"Flat {number % 40}"
    return json.dumps(payload, ensure_ascii=number % 2 == 0)


def fill(rng: random.Random, person: Person, put: Put) -> None:
    """Everything about a person that no order is needed for."""
    place, key = person.place, person.customer_id
    country = {"UK": "United Kingdom", "DE": "de", "FR": "FR"}.get(place.region, place.country)
    for number in range(1 + (rng.random() < 0.4)):
        kind = "billing" if number else "shipping"
        put("addresses", (key, kind, address(country, person, key + number), number == 0, person.joined))
    for purpose in ("newsletter", "profiling"):
        put("consents", (key, purpose, rng.random() < 0.5, person.joined))
    if rng.random() < 0.5:
        token = canary(place, f"tok_{rng.getrandbits(128):032x}")
        put("app_tokens", (key, token, "POCO Store 4.2 / Android 14", person.joined, moment(rng, person.joined), None))


def ticket(rng: random.Random, person: Person, order_key: int | None, put: Put) -> None:
    """One ticket with two to four messages; some carry an attachment."""
    place = person.place
    opened = moment(rng, person.joined)
    status = rng.choice((1, 2, 3, 4, 4, 4))
    closed = opened + timedelta(days=3) if status == 4 else None
    key = put("tickets", (person.customer_id, order_key, canary(place, "Where is my parcel?"), status, opened, closed))
    for number in range(rng.randint(2, 4)):
        sent = min(opened + timedelta(hours=5 * number), LAST_DAY)
        attachment = []
        if number == 0 and key % 50 == 0:
            at = f"tickets/{key}/receipt.txt"
            attachment = [{"key": at, "name": canary(place, "receipt.txt"), "bytes": len(media.body(at)), "sha256": media.sha256(at)}]
        author = "agent" if number % 2 else "customer"
        put("ticket_messages", (key, author, canary(place, f"Message {number + 1} of ticket {key}."), json.dumps(attachment), sent))
