"""The two servers that redirect, started for a test or a benchmark: the service as a process of its own, and Debian's nginx.

nginx runs as an ordinary user on a free port, also when we are root.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local_stack.state import free_port, listening
from poco_migration.adapters.objects import ObjectStore
from poco_migration.engine.redirect_map import server_files
from poco_migration.redirects.live import STATE
from poco_migration.settings import PROJECT

MAIN = """daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    keepalive_requests 1000000;
    include redirects.conf;
}}
"""


@dataclass
class Service:
    """A running redirect service."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    cache: Path

    def state(self) -> dict[str, object]:
        return dict(json.loads((self.cache / STATE).read_bytes()))

    def until(self, seconds: float = 10, **wanted: object) -> None:
        """Until the state says so."""
        give_up = time.monotonic() + seconds
        while not wanted.items() <= self.state().items():
            assert time.monotonic() < give_up, (wanted, self.state(), self.log.read_text("utf-8")[-2000:])
            time.sleep(0.05)


@contextmanager
def service(objects: ObjectStore, bucket: str, cache: Path, poll_s: float = 0.2) -> Iterator[Service]:
    port, log = free_port(), cache.parent / f"{cache.name}.log"
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT / "plugins"), "AWS_ENDPOINT_URL": objects.endpoint or "",
        "AWS_ACCESS_KEY_ID": objects.access_key, "AWS_SECRET_ACCESS_KEY": objects.secret_key,
        "REDIRECTS_BUCKET": bucket, "REDIRECTS_CACHE": str(cache),
    }  # fmt: skip
    command = [sys.executable, "-m", "poco_migration.redirects", "--port", str(port), "--poll", str(poll_s)]
    with log.open("ab") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        _wait(process, port, log)
        yield Service(f"http://127.0.0.1:{port}", process, log, cache)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def nginx(files: Mapping[str, bytes]) -> Iterator[str]:
    """nginx with these forms; its address."""
    with nginx_process(files) as (url, _):
        yield url


@contextmanager
def nginx_process(files: Mapping[str, bytes]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same, and its process. As nobody, when we are root."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    port, nobody = free_port(), {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="nginx"))
    folder.chmod(0o777)
    try:
        (folder / "main.conf").write_text(MAIN.format(folder=folder), "utf-8")
        form = files[server_files.NGINX].replace(b"listen 8090 ", f"listen 127.0.0.1:{port} ".encode())
        (folder / "redirects.conf").write_bytes(form)
        (folder / "redirects.map").write_bytes(files[server_files.NGINX_MAP])
        log = folder / "out.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [program, "-e", str(folder / "error.log"), "-c", str(folder / "main.conf")], stdout=out, stderr=subprocess.STDOUT, **nobody,  # type: ignore[call-overload]
            )  # fmt: skip
        try:
            _wait(process, port, log)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            process.wait(20)
    finally:
        shutil.rmtree(folder)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + 30
    while not listening(port):
        assert process.poll() is None and time.monotonic() < give_up, log.read_text("utf-8")[-3000:]
        time.sleep(0.05)
