"""A PostgreSQL server as its DBA sees it: where it is, the superuser's password, and the roles and databases in it.

Whoever runs it: clusters.py on this machine, or docker-compose.yml.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import psycopg
from psycopg import sql


@dataclass(frozen=True)
class Server:
    """One server that somebody runs."""

    name: str
    host: str
    port: int
    password: str = field(repr=False)

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        return f"host={self.host} port={self.port} dbname={database} user={user} password={password or self.password}"

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.dsn(), connect_timeout=2):
                return True
        except psycopg.Error:
            return False

    def wait(self, seconds: float = 60) -> None:
        """Until it answers. Raises TimeoutError that says where it should be."""
        give_up = time.monotonic() + seconds
        while not self.answers():
            if time.monotonic() > give_up:
                raise TimeoutError(f"PostgreSQL {self.name} did not answer on {self.host}:{self.port} within {seconds:.0f} s; see its log")
            time.sleep(0.1)

    def ensure_roles(self, passwords: dict[str, str]) -> None:
        """Login roles with these passwords; a role that is there gets its password anew, and stays disabled where it is."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            for role, password in passwords.items():
                known = connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
                begin = sql.SQL("alter role {}" if known else "create role {} login").format(sql.Identifier(role))
                connection.execute(begin + sql.SQL(" password {}").format(sql.Literal(password)))

    def ensure_database(self, name: str, owner: str = "postgres", template: str = "template0") -> bool:
        """Create the database unless it is there; returns whether it was created."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
                return False
            connection.execute(sql.SQL("create database {} owner {} template {}").format(*map(sql.Identifier, (name, owner, template))))
            return True
