"""Whether anybody still writes to what POCO has closed: two looks at a table that are equal have nothing between them.

Not taken from the log, of which coupons and points are withdrawn and which India fills in the same database; not from the
server's counters, which do not know regions; not from columns that the store's own program writes. A look is the number
of a region's rows and a sum over each row's key and the transaction that wrote it (xmin, which PostgreSQL keeps when it
freezes a row): an insert, an update and a delete each change it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
# The first seed of the hash is the key, so that two rows of one transaction do not count the same.
MARK = sql.SQL(
    "select region, count(*), coalesce(sum(hashint8extended(id, xmin::text::bigint)::numeric), 0)"
    " from poco.{} where region = any (%s) group by 1"
)


def watched() -> list[str]:
    """The entities that are looked at: all that move. Logins are the app's until the shutdown itself ends them."""
    return [entity.name for entity in cards.entities().values() if entity.moves != "never"]


def fingerprint_tables(place: Workplace, run: Run) -> int:
    """Look at every table once, and keep what was seen; returns how many tables and regions. Rerun: one look more.

    Reads each table once, in key order of nothing: about a second for two million rows.
    """
    regions, now = list(place.settings.moving()), place.settings.calendar.today()
    seen = []
    with (
        postgres.connect(place.source_owner, "source", name=str(run)) as source,
        postgres.translated_errors("source", "a look at closed tables"),
    ):
        for entity in watched():
            found = {row[0]: row[1:] for row in source.execute(MARK.format(sql.Identifier(entity)), (regions,)).fetchall()}
            seen += [(entity, region, *found.get(region, (0, 0))) for region in regions]
    with postgres.connect(place.target, "target", name=str(run)) as target, target.transaction():
        number = postgres.value(target, "select coalesce(max(look), 0) + 1 from migration.quiet")
        postgres.run_many(target, SQL / "quiet_look.sql", [(number, *line, now, run.id) for line in seen])
    return len(seen)


def written_since(place: Workplace) -> list[tuple[str, str, datetime | None]]:
    """The (entity, region) pairs that are not known to be quiet for shutdown.quiet_days, and since when they are. Reads only."""
    needed = timedelta(days=place.settings.shutdown.quiet_days)
    with postgres.connect(place.target, "target", name="quiet") as target:
        rows = postgres.run(target, SQL / "quiet_since.sql", watched(), list(place.settings.moving()))
    return [(row["entity"], row["region"], row["since"]) for row in rows if not row["since"] or row["looked_at"] - row["since"] < needed]
