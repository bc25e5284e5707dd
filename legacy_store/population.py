"""Who lives in the store: sizes, regions and people, as pure functions of seed, block and customer number.

Shared with mi_platform, because most of POCO's customers already have a Xiaomi account.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

CUSTOMERS_PER_SCALE = 50_000
BLOCK = 2_500  # customers generated at once: bounds the memory, and is the unit of parallel work

FIRST_DAY = datetime(2021, 3, 1)
LAST_DAY = datetime(2024, 10, 20)


@dataclass(frozen=True)
class Place:
    region: str
    share: int  # customers of a hundred
    time_zone: str
    currency: str
    language: str
    domain: str
    country: str
    prefix: str  # of a national phone number
    digits: int  # that follow it


PLACES = (
    Place("GLOBAL", 14, "UTC", "USD", "en", "po.co/global", "US", "202-555-0", 3),
    Place("UK", 14, "Europe/London", "GBP", "en", "po.co/uk", "GB", "07700 9", 5),
    Place("FR", 13, "Europe/Paris", "EUR", "fr", "po.co/fr", "FR", "06 39 98 ", 4),
    Place("DE", 13, "Europe/Berlin", "EUR", "de", "po.co/de", "DE", "01512 3", 6),
    Place("IT", 9, "Europe/Rome", "EUR", "it", "po.co/it", "IT", "347 1", 6),
    Place("ES", 10, "Europe/Madrid", "EUR", "es", "po.co/es", "ES", "612 ", 6),
    Place("ID", 9, "Asia/Jakarta", "IDR", "id", "www.po.co.id/id", "ID", "0812-", 7),
    Place("IN", 18, "Asia/Kolkata", "INR", "hi", "poco.in", "IN", "098765 ", 5),
)
BY_SHARE = tuple(place for place in PLACES for _ in range(place.share))
EXPONENT = {"USD": 2, "GBP": 2, "EUR": 2, "IDR": 0, "INR": 2, "KWD": 3, "JPY": 0}

GIVEN = (
    "Ana",
    "Björn",
    "Chloé",
    "Dewi",
    "Émile",
    "Fiona",
    "Günter",
    "Haruka",
    "Íñigo",
    "Jürgen",
    "Katarzyna",
    "Łukasz",
    "Mário",
    "Nguyễn",
    "Øystein",
    "Priya",
    "Quentin",
    "Rosa",
    "Søren",
    "Tomás",
    "Ümit",
    "Valérie",
    "王伟",
    "Zoë",
)
FAMILY = (
    "García",
    "Müller",
    "Rossi",
    "Martin",
    "Smith",
    "Santoso",
    "O'Brien",
    "d'Angelo",
    "Núñez",
    "Weiß",
    "Lefèvre",
    "Kowalski",
    "Fernández-López",
    "van der Berg",
    "Ferrari",
    "Jones",
    "Wijaya",
    "Schröder",
    "Moreau",
    "Conti",
)


@dataclass(frozen=True)
class Person:
    """A customer as both sides know them. `linked`: the POCO row carries the Xiaomi account's id."""

    customer_id: int
    place: Place
    email: str
    email_verified: bool
    phone_verified: bool
    linked: bool
    known_by_email: bool  # not linked, but Xiaomi has verified the same address
    name: str
    born: date
    joined: datetime

    @property
    def mi_account_id(self) -> int:
        return 10_000_000 + 2 * self.customer_id


def customers(scale: float) -> int:
    """How many customers a store of this scale has, traps aside."""
    return max(200, round(CUSTOMERS_PER_SCALE * scale))


def blocks(scale: float) -> range:
    return range((customers(scale) + BLOCK - 1) // BLOCK)


def people(seed: int, scale: float, block: int) -> list[Person]:
    """The customers of one block; the same for the same seed, scale and block."""
    rng = random.Random(f"{seed}/people/{block}")
    first, last = block * BLOCK + 1, min((block + 1) * BLOCK, customers(scale))
    return [_person(rng, number) for number in range(first, last + 1)]


def _person(rng: random.Random, number: int) -> Person:
    place = rng.choice(BY_SHARE)
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    linked = rng.random() < 0.85
    verified = rng.random() < 0.8
    email = f"customer{number}@{place.region.lower()}.example.com"
    return Person(
        customer_id=number,
        place=place,
        email=email.title() if number % 11 == 0 else email,
        email_verified=verified,
        phone_verified=rng.random() < 0.4,
        linked=linked,
        known_by_email=not linked and verified and number % 3 == 0,
        name=f"CANARY-IN {number}" if place.region == "IN" else f"{given} {family}",
        born=date(1955, 1, 1) + timedelta(days=rng.randrange(18_000)),
        joined=moment(rng),
    )


def moment(rng: random.Random, after: datetime = FIRST_DAY, before: datetime = LAST_DAY) -> datetime:
    """A second between two instants; `after` itself when there is no room between them."""
    span = int((before - after).total_seconds())
    return after + timedelta(seconds=rng.randrange(span)) if span > 0 else after


def canary(place: Place, text: str) -> str:
    """Mark what belongs to India, so that a search can find it wherever it should not be."""
    return f"CANARY-IN {text}" if place.region == "IN" else text
