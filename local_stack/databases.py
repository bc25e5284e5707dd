"""The databases and roles of both sides, as a DBA would make them before the migration starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from local_stack.servers import Server
from poco_migration import settings

SOURCE_ROLES = ("poco_owner", "poco_app", "poco_migrator", "poco_follower", "poco_auditor", "poco_archivist", "poco_witness")
TARGET_ROLES = ("mi_owner", "mi_app", "mi_ledger", "mi_migrator", "mi_auditor", "mi_board", "mi_restorer")
# Who may make temporary objects, on either side: whoever compares or copies. By default PostgreSQL lets everybody.
TEMPORARY = {"source": ("poco_migrator", "poco_auditor"), "target": ("mi_migrator", "mi_auditor")}
# Change data capture needs the logical level; a prepared transaction would hold up a freeze, so they are off.
SOURCE_SETTINGS = (("wal_level", "logical"), ("max_prepared_transactions", "0"), ("max_replication_slots", "8"))
TARGET_GRANTS = [settings.PROJECT / "mi_platform" / "schema" / name for name in ("02_roles.sql", "03_guard.sql", "04_changed.sql")]
SOURCE_GRANTS = [settings.PROJECT / "legacy_store" / "schema" / "03_roles.sql"]
SOURCE_ADMINISTRATOR = [settings.PROJECT / "legacy_store" / "schema" / name for name in ("04_retire.sql", "05_doors.sql")]


def create_source(server: Server, passwords: dict[str, str], name: str = "poco") -> bool:
    """POCO's roles and an empty database; returns whether the database is new."""
    server.ensure_roles({role: passwords[role] for role in SOURCE_ROLES})
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        if not shut_down(connection):
            connection.execute("alter role poco_follower replication")
        # An earlier version had it read the slot; it could take a copy of the whole server by it.
        connection.execute("alter role poco_migrator noreplication")
        # Without it the readiness check, the throttle and on-call see other roles' sessions, but not since when they are busy.
        connection.execute("grant pg_read_all_stats to poco_owner")
    new = server.ensure_database(name, "poco_owner")
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        for script in SOURCE_ADMINISTRATOR:
            connection.execute(script.read_text("utf-8"))
    limit_temporary(server, "source", name)
    return new


def shut_down(connection: psycopg.Connection[Any]) -> bool:
    """Whether the shutdown has disabled the migration's logins; nothing here lets them in again."""
    return bool(connection.execute("select 1 from pg_roles where rolname = 'poco_migrator' and not rolcanlogin").fetchone())


def create_target(server: Server, passwords: dict[str, str], name: str = "mi") -> bool:
    """mi.com's roles and an empty database; returns whether the database is new."""
    server.ensure_roles({role: passwords[role] for role in TARGET_ROLES})
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        # The throttle counts others' sessions and waits; on POCO's side a function of the owner counts them.
        # The ledger's owner owns the function that counts for whoever throttles.
        connection.execute("grant pg_read_all_stats to mi_migrator, mi_ledger")
    return server.ensure_database(name, "mi_owner")


def create_drill(server: Server, name: str = "restore_drill") -> None:
    """The empty database in which the archive is restored; its owner has no right anywhere else, and nobody else one here."""
    server.ensure_database(name, "mi_restorer")
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))


def grant_source(server: Server, passwords: dict[str, str], name: str = "poco") -> None:
    """What the store's own program may do; needs the store's tables."""
    _as_owner(server.dsn(name, "poco_owner", passwords["poco_owner"]), SOURCE_GRANTS)


def grant_target(server: Server, passwords: dict[str, str], name: str = "mi") -> None:
    """What the migration may do on mi.com's side; needs its tables."""
    _as_owner(server.dsn(name, "mi_owner", passwords["mi_owner"]), TARGET_GRANTS)
    grant_database(server, name)


def grant_database(server: Server, name: str = "mi") -> None:
    """The right to make the schema `migration`, and what of it an earlier version has made; a copied database loses its rights.

    Rerun: safe. The ledger belongs to a role of its own, so that the migrator can add to its evidence and rewrite none.
    """
    limit_temporary(server, "target", name)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        database = sql.Identifier(name)
        connection.execute(sql.SQL("revoke create on database {} from mi_migrator").format(database))
        connection.execute(sql.SQL("grant create on database {} to mi_ledger").format(database))
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute("reassign owned by mi_migrator to mi_ledger")


def limit_temporary(server: Server, side: str, name: str) -> None:
    """Nobody makes temporary objects but who needs them. Rerun: safe; a copied database needs it anew."""
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        database = sql.Identifier(name)
        connection.execute(sql.SQL("revoke temporary on database {} from public").format(database))
        roles = sql.SQL(", ").join(map(sql.Identifier, TEMPORARY[side]))
        connection.execute(sql.SQL("grant temporary on database {} to {}").format(database, roles))


def _as_owner(dsn: str, scripts: list[Path]) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for script in scripts:
            connection.execute(script.read_text("utf-8"))
