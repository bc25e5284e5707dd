"""Who is asked about, and which rows of mi.com are theirs. By keys only; nobody is found by name or address.

An account is one person's, with all POCO profiles under it. Where two people share an account, each asks by POCO's customer
key and is that customer alone. A guest's order is nobody's: an address that nobody has verified identifies nobody
(docs/adr/0005-customers-join-accounts-by-proof.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import certificate
from poco_migration.engine.privacy import inventory
from poco_migration.errors import StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
LAST_STAGE = "final_shutdown"


@dataclass(frozen=True)
class Person:
    """POCO's customer keys, mi.com's profiles of them, and the account, if there is one."""

    customers: tuple[int, ...]
    profiles: tuple[int, ...]
    account: int | None
    alone: bool  # asked for by customer: others may share the account


@dataclass(frozen=True)
class Databases:
    """Both databases; the source is None once the store is shut down."""

    source: postgres.Connection | None
    target: postgres.Connection


def ledger_is_there(place: Workplace) -> bool:
    """Whether the prepare stage has made the tables that copies and erasures are noted in. Reads only."""
    with postgres.connect(place.target, "target", name="personal data") as target:
        return bool(postgres.value(target, "select to_regclass('migration.personal_export') is not null"))


@contextmanager
def open_databases(place: Workplace, run: Run) -> Iterator[Databases]:
    """Open what there is still; statements may take as long as those of a copy. Raises SourceError or TargetError."""
    copying = place.settings.copying
    limits = f"-c statement_timeout={copying.statement_timeout_s}s"
    with ExitStack() as stack:
        target = stack.enter_context(postgres.connect(place.target, "target", name=str(run), options=limits))
        limits += f" -c lock_timeout={copying.lock_timeout_s}s"  # customers wait behind us there; at mi.com we wait for copies
        gone = LAST_STAGE in certificate.certified(target)
        source = None if gone else stack.enter_context(postgres.connect(place.source, "source", name=str(run), options=limits))
        yield Databases(source, target)


def identify(both: Databases, asked: Mapping[str, Any]) -> Person:
    """The person that a run was started for. Raises StageRefused when there is nobody, or it is not said clearly who."""
    account, customer = asked.get("account_id"), asked.get("customer_id")
    if (account is None) == (customer is None):
        raise StageRefused(
            "personal_data: say who it is about, by account_id or by customer_id, and not both. Start another run with one of them."
        )
    found = postgres.run(both.target, SQL / "person.sql", account, customer)
    customers = {row["customer"] for row in found}
    if customer is not None and both.source:
        there = "select p from unnest(%s::bigint[]) p where exists (select from poco_export.person_keys(array[p]))"
        customers |= {row[0] for row in both.source.execute(there, ([customer],))}
    if not customers:
        raise StageRefused(
            "personal_data: nobody of POCO's has this key. Look the key up in mi.com's account settings or in POCO's store, "
            "then start another run."
        )
    owner = next((row["account_id"] for row in found if row["account_id"]), account)
    profiles = sorted(row["profile_id"] for row in found if row["profile_id"])
    return Person(tuple(sorted(customers)), tuple(profiles), owner, customer is not None)


def target_keys(target: postgres.Connection, person: Person) -> dict[str, list[int]]:
    """The keys of the person's rows at mi.com, by table, parents first; also of rows that were made there."""
    found: dict[str, list[int]] = {}
    for holding in inventory.personal_tables(source=False):
        above = list(person.profiles) if holding.person else found[holding.of]
        query = sql.SQL("select {key} from {table} where {by} = any ({above}::bigint[]) order by 1").format(
            key=sql.Identifier(holding.key),
            table=table_identifier(holding),
            by=sql.Identifier(holding.by or holding.key),
            above=sql.Literal(postgres.array(above)),
        )
        found[holding.table] = [row[0] for row in target.execute(query).fetchall()]
    return found


def rows(target: postgres.Connection, holding: inventory.Holding, keys: list[int]) -> Iterator[str]:
    """Rows of one table of mi.com as the person is handed them: JSON without secrets, by key. Memory is flat."""
    query = sql.SQL("select row_to_json(x)::text from (select {} from {} where {} = any ({}::bigint[]) order by {}) x").format(
        sql.SQL(", ").join(map(sql.Identifier, holding.exported)), table_identifier(holding), sql.Identifier(holding.key),
        sql.Literal(postgres.array(keys)), sql.Identifier(holding.key),
    )  # fmt: skip
    yield from (row[0] for row in postgres.streamed(target, query))


def source_rows(source: postgres.Connection, person: Person) -> Iterator[tuple[str, str]]:
    """(entity, row as JSON without secrets) of POCO's own tables, persons first, then by key. Memory is flat."""
    query = sql.SQL("select entity, data from poco_export.person_rows({}::bigint[])").format(sql.Literal(postgres.array(person.customers)))
    yield from postgres.streamed(source, query)


def table_identifier(holding: inventory.Holding) -> sql.Identifier:
    return sql.Identifier(*holding.table.split("."))


def erased_among(both: Databases, person: Person) -> list[int]:
    """Those of the person's customers that are erased, or whose erasure has begun. Reads only."""
    return [row["customer"] for row in postgres.run(both.target, SQL / "erased_among.sql", list(person.customers))]
