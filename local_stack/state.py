"""Where the local stack lives, which ports it has and which secrets: made once, kept in one ignored folder."""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from poco_migration.settings import PROJECT

SERVICES = (
    "source",
    "target",
    "metadata",
    "s3",
    "s3_reader",
    "supervisor",
    "api",
    "worker_log",
    "trigger_log",
    "scheduler_health",
    "redirects",
)


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class State:
    """The folder of one stack. Another folder (POCO_STATE) is another stack, and both can run at once."""

    folder: Path

    @classmethod
    def default(cls) -> State:
        return cls(Path(os.environ.get("POCO_STATE") or PROJECT / ".local").resolve())

    def path(self, *names: str) -> Path:
        """A path below the folder; its parent exists."""
        path = self.folder.joinpath(*names)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def secret(self, name: str, length: int = 24) -> str:
        """The secret of this name; made at the first call, the same ever after. Readable by its owner only."""
        known = self._read("secrets.json")
        if name not in known:
            known[name] = secrets.token_urlsafe(length)
            self.write("secrets.json", known)
        return str(known[name])

    def port(self, service: str) -> int:
        """The port of a service, as the last `choose_ports` left it."""
        return self._ports()[service]

    def choose_ports(self) -> None:
        """Keep the ports of the last time where they are still free, find others where they are not."""
        known = self._ports()
        ports: dict[str, int] = {}
        for service in SERVICES:
            port = known.get(service)
            while not port or port in ports.values() or listening(port):
                port = free_port()
            ports[service] = port
        self.write("ports.json", ports)

    def _ports(self) -> dict[str, int]:
        return {service: int(str(port)) for service, port in self._read("ports.json").items()}

    def _read(self, name: str) -> dict[str, object]:
        path = self.folder / name
        return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}

    def write(self, name: str, content: Mapping[str, object]) -> Path:
        """Write JSON that only its owner can read, whole or not at all."""
        path = self.path(name)
        draft = path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(content, indent=1), "utf-8")
        draft.replace(path)
        return path
