"""What hangs on the rows that stay behind: money, points and coupons, by SQL of the auditors over POCO's original tables.

A statement is a file of expectations/behind; it says of which entity it is, and gives region, what, rows and amount of the keys that are
in quarantine. It runs as the auditor's role, as the control totals do.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import ConfigurationError
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
FOLDER = settings.EXPECTATIONS / "behind"
Sum = tuple[str, str, int, object]  # region, what, rows, amount


def measure_behind(place: Workplace, entities: Collection[str], run: Run, at: str | None = None, there: str | None = None) -> None:
    """Sum up what stays behind of these entities and store it under this run. Rerun: replaces the run's own."""
    moving, found = place.settings.moving(), list[Sum]()
    with (
        postgres.connect(place.source_auditor, "source", name=f"behind {run.id}") as source,
        postgres.connect(place.target_auditor, "target", name=f"behind {run.id}") as auditor,
    ):
        for path in sorted(FOLDER.glob("*.sql")):
            if (entity := _entity_of(path)) in entities:
                source.execute("drop table if exists pg_temp.behind")
                source.execute("create temp table behind (source_key bigint primary key)")
                with postgres.snapshot(source, at), postgres.snapshot(auditor, there, "target"):
                    query = sql.SQL(
                        "copy (select source_key from migration.quarantine where entity = {} and resolved_at is null) to stdout"
                    )
                    postgres.pipe(auditor, query.format(sql.Literal(entity)), source, sql.SQL("copy behind from stdin"))
                    with postgres.translated_errors("source", f"behind, {path.stem}"):
                        found += [row for row in source.execute(postgres.statement(path)).fetchall() if row[0] in moving]
    with postgres.connect(place.target, "target", name=f"behind {run.id}") as target, target.transaction():
        target.execute("delete from migration.behind where run = %s", (run.id,))
        postgres.run_many(target, SQL / "behind_store.sql", [(run.id, *row) for row in found])


def _entity_of(path: Path) -> str:
    found = re.search(r"Entity: (\w+)", path.read_text("utf-8"))
    if not found:
        raise ConfigurationError(f"behind/{path.name} does not say 'Entity: <name>'")
    return found[1]
