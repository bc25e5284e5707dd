"""Balances: what each holder has on both sides, compared one by one, by the auditors' SQL on the original tables.

A sum over everybody is equal when one customer has a point too many and another one too few. A balance is a folder of
expectations/balances with source.sql and target.sql; each gives region, holder (a source key), balance, place, amount. What is
kept of it are counts by region and balance: how many holders there are, and of how many every amount is equal.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.errors import ConfigurationError

SQL = Path(__file__).parent / "sql"
FOLDER = settings.EXPECTATIONS / "balances"
Counts = dict[tuple[str, str], Decimal]  # by region and balance


@dataclass(frozen=True)
class Balance:
    """The folder's name, the entity whose rows it sums, and its two statements."""

    name: str
    entity: str
    source: str
    target: str


def balances_of(entities: Collection[str]) -> list[Balance]:
    """The balances of these entities. Raises ConfigurationError where a folder does not say whose it is."""
    found = []
    for folder in sorted(FOLDER.iterdir()):
        source, target = (postgres.statement(folder / f"{side}.sql") for side in ("source", "target"))
        said = re.search(r"^-- Entity: (\w+)$", source, re.MULTILINE)
        if not said:
            raise ConfigurationError(f"balances/{folder.name}/source.sql does not say 'Entity: <name>'")
        if said[1] in entities:
            found.append(Balance(folder.name, said[1], source, target))
    return found


def prepare_balances(auditor: postgres.Connection) -> None:
    """Make the temporary tables of one comparison, empty."""
    postgres.script(auditor, postgres.statement(SQL / "balance_scratch.sql"))


def compare_balances(
    source: postgres.Connection, auditor: postgres.Connection, balance: Balance, regions: Collection[str]
) -> tuple[Counts, Counts]:
    """How many holders there are by region and balance, and of how many both sides are equal.

    Both sessions are the auditors', in the snapshots that are compared; the source has its table aside. Balances go from the
    one database to the other and nowhere else; memory is flat.
    """
    with postgres.translated_errors("source", f"balance {balance.name}"), postgres.translated_errors("target", f"balance {balance.name}"):
        postgres.run(auditor, SQL / "balance_clear.sql")
        postgres.pipe(
            source,
            sql.SQL("copy ({}) to stdout").format(sql.SQL(balance.source)),
            auditor,
            sql.SQL("copy balance_source (region, holder, balance, place, amount) from stdin"),
        )
        auditor.execute(sql.SQL("insert into balance_target (region, holder, balance, place, amount) {}").format(sql.SQL(balance.target)))
        rows = postgres.run(auditor, SQL / "balance_compare.sql", list(regions))
    holders, equal = ({(row["region"], row["balance"]): Decimal(row[side]) for row in rows} for side in ("holders", "equal"))
    return holders, equal
