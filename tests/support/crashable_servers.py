"""A pair of servers of our own with a small store in templates; each can crash and be started again."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.workplaces import Servers

from legacy_store import generator
from local_stack import databases
from local_stack.clusters import HERE, Cluster
from local_stack.state import free_port
from mi_platform import seed


class Stoppable:
    """The two servers and their processes."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        for name in ("source", "target"):
            self.start(name)

    def start(self, name: str) -> None:
        cluster: Cluster = getattr(self.servers, name)
        self.processes[name] = subprocess.Popen(cluster.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cluster.wait()

    def stop(self, name: str) -> None:
        """As a crash: nobody is asked to finish, and the log is replayed at the start."""
        self.processes[name].send_signal(signal.SIGQUIT)
        self.processes[name].wait(30)


@contextmanager
def running(folder: Path) -> Iterator[Stoppable]:
    """The pair, while this is open."""
    fast = (("fsync", "off"), ("full_page_writes", "off"), ("shared_buffers", "64MB"), ("scram_iterations", "1"))
    source = Cluster("source", HERE, free_port(), "postgres", folder / "source", (*fast, *databases.SOURCE_SETTINGS))
    target = Cluster("target", HERE, free_port(), "postgres", folder / "target", fast)
    passwords = {role: f"test-{role}" for role in (*databases.SOURCE_ROLES, *databases.TARGET_ROLES)}
    for cluster in (source, target):
        cluster.create()
    made = Stoppable(Servers(source, target, passwords))
    databases.create_source(source, passwords, "poco_template")
    generator.generate(source.dsn("poco_template", "poco_owner", passwords["poco_owner"]), scale=0.01)
    databases.grant_source(source, passwords, "poco_template")
    databases.create_target(target, passwords, "mi_template")
    seed.create(target.dsn("mi_template", "mi_owner", passwords["mi_owner"]), scale=0.01)
    databases.grant_target(target, passwords, "mi_template")
    yield made
    for name in ("source", "target"):
        made.stop(name)
