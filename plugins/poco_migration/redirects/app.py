"""The service: one 301 for each of POCO's addresses. The only file that imports Starlette.

GET and HEAD are answered with the page's place at mi.com. Every other method is answered 410: the store takes no writes
any more, a 301 would let a browser turn them into a GET, and a 308 would carry a customer's form to a site that never
asked for it. India's hosts and hosts that were never POCO's are answered 421 (this request is not for us), paths of
India on POCO's own host 404; the app's interface 410. Starlette is the frame (start, stop, /healthz, /readyz); requests for POCO's
addresses never reach its router, because they are all that there is to do and must be cheap.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from poco_migration.redirects.addresses import sendable
from poco_migration.redirects.live import Served
from poco_migration.redirects.versions import Version

log = logging.getLogger(__name__)
Header = tuple[bytes, bytes]
# Status, the headers without Location, and the place (empty: none). Tuples all through, which the garbage collector forgets: of
# lists it would look through all that are remembered, and everybody would wait for that.
Answer = tuple[int, tuple[Header, ...], bytes]

# Clients ask for staged answers by this header; in every answer it names the version.
HEADER = b"x-poco-redirects"
STAGED = b"staged"
OURS = (b"/healthz", b"/readyz")  # on hosts that are not POCO's: there, every path is somebody's page
LONGEST = 8_000  # bytes of path and query; nginx refuses at about the same
# Answers by host and path: at most so many of paths at most so long, 40 MB at the worst; then it begins anew.
REMEMBERED, SHORT = 65_536, 256
YEAR = b"max-age=31536000"
KNOWN = b"public, max-age=86400"  # a permanent redirect is cached for ever unless told otherwise, and a mistake with it
UNKNOWN = b"public, max-age=300"  # a later version may know the page


class Redirects:
    """The ASGI application."""

    def __init__(self, served: Served, *, poll_s: float = 2.0) -> None:
        self.served, self.poll_s = served, poll_s
        self.remembered: dict[tuple[str, str, bytes], Answer] = {}
        self.frame = Starlette(routes=[Route("/healthz", self.health), Route("/readyz", self.ready)], lifespan=self.lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.frame(scope, receive, send)
            return
        host, staged = "", False
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1")
            elif name == HEADER:
                staged = value == STAGED
        path: bytes = scope["raw_path"]
        version = self.served.get("staged" if staged else "current")
        if path in OURS and (version is None or version.reader.read(host, path).kind == "unknown"):
            await self.frame(scope, receive, send)
            return
        query: bytes = scope["query_string"]
        headers: tuple[Header, ...]
        if version is None:
            status, headers, place = 503, ((b"retry-after", b"60"), (b"cache-control", b"no-store")), b""
        elif len(path) + len(query) > LONGEST:
            status, headers, place = 414, ((HEADER, version.name.encode()),), b""
        else:
            status, headers, place = self.answer(version, scope["method"], host, path)
        if place:
            headers = (*headers, (b"location", place + b"?" + sendable(query) if query else place))
        if staged:
            headers = (*((name, value) for name, value in headers if name != b"cache-control"), (b"cache-control", b"no-store"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def answer(self, version: Version, method: str, host: str, path: bytes) -> Answer:
        """The answer but for the query: computed once for a host and a path, then remembered."""
        if method not in ("GET", "HEAD") or len(path) > SHORT:
            return _answer(version, method, host, path)
        key = (version.name, host, path)
        found = self.remembered.get(key)
        if found is None:
            if len(self.remembered) >= REMEMBERED:
                self.remembered.clear()
            found = self.remembered[key] = _answer(version, method, host, path)
        return found

    async def health(self, request: Request) -> JSONResponse:
        """Which versions there are, and what was refused and why; 200 while the service runs."""
        return JSONResponse(self.served.state(), headers={"cache-control": "no-store"})

    async def ready(self, request: Request) -> JSONResponse:
        """200 once everybody is redirected, 503 before: for a load balancer."""
        version = self.served.get("current")
        return JSONResponse({"version": version and version.name}, 200 if version else 503, {"cache-control": "no-store"})

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Looks at the pointers when it starts, then every few seconds, and at once on SIGHUP.

        Whatever the disk remembers is answered with meanwhile: an object store that does not answer holds up no start.
        """
        wanted = asyncio.Event()
        wanted.set()
        with suppress(RuntimeError, ValueError):  # not the main thread: a test
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, wanted.set)
        task = asyncio.create_task(self._watch(wanted))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

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


def _answer(version: Version, method: str, host: str, path: bytes) -> Answer:
    named = ((HEADER, version.name.encode()), (b"content-length", b"0"))
    meant = version.reader.read(host, path)
    if meant.kind == "unknown":
        return 421, (*named, (b"cache-control", b"no-store")), b""
    safe = (*named, (b"strict-transport-security", YEAR), (b"x-content-type-options", b"nosniff"))
    if method not in ("GET", "HEAD") or meant.kind == "gone":
        return 410, (*safe, (b"cache-control", b"no-store")), b""
    if meant.kind == "stays":
        return 404, (*safe, (b"cache-control", b"no-store")), b""
    target, known = version.lead(meant)
    return 301, (*safe, (b"cache-control", KNOWN if known else UNKNOWN)), target.encode("ascii")
