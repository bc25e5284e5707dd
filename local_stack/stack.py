"""The stack on one machine: up, down, status. Everything it makes is below one folder (state.py).

`up` is also the repair: it starts what is not running and leaves alone what is.
"""

from __future__ import annotations

import base64
import shlex
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from local_stack import approver_keys, databases, deployment, environments, object_server
from local_stack.airflow_api import Airflow
from local_stack.clusters import HERE, Cluster
from local_stack.deployment import Deployment
from local_stack.environments import AIRFLOW
from local_stack.state import State
from local_stack.supervision import RUNNING, Process, Supervisor
from poco_migration import settings
from poco_migration.adapters import sealed_codes, signing
from poco_migration.settings import PROJECT

USERS = ("admin", "dana", "alice", "bob", "carol", "victor", "closer")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Stack:
    """The processes of one state folder and how to reach them."""

    state: State
    say: Say = print

    @property
    def source(self) -> Cluster:
        return self._cluster("source", databases.SOURCE_SETTINGS)

    @property
    def target(self) -> Cluster:
        return self._cluster("target", ())

    @property
    def metadata(self) -> Cluster:
        return self._cluster("metadata", (("shared_buffers", "64MB"), ("synchronous_commit", "off")))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.state.port('api')}"

    @property
    def s3_url(self) -> str:
        return f"http://127.0.0.1:{self.state.port('s3')}"

    @property
    def redirects_url(self) -> str:
        return f"http://127.0.0.1:{self.state.port('redirects')}"

    @property
    def supervisor(self) -> Supervisor:
        return Supervisor(self.state)

    @property
    def approvers(self) -> Path:
        """The file of the approvers' public keys."""
        return self.state.path("approvers")

    def approver_key(self, name: str) -> Ed25519PrivateKey:
        """The key of an approver of the rehearsal, which nothing of the migration is told."""
        return approver_keys.from_secret(self.state.secret(f"approver {name}", 32))

    def approve(self, name: str, dag: str, run: str, task: str) -> None:
        """Sign what the page of this question shows with the approver's own key, and answer."""
        airflow = self.airflow(name)
        signature = approver_keys.sign(self.approver_key(name), airflow.statement(dag, run, task))
        airflow.answer(dag, run, task, signature=signature)

    def airflow(self, user: str) -> Airflow:
        return Airflow(self.url, user, self.state.secret(f"airflow {user}"))

    @property
    def deployment(self) -> Deployment:
        secret = self.state.secret
        passwords = {role: secret(role) for role in deployment.ROLES}
        return Deployment(
            self.source, self.target, passwords, self.s3_url, secret("s3 access"), secret("s3 secret"), secret("voucher key", 32),
            signing.from_seed(base64.urlsafe_b64decode(secret("signing key", 32) + "=")), sealed_codes.public_of(self.mailing_private()),
            secret("archive key", 48),
            ("127.0.0.1", self.state.port("redirects")),
            {name: self._key(name) for name in deployment.STORES},
        )  # fmt: skip

    def mailing_private(self) -> bytes:
        """The private key of the rehearsal's mailing system, which nothing of the migration is told."""
        return base64.urlsafe_b64decode(self.state.secret("mailing key", 32) + "=")

    # -- up --------------------------------------------------------------------------------------------------------

    def up(self) -> None:
        """Start whatever is not running, in order, each waited for. Harmless when all of it runs."""
        began = time.monotonic()
        if not self.supervisor.alive():
            self.state.choose_ports()
            for cluster in (self.source, self.target, self.metadata):
                cluster.create()
            for name in ("media", settings.load().objects.redirects):
                self.state.path("s3", name).mkdir(exist_ok=True)
            self._write_passwords()
            self._write_approvers()
            self.supervisor.write(self._processes())
            self.supervisor.start()
        dead = [name for name, state in self.supervisor.states().items() if state not in RUNNING and state != "STOPPED"]
        for name in dead:
            self.say(f"  {name} had died and is started again (its log: {self.state.path('logs', name + '.log')})")
        for cluster in (self.source, self.target, self.metadata):
            self.supervisor.ensure(f"postgres-{cluster.name}")
        for name in ("s3", "s3-reader"):
            self.supervisor.ensure(name)
        for cluster in (self.source, self.target, self.metadata):
            cluster.wait()
        for name in ("s3", "s3_reader"):
            address = f"http://127.0.0.1:{self.state.port(name)}"
            self._wait(name, partial(_serves, address))
        self.deployment.create_databases()
        self.supervisor.ensure("redirects")
        self.metadata.ensure_roles({AIRFLOW: self.state.secret(AIRFLOW)})
        if self.metadata.ensure_database(AIRFLOW, AIRFLOW):
            self.say("  preparing Airflow's database")
            self._run_airflow("db", "migrate")
        # The others ask the api-server when they start; started at once on a busy machine their first calls time out.
        if self.supervisor.ensure("api-server"):
            self.say("  starting Airflow")
        self._wait("api-server", lambda: httpx.get(f"{self.url}/api/v2/version", timeout=5).status_code == 200, 180)
        for name in ("scheduler", "dag-processor", "triggerer"):
            self.supervisor.ensure(name)
        self._wait("Airflow", self._healthy, 180)
        self._wait("redirects", lambda: httpx.get(f"{self.redirects_url}/healthz", timeout=5).status_code == 200)
        self._wait("supervisord", lambda: set(self.status().values()) == {"RUNNING"})
        self.deployment.connect(self.airflow("admin"), self.airflow("closer"))
        self.say(f"  everything runs, after {time.monotonic() - began:.0f} s")

    def down(self) -> None:
        """Stop everything; the data stays for the next `up`."""
        self.supervisor.stop()

    def status(self) -> dict[str, str]:
        """Every process and its state; a process that died is EXITED or FATAL."""
        return self.supervisor.states()

    def _healthy(self) -> bool:
        health = httpx.get(f"{self.url}/api/v2/monitor/health", timeout=5).json()
        return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "triggerer", "dag_processor"))

    def _wait(self, what: str, ready: Callable[[], bool], seconds: float = 60) -> None:
        give_up = time.monotonic() + seconds
        while True:
            try:
                if ready():
                    return
            except (httpx.HTTPError, KeyError, ValueError):
                pass
            if gone := [name for name, state in self.status().items() if state in ("EXITED", "FATAL")]:
                raise RuntimeError(f"{', '.join(gone)} died while {what} was waited for; see {self.state.path('logs', gone[0] + '.log')}")
            if time.monotonic() > give_up:
                raise TimeoutError(f"{what} was not ready within {seconds:.0f} s; see the logs in {self.state.folder / 'logs'}")
            time.sleep(0.3)

    # -- what the processes are ------------------------------------------------------------------------------------

    def _cluster(self, name: str, extra: tuple[tuple[str, str], ...]) -> Cluster:
        return Cluster(name, HERE, self.state.port(name), self.state.secret(f"postgres {name}"), self.state.folder / name, extra)

    def _processes(self) -> list[Process]:
        servers = [
            Process(f"postgres-{cluster.name}", cluster.command(), stop_signal="INT")
            for cluster in (self.source, self.target, self.metadata)
        ]
        bucket = self.state.path("s3", settings.load().objects.redirects)
        whole = object_server.whole(bucket.parent, self.state.port("s3"), [self._key(name) for name in ("s3", *deployment.STORES)])
        reader = object_server.reader(bucket, self.state.port("s3_reader"), [self._key("s3 reader")])
        stores = [Process(name, self._object_server(name, server)) for name, server in (("s3", whole), ("s3-reader", reader))]
        commands = tomllib.loads((PROJECT / "deploy" / "processes.toml").read_text("utf-8"))
        seen = {"redirects": environments.of_redirects(self.state, self._key("s3 reader"))}
        others = [
            Process(name, self._local(entry["command"]), seen.get(name) or environments.of_airflow(self.state, self.approvers))
            for name, entry in commands.items()
        ]
        return [*servers, *stores, *others]

    def _object_server(self, name: str, server: object_server.ObjectServer) -> list[str]:
        """A command that finds the server's keys in a file of its owner's: supervisord takes the quotes off an environment's values."""
        told = self.state.write(f"{name}.json", {"command": server.command, "environment": dict(server.environment)})
        return [sys.executable, str(PROJECT / "local_stack" / "exec_from.py"), str(told)]

    def _key(self, whose: str) -> tuple[str, str]:
        return self.state.secret(f"{whose} access"), self.state.secret(f"{whose} secret")

    def _local(self, command: str) -> list[str]:
        """The command of deploy/processes.toml, at this stack's own port and on this machine only."""
        local = command.replace("--host 0.0.0.0", "--host 127.0.0.1")
        for port, service in (("8080", "api"), ("8090", "redirects")):
            local = local.replace(f"--port {port}", f"--port {self.state.port(service)}")
        words = shlex.split(local)
        return [str(Path(sys.executable).parent / words[0]), *words[1:]]

    def _write_passwords(self) -> None:
        self.state.write("passwords.json", {user: self.state.secret(f"airflow {user}", 9) for user in USERS})

    def _write_approvers(self) -> None:
        """Each approver's own key, readable by its owner only, and the file of their public halves, which the workers read."""
        keys = [(name, self.approver_key(name)) for name in settings.load().approvals.approvers]
        approver_keys.write(self.approvers, keys)
        for name, key in keys:
            approver_keys.write_private(self.state.path("keys", name), key)

    def _run_airflow(self, *arguments: str) -> None:
        done = subprocess.run(
            [str(Path(sys.executable).parent / "airflow"), *arguments],
            env=environments.of_airflow(self.state, self.approvers),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"airflow {' '.join(arguments)} failed: {done.stderr.strip()[-2000:]}")


def _serves(address: str) -> bool:
    """Whether an S3 server answers, be it with a refusal."""
    return httpx.get(address, timeout=2).status_code < 500
