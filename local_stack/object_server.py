"""An S3 server on this machine: rclone over a folder. A bucket is a folder, an object a file.

rclone knows keys, and no rights of a key: each of a server's keys opens all that this server serves. So what a key must not open is
served by another process, which does not see it. Keys go through the environment: a command line can be read by every user.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local_stack.state import free_port, listening
from poco_migration.adapters.objects import ObjectStore

Keys = Sequence[tuple[str, str]]  # access key and secret key


@dataclass(frozen=True)
class ObjectServer:
    """The command of one server, and what it sees of the environment, which holds its keys."""

    command: list[str]
    environment: Mapping[str, str] = field(repr=False)


def whole(folder: Path, port: int, keys: Keys) -> ObjectServer:
    """Serves every folder below this one, for reading and writing."""
    return _server(str(folder), port, keys)


def reader(bucket: Path, port: int, keys: Keys) -> ObjectServer:
    """Serves this one bucket, for reading. Sees at once what another server has written: it remembers no folder."""
    return _server(f":combine,upstreams='{bucket.name}={bucket}':", port, keys, "--read-only", "--dir-cache-time", "0s")


def _server(served: str, port: int, keys: Keys, *more: str) -> ObjectServer:
    program = str(Path(sys.executable).parent / "rclone")
    command = [program, "serve", "s3", served, "--config", "/dev/null", "--vfs-cache-mode", "off", "--addr", f"127.0.0.1:{port}", *more]
    # As CSV, because the option may be given several times; a pair has a comma of its own. A key of two letters is refused by rclone.
    return ObjectServer(command, {"RCLONE_AUTH_KEY": ",".join(f'"{access},{secret}"' for access, secret in keys)})


@contextmanager
def served(server: ObjectServer, log: Path) -> Iterator[None]:
    """The server, for as long as a test or a benchmark takes."""
    port = int(server.command[server.command.index("--addr") + 1].rpartition(":")[2])
    with log.open("a") as out:
        process = subprocess.Popen(server.command, env={**os.environ, **server.environment}, stdout=out, stderr=subprocess.STDOUT)
        try:
            while not listening(port):
                if process.poll() is not None:
                    raise RuntimeError(f"the S3 server ended before it answered; see {log}")
                time.sleep(0.05)
            yield
        finally:
            process.kill()
            process.wait(10)


@contextmanager
def on_a_free_port(folder: Path, access: str, secret: str) -> Iterator[ObjectStore]:
    """A server of its own over this folder."""
    port = free_port()
    with served(whole(folder, port, [(access, secret)]), folder.parent / f"{folder.name}-rclone.log"):
        yield ObjectStore(f"http://127.0.0.1:{port}", access, secret)
