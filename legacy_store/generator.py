"""Builds the store: schema, then blocks of customers streamed with COPY by several processes, then traps and indexes.

The same seed and scale give the same rows, whatever the number of processes. Memory holds one block at a time per
process, so it does not grow with the scale. Refuses a database that already has a POCO store.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from legacy_store import catalogue, loyalty, people, purchases
from legacy_store.population import BLOCK, blocks
from legacy_store.population import people as population

HERE = Path(__file__).parent

# Keys that one block may use of each table; the gaps between blocks are part of the realism.
ROOM = defaultdict(lambda: BLOCK * 4) | {
    "orders": BLOCK * 8, "order_items": BLOCK * 24, "payments": BLOCK * 8, "shipments": BLOCK * 8,
    "shipment_events": BLOCK * 40, "points_ledger": BLOCK * 16, "ticket_messages": BLOCK * 8, "reviews": BLOCK * 8,
}  # fmt: skip


def generate(dsn: str, *, scale: float, seed: int = 2024, processes: int = 2) -> dict[str, int]:
    """Fill an empty database; returns the rows of each table, traps included."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute((HERE / "schema" / "01_tables.sql").read_text("utf-8"))
        for table, rows in (
            ("currencies", catalogue.currencies()), ("stores", catalogue.stores()),
            ("products", catalogue.products()), ("product_prices", catalogue.product_prices(seed)),
        ):  # fmt: skip
            _copy(connection, table, rows)
        work = partial(_block, dsn, scale, seed)
        if processes == 1:
            list(map(work, blocks(scale)))
        else:
            with ProcessPoolExecutor(processes) as pool:
                list(pool.map(work, blocks(scale)))
        connection.execute((HERE / "schema" / "02_indexes.sql").read_text("utf-8"))
        for trap in sorted((HERE / "traps").glob("*.sql")):
            connection.execute(trap.read_text("utf-8"))
        connection.execute("vacuum (analyze)")
        return counts(connection)


def counts(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """The rows of every table of the store."""
    names = [row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'poco' order by 1")]
    return {name: connection.execute(f"select count(*) from poco.{name}").fetchone()[0] for name in names}  # type: ignore[index]


def media_keys(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """The keys of all objects that reviews and ticket messages name, in every region."""
    query = """select unnest(photo_keys) from poco.reviews
               union select a ->> 'key' from poco.ticket_messages, json_array_elements(attachments) a where json_typeof(attachments) = 'array'
               order by 1"""
    yield from (row[0] for row in connection.execute(query))


def _block(dsn: str, scale: float, seed: int, block: int) -> None:
    rows = rows_of(seed, scale, block)
    with psycopg.connect(dsn) as connection:
        for table, some in rows.items():
            _copy(connection, table, some)


def rows_of(seed: int, scale: float, block: int) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of one block of customers, by table."""
    rng = random.Random(f"{seed}/rows/{block}")
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    used: Counter[str] = Counter()

    def put(table: str, row: tuple[Any, ...]) -> int:
        region = person.place.region
        used[table] += 1
        if used[table] > ROOM[table]:
            raise ValueError(f"block {block} needs more than {ROOM[table]} keys of {table}")
        key = block * ROOM[table] + used[table]
        if table == "orders":
            row = (f"{region}{key:010d}", *row[1:])
        rows[table].append((key, region, *row))
        return key

    for person in population(seed, scale, block):
        rows["customers"].append(people.customer(rng, person))
        people.fill(rng, person, put)
        orders = [purchases.order(rng, person, put) for _ in range(rng.choices((0, 1, 2, 3, 4, 8), (12, 25, 25, 18, 15, 5))[0])]
        recent = orders[-1] if orders else None
        if rng.random() < 0.3:
            people.ticket(rng, person, recent, put)
        for _ in range(rng.choice((0, 1, 1, 2, 2))):
            loyalty.coupon(rng, person, recent, put)
        loyalty.points(rng, person, orders, put)
    return rows


def _copy(connection: psycopg.Connection[Any], table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy poco.{table} from stdin") as sink:
        for row in rows:
            sink.write_row(row)
