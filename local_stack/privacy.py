"""Under `make check`: every column of both sides' schemas has a privacy class, and an answer for an erasure. No server."""

from __future__ import annotations

import sys

from poco_migration.engine.privacy import inventory
from poco_migration.errors import ConfigurationError
from poco_migration.settings import PROJECT, SCHEMA

DDL = (
    PROJECT / "legacy_store" / "schema" / "01_tables.sql",
    PROJECT / "mi_platform" / "schema" / "01_tables.sql",
    *sorted((SCHEMA / "control").glob("*.sql")),
)


def wrong() -> list[str]:
    """What is wrong with the inventory; nothing when all is declared."""
    try:
        return inventory.undeclared("\n".join(path.read_text("utf-8") for path in DDL))
    except (ConfigurationError, KeyError) as error:
        return [str(error)]


if __name__ == "__main__":
    if found := wrong():
        sys.exit("\n".join([*found, "Give each column a class: in its entity's card, or in entities/personal.toml for mi.com."]))
