"""The head of a request, read strictly: pure functions on bytes that are bounded already.

nginx reads the same forms: its file is made of the same patterns, and it refuses by the same status what is none of them. What is
read here is at most `HEAD` bytes long, and nothing takes more than one pass over it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BUFFER = 8_190  # bytes of a request line without its end that nginx's buffer of 8 KB holds
LINE = 3_072  # bytes of a request line that is answered: one with more is none of a customer's
HEAD = 16 << 10  # bytes of a whole head: the line, and a browser's cookies
LINES = 100  # headers of one request
PATH = 1_024  # bytes of a path as it is sent
PAGE = 200  # bytes of a path when it is decoded; what has more is nobody's page, and leads to its region's front
FIRST = 32  # bytes of its first part, which says the region
HOST = 255  # bytes of a host and its port

# Clients ask for staged answers by this header; in every answer it names the version.
HEADER, STAGED = b"x-poco-redirects", b"staged"

# For nginx: what a request line is. `line_of` says the same. A target holds what is printable, without blanks and "#".
AUTHORITY = rf"[A-Za-z0-9.-]{{1,{HOST - 6}}}(?::[0-9]{{0,5}})?"
SENT = r"[\x21\x22\x24-\x3e\x40-\x7e]"
PLAIN = rf"^[A-Z]{{1,20}} (?:[Hh][Tt][Tt][Pp][Ss]?://{AUTHORITY}(?=[/ ])|(?=/))(?:/{SENT}*+(?:\?[\x21\x22\x24-\x7e]*+)?)? HTTP/1\.[01]$"
NAMED = rf"^{AUTHORITY}$"

_SENT = bytes(byte for byte in range(0x21, 0x7F) if byte != ord("#"))
_METHOD = re.compile(rb"[A-Z]{1,20}")
_ABSOLUTE = re.compile(rf"[Hh][Tt][Tt][Pp][Ss]?://({AUTHORITY})(/.*)?".encode())
_NAMED = re.compile(AUTHORITY.encode())
_VISIBLE = bytes(byte for byte in range(0x21, 0x100) if byte != 0x7F)
_ANY_METHOD, _ANY_TARGET = re.compile(rb"[A-Z_-]+"), re.compile(rb"/|[A-Za-z]+://")
_NEWER = re.compile(rb"HTTP/(?:[2-9]|[1-9][0-9])[0-9.]*")
_CUT = re.compile(rb"[HTP/0-9.]*")
_NO_HOST = re.compile(rb"^\.?(?::|$)|\.\.|[\x00-\x20/\x7f]")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Refused(Exception):
    """A head that is not answered by its address. `status` 0: the connection is closed without a word."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass(frozen=True, slots=True)
class Head:
    """What one request asks. `name`: the host that decides; `other`: the Host header beside an absolute address, else empty."""

    method: str
    name: str
    path: bytes
    query: bytes
    staged: bool = False
    other: str = ""
    lasts: bool = False  # the connection may be used again


def line_of(line: bytes) -> tuple[bytes, bytes | None, bytes, bytes, bool]:
    """Method, authority (None: of the Host header), path, query, and whether it is HTTP/1.1. Raises Refused."""
    parts = line.split(b" ") if len(line) <= LINE else ()
    if len(parts) == 3 and parts[2] in (b"HTTP/1.1", b"HTTP/1.0"):
        method, target, version = parts
        authority: bytes | None = None
        if not target.startswith(b"/") and (absolute := _ABSOLUTE.fullmatch(target)):
            authority, target = absolute[1], absolute[2] or b"/"
        # One step of C, where a pattern would cost as much as all the rest.
        if target.startswith(b"/") and not target.translate(None, _SENT) and _METHOD.fullmatch(method):
            path, _, query = target.partition(b"?")
            return method, authority, path, query, version == b"HTTP/1.1"
    before, _, last = line.rstrip(b" ").rpartition(b" ")
    if _begun(line.rstrip(b" ")):
        raise Refused(0)  # of the time before there were versions: its answer could not even have a status
    raise Refused(505 if _NEWER.fullmatch(last) and _begun(before.rstrip(b" ")) else 400)


def too_long(line: bytes) -> Refused:
    """How a line is refused whose end has not come within `BUFFER` bytes."""
    line = line[:BUFFER]
    before, _, last = line.rpartition(b" ")
    return Refused(414 if _begun(line) or (_CUT.fullmatch(last) and _begun(before.rstrip(b" "))) else 400)


def _begun(text: bytes) -> bool:
    """Whether this is a method and a target, of whatever kind, and no more."""
    method, _, target = text.partition(b" ")
    target = target.lstrip(b" ")
    return bool(_ANY_METHOD.fullmatch(method) and _ANY_TARGET.match(target) and not target.translate(None, _VISIBLE))


def read(head: bytes) -> Head:
    """The request of a head, from its line to the last header, without the empty line. Raises Refused."""
    lines = head.split(b"\r\n")
    if len(lines[0]) > BUFFER:
        raise too_long(lines[0])
    if len(head) > HEAD:
        raise Refused(400)
    clean = head.count(b"\n") == head.count(b"\r") == len(lines) - 1
    if not clean:
        # nginx takes a line that ends without CR. So do we, but nothing that follows on such a connection.
        lines = head.replace(b"\r\n", b"\n").split(b"\n")
    method, authority, path, query, newer = line_of(lines[0])
    if len(lines) > LINES or (not clean and b"\r" in b"".join(lines)):
        raise Refused(400)
    hosts, staged, lasts = _headers(lines[1:])
    named = _named(hosts, newer=newer)
    if method in (b"CONNECT", b"TRACE"):
        raise Refused(405)
    if authority is None:
        return Head(method.decode(), named, path, query, staged, "", lasts and newer and clean)
    if _NO_HOST.search(authority):
        raise Refused(400)
    return Head(method.decode(), authority.decode(), path, query, staged, named, lasts and newer and clean)


def _headers(lines: list[bytes]) -> tuple[list[bytes], bool, bool]:
    """Every Host, whether staged answers are asked for, and whether the connection can be used again. Raises Refused."""
    hosts, staged, lasts = [], False, True
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name):
            raise Refused(400)
        name = name.lower()
        if name == b"host":
            hosts.append(value.strip(b" "))  # as nginx has it: a tab is no part of a name
        elif name == HEADER:
            staged = value.strip(b" \t") == STAGED
        elif name == b"connection":
            lasts = lasts and b"close" not in value.lower()
        elif name in (b"content-length", b"transfer-encoding"):
            lasts = False  # a body is never read, so nothing behind it can be taken for a request
    return hosts, staged, lasts


def _named(hosts: list[bytes], *, newer: bool) -> str:
    """The Host header. Raises Refused: 400 for none, two or one that is no name; 421 for a name that is nobody's."""
    if not hosts and not newer:
        return ""
    if len(hosts) != 1 or _NO_HOST.search(hosts[0]):
        raise Refused(400)
    if not _NAMED.fullmatch(hosts[0]):
        raise Refused(421)
    return hosts[0].decode()
