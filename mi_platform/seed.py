"""Fills an empty mi.com database: markets, own people and orders, and the accounts of most POCO customers.

Deterministic for the same seed and scale; holds one block of people in memory at a time.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from legacy_store import catalogue
from legacy_store.population import BY_SHARE, PLACES, Person, Place, blocks, customers, people

HERE = Path(__file__).parent
FRONTS = {
    "GLOBAL": "www.mi.com/global", "UK": "www.mi.com/uk", "FR": "www.mi.com/fr", "DE": "www.mi.com/de",
    "IT": "www.mi.com/it", "ES": "www.mi.com/es", "ID": "www.mi.co.id/id", "IN": "www.mi.com/in",
}  # fmt: skip
LOYALTY = {"UK", "FR", "DE", "IT", "ES"}
OPENED = datetime(2019, 5, 1, tzinfo=UTC)


def create(dsn: str, *, scale: float, seed: int = 2024) -> None:
    """Schema and seed. Refuses a database that has a schema mi already."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute((HERE / "schema" / "01_tables.sql").read_text("utf-8"))
        _copy(connection, "currencies (code, decimals)", [(c, 2 if c == "IDR" else d) for c, d in catalogue.currencies()])
        _copy(connection, "markets", map(_market, PLACES))
        for block in blocks(scale):
            known = [person for person in people(seed, scale, block) if person.linked or person.known_by_email]
            _copy(connection, "accounts (account_id, status, created_at)", ((p.mi_account_id, "active", _utc(p.joined)) for p in known))
            _copy(connection, "account_identities (kind, value, account_id, verified_at)", _identities(known))
        own = range(1, max(50, customers(scale) // 5) + 1)
        _copy(connection, "accounts (account_id, status, created_at)", ((n, "active", OPENED) for n in own))
        _copy(connection, "account_identities (kind, value, account_id, verified_at)",
              (("email", f"own{n}@mi.example.com", n, OPENED) for n in own))  # fmt: skip
        _copy(connection, "profiles (profile_id, account_id, market, brand, status, display_name, email, email_verified, joined_by, created_at)",
              ((n, n, _own_place(n).region.lower(), "MI", "active", f"Xiaomi customer {n}", f"own{n}@mi.example.com", True, "own", OPENED) for n in own))  # fmt: skip
        _catalogue(connection)
        _orders(connection, own, seed)
        _advance_sequences(connection)
        connection.execute("vacuum (analyze)")


def _market(place: Place) -> tuple[Any, ...]:
    country = "ZZ" if place.region == "GLOBAL" else place.country
    return (place.region.lower(), country, place.currency, place.language, place.time_zone, FRONTS[place.region], place.region in LOYALTY)


def _identities(known: Iterable[Person]) -> Iterator[tuple[Any, ...]]:
    for person in known:
        if person.known_by_email or (person.email_verified and person.customer_id % 2 == 0):
            yield "email", person.email.lower(), person.mi_account_id, _utc(person.joined)


def _own_place(number: int) -> Place:
    return BY_SHARE[number % len(BY_SHARE)]


def _catalogue(connection: psycopg.Connection[Any]) -> None:
    """Xiaomi's own articles, and in every market a few of POCO's that mi.com sells already, under another case."""
    listings: list[tuple[Any, ...]] = []
    items: list[tuple[Any, ...]] = []
    for place in PLACES:
        market = place.region.lower()
        for number in range(20):
            listings.append((len(listings) + 1, market, f"MI-{number:04d}", "MI", "on_sale"))
        for number in (0, 1, 2):
            listings.append((len(listings) + 1, market, catalogue.sku(number).upper(), "POCO", "on_sale"))
    for key, market, sku, brand, status in listings:
        items.append((key, key, brand, market, sku, f"{sku.lower()}", f"Xiaomi article {sku}", sku, "phones", status, "own", OPENED))
    _copy(connection, "listings (listing_id, market, sku_key, brand, status)", listings)
    _copy(
        connection,
        "brand_items (item_id, listing_id, brand, market, sku, slug, title, model, category, status, joined_by, created_at)",
        items,
    )
    _copy(connection, "item_prices (price_id, item_id, currency, amount, valid_from)",
          ((key, key, next(p.currency for p in PLACES if p.region.lower() == market), 199, OPENED) for key, market, *_ in listings))  # fmt: skip


def _orders(connection: psycopg.Connection[Any], own: range, seed: int) -> None:
    rng = random.Random(f"{seed}/own orders")
    orders = [(n, place, OPENED + timedelta(hours=rng.randrange(40_000))) for n in own for place in [_own_place(n)]]
    _copy(connection, "orders (order_id, order_number, market, profile_id, buyer, status, currency, subtotal, discount, shipping, tax, total,"
          " adds_up, placed_at, placed_at_local, time_quality, updated_at)",
          ((n, f"MI{n:012d}", place.region.lower(), n, "member", "delivered", place.currency, 199, 0, 0, 33, 199, True, at, at.replace(tzinfo=None),
            "exact", at) for n, place, at in orders))  # fmt: skip
    _copy(connection, "order_lines (line_id, order_id, item_id, sku, title, quantity, unit_price, total)",
          ((n, n, 1 + 23 * PLACES.index(place), "MI-0000", "Xiaomi article", 1, 199, 199) for n, place, _ in orders))  # fmt: skip
    _copy(connection, "payments (payment_id, order_id, method, provider_ref, amount, currency, status, paid_at)",
          ((n, n, "card", f"own-{n}", 199, place.currency, "captured", at) for n, place, at in orders))  # fmt: skip


def _advance_sequences(connection: psycopg.Connection[Any]) -> None:
    """Rows came with their keys, so the sequences behind them are moved past what is there."""
    columns = connection.execute(
        "select table_name, column_name from information_schema.columns where table_schema = 'mi' and is_identity = 'YES'"
    ).fetchall()
    for table, column in columns:
        connection.execute(
            f"select setval(pg_get_serial_sequence('mi.{table}', '{column}'), coalesce(max({column}), 0) + 1, false) from mi.{table}"
        )


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _copy(connection: psycopg.Connection[Any], table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy mi.{table} from stdin") as sink:
        for row in rows:
            sink.write_row(row)
