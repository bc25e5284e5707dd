"""Asks a running web server for addresses, exactly as given, and takes what it says: never follows, never resolves a name.

Raw sockets, because the point is to send what no HTTP library lets through. Several connections at once, each kept open.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from poco_migration.errors import ServiceError

LONGEST = 64 << 10
Place = tuple[str, int, ssl.SSLContext | None]  # host, port, and how the server is verified


@dataclass(frozen=True)
class Question:
    """One request. `target` is path and query as bytes, without blanks and line breaks; `host` goes into the Host header."""

    host: str
    target: bytes
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        lines = [f"Host: {self.host}", *(f"{name}: {value}" for name, value in self.headers.items())]
        if self.method not in ("GET", "HEAD"):
            lines.append("Content-Length: 0")
        return self.method.encode() + b" " + self.target + b" HTTP/1.1\r\n" + "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """Status 0: the server closed the connection or did not answer in time."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


def ask(url: str, questions: Sequence[Question], *, connections: int = 16, timeout_s: float = 10) -> list[Answer]:
    """The answers, in the order of the questions. Raises ServiceError when nobody listens at `url`.

    `url` is http://host:port; where it is https, the server must show a certificate of its name.
    """
    return asyncio.run(_ask(url, questions, connections, timeout_s))


async def _ask(url: str, questions: Sequence[Question], connections: int, timeout_s: float) -> list[Answer]:
    address = urlsplit(url)
    host, port = address.hostname or "", address.port or (443 if address.scheme == "https" else 80)
    verified = ssl.create_default_context() if address.scheme == "https" else None
    answers = [Answer(0)] * len(questions)
    waiting = iter(range(len(questions)))
    await asyncio.gather(
        *(_worker((host, port, verified), questions, waiting, answers, timeout_s) for _ in range(min(connections, len(questions))))
    )
    return answers


async def _worker(place: Place, questions: Sequence[Question], waiting: Iterable[int], answers: list[Answer], timeout_s: float) -> None:
    """One connection after the other; the next question is taken when the one before is answered."""
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    for number in waiting:
        try:
            if reader is None or writer is None:
                reader, writer = await _connect(*place, timeout_s)
            question = questions[number]
            writer.write(question.encoded())
            answer, goes_on = await asyncio.wait_for(_read(reader, question.method), timeout_s)
            answers[number] = answer
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            goes_on = False
        if not goes_on and writer is not None:
            writer.close()
            reader = writer = None
    if writer is not None:
        writer.close()


async def _connect(
    host: str, port: int, verified: ssl.SSLContext | None, timeout_s: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await asyncio.wait_for(asyncio.open_connection(host, port, limit=LONGEST, ssl=verified), timeout_s)
    except (OSError, TimeoutError) as error:
        raise ServiceError(
            f"nobody answers at {host}:{port} ({type(error).__name__}). Start the redirect service or correct the connection "
            "poco_redirects, then rerun."
        ) from None


async def _read(reader: asyncio.StreamReader, method: str) -> tuple[Answer, bool]:
    """One answer, its body thrown away; and whether the connection can be used again."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    if length := int(headers.get("content-length", "0")):
        await reader.readexactly(0 if method == "HEAD" else length)
    return Answer(int(head[0].split()[1]), headers), headers.get("connection", "").lower() != "close" and "content-length" in headers
