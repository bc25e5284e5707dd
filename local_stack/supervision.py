"""The stack's processes, kept by supervisord: started in order, stopped as groups, and never quietly replaced.

A process that dies stays dead and is named by `status`; `up` starts it again. supervisord listens on 127.0.0.1 with a
password of its own.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psutil

from local_stack.state import State, listening

USER = "poco"
RUNNING = {"RUNNING", "STARTING"}


@dataclass(frozen=True)
class Process:
    """One program: its command, what it sees of the environment, and how it is asked to stop."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    stop_signal: str = "TERM"
    stop_seconds: int = 20


@dataclass(frozen=True)
class Supervisor:
    """supervisord of one stack."""

    state: State

    def write(self, processes: list[Process]) -> None:
        """Write supervisord's configuration; only its owner can read it, because it holds secrets."""
        folder = self.state.path("run", "supervisord.conf").parent
        lines = [
            "[supervisord]", f"pidfile={folder}/supervisord.pid", f"logfile={folder}/supervisord.log", f"directory={self.state.folder}",
            "umask=077", "silent=true", "",
            "[inet_http_server]", f"port=127.0.0.1:{self.state.port('supervisor')}", f"username={USER}",
            f"password={self.state.secret('supervisor')}", "",
            "[rpcinterface:supervisor]", "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface", "",
        ]  # fmt: skip
        for process in processes:
            environment = ",".join(f"{key}={_quoted(value)}" for key, value in process.environment.items())
            lines += [
                f"[program:{process.name}]", f"command={_escaped(shlex.join(process.command))}", "autostart=false", "autorestart=false",
                "startsecs=1", "startretries=0", "stopasgroup=true", "killasgroup=true", f"stopsignal={process.stop_signal}",
                f"stopwaitsecs={process.stop_seconds}", f"stdout_logfile={self.state.path('logs', process.name + '.log')}",
                "stdout_logfile_maxbytes=50MB", "redirect_stderr=true", f"environment={environment}", "",
            ]  # fmt: skip
        draft = folder / "supervisord.draft"
        draft.touch(mode=0o600)
        draft.write_text("\n".join(lines), "utf-8")
        draft.replace(folder / "supervisord.conf")

    def start(self) -> None:
        """Start supervisord unless it runs; processes are started one by one with `ensure`."""
        if self.alive():
            return
        configuration = self.state.path("run", "supervisord.conf")
        subprocess.run([sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)], check=True, stdin=subprocess.DEVNULL)
        give_up = time.monotonic() + 20
        while not self.alive():
            if time.monotonic() > give_up:
                raise TimeoutError(f"supervisord did not answer; see {configuration.parent}/supervisord.log")
            time.sleep(0.1)

    def alive(self) -> bool:
        try:
            return listening(self.state.port("supervisor")) and bool(self._rpc().getIdentification())
        except (OSError, KeyError, xmlrpc.client.Error):
            return False

    def ensure(self, name: str) -> bool:
        """Start a process unless it runs; returns whether it was started."""
        if self.states().get(name) in RUNNING:
            return False
        self._rpc().startProcess(name, False)
        return True

    def states(self) -> dict[str, str]:
        """Every process and its state: RUNNING, STARTING, STOPPED, EXITED, FATAL ..."""
        if not self.alive():
            return {}
        return {str(info["name"]): str(info["statename"]) for info in self._rpc().getAllProcessInfo()}

    def stop(self) -> None:
        """Stop every process, then supervisord itself; returns when nothing of them is left."""
        if not self.alive():
            return
        pid, session = int(self._rpc().getPID()), self.session()
        self._rpc().stopAllProcesses(True)
        self._rpc().shutdown()
        give_up = time.monotonic() + 30
        while _exists(pid) and time.monotonic() < give_up:
            time.sleep(0.1)
        # The children of a process that was killed (the scheduler's log server) are nobody's: only the session knows them.
        left = members(session)
        for process in left:
            process.kill()
        psutil.wait_procs(left, timeout=10)

    def session(self) -> int:
        """The session of supervisord and of everything it has started."""
        return os.getsid(int(self._rpc().getPID()))

    def _rpc(self) -> Any:
        password = self.state.secret("supervisor")
        return xmlrpc.client.ServerProxy(
            f"http://{USER}:{password}@127.0.0.1:{self.state.port('supervisor')}/RPC2", allow_none=True
        ).supervisor


def members(session: int) -> list[psutil.Process]:
    """The living processes of a session; never of the caller's own."""
    if session == os.getsid(0):
        return []
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(value: str) -> str:
    return '"' + _escaped(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
