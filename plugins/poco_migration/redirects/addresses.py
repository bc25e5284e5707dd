"""Which of POCO's pages an address means: one pure function, `Reader.read`, and its inverse, `address`.

Nothing an address says decides where its answer leads: it only picks a region and a page that the map may know. A page that
nobody knows means the region's front. What no server can read as a path is refused, by the rules of nginx, so that its file answers alike.

A page is decoded once, its ASCII letters are lower case, it has no slash at either end and no `.html` or `index`; the front is "".
What a path costs does not depend on what it says: it is at most `heads.PATH` bytes long, and each step goes over it once.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import quote, urlsplit

from poco_migration.redirects.heads import FIRST, PAGE, PATH
from poco_migration.redirects.rules import Rules

Kind = Literal["page", "gone", "stays", "unknown", "refused"]
ENDINGS = (b".html", b".htm")
_NOTHING = re.compile(rb"/(?:\.?/)+")
_FIRST = re.compile(rb"[/\\]*([^/\\]{0,%d})" % FIRST)


@dataclass(frozen=True)
class Meant:
    """page: of a region that moved. gone: the app's interface. stays: a path of India's on a site. unknown: another host, India's too.

    refused: no path, or a longer one than anybody's.
    """

    kind: Kind
    region: str = ""
    page: str = ""


UNKNOWN = Meant("unknown")
STAYS = Meant("stays")
GONE = Meant("gone")
REFUSED = Meant("refused")


@dataclass(frozen=True)
class Request:
    """What a client sends for an address: the Host header, and path and query as bytes."""

    host: str
    path: bytes
    query: bytes = b""

    @property
    def target(self) -> bytes:
        return self.path + (b"?" + self.query if self.query else b"")


class Reader:
    """Addresses read by the rules; built once, called for every request."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.sites: dict[str, tuple[str, Mapping[str, str]]] = {
            host: (site.default, site.prefixes) for site in rules.sites.values() for host in site.hosts
        }
        self.gone_hosts, self.gone_pages = frozenset(rules.gone_hosts), frozenset(rules.gone_pages)
        self.regions = frozenset(rules.fronts)

    def read(self, host: str, path: bytes) -> Meant:
        """What the Host header and the path (as sent, without the query) mean. Never fails."""
        parts = parts_of(path) if len(path) <= PATH else None
        if parts is None:
            return REFUSED
        name = host_of(host)
        site = self.sites.get(name)
        if site is None:
            return GONE if name in self.gone_hosts else UNKNOWN
        region, prefixes = site
        if parts and (own := prefixes.get(parts[0])):
            region = own
            del parts[0]
        if region not in self.regions:
            return STAYS
        if parts and parts[0] in self.gone_pages:
            return Meant("gone", region)
        return Meant("page", region, "/".join(parts))

    def request(self, address: str) -> Request | None:
        """What a client sends for an address as people and programs write it; None when it is none of the web's or the app's.

        With a scheme, protocol-relative (//host/path), bare (host/path), or a link of the app. A fragment is never sent.
        """
        # As browsers do: no line breaks inside, and a backslash is a slash up to the query.
        text = "".join(letter for letter in address.strip() if letter not in "\t\r\n")
        text = re.sub(r"^[^?#]*", lambda found: found[0].replace("\\", "/"), text)
        scheme, separator, rest = text.partition("://")
        try:
            if separator and scheme.lower() == self.rules.scheme:
                split = urlsplit(f"//{self.rules.app_host}/{rest.lstrip('/')}")
            elif separator and scheme.lower() in ("http", "https"):
                split = urlsplit(f"//{rest}")
            elif separator or not text:
                return None
            else:
                split = urlsplit(text if text.startswith("//") else f"//{text}")
            host = split.hostname or ""
        except ValueError:
            return None
        return Request(
            host, sendable(split.path.encode("utf-8", "surrogateescape")) or b"/", sendable(split.query.encode("utf-8", "surrogateescape"))
        )


def host_of(header: str) -> str:
    """A host in lower case without port and without the root's dot. One that is not plain ASCII is nobody's."""
    name = header.strip().lower()
    name, _, port = name.partition(":")
    return name.removesuffix(".") if not port or port.isdigit() else ""


def parts_of(path: bytes) -> list[str] | None:
    """The parts of a path: decoded once, lower case, without empty ones and dots, without the ending of a file. None: no path.

    As nginx has it: `%` is followed by two hexadecimal digits that are not 00, and dots lead nowhere above the root. A backslash
    parts like a slash, but dots beside one are no path. Of a path that is longer than anybody's page there is the first part, and
    two empty ones, which no known page has.
    """
    text = decoded(path)
    if text is None:
        return None
    # All that is empty or one dot goes in one step; what is left is at most as many parts as a loop can be asked for.
    parts = _NOTHING.sub(b"/", b"/%s/" % text.lower()).strip(b"/").split(b"/")
    found = _upwards(parts) if b".." in parts else parts
    if found is None:
        return None
    whole = b"/".join(found)
    longer = len(whole) >= PAGE
    if longer:
        found = [cast(re.Match[bytes], _FIRST.match(whole))[1]]
    elif b"\\" in whole:
        found = [part for part in whole.replace(b"\\", b"/").split(b"/") if part]
    _without_endings(found)
    if b"." in found or b".." in found:
        return None
    return [part.decode("utf-8", "replace") for part in found] + ["", ""] * longer


def _upwards(parts: list[bytes]) -> list[bytes] | None:
    """Two dots take away the part before them; None where there is none."""
    found: list[bytes] = []
    for part in parts:
        if part != b"..":
            found.append(part)
        elif found:
            found.pop()
        else:
            return None
    return found


def decoded(path: bytes) -> bytes | None:
    """A path without its `%`; None where one cannot be decoded, or says 00.

    Quoted-printable is the same but for its sign, and is decoded in one step of C: a loop would make what is encoded dear.
    """
    if b"\0" in path or b"\n" in path or b"\r" in path:
        return None
    if b"%" not in path:
        return path
    text = a2b_qp(path.replace(b"=", b"=3D").replace(b"%", b"="))
    # Each that can be decoded makes three bytes one, anything else takes away less.
    return text if len(path) - len(text) == 2 * path.count(b"%") and b"\0" not in text else None


def _without_endings(parts: list[bytes]) -> None:
    """Take off what a file's name ends with, and the names of a folder's own page."""
    while parts:
        last = parts[-1]
        end = len(last)
        while last.endswith(ENDINGS, 0, end):
            end -= 5 if last[end - 1] == ord("l") else 4
        if end and last[:end] != b"index":
            parts[-1] = last[:end]
            return
        parts.pop()


def address(rules: Rules, meant: Meant) -> str:
    """POCO's own address of a page, without a scheme: read again, it means the same."""
    return "/".join(part for part in (rules.addresses[meant.region], quote(meant.page)) if part)


def sendable(target: bytes) -> bytes:
    """A path or query with everything encoded that a request line or an answer's header cannot hold; what is encoded stays so."""
    return b"".join(bytes([byte]) if 0x21 <= byte <= 0x7E and byte not in b'"<>#' else b"%%%02X" % byte for byte in target)
