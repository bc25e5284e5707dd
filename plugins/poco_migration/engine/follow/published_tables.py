"""Which of POCO's tables the log tells the migration of, and how one is taken out of that once it is closed for good."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace

SQL = Path(__file__).parent / "sql"


def published(place: Workplace, entities: Collection[str]) -> list[str]:
    """Which of these tables the source still publishes; what is withdrawn has been brought up to date."""
    with postgres.connect(place.source_owner, "source", name="publication") as source, postgres.translated_errors("source", "publication"):
        return [row["name"] for row in postgres.run(source, SQL / "published.sql", list(entities))]


def unpublish(place: Workplace, entities: Collection[str]) -> None:
    """Stop publishing tables that are closed for good and caught up; what is written to them later is the migration's own.

    Rerun: safe.
    """
    with (
        postgres.connect(place.source_owner, "source", name="publication") as source,
        postgres.translated_errors("source", "publication"),
    ):
        drop(source, published(place, entities))


def drop(source: postgres.Connection, entities: Collection[str]) -> None:
    """Take these tables out of the publication, in the transaction that is open."""
    if entities:
        names = postgres.sql.SQL(", ").join(postgres.sql.Identifier("poco", name) for name in entities)
        source.execute(postgres.sql.SQL("alter publication poco_migration drop table {}").format(names))
