"""What is known of POCO's addresses besides its catalogue: its sitemap, a sample of its access log, the links of its app.

POCO puts the three files into its own bucket. Of the log nothing is kept: a line holds a visitor's address, and what people
type. An address is named by its file and line.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from poco_migration.adapters.probing import Question
from poco_migration.adapters.workplace import Workplace
from poco_migration.redirects.addresses import Reader, sendable
from poco_migration.redirects.rules import Rules

LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
# Apache's and nginx's combined format with the virtual host first.
LINE = re.compile(rb'^(\S+) \S+ \S+ \S+ \[[^\]]*\] "([A-Z]+) (.*) HTTP/[0-9.]+" [0-9]{3} ')
ESCAPED = re.compile(rb"\\x([0-9A-Fa-f]{2})|\\(.)")


@dataclass(frozen=True)
class Known:
    """An address that somebody may ask for: where it stands, and what a client sends for it."""

    origin: str
    stands: str
    question: Question


def unread(place: Workplace, rules: Rules) -> list[str]:
    """The files that POCO has put there and that give no address at all: whoever reads none finds nothing wrong."""
    names, origins = place.settings.redirects, {one.origin for one in known_addresses(place, rules)}
    files = {"sitemap": names.sitemap, "app": names.app_links, "log": names.access_log}
    return [key for origin, key in files.items() if origin not in origins and _read(place, key).strip()]


def known_addresses(place: Workplace, rules: Rules) -> Iterator[Known]:
    """Every address of the three files; a line that holds none is left out. A file that POCO has not put there has none."""
    names, reader = place.settings.redirects, Reader(rules)
    for origin, key, addresses in (
        ("sitemap", names.sitemap, _sitemap(_read(place, names.sitemap))),
        ("app", names.app_links, _lines(_read(place, names.app_links))),
    ):
        for number, address in addresses:
            if request := reader.request(address):
                yield Known(origin, f"{key}:{number}", Question(request.host, request.target))
    for number, line in enumerate(_read(place, names.access_log).splitlines()[-names.log_lines :], start=1):
        if question := logged(line):
            yield Known("log", f"{names.access_log}:{number}", question)


def seen_pages(place: Workplace, rules: Rules) -> dict[str, set[str]]:
    """The pages of the regions that move which these addresses mean, by region."""
    reader, found = Reader(rules), defaultdict[str, set[str]](set)
    for one in known_addresses(place, rules):
        meant = reader.read(one.question.host, one.question.target.partition(b"?")[0])
        if meant.kind == "page":
            found[meant.region].add(meant.page)
    return found


def logged(line: bytes) -> Question | None:
    """The request of one line of the log; None where there is none (a scanner's noise, a line that is cut off)."""
    match = LINE.match(line)
    if not match:
        return None
    host, method, target = match.groups()
    target = ESCAPED.sub(lambda found: bytes([int(found[1], 16)]) if found[1] else found[2], target)
    if not target.startswith(b"/"):
        return None
    return Question(host.decode("latin-1"), sendable(target.partition(b"#")[0]), method.decode())


def _read(place: Workplace, key: str) -> bytes:
    bucket = place.settings.objects.media_source
    return place.objects.get(bucket, key) if place.objects.exists(bucket, key) else b""


def _sitemap(body: bytes) -> Iterator[tuple[int, str]]:
    """The file is POCO's own; entities, which could blow it up, are no part of a sitemap."""
    if body and b"<!" not in body:
        yield from ((number, (found.text or "").strip()) for number, found in enumerate(ET.fromstring(body).iter(LOC), start=1))  # noqa: S314


def _lines(body: bytes) -> Iterator[tuple[int, str]]:
    yield from ((number, line) for number, line in enumerate(body.decode("utf-8", "replace").splitlines(), start=1) if line.strip())
