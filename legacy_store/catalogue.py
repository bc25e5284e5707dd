"""Stores, articles and prices."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from legacy_store.population import EXPONENT, FIRST_DAY, PLACES, Place, canary

MODELS = (
    "X6 Pro",
    "X6",
    "F6 Pro",
    "F6",
    "M6 Pro",
    "M6",
    "C65",
    "C75",
    "X5 Pro",
    "F5",
    "M5s",
    "Pad",
    "Watch",
    "Buds X1",
    "Charger 67W",
    "Case",
    "Cable",
    "Power Bank",
)
VARIANTS = ("8+256 Black", "12+256 Blue", "12+512 Yellow")
PER_REGION = len(MODELS) * len(VARIANTS)

# What one US dollar is worth, roughly, so that prices look like prices.
RATE = {"USD": 1.0, "GBP": 0.8, "EUR": 0.95, "IDR": 16_000.0, "INR": 84.0, "KWD": 0.31, "JPY": 150.0}


def product_id(place: Place, number: int) -> int:
    """The key of the number-th article of a store."""
    return 1_000 * (PLACES.index(place) + 1) + number


def minor(currency: str, dollars: float) -> int:
    """A price in the currency's own minor unit."""
    return round(dollars * RATE[currency] * 10.0 ** EXPONENT[currency])


def dollars(number: int) -> float:
    """The list price of the number-th article."""
    return 19.9 + 17 * (number % 23)


def stores() -> Iterator[tuple[Any, ...]]:
    for number, place in enumerate(PLACES, start=1):
        yield number, place.region, place.time_zone, place.currency, place.language, place.domain, FIRST_DAY.date()


def currencies() -> Iterator[tuple[Any, ...]]:
    yield from EXPONENT.items()


def sku(number: int) -> str:
    return f"PC-{MODELS[number // len(VARIANTS)].replace(' ', '').upper()}-{number % len(VARIANTS)}"


def title(number: int) -> str:
    return f"POCO {MODELS[number // len(VARIANTS)]} {VARIANTS[number % len(VARIANTS)]}"


def products() -> Iterator[tuple[Any, ...]]:
    for place in PLACES:
        for number in range(PER_REGION):
            model = MODELS[number // len(VARIANTS)]
            gone = FIRST_DAY + timedelta(days=900) if number % 9 == 8 else None
            yield (
                product_id(place, number),
                place.region,
                sku(number),
                f"poco-{model.lower().replace(' ', '-')}-{number}",
                canary(place, title(number)),
                model,
                "phones" if number < 33 else "accessories",
                2 if gone else 1,
                FIRST_DAY + timedelta(days=number),
                gone,
            )


def product_prices(seed: int) -> Iterator[tuple[Any, ...]]:
    key = 0
    for place in PLACES:
        rng = random.Random(f"{seed}/prices/{place.region}")
        for number in range(PER_REGION):
            start: datetime | None = FIRST_DAY + timedelta(days=number)
            for factor in (1.2, 1.0)[: rng.randint(1, 2)]:
                assert start is not None
                key += 1
                end = start + timedelta(days=200) if factor > 1 else None
                yield (
                    key,
                    place.region,
                    product_id(place, number),
                    place.currency,
                    minor(place.currency, factor * dollars(number)),
                    start,
                    end,
                )
                start = end
