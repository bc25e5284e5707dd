"""What must be at mi.com, worked out anew from POCO's original tables: in Python, by row, with Decimal and zoneinfo.

It reads no export view, no extract.sql and no load.sql, so a mistake that both migrations make (the one under test and
the one that tests/support/fresh_migration.py makes) does not hide here. It covers persons (which of them move), addresses (which keys),
orders, order items, payments and refunds (every key, amount, instant and status).
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import psycopg
from psycopg.rows import dict_row

from poco_migration.adapters.workplace import Workplace

POCO_KEY = 7_000_000_000_000_000
MOVES = {"GLOBAL": ("global", 16, None), "UK": ("uk", 13, "GB"), "FR": ("fr", 15, "FR"), "DE": ("de", 16, "DE"), "IT": ("it", 14, "IT"),
         "ES": ("es", 14, "ES"), "ID": ("id", 17, "ID")}  # fmt: skip
CUTOVER = date(2024, 10, 21)
ORDER_STATUS = {10: "placed", 20: "paid", 30: "packed", 40: "shipped", 50: "delivered", 60: "cancelled", 70: "returned"}
PAYMENT_STATUS = {1: "authorised", 2: "captured", 3: "failed", 4: "refunded"}
REFUND_STATUS = {1: "requested", 2: "done", 3: "refused"}
METHOD = {"card": "card", "paypal": "paypal", "transfer": "transfer", "cod": "cash_on_delivery"}
COUNTRIES = {"UK": "GB", "UNITED KINGDOM": "GB", "FRANCE": "FR", "DEUTSCHLAND": "DE", "GERMANY": "DE", "ITALIA": "IT", "ITALY": "IT",
             "ESPAÑA": "ES", "SPAIN": "ES", "INDONESIA": "ID"}  # fmt: skip
Row = dict[str, Any]


@dataclass
class Store:
    """POCO's tables in memory, by key, and the accounts that Xiaomi had before."""

    tables: dict[str, dict[int, Row]]
    zones: dict[str, ZoneInfo]
    exponents: dict[str, int]
    accounts: set[int]
    identities: dict[tuple[str, str], int]

    def instant(self, local: datetime | None, region: str) -> datetime | None:
        """A local time that occurs twice is the later one; one that never was is moved forward: as PostgreSQL reads it."""
        if local is None:
            return None
        zone = self.zones[region]
        first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        skipped = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local
        return (first if skipped else second).astimezone(UTC)

    def money(self, minor: int, currency: str) -> Decimal:
        return Decimal(minor).scaleb(-self.exponents[currency])


def differences(place: Workplace) -> list[str]:
    """One line for each row of mi.com that is not as it should be: key and what is wrong."""
    store = _read(place)
    wanted: dict[str, dict[int, Row]] = {"profiles": {key: {} for key in _persons(store)}}
    wanted["addresses"] = dict(_addresses(store, wanted["profiles"]))
    wanted["orders"] = dict(_orders(store, wanted["profiles"]))
    wanted["order_lines"] = dict(_items(store, wanted["orders"]))
    wanted["payments"] = dict(_payments(store, wanted["orders"]))
    wanted["refunds"] = dict(_refunds(store, wanted["payments"], wanted["orders"]))
    found = []
    for table, rows in wanted.items():
        seen = _seen(place, table)
        for key in sorted(rows.keys() | seen.keys()):
            if key not in seen or key not in rows:
                found.append(f"{table} {key} {'lost' if key not in seen else 'extra'}")
            elif wrong := [name for name, value in rows[key].items() if seen[key][name] != value]:
                found.append(f"{table} {key} has another {', '.join(wrong)}")
    return found


_KEYS = {
    "profiles": "profile_id",
    "addresses": "address_id",
    "orders": "order_id",
    "order_lines": "line_id",
    "payments": "payment_id",
    "refunds": "refund_id",
}


def _seen(place: Workplace, table: str) -> dict[int, Row]:
    with psycopg.connect(place.target, row_factory=dict_row, options="-c timezone=UTC") as target:
        rows = target.execute(f"select * from mi.{table} where origin = 'poco'".encode()).fetchall()
    return {row[_KEYS[table]] - POCO_KEY: row for row in rows}


def _read(place: Workplace) -> Store:
    with psycopg.connect(place.source_owner, row_factory=dict_row) as source:
        # Text where Python's json would be more lenient than PostgreSQL's jsonb.
        tables = {
            name: {row["id"]: row for row in source.execute(query.encode()).fetchall()}
            for name, query in {
                "customers": "select * from poco.customers",
                "addresses": "select id, region, customer_id, kind, payload::text as payload from poco.addresses",
                "orders": "select *, shipping_address::text as address from poco.orders",
                "order_items": "select * from poco.order_items",
                "payments": "select * from poco.payments",
                "refunds": "select * from poco.refunds",
                "products": "select id, region, sku, status from poco.products",
            }.items()
        }
        zones = {row["region"]: ZoneInfo(row["time_zone"]) for row in source.execute("select region, time_zone from poco.stores")}
        exponents = {row["code"]: row["exponent"] for row in source.execute("select code, exponent from poco.currencies")}
    with psycopg.connect(place.target) as target:
        accounts = {row[0] for row in target.execute("select account_id from mi.accounts where origin = 'mi'")}
        identities = {
            (kind, value): account
            for kind, value, account in target.execute("select kind, value, account_id from mi.account_identities")
            if account in accounts
        }
    return Store(tables, zones, exponents, accounts, identities)


def _persons(store: Store) -> Iterator[int]:
    """Who gets a profile: of a region that moves, not erased, old enough, and nobody in conflict with whom Xiaomi knows."""
    for key, row in store.tables["customers"].items():
        if row["region"] not in MOVES or row["status"] not in (1, 2):
            continue
        _, age, country = MOVES[row["region"]]
        if row["birth_date"] and row["birth_date"] > CUTOVER.replace(year=CUTOVER.year - age):
            continue
        evidence = set()
        if row["mi_account_id"] is not None:
            if row["mi_account_id"] not in store.accounts:
                continue
            evidence.add(row["mi_account_id"])
        if (email := _email(row["email"])) and row["email_verified_at"]:
            evidence.add(store.identities.get(("email", email)))
        if (phone := _phone(row["phone"], country)) and row["phone_verified_at"]:
            evidence.add(store.identities.get(("phone", phone)))
        if len(evidence - {None}) <= 1:
            yield key


def _email(text: str | None) -> str | None:
    if text is None:
        return None
    return unicodedata.normalize("NFKC", text.strip(" \t\r\n\u00a0\u200b")).lower() or None


def _phone(text: str | None, country: str | None) -> str | None:
    try:
        number = phonenumbers.parse((text or "").strip(" "), country)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_possible_number(number) else None


def _json(text: str | None) -> tuple[bool, Any]:
    """Whether jsonb can hold it, and what it says."""
    if text is None:
        return True, None
    value = json.loads(text)
    return not any("\0" in said or any("\ud800" <= letter <= "\udfff" for letter in said) for said in _strings(value)), value


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _market(row: Row) -> str | None:
    return MOVES[row["region"]][0] if row["region"] in MOVES else None


def _same_region(store: Store, table: str, key: int | None, region: str) -> bool:
    row = store.tables[table].get(key) if key is not None else None
    return row is not None and row["region"] == region


def _addresses(store: Store, profiles: dict[int, Row]) -> Iterator[tuple[int, Row]]:
    for key, row in store.tables["addresses"].items():
        if (
            not _market(row)
            or row["customer_id"] not in profiles
            or not _same_region(store, "customers", row["customer_id"], row["region"])
        ):
            continue
        readable, value = _json(row["payload"])
        if not readable or not isinstance(value, dict) or row["kind"] not in ("shipping", "billing"):
            continue
        if (
            any(value.get(name) is None or not str(value[name]).strip(" ") for name in ("name", "line1", "city"))
            or value.get("country") is None
        ):
            continue
        country = str(value["country"]).strip(" ").upper()
        if country in COUNTRIES or (len(country) == 2 and country.isascii() and country.isalpha()):
            yield key, {"profile_id": row["customer_id"] + POCO_KEY, "kind": row["kind"], "country": COUNTRIES.get(country, country)}


def _orders(store: Store, profiles: dict[int, Row]) -> Iterator[tuple[int, Row]]:
    for key, row in store.tables["orders"].items():
        market, currency, buyer = _market(row), row["currency"], store.tables["customers"].get(row["customer_id"])
        if buyer is not None and buyer["region"] == "IN":
            buyer = None  # nothing is known of persons in India, not even whether they were erased
        if not market or row["status"] not in ORDER_STATUS or currency not in store.exponents or row["total_minor"] < 0:
            continue
        erased = buyer is not None and buyer["status"] == 3
        if not erased and not _json(row["address"])[0]:
            continue
        kind = "guest" if row["customer_id"] is None else "erased" if erased else "member"
        if kind == "member" and not (
            row["customer_id"] in profiles and _same_region(store, "customers", row["customer_id"], row["region"])
        ):
            continue
        amounts = {name: store.money(row[f"{name}_minor"], currency) for name in ("subtotal", "discount", "shipping", "tax", "total")}
        yield key, amounts | {
            "market": market, "buyer": kind, "profile_id": row["customer_id"] + POCO_KEY if kind == "member" else None, "currency": currency,
            "status": ORDER_STATUS[row["status"]], "original_number": row["order_number"], "placed_at_local": row["placed_at"],
            "placed_at": store.instant(row["placed_at"], row["region"]), "updated_at": store.instant(row["updated_at"], row["region"]),
            "adds_up": row["total_minor"] == row["subtotal_minor"] - row["discount_minor"] + row["shipping_minor"],
            "note": None if kind == "erased" else row["note"],
        }  # fmt: skip


def _items(store: Store, orders: dict[int, Row]) -> Iterator[tuple[int, Row]]:
    for key, row in store.tables["order_items"].items():
        if row["order_id"] not in orders or orders[row["order_id"]]["market"] != _market(row):
            continue
        if row["unit_minor"] < 0 or row["total_minor"] < 0 or row["quantity"] <= 0:
            continue
        product = store.tables["products"].get(row["product_id"])
        there = product is not None and product["region"] == row["region"]
        if there and (product["status"] not in (1, 2, 3) or not (product["sku"] or "").strip(" ")):
            continue  # the article waits in quarantine, and its lines with it
        currency = store.tables["orders"][row["order_id"]]["currency"]
        yield key, {
            "order_id": row["order_id"] + POCO_KEY, "item_id": row["product_id"] + POCO_KEY if there else None, "sku": row["sku"], "title": row["title"],
            "quantity": row["quantity"], "unit_price": store.money(row["unit_minor"], currency), "total": store.money(row["total_minor"], currency),
        }  # fmt: skip


def _payments(store: Store, orders: dict[int, Row]) -> Iterator[tuple[int, Row]]:
    for key, row in store.tables["payments"].items():
        if row["order_id"] not in orders or orders[row["order_id"]]["market"] != _market(row):
            continue
        if row["status"] in PAYMENT_STATUS and row["method"] in METHOD and row["currency"] in store.exponents and row["amount_minor"] >= 0:
            yield key, {
                "order_id": row["order_id"] + POCO_KEY, "method": METHOD[row["method"]], "amount": store.money(row["amount_minor"], row["currency"]),
                "currency": row["currency"], "status": PAYMENT_STATUS[row["status"]], "provider_ref": row["provider_ref"],
                "paid_at": store.instant(row["paid_at"], row["region"]),
            }  # fmt: skip


def _refunds(store: Store, payments: dict[int, Row], orders: dict[int, Row]) -> Iterator[tuple[int, Row]]:
    for key, row in store.tables["refunds"].items():
        payment = payments.get(row["payment_id"])
        if (
            not payment
            or orders[payment["order_id"] - POCO_KEY]["market"] != _market(row)
            or row["status"] not in REFUND_STATUS
            or row["amount_minor"] <= 0
        ):
            continue
        yield key, {
            "payment_id": row["payment_id"] + POCO_KEY, "amount": store.money(row["amount_minor"], payment["currency"]), "currency": payment["currency"],
            "reason": row["reason"], "status": REFUND_STATUS[row["status"]], "refunded_at": store.instant(row["refunded_at"], row["region"]),
        }  # fmt: skip
