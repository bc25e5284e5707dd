"""The store at its worst: everything that a program, a clerk or a script has ever done to these tables, at random.

A writer is a thread with a connection and a random.Random of its own, so its sequence of statements follows from the
seed; how several of them interleave does not.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from poco_migration.engine import cards

REGIONS = ("GLOBAL", "UK", "FR", "DE", "IT", "ES", "ID", "IN", "IN", "IN", "XX")
TABLES = tuple(entity.name for entity in cards.moving_at("cutover", "history", "reissue") if entity.name != "stores")
LEAVES = ("shipment_events", "ticket_messages", "reviews", "points_ledger", "addresses")
# Columns of one table that name a row of another: (child, column, parent).
LINKS = tuple(
    (child.name, parent.source, parent.entity) for child in cards.entities().values() for parent in child.parents if child.name in TABLES
)
CHILDREN = {table: [(child, column) for child, column, parent in LINKS if parent == table] for table in TABLES}
STATES = {  # values that one column may take, also such as no rule knows
    "orders": ("status", (10, 20, 30, 40, 50, 60, 70, 99)), "payments": ("status", (1, 2, 3, 4, 9)), "refunds": ("status", (1, 2, 3)),
    "returns": ("status", (1, 2, 3, 4)), "shipments": ("status", (1, 2, 3, 4)), "tickets": ("status", (1, 2, 3, 4)),
    "customers": ("status", (1, 1, 2, 3)), "products": ("status", (1, 2, 3)), "reviews": ("rating", (1, 5, 9)), "coupons": ("status", (1, 2, 3, 4)),
    "warranty_claims": ("status", (1, 2, 3, 4)), "points_ledger": ("state", ("pending", "posted")), "addresses": ("kind", ("shipping", "billing", "garden")),
    "order_items": ("quantity", (1, 2, 3, 0)), "product_prices": ("amount_minor", (0, 100, 99900)), "shipment_events": ("code", ("accepted", "arrived", "lost")),
    "consents": ("granted", (True, False)), "ticket_messages": ("author", ("customer", "agent", "robot")), "coupon_redemptions": ("amount_minor", (1, 50)),
}  # fmt: skip
_SWAPPED = {"orders": ("order_number",), "products": ("sku",), "customers": ("email", "phone"), "shipment_events": ("sequence_no",)}
EXPECTED = (psycopg.errors.UniqueViolation, psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)


def prepare(source_owner: str) -> None:
    """Keep a copy of every table beside the store, to take rows from once a table is empty."""
    with psycopg.connect(source_owner, autocommit=True) as connection:
        connection.execute("create schema if not exists seed")
        for table in TABLES:
            name = sql.Identifier(table)
            connection.execute(sql.SQL("create table if not exists seed.{} as table poco.{}").format(name, name))


class Writer:
    """One hostile writer. `write(seconds)` may be called again: it goes on where its randomness stands."""

    def __init__(self, dsn: str, seed: int, megabytes: bool = True) -> None:
        self.dsn, self.random, self.done, self.megabytes = dsn, random.Random(seed), Counter[str](), megabytes
        self.stopped_by: Exception | None = None

    def write(self, stop: threading.Event) -> None:
        """Transactions, one after the other, until told to stop. Leaves no connection behind; keeps what stopped it."""
        try:
            self._write(stop)
        except Exception as error:
            self.stopped_by = error

    def _write(self, stop: threading.Event) -> None:
        with psycopg.connect(self.dsn, options="-c lock_timeout=2s -c statement_timeout=20s") as connection:
            while not stop.is_set():
                try:
                    self._transaction(connection)
                except EXPECTED as error:
                    connection.rollback()
                    self.done[type(error).__name__] += 1
                time.sleep(self.random.random() * 0.02)

    def _transaction(self, connection: psycopg.Connection) -> None:
        chance = self.random.random
        # With on, the commit waits for a standby, where there is one: it stands in the log long before it is seen.
        connection.execute("set local synchronous_commit = on" if chance() < 0.3 else "set local synchronous_commit = off")
        for _ in range(self.random.choice((1, 1, 1, 2, 3, 8))):
            self._operation(connection)
            if chance() < 0.15:
                connection.execute("savepoint before")
                self._operation(connection)
                if chance() < 0.7:
                    connection.execute("rollback to before")
        if chance() < 0.06:
            time.sleep(chance() * 0.6)
        if chance() < 0.08:
            connection.rollback()
            self.done["rolled back"] += 1
        else:
            connection.commit()
            self.done["committed"] += 1

    def _operation(self, connection: psycopg.Connection) -> None:
        kinds: list[tuple[int, Callable[[psycopg.Connection], None]]] = [
            (20, self.insert), (16, self.update), (12, self.delete), (8, self.family_goes), (8, self.family_moves), (8, self.region), (7, self.rekey),
            (6, self.reuse), (9, self.reparent), (5, self.swap), (4, self.person), (4, self.many), (3, self.currency), (2, self.megabyte), (1, self.truncate),
        ]  # fmt: skip
        chosen = self.random.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])[0]
        chosen(connection)
        self.done[chosen.__name__] += 1

    def _table(self) -> str:
        return self.random.choices(
            TABLES, [3 if table in ("orders", "customers", "order_items", "payments", "addresses") else 1 for table in TABLES]
        )[0]

    def key(self, connection: psycopg.Connection, table: str, schema: str = "poco") -> int:
        """Mostly a key that is there, sometimes one that may come or has gone."""
        if self.random.random() < 0.1:
            return self.random.randint(1, 1500)
        query = "select id from {t} where id >= (select min(id) + {x} * (select count(*) from {t}) from {t}) order by id limit 1"
        made = sql.SQL(query).format(t=sql.Identifier(schema, table), x=sql.Literal(self.random.random()))
        row = connection.execute(made).fetchone()
        return row[0] if row else self.random.randint(1, 1500)

    def _copy(self, connection: psycopg.Connection, table: str, old: int, new: int, region: str | None = None) -> None:
        """Insert a row like one that once was, under another key."""
        other = {"id": new} | ({"region": region} if region else {})
        if table in ("orders", "products") and self.random.random() < 0.9:  # mostly unique, sometimes not
            other |= {
                "orders": {"order_number": f"n{new}-{self.random.randint(1, 9)}"},
                "products": {"sku": f"s{new}-{self.random.randint(1, 9)}"},
            }[table]
        if table == "coupons":
            other |= {"code": f"c{new}-{self.random.randint(1, 10**9)}"}
        connection.execute(
            sql.SQL(
                "insert into poco.{t} select (jsonb_populate_record(s, %s)).* from seed.{t} s where id = %s on conflict (id) do nothing"
            ).format(t=sql.Identifier(table)),
            (Jsonb(other), old),
        )

    def insert(self, connection: psycopg.Connection) -> None:
        table = self._table()
        old = self.key(connection, table, "seed")
        # An old key that may be gone comes back; a new one may be a parent that its children have waited for.
        self._copy(connection, table, old, old if self.random.random() < 0.5 else self.random.randint(1, 3000))

    def update(self, connection: psycopg.Connection) -> None:
        table = self._table()
        column, values = STATES[table]
        self._set(connection, table, column, self.random.choice(values), self.key(connection, table))

    def delete(self, connection: psycopg.Connection) -> None:
        table = self._table()
        self._delete(connection, table, "id", self.key(connection, table))

    def family_goes(self, connection: psycopg.Connection) -> None:
        """A row with all that hangs on it, in any order."""
        table = self.random.choice(("orders", "customers", "products", "payments", "shipments", "tickets"))
        key = self.key(connection, table)
        goes = [(child, column) for child, column in CHILDREN[table] if self.random.random() < 0.8]
        for child, column in self.random.sample([*goes, (table, "id")], len(goes) + 1):
            self._delete(connection, child, column, key)

    def family_moves(self, connection: psycopg.Connection) -> None:
        """A row moves to another region, with all or some of what hangs on it; and perhaps back at once."""
        table = self.random.choice(("orders", "customers", "products", "payments", "shipments", "tickets"))
        key = self.key(connection, table)
        for region in self.random.choices(REGIONS, k=self.random.choice((1, 1, 2))):
            self._set(connection, table, "region", region, key)
            for child, column in CHILDREN[table]:
                if self.random.random() < 0.8:
                    self._set(connection, child, "region", region, key, column)

    def region(self, connection: psycopg.Connection) -> None:
        table = self._table()
        self._set(connection, table, "region", self.random.choice(REGIONS), self.key(connection, table))

    def rekey(self, connection: psycopg.Connection) -> None:
        table = self._table()
        self._set(connection, table, "id", self.random.randint(1, 3000), self.key(connection, table))

    def reuse(self, connection: psycopg.Connection) -> None:
        """A key goes and comes back as another row of another region, in one transaction."""
        table = self._table()
        key = self.key(connection, table)
        self._delete(connection, table, "id", key)
        self._copy(connection, table, self.key(connection, table, "seed"), key, self.random.choice(REGIONS))

    def reparent(self, connection: psycopg.Connection) -> None:
        child, column, parent = self.random.choice(LINKS)
        self._set(connection, child, column, self.key(connection, parent), self.key(connection, child))

    def swap(self, connection: psycopg.Connection) -> None:
        """Two rows exchange a value that is unique, through one that nobody has."""
        table = self.random.choice(tuple(_SWAPPED))
        column = self.random.choice(_SWAPPED[table])
        if table == "shipment_events":
            shipment = self.key(connection, "shipments")
            connection.execute(
                "update poco.shipment_events e set sequence_no = m.highest + %s - e.sequence_no"
                " from (select max(sequence_no) as highest from poco.shipment_events where shipment_id = %s) m where shipment_id = %s",
                (self.random.choice((0, 1, 1)), shipment, shipment),
            )
            return
        keys = sorted((self.key(connection, table), self.key(connection, table)))
        name, at = sql.Identifier(table), sql.Identifier(column)
        found = [
            connection.execute(sql.SQL("select {} from poco.{} where id = %s for update").format(at, name), (key,)).fetchone()
            for key in keys
        ]
        if keys[0] != keys[1] and found[0] and found[1]:
            self._set(connection, table, column, f"swap{self.random.randint(1, 10**9)}", keys[0])
            self._set(connection, table, column, found[0][0], keys[1])
            self._set(connection, table, column, found[1][0], keys[0])

    def person(self, connection: psycopg.Connection) -> None:
        """Two customers become one person by a verified address, or are parted; or a link names another account."""
        key = self.key(connection, "customers")
        if self.random.random() < 0.3:
            self._set(connection, "customers", "mi_account_id", self.random.choice((None, None, self.random.randint(1, 400))), key)
            return
        verified = self.random.random() < 0.7
        connection.execute(
            "update poco.customers set email = %s, email_verified_at = case when %s then created_at end where id = %s",
            (f"one{self.random.randint(1, 8)}@example.com", verified, key),
        )

    def many(self, connection: psycopg.Connection) -> None:
        """Some hundred rows at once."""
        table = self._table()
        key, column = self.key(connection, table), STATES[table][0]
        connection.execute(
            sql.SQL("update poco.{} set {} = %s where id between %s and %s").format(sql.Identifier(table), sql.Identifier(column)),
            (self.random.choice(STATES[table][1]), key, key + self.random.randint(1, 200)),
        )

    def currency(self, connection: psycopg.Connection) -> None:
        table = self.random.choice(("orders", "payments"))
        self._set(connection, table, "currency", self.random.choice(("EUR", "GBP", "IDR", "KWD", "ZZZ")), self.key(connection, table))

    def megabyte(self, connection: psycopg.Connection) -> None:
        """A value of a megabyte that does not compress, and then a change that leaves it where it is."""
        table, column = self.random.choice((("orders", "note"), ("customers", "note"), ("tickets", "subject")))
        key = self.key(connection, table)
        if self.megabytes and self.random.random() < 0.5:
            large = self.random.randbytes(1 << 19).hex()
            self._set(connection, table, column, large, key)
        else:
            connection.execute(
                sql.SQL("update poco.{t} set {c} = 'short' where length({c}) > 100000").format(
                    t=sql.Identifier(table), c=sql.Identifier(column)
                )
            )
        connection.execute(
            sql.SQL("update poco.{} set region = %s where id = %s").format(sql.Identifier(table)), (self.random.choice(REGIONS), key)
        )

    def truncate(self, connection: psycopg.Connection) -> None:
        """A table emptied, and perhaps filled again at once with some of what was in it."""
        if self.random.random() < 0.5:
            return
        table = self.random.choice(LEAVES)
        connection.execute(sql.SQL("truncate poco.{}").format(sql.Identifier(table)))
        if self.random.random() < 0.7:
            connection.execute(
                sql.SQL("insert into poco.{t} select * from seed.{t} where mod(id, %s) = 0").format(t=sql.Identifier(table)),
                (self.random.randint(1, 4),),
            )

    def _set(self, connection: psycopg.Connection, table: str, column: str, value: object, key: int, by: str = "id") -> None:
        connection.execute(
            sql.SQL("update poco.{} set {} = %s where {} = %s").format(sql.Identifier(table), sql.Identifier(column), sql.Identifier(by)),
            (value, key),
        )

    def _delete(self, connection: psycopg.Connection, table: str, by: str, key: int) -> None:
        connection.execute(sql.SQL("delete from poco.{} where {} = %s").format(sql.Identifier(table), sql.Identifier(by)), (key,))
