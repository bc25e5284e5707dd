"""Hashed totals: each column of an auditors' query is summed by itself, as a hash of the row's key and the value, by region.

A control total whose source.sql says "Hashed" gives one row for each that should be at mi.com: key, region, then the columns as they
must be there, in both files under the same names. So one file shows what every column has to be, and a red total names the column.
Values are compared as PostgreSQL writes them, in UTC; NULL adds nothing and an empty text does.
"""

from __future__ import annotations

from decimal import Decimal

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.errors import ConfigurationError

Sums = dict[tuple[str, str], Decimal]
LEADING = ["key", "region"]


def wants_hashes(text: str) -> bool:
    """Whether a total's source.sql asks for this."""
    return "\n-- Hashed: " in text


def column_sums(connection: postgres.Connection, query: str, where: str) -> Sums:
    """By region and column: the sum of the hashes, and how many rows there are. `where` names the file in an error.

    hashtextextended takes the key as its seed, so a value is bound to its row; it is what hash partitioning stands on, the same on
    every server. Memory is flat, and the rows are read once.
    """
    names = [name for name, _ in postgres.columns(connection, query)]
    if names[:2] != LEADING or len(set(names)) != len(names):
        raise ConfigurationError(f"{where} must begin with {', '.join(LEADING)} and name every column once")
    columns = [sql.SQL("sum(hashtextextended({}::text, q.key))").format(sql.Identifier("q", name)) for name in names[2:]]
    asked = sql.SQL("select q.region, count(*), {} from ({}\n) q group by q.region").format(sql.SQL(", ").join(columns), sql.SQL(query))
    found: Sums = {}
    for region, *amounts in connection.execute(asked):
        found |= {(region, name): Decimal(amount or 0) for name, amount in zip(["rows", *names[2:]], amounts, strict=True)}
    return found
