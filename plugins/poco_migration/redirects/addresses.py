"""Which of POCO's pages an address means: one pure function, `Reader.read`, and its inverse, `address`.

Nothing an address says decides where its answer leads: it only picks a region and a page that the map may know. So what
is unclear is never an error; it means a page that nobody knows, and the region's front answers for it.

A page is lower case and decoded once, without a slash at either end, without `.html` or `index`; the front is "".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote_to_bytes, urlsplit

from poco_migration.redirects.rules import Rules

Kind = Literal["page", "gone", "stays", "unknown"]
ENDINGS = (".html", ".htm")


@dataclass(frozen=True)
class Meant:
    """page: of a region that moved. gone: the app's interface. stays: a path of India's on a site. unknown: another host, India's too."""

    kind: Kind
    region: str = ""
    page: str = ""


UNKNOWN = Meant("unknown")
STAYS = Meant("stays")
GONE = Meant("gone")


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
        name = host_of(host)
        site = self.sites.get(name)
        if site is None:
            return GONE if name in self.gone_hosts else UNKNOWN
        region, prefixes = site
        parts = parts_of(path)
        if parts and parts[0] in prefixes:
            region = prefixes[parts[0]]
            parts = parts[1:]
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


def parts_of(path: bytes) -> list[str]:
    """The parts of a path: decoded once, lower case, without empty ones and dots, without the ending of a file."""
    text = unicodedata.normalize("NFC", unquote_to_bytes(path).decode("utf-8", "replace")).lower()
    # Lower case can undo the normal form, and the normal form of lower case is lower case.
    text = unicodedata.normalize("NFC", text)
    found: list[str] = []
    for part in text.replace("\\", "/").split("/"):
        if part == "..":
            del found[-1:]
        elif part not in ("", "."):
            found.append(part)
    while found:
        last = found[-1]
        ending = next((ending for ending in ENDINGS if last.endswith(ending)), "")
        if ending and last.removesuffix(ending) not in ("", ".", ".."):
            found[-1] = last.removesuffix(ending)
        elif ending or last == "index":
            found.pop()
        else:
            break
    return found


def address(rules: Rules, meant: Meant) -> str:
    """POCO's own address of a page, without a scheme: read again, it means the same."""
    return "/".join(part for part in (rules.addresses[meant.region], quote(meant.page)) if part)


def sendable(target: bytes) -> bytes:
    """A path or query with everything encoded that a request line or an answer's header cannot hold; what is encoded stays so."""
    return b"".join(bytes([byte]) if 0x21 <= byte <= 0x7E and byte not in b'"<>#' else b"%%%02X" % byte for byte in target)
