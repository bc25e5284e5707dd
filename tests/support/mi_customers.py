"""What customers and agents do at mi.com after the switch, seeded; and a journal of it in POCO's own terms.

The journal is the oracle of the way back. It knows nothing of inverse.sql: each act says here which POCO column it means,
and which act no POCO column can hold.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

ZERO, BORN = 7_000_000_000_000_000, -10_000_000_000_000
NOW = datetime(2024, 10, 22, 9, 30, tzinfo=UTC)
REGIONS = ("GLOBAL", "UK", "FR", "DE", "IT", "ES", "ID")
Key = tuple[str, int]
TABLES = {
    "customers": ("profiles", "profile_id"), "addresses": ("addresses", "address_id"), "consents": ("consents", "consent_id"),
    "products": ("brand_items", "item_id"), "product_prices": ("item_prices", "price_id"), "orders": ("orders", "order_id"),
    "order_items": ("order_lines", "line_id"), "payments": ("payments", "payment_id"), "refunds": ("refunds", "refund_id"),
    "returns": ("returns", "return_id"), "tickets": ("service_cases", "case_id"), "ticket_messages": ("case_messages", "message_id"),
    "warranty_claims": ("warranties", "warranty_id"), "stores": ("market_origins", "origin_id"),
}  # fmt: skip


@dataclass
class Journal:
    """Acts by what POCO should say afterwards; keys are POCO's, those of rows made at mi.com are mi.com's own."""

    updated: dict[Key, dict[str, Any]] = field(default_factory=dict)
    deleted: set[Key] = field(default_factory=set)
    created: dict[Key, dict[str, Any]] = field(default_factory=dict)
    untranslatable: set[Key] = field(default_factory=set)  # keys of mi.com
    acts: int = 0


class Customers:
    """Everybody who writes at mi.com. One row is touched by one kind of act only."""

    def __init__(self, mi: psycopg.Connection[Any], poco: psycopg.Connection[Any], seed: int) -> None:
        self.mi, self.rng, self.journal = mi, random.Random(seed), Journal()
        self.exponent = dict(poco.execute("select code::text, exponent from poco.currencies").fetchall())
        zones = dict(poco.execute("select region, time_zone from poco.stores").fetchall())
        self.zone = {m: ZoneInfo(zones[r]) for m, r in mi.execute("select market, region from mi.market_origins").fetchall()}
        self.fresh: dict[str, list[int]] = {}
        for entity, (table, key) in TABLES.items():
            mine = f"select {key} from mi.{table} where {key} > {ZERO - 10**14} order by 1"
            self.fresh[entity] = [row[0] for row in mi.execute(mine).fetchall()]
            self.rng.shuffle(self.fresh[entity])

    # -- helpers ---------------------------------------------------------------------------------------------------

    def one(self, query: str, *given: Any) -> Any:
        return self.mi.execute(query, given).fetchone()

    def take(self, entity: str) -> int | None:
        return self.fresh[entity].pop() if self.fresh[entity] else None

    def update(self, entity: str, key: int, change: dict[str, Any], poco: dict[str, Any] | None) -> None:
        """`poco` None: no column of POCO's can hold it."""
        table, column = TABLES[entity]
        sets = ", ".join(f"{name} = %s" for name in change)
        self.mi.execute(f"update mi.{table} set {sets} where {column} = %s", (*change.values(), key))
        if poco is None:
            self.journal.untranslatable.add((entity, key))
        else:
            self.journal.updated.setdefault((entity, key - ZERO), {}).update(poco)
        self.journal.acts += 1

    def insert(self, entity: str, row: dict[str, Any], poco: dict[str, Any] | None) -> int:
        table, column = TABLES[entity]
        key = self.one(
            f"insert into mi.{table} ({', '.join(row)}) values ({', '.join(['%s'] * len(row))}) returning {column}", *row.values()
        )[0]
        if poco is None:
            self.journal.untranslatable.add((entity, key))
        else:
            self.journal.created[entity, key] = poco
        self.journal.acts += 1
        return int(key)

    def minor(self, amount: Decimal, currency: str) -> int:
        return int(amount * 10 ** self.exponent[currency])

    def local(self, market: str, at: datetime) -> str:
        return at.astimezone(self.zone[market]).replace(tzinfo=None).isoformat()

    def later(self) -> datetime:
        return NOW + timedelta(seconds=self.rng.randrange(200_000))

    def market_of(self, entity: str, key: int) -> str:
        parent = {
            "addresses": "mi.addresses t join mi.profiles p using (profile_id)", "consents": "mi.consents t join mi.profiles p using (profile_id)",
            "payments": "mi.payments t join mi.orders p using (order_id)",
            "refunds": "mi.refunds t join mi.payments y using (payment_id) join mi.orders p using (order_id)",
            "returns": "mi.returns t join mi.order_lines l using (line_id) join mi.orders p using (order_id)",
            "product_prices": "mi.item_prices t join mi.brand_items p using (item_id)",
        }.get(entity, f"mi.{TABLES[entity][0]} p")  # fmt: skip
        return str(self.one(f"select p.market from {parent} where {TABLES[entity][1]} = %s", key)[0])

    # -- what they do ----------------------------------------------------------------------------------------------

    def act(self) -> None:
        kind = self.rng.choice(list(ACTS))
        key = self.take(ACTS[kind][0]) if ACTS[kind][0] else 0
        if key is not None:
            getattr(self, kind)(key, self.rng.randrange(10**9))

    def relabel(self, key: int, n: int) -> None:
        self.update("stores", key, {"language": f"x{n}", "opened_on": "2020-01-01"}, {"language": f"x{n}", "opened_on": "2020-01-01"})

    def rename(self, key: int, n: int) -> None:
        self.update("customers", key, {"display_name": f"Émilie \t{n} 🙂", "note": None}, {"full_name": f"Émilie \t{n} 🙂", "note": None})

    def close_profile(self, key: int, n: int) -> None:
        at, status = self.later(), self.one("select status from mi.profiles where profile_id = %s", key)[0]
        if status == "closed":  # an account of POCO's making says what its profiles say, so a status is another story
            self.update("customers", key, {"locale": "fr-FR"}, {"locale": "fr-FR"})
        else:
            self.update("customers", key, {"closed_at": at, "birth_date": "1980-02-29"},
                        {"closed_at": self.local(self.market_of("customers", key), at), "birth_date": "1980-02-29"})  # fmt: skip

    def move_house(self, key: int, n: int) -> None:
        self.update("addresses", key, {"city": f"Bad Ems {n}", "line2": None}, {"payload": {"city": f"Bad Ems {n}", "line2": None}})

    def change_mind(self, key: int, n: int) -> None:
        granted = not self.one("select granted from mi.consents where consent_id = %s", key)[0]
        at = self.later()
        self.update("consents", key, {"granted": granted, "recorded_at": at},
                    {"granted": granted, "recorded_at": self.local(self.market_of("consents", key), at)})  # fmt: skip

    def reword(self, key: int, n: int) -> None:
        self.update("products", key, {"title": f"POCO F{n}", "category": "tablets"}, {"name": f"POCO F{n}", "category": "tablets"})

    def reprice(self, key: int, n: int) -> None:
        currency = self.one("select currency from mi.item_prices where price_id = %s", key)[0]
        amount = Decimal(1 + n % 99_999) / 10 ** self.exponent[currency]
        self.update("product_prices", key, {"amount": amount}, {"amount_minor": self.minor(amount, currency)})

    def move_order(self, key: int, n: int) -> None:
        status, code = self.rng.choice([("packed", 30), ("shipped", 40), ("delivered", 50), ("cancelled", 60), ("returned", 70)])
        at = self.later()
        self.update("orders", key, {"status": status, "note": f"n{n}", "updated_at": at},
                    {"status": code, "note": f"n{n}", "updated_at": self.local(self.market_of("orders", key), at)})  # fmt: skip

    def change_line(self, key: int, n: int) -> None:
        currency, old = self.one(
            "select o.currency, l.quantity from mi.order_lines l join mi.orders o using (order_id) where line_id = %s", key
        )
        total = Decimal(n % 10_000) / 10 ** self.exponent[currency]
        self.update(
            "order_items", key, {"quantity": old + 1, "total": total}, {"quantity": old + 1, "total_minor": self.minor(total, currency)}
        )

    def settle_payment(self, key: int, n: int) -> None:
        status, code = self.rng.choice([("authorised", 1), ("captured", 2), ("failed", 3), ("refunded", 4)])
        at = self.later()
        self.update("payments", key, {"status": status, "paid_at": at, "method": "cash_on_delivery"},
                    {"status": code, "paid_at": self.local(self.market_of("payments", key), at), "method": "cod"})  # fmt: skip

    def refuse_refund(self, key: int, n: int) -> None:
        self.update("refunds", key, {"status": "refused", "reason": None}, {"status": 3, "reason": None})

    def close_return(self, key: int, n: int) -> None:
        at = self.later()
        self.update(
            "returns",
            key,
            {"status": "closed", "closed_at": at},
            {"status": 3, "closed_at": self.local(self.market_of("returns", key), at)},
        )

    def solve(self, key: int, n: int) -> None:
        self.update("tickets", key, {"status": "solved", "subject": f"r\u200f{n}"}, {"status": 3, "subject": f"r\u200f{n}"})

    def edit_message(self, key: int, n: int) -> None:
        self.update("ticket_messages", key, {"body": f"{n}\n" * 50}, {"body": f"{n}\n" * 50})

    def replace_device(self, key: int, n: int) -> None:
        self.update("warranty_claims", key, {"status": "replaced"}, {"status": 3})

    def forget(self, key: int, n: int) -> None:
        self.delete("consents", key)

    def drop_address(self, key: int, n: int) -> None:
        self.delete("addresses", key)

    def drop_message(self, key: int, n: int) -> None:
        self.delete("ticket_messages", key)

    def drop_price(self, key: int, n: int) -> None:
        self.delete("product_prices", key)

    def delete(self, entity: str, key: int) -> None:
        table, column = TABLES[entity]
        self.mi.execute(f"delete from mi.{table} where {column} = %s", (key,))
        self.journal.deleted.add((entity, key - ZERO))
        self.journal.acts += 1

    def new_address(self, key: int, n: int) -> None:
        profile, _ = self.person()
        at = self.later()
        row = {"profile_id": profile, "kind": "billing", "recipient": "Zoë", "line1": f"{n} Rue", "city": "Lyon", "country": "FR",
               "is_default": False, "created_at": at}  # fmt: skip
        self.insert("addresses", row, {"customer_id": profile - ZERO, "kind": "billing", "is_default": False})

    def new_consent(self, key: int, n: int) -> None:
        profile, market = self.person()
        at = self.later()
        self.insert("consents", {"profile_id": profile, "purpose": "sms", "granted": n % 2 == 0, "recorded_at": at},
                    {"customer_id": profile - ZERO, "purpose": "sms", "granted": n % 2 == 0, "recorded_at": self.local(market, at)})  # fmt: skip

    def new_order(self, key: int, n: int, method: str = "card") -> int:
        """One migrated article, one of mi.com's own, paid; all of it or nothing can come back."""
        profile, market = self.person()
        currency = self.one("select currency from mi.market_origins where market = %s", market)[0]
        price, at = Decimal(100 + n % 900), self.later()
        fine = method == "card"
        item, sku = self.one(
            "select item_id, sku from mi.brand_items where market = %s and origin = 'poco' order by (item_id + %s) %% 17 limit 1", market, n
        )
        local = at.astimezone(self.zone[market]).replace(tzinfo=None)
        row = {"order_number": f"MI-{n}-{self.journal.acts}", "market": market, "profile_id": profile, "buyer": "member", "status": "paid",
               "currency": currency, "subtotal": 2 * price, "discount": 0, "shipping": 0, "tax": 0, "total": 2 * price, "adds_up": True,
               "placed_at": at, "placed_at_local": local, "time_quality": "exact", "updated_at": at}  # fmt: skip
        minor = self.minor(price, currency)
        order = self.insert("orders", row, {"order_number": row["order_number"], "customer_id": profile - ZERO, "status": 20,
                                            "total_minor": 2 * minor, "placed_at": local.isoformat()} if fine else None)  # fmt: skip
        for article, number, name in ((item, item - ZERO, sku), (1, 0, "MI-0000")):
            self.insert("order_items", {"order_id": order, "item_id": article, "sku": name, "title": "t", "quantity": 1, "unit_price": price, "total": price},
                        {"order_id": BORN - order, "product_id": number, "sku": name, "unit_minor": minor} if fine else None)  # fmt: skip
        self.insert("payments", {"order_id": order, "method": method, "provider_ref": f"mi-{n}", "amount": 2 * price, "currency": currency,
                                 "status": "captured", "paid_at": at},
                    {"order_id": BORN - order, "amount_minor": 2 * minor, "status": 2, "card_token": None} if fine else None)  # fmt: skip
        return order

    def new_case(self, key: int, n: int) -> None:
        profile, market = self.person()
        case = self.insert("tickets", {"market": market, "profile_id": profile, "subject": f"s{n}", "status": "open", "opened_at": self.later()},
                           {"customer_id": profile - ZERO, "subject": f"s{n}", "status": 1})  # fmt: skip
        for author in ("customer", "agent"):
            self.insert("ticket_messages", {"case_id": case, "author": author, "body": f"b{n}", "attachments": "[]", "sent_at": self.later()},
                        {"ticket_id": BORN - case, "author": author, "body": f"b{n}"})  # fmt: skip

    def answer(self, key: int, n: int) -> None:
        case = self.one("select case_id from mi.service_cases where origin = 'poco' order by (case_id + %s) %% 101 limit 1", n)[0]
        self.insert("ticket_messages", {"case_id": case, "author": "agent", "body": "a", "attachments": "[]", "sent_at": self.later()},
                    {"ticket_id": case - ZERO, "author": "agent", "body": "a"})  # fmt: skip

    def send_back(self, key: int, n: int) -> None:
        line, order = self.one(
            "select line_id, order_id from mi.order_lines where origin = 'poco' order by (line_id + %s) %% 997 limit 1", n
        )
        self.insert("returns", {"line_id": line, "quantity": 1, "reason": "x", "status": "open", "opened_at": self.later()},
                    {"order_item_id": line - ZERO, "order_id": order - ZERO, "status": 1})  # fmt: skip

    def person(self) -> tuple[int, str]:
        row = self.one(
            "select profile_id, market from mi.profiles where origin = 'poco' order by (profile_id + %s) %% 211, profile_id limit 1",
            self.rng.randrange(10**6),
        )
        return int(row[0]), str(row[1])

    # -- what POCO cannot say --------------------------------------------------------------------------------------

    def confuse(self) -> None:
        """One of each that cannot come back. The check on cases must have been made at POCO by then."""
        self.mi.execute("alter table mi.orders drop constraint orders_status_check")
        self.mi.execute("alter table mi.payments drop constraint payments_method_check")
        for entity, change in (
            ("orders", {"status": "lost in space"}), ("tickets", {"subject": "x" * 600}), ("order_items", {"item_id": 1}),
            ("returns", {"opened_at": datetime(2024, 10, 27, 0, 30, tzinfo=UTC)}),
            ("ticket_messages", {"attachments": json.dumps([{"key": "uploads/1.jpg"}])}),
        ):  # fmt: skip
            key = next(key for key in self.fresh[entity] if entity != "returns" or self.market_of(entity, key) in ("de", "fr", "it", "es"))
            self.fresh[entity].remove(key)
            self.update(entity, key, change, None)
        fine = self.one(
            "select payment_id from mi.payments where currency = 'EUR' and payment_id = any (%s) limit 1", self.fresh["payments"]
        )[0]
        self.fresh["payments"].remove(fine)
        self.update("payments", fine, {"amount": Decimal("1.005")}, None)
        merged = self.one(
            "select profile_id from mi.profiles where joined_by = 'created' and profile_id = any (%s) limit 1", self.fresh["customers"]
        )[0]
        self.fresh["customers"].remove(merged)
        self.update("customers", merged, {"account_id": self.one("select min(account_id) from mi.accounts where origin = 'mi'")[0]}, None)
        taken = self.take("addresses")
        assert taken
        self.update("addresses", taken, {"origin": "mi"}, None)
        self.new_order(0, 77, "barter")


ACTS = {
    "relabel": ("stores",), "rename": ("customers",), "close_profile": ("customers",), "move_house": ("addresses",), "change_mind": ("consents",), "reword": ("products",),
    "reprice": ("product_prices",), "move_order": ("orders",), "change_line": ("order_items",), "settle_payment": ("payments",),
    "refuse_refund": ("refunds",), "close_return": ("returns",), "solve": ("tickets",), "edit_message": ("ticket_messages",),
    "replace_device": ("warranty_claims",), "forget": ("consents",), "drop_address": ("addresses",), "drop_message": ("ticket_messages",),
    "drop_price": ("product_prices",), "new_address": ("",), "new_consent": ("",), "new_order": ("",), "new_case": ("",), "answer": ("",),
    "send_back": ("",),
}  # fmt: skip


def rows(poco: psycopg.Connection[Any]) -> dict[Key, dict[str, Any]]:
    """Every row of every table that the cutover hands over, as POCO has it; India's too."""
    found: dict[Key, dict[str, Any]] = {}
    for entity in TABLES:
        for key, text in poco.execute(f"select id, row_to_json(t)::text from poco.{entity} t").fetchall():
            found[entity, key] = json.loads(text)
    return found


def wrong(before: dict[Key, dict[str, Any]], after: dict[Key, dict[str, Any]], journal: Journal) -> list[tuple[Key, str]]:
    """Every row of POCO that is not what the journal and the rows before the switch say together."""
    expected = {key: row for key, row in before.items() if key not in journal.deleted}
    faults = [(key, "lost" if key in expected else "extra") for key in expected.keys() ^ after.keys() if key[1] > BORN]
    faults += [((entity, BORN - key), "not created") for entity, key in journal.created if (entity, BORN - key) not in after]
    made = {(entity, BORN - key) for entity, key in journal.created}
    faults += [(key, "created twice or for nothing") for key in after if key[1] <= BORN and key not in made]
    for (entity, key), row in after.items():
        said = (
            journal.created.get((entity, BORN - key))
            if key <= BORN
            else {**before.get((entity, key), {}), **journal.updated.get((entity, key), {})}
        )
        for column, value in (said or {}).items():
            if column == "payload" and (entity, key) in journal.updated:
                same = row["payload"].items() >= value.items() and row["payload"].keys() >= before[entity, key]["payload"].keys()
            else:
                same = row[column] == value
            if not same:
                faults.append(((entity, key), f"{column} differs"))
    return faults
