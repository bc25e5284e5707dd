"""What one copy says of itself, in the transaction of its rows: how many came, went, stayed and were set aside."""

from __future__ import annotations

from poco_migration.adapters import postgres
from poco_migration.engine.copying import workbench
from poco_migration.engine.copying.staging import SQL
from poco_migration.errors import ConfigurationError
from poco_migration.model import Entity, KeyRange, Receipt, Run


def count_leaving(target: postgres.Connection, entity: Entity) -> int:
    """How many rows that are at mi.com now will go from there because they go into quarantine; asked before load.sql deletes them."""
    if not entity.table.startswith("mi."):
        return 0  # a plan of the migration's own, which no customer sees
    if not postgres.value(target, "select exists (select from refused)"):
        return 0
    return int(postgres.value(target, workbench.read_as(entity, postgres.statement(SQL / "leaving_count.sql"))))


def count_kept_and_parked(target: postgres.Connection, entity: Entity) -> tuple[int, int]:
    """How many rows of the part are at mi.com now, and how many are in quarantine. Raises ConfigurationError for an undeclared reason."""
    kept = postgres.value(target, workbench.read_as(entity, "select count(*) from accepted"))
    parked = postgres.value(target, "select count(*) from refused")
    unknown = postgres.value(
        target, "select string_agg(distinct r.reason, ', ') from refused r where r.reason not in (select name from reason)"
    )
    if unknown:
        raise ConfigurationError(f"entities/{entity.name}/entity.toml does not declare the reasons {unknown}")
    return kept, parked


def write_receipt(target: postgres.Connection, receipt: Receipt, snapshot: str, run: Run) -> None:
    """Store the receipt beside what the copies before it have stored. `snapshot` is the one that POCO's rows were read in."""
    part = receipt.part
    extent: tuple[str, int | None, int | None, int | None] = (
        ("range", part.lo, part.hi, None) if isinstance(part, KeyRange) else ("keys", None, None, len(part.keys))
    )
    counts = (receipt.rows_read, receipt.rows_kept, receipt.rows_changed, receipt.rows_gone, receipt.rows_parked, receipt.bytes)
    postgres.run(target, SQL / "receipt.sql", receipt.entity, *extent, *counts, snapshot, str(run), receipt.rows_left)
