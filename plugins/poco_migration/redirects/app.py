"""The service: one 301 for each of POCO's addresses. The only file that imports Starlette.

GET and HEAD are answered with the page's place at mi.com. Every other method is answered 410: the store takes no writes
any more, a 301 would let a browser turn them into a GET, and a 308 would carry a customer's form to a site that never
asked for it. India's hosts and hosts that were never POCO's are answered 421 (this request is not for us), paths of
India on POCO's own host 404; the app's interface 410. What is no path, or a longer one than anybody's, is answered 400.

Starlette is the frame (start, stop); requests come from clients.py. Nothing of a request is remembered: working an answer out
costs little more than looking it up, and strangers cannot fill what is not there.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from poco_migration.redirects.addresses import host_of
from poco_migration.redirects.clients import Answer, Clients
from poco_migration.redirects.heads import HEADER, Head
from poco_migration.redirects.live import Served
from poco_migration.redirects.versions import Version

log = logging.getLogger(__name__)

HEALTH, READY = b"/healthz", b"/readyz"  # on hosts that are neither POCO's nor India's: there, every path is somebody's page
FOR_A_DAY = (
    b"cache-control: public, max-age=86400\r\n"  # a permanent redirect is cached for ever unless told otherwise, and a mistake with it
)
FOR_MINUTES = b"cache-control: public, max-age=300\r\n"  # a later version may know the page
NEVER = b"cache-control: no-store\r\n"
SAFE = b"strict-transport-security: max-age=31536000\r\nx-content-type-options: nosniff\r\n"
NOT_YET = Answer(503, b"retry-after: 60\r\n" + NEVER)


class Redirects:
    """The ASGI application, of which uvicorn takes start and stop, and what answers each request."""

    def __init__(self, served: Served, *, poll_s: float = 2.0) -> None:
        self.served, self.poll_s = served, poll_s
        self.clients = Clients(self.answer)
        self.frame = Starlette(lifespan=self.lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.frame(scope, receive, send)

    def answer(self, asked: Head) -> Answer:
        """What one request is answered."""
        version = self.served.get("staged" if asked.staged else "current")
        if asked.path in (HEALTH, READY) and _nobodys(version, asked):
            return self._own(asked.path)
        if version is None:
            return NOT_YET
        return _answer(version, asked)

    def _own(self, path: bytes) -> Answer:
        """/healthz: the process answers, and nothing besides. /readyz: 200 once everybody is redirected, for a load balancer."""
        kind = NEVER + b"content-type: application/json\r\n"
        if path == HEALTH:
            return Answer(200, kind, b'{"status":"ok"}')
        version = self.served.get("current")
        return Answer(200 if version else 503, kind, json.dumps({"version": version and version.name}).encode())

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Looks at the pointers when it starts, then every few seconds, and at once on SIGHUP.

        Whatever the disk remembers is answered with meanwhile: an object store that does not answer holds up no start.
        """
        wanted = asyncio.Event()
        wanted.set()
        with suppress(RuntimeError, ValueError):  # not the main thread: a test
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, wanted.set)
        tasks = [asyncio.create_task(self._watch(wanted)), asyncio.create_task(self._sweep())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.clients.sweep(asyncio.get_running_loop().time())

    async def _watch(self, wanted: asyncio.Event) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(wanted.wait(), self.poll_s)
            wanted.clear()
            try:
                # In a thread: a slow object store holds up nobody's answer.
                await asyncio.to_thread(self.served.look)
            except Exception:
                # Whatever a look meets that nobody has foreseen, the next one is taken: else no version would ever be taken again.
                log.exception("looking for a new version failed; the last good one goes on")


def _nobodys(version: Version | None, asked: Head) -> bool:
    if asked.method not in ("GET", "HEAD"):
        return False
    return version is None or (version.reader.read(asked.name, b"/").kind == "unknown" and not _stays(version, asked))


def _stays(version: Version, asked: Head) -> bool:
    """India's host stands in the address or in the header: whatever the other says, nobody is led away."""
    return host_of(asked.name) in version.rules.stays_hosts or host_of(asked.other) in version.rules.stays_hosts


def _answer(version: Version, asked: Head) -> Answer:
    named = HEADER + b": " + version.name.encode() + b"\r\n"
    meant = version.reader.read(asked.name, asked.path)
    if meant.kind == "refused":
        return Answer(400, named + NEVER)
    if meant.kind == "unknown" or (asked.other and _stays(version, asked)):
        return Answer(421, named + NEVER)
    if asked.method not in ("GET", "HEAD") or meant.kind == "gone":
        return Answer(410, named + SAFE + NEVER)
    if meant.kind == "stays":
        return Answer(404, named + SAFE + NEVER)
    target, known = version.lead(meant)
    cached = NEVER if asked.staged else FOR_A_DAY if known else FOR_MINUTES
    place = b"location: %s%s%s\r\n" % (target.encode("ascii"), b"?" if asked.query else b"", asked.query)
    return Answer(301, b"".join((named, SAFE, cached, place)))
