"""Installs the migration's own schemas on both sides and writes the configuration's decisions into them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from poco_migration import settings as paths
from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.privacy import inventory
from poco_migration.errors import ConfigurationError
from poco_migration.settings import Settings

SQL = Path(__file__).parent / "sql"


def control_schema(place: Workplace) -> None:
    """The ledger on the target. Run as its owner, so that the migrator cannot rewrite evidence. Rerun: safe; what is there stays."""
    with postgres.connect(place.ledger, "target", name="install") as target, target.transaction():
        _install(target, "control", "migration")
        postgres.run_many(target, SQL / "scope.sql", _decisions(place.settings))
        target.execute("delete from migration.scope where region <> all (%s)", (list(place.settings.regions),))
        _gap(target, place.settings)


def export_schema(place: Workplace) -> None:
    """What may leave the source. Run as the owner of schema poco. Rerun: safe; a changed decision takes effect."""
    with postgres.connect(place.source_owner, "source", name="install") as source, source.transaction():
        _install(source, "source", "poco_export")
        source.execute("delete from poco_export.scope")
        postgres.run_many(source, SQL / "scope_export.sql", _decisions(place.settings))
        _rules(source, place.settings)
        source.execute("delete from poco_export.holding")
        postgres.run_many(source, SQL / "holding_export.sql", _holdings())


def store_points_rates(place: Workplace) -> None:
    """Take up what migration.toml says of points now: the owner of the programme may rule until they move, long after the
    prepare stage. Rerun: safe; nothing else of a decision changes. What was converted before differs until it is copied again.
    """
    ruled = [(name, loyalty, new, old) for name, _, _, loyalty, _, new, old in _decisions(place.settings)]
    with postgres.connect(place.source_owner, "source", name="rates") as source, source.transaction():
        postgres.run_many(source, SQL / "rate_export.sql", ruled)
        _rules(source, place.settings)
    with postgres.connect(place.target, "target", name="rates") as target, target.transaction():
        postgres.run_many(target, SQL / "rate.sql", ruled)
        _gap(target, place.settings)


def _rules(source: postgres.Connection, settings: Settings) -> None:
    calendar = settings.calendar
    postgres.run(source, SQL / "rules_export.sql", calendar.cutover, calendar.deadline.coupon_reissue, settings.points_gap.expired)


def _gap(target: postgres.Connection, settings: Settings) -> None:
    postgres.run(target, SQL / "rules.sql", settings.calendar.cutover, settings.calendar.deadline.coupon_reissue)


def _install(connection: postgres.Connection, side: str, schema: str) -> None:
    """Run what both sides have, then a side's files in the order of their numbers. Files of both sides name no schema.

    Every file can be run again: it takes over what an earlier version of it has made.
    """
    connection.execute(postgres.sql.SQL("create schema if not exists {}").format(postgres.sql.Identifier(schema)))
    connection.execute(postgres.sql.SQL("set local search_path = {}").format(postgres.sql.Identifier(schema)))
    for path in sorted((paths.SCHEMA / "both").glob("*.sql")):
        postgres.script(connection, postgres.statement(path))
    connection.execute("set local search_path to default")
    for path in numbered(side):
        postgres.script(connection, postgres.statement(path))


def numbered(side: str) -> list[Path]:
    """The files of a side in the order of their numbers. Raises ConfigurationError where two have one number."""
    files = {int(path.name.split("_")[0]): path for path in sorted((paths.SCHEMA / side).glob("*.sql"))}
    if len(files) < len(list((paths.SCHEMA / side).glob("*.sql"))):
        raise ConfigurationError(
            f"schema/{side}: two files have the same number, and which comes first is not clear. Give one the next number."
        )
    return [files[number] for number in sorted(files)]


def _decisions(settings: Settings) -> list[tuple[str, str, str | None, bool, int, int, int]]:
    return [
        (name, region.decision, region.market, region.loyalty, region.minimum_age, *region.points.rate.as_integer_ratio())
        for name, region in settings.regions.items()
    ]


def _holdings() -> list[tuple[Any, ...]]:
    """What schema/source/10_persons.sql goes by, out of the inventory."""
    return [
        (found.named, found.depth, found.of.partition(".")[2] or None, found.by or found.key, list(found.exported), list(found.kept),
         list(found.telling), json.dumps(found.erased))
        for found in inventory.personal_tables(source=True)
    ]  # fmt: skip
