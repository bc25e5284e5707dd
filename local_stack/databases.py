"""The databases and roles of both sides, as a DBA would make them before the migration starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from local_stack.servers import Server
from poco_migration import settings

SOURCE_ROLES = ("poco_owner", "poco_app", "poco_migrator", "poco_auditor", "poco_archivist", "poco_witness")
TARGET_ROLES = ("mi_owner", "mi_app", "mi_migrator", "mi_auditor", "mi_restorer")
# Change data capture needs the logical level; a prepared transaction would hold up a freeze, so they are off.
SOURCE_SETTINGS = (("wal_level", "logical"), ("max_prepared_transactions", "0"), ("max_replication_slots", "8"))
TARGET_GRANTS = [settings.PROJECT / "mi_platform" / "schema" / name for name in ("02_roles.sql", "03_guard.sql", "04_changed.sql")]
SOURCE_GRANTS = [settings.PROJECT / "legacy_store" / "schema" / "03_roles.sql"]
SOURCE_RETIREMENT = settings.PROJECT / "legacy_store" / "schema" / "04_retire.sql"


def create_source(server: Server, passwords: dict[str, str], name: str = "poco") -> bool:
    """POCO's roles and an empty database; returns whether the database is new."""
    server.ensure_roles({role: passwords[role] for role in SOURCE_ROLES})
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        if not shut_down(connection):
            connection.execute("alter role poco_migrator replication")
        # Without it the readiness check, the throttle and on-call see other roles' sessions, but not since when they are busy.
        connection.execute("grant pg_read_all_stats to poco_owner")
    new = server.ensure_database(name, "poco_owner")
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute(SOURCE_RETIREMENT.read_text("utf-8"))
    return new


def shut_down(connection: psycopg.Connection[Any]) -> bool:
    """Whether the shutdown has disabled the migration's logins; nothing here lets them in again."""
    return bool(connection.execute("select 1 from pg_roles where rolname = 'poco_migrator' and not rolcanlogin").fetchone())


def create_target(server: Server, passwords: dict[str, str], name: str = "mi") -> bool:
    """mi.com's roles and an empty database; returns whether the database is new."""
    server.ensure_roles({role: passwords[role] for role in TARGET_ROLES})
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        # The throttle counts others' sessions and waits; on POCO's side a function of the owner counts them.
        connection.execute("grant pg_read_all_stats to mi_migrator")
    return server.ensure_database(name, "mi_owner")


def create_drill(server: Server, name: str = "restore_drill") -> None:
    """The empty database in which the archive is restored; its owner has no right anywhere else."""
    server.ensure_database(name, "mi_restorer")


def grant_source(server: Server, passwords: dict[str, str], name: str = "poco") -> None:
    """What the store's own program may do; needs the store's tables."""
    _as_owner(server.dsn(name, "poco_owner", passwords["poco_owner"]), SOURCE_GRANTS)


def grant_target(server: Server, passwords: dict[str, str], name: str = "mi") -> None:
    """What the migration may do on mi.com's side; needs its tables."""
    _as_owner(server.dsn(name, "mi_owner", passwords["mi_owner"]), TARGET_GRANTS)
    grant_database(server, name)


def grant_database(server: Server, name: str = "mi") -> None:
    """The right to make the schema `migration` and temporary tables; a copied database loses it."""
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("grant create, temporary on database {} to mi_migrator").format(sql.Identifier(name)))


def _as_owner(dsn: str, scripts: list[Path]) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for script in scripts:
            connection.execute(script.read_text("utf-8"))
