"""The store's site from outside: its sitemap, the links of its app, and what visitors and scanners ask of it.

`visits` knows of each address which region it belongs to, without the migration's own code; the access log is written out of it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape

from legacy_store import catalogue
from legacy_store.population import PLACES

PREFIX = {"GLOBAL": "global", "UK": "uk", "FR": "fr", "DE": "de", "IT": "it", "ES": "es", "ID": "id"}
MAIN = ("po.co", "www.po.co", "m.po.co", "app.po.co")
INDONESIA = ("po.co.id", "www.po.co.id")
OWN = {region: f"{prefix}.po.co" for region, prefix in PREFIX.items() if region not in ("GLOBAL", "ID")}
FIXED = ("support", "support/warranty", "account/orders", "account/coupons", "cart", "about")
SHOWN = {region: [f"product/{row[3]}" for row in catalogue.products() if row[1] == region] for region in PREFIX}
QUERIES = (
    "",
    "",
    "",
    "utm_source=mail&utm_campaign=d%C3%A9part",
    "ref=//evil.example",
    "url=https://evil.example/%0d%0aSet-Cookie:a=b",
    "a=1&a=2&b=%2F%2e",
    "q=+%20%E2%9C%93",
)


@dataclass(frozen=True)
class Visit:
    """One request. `region`: whose address it is; None where nobody may be redirected. `page`: what it means where the store had it."""

    host: str
    target: str
    region: str | None
    page: str = ""
    method: str = "GET"


def sitemap() -> str:
    """Every page of every region, India's too, as the sitemap protocol has it."""
    found = [
        f"https://{place.domain}/{page}"
        for place in PLACES
        if place.region in SHOWN
        for page in ("", "category/phones", *FIXED, *SHOWN[place.region])
    ]
    found += [
        f"https://{place.domain}/product/{row[3]}" for place in PLACES for row in catalogue.products() if place.region == row[1] == "IN"
    ]
    urls = "".join(f"  <url><loc>{escape(address)}</loc></url>\n" for address in found)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'


def app_links() -> str:
    """Links that the app and its messages have used: of its own scheme, protocol-relative, bare."""
    lines = []
    for region, prefix in PREFIX.items():
        lines += [f"pocostore://{prefix}/{page}" for page in SHOWN[region][:20]]
        lines += [f"//po.co/{prefix}/{SHOWN[region][0]}?from=app#reviews", f"po.co/{prefix}/cart", f"POCOSTORE://{prefix}/account/orders"]
    return "\n".join([*lines, "pocostore://in/product/poco-x6-0", "//poco.in/product/poco-x6-0", "market://details?id=com.poco", ""])


def access_log(seed: int, lines: int) -> bytes:
    """A sample in the combined format with the virtual host first, as nginx escapes it; now and then a line that is none."""
    rng = random.Random(f"{seed}/log")
    found = []
    for number, visit in enumerate(visits(seed, lines)):
        target = visit.target.encode().replace(b'"', b"\\x22")
        found.append(
            f'{visit.host} 203.0.113.{rng.randrange(256)} - - [20/Oct/2024:{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02} +0000] "{visit.method} '.encode()
            + target + b' HTTP/1.1" 200 5120 "-" "Mozilla/5.0"'
        )  # fmt: skip
        if number % 500 == 250:
            found.append(b'po.co 203.0.113.9 - - [20/Oct/2024:10:00:00 +0000] "\\x16\\x03\\x01\\x02" 400 157 "-" "-"')
    return b"\n".join(found) + b"\n"


def visits(seed: int, count: int) -> Iterator[Visit]:
    """As many requests as asked for; about two in five are hostile or odd."""
    rng = random.Random(f"{seed}/visits")
    for _ in range(count):
        region = rng.choice(list(PREFIX))
        host, base = rng.choice(_addresses(region))
        page = rng.choice(SHOWN[region]) if rng.random() < 0.7 else rng.choice((*FIXED, "category/phones", "category/accessories", ""))
        if rng.random() < 0.6:
            yield Visit(host, _with_query(rng, f"{base}/{page}" if page else base or "/"), region, page)
        else:
            yield rng.choice(ODD)(rng, host, base, region, page)


def _addresses(region: str) -> list[tuple[str, str]]:
    """(host, path before the page) of a region."""
    found = [(host, f"/{PREFIX[region]}") for host in MAIN]
    if region == "ID":
        found += [(host, base) for host in INDONESIA for base in ("/id", "")]
    if region == "GLOBAL":
        found += [(host, "") for host in MAIN]
    return found + ([(OWN[region], "")] if region in OWN else [])


def _with_query(rng: random.Random, path: str) -> str:
    query = rng.choice(QUERIES)
    return f"{path}?{query}" if query else path


def _same(change: Callable[[random.Random, str], str]) -> Callable[..., Visit]:
    """Another spelling of the same page."""

    def odd(rng: random.Random, host: str, base: str, region: str, page: str) -> Visit:
        return Visit(host, change(rng, f"{base}/{page}"), region, page)

    return odd


def _front(change: Callable[[random.Random, str, str], str]) -> Callable[..., Visit]:
    """A page that nobody has, in the region of the path before it."""

    def odd(rng: random.Random, host: str, base: str, region: str, page: str) -> Visit:
        return Visit(host, change(rng, base, page), region, "?")

    return odd


def _elsewhere(host: str, target: str, method: str = "GET") -> Callable[..., Visit]:
    return lambda rng, _host, base, region, page: Visit(host, target.format(page=page), None, method=method)


def _endless(host: str, path: str, region: str) -> Visit:
    """Longer than 1 KB is nobody's address: the old store refused it, and so does whoever answers for it."""
    return Visit(host, path, region if len(path) <= 1_024 else None, "?")


def _encoded(rng: random.Random, path: str) -> str:
    return "".join(f"%{ord(letter):02{rng.choice('xX')}}" if letter != "/" and rng.random() < 0.3 else letter for letter in path)


ODD: tuple[Callable[..., Visit], ...] = (
    _same(lambda rng, path: path.upper()),
    _same(lambda rng, path: f"{path.rstrip('/')}/"),
    _same(lambda rng, path: f"{path.rstrip('/')}.html" if len(path) > 1 else "/index.html"),
    _same(lambda rng, path: f"{path.rstrip('/')}/index.HTM"),
    _same(_encoded),
    _same(lambda rng, path: path.replace("/", "//")),
    _same(lambda rng, path: f"{path.rstrip('/')}/a/%2e%2e/./"),
    _same(lambda rng, path: "/" + path[1:].replace("/", rng.choice(("%2F", "%2f")))),
    _same(lambda rng, path: "/" + path[1:].replace("/", "%5C")),
    _same(lambda rng, path: "/" + path[1:].replace("/", "\\")),
    lambda rng, host, base, region, page: Visit(host.upper() + rng.choice((":443", ".", ":80")), f"{base}/{page}", region, page),
    _front(lambda rng, base, page: f"{base}//evil.example/{page}"),
    _front(lambda rng, base, page: f"{base}/\\evil.example"),
    _front(lambda rng, base, page: f"{base}/@evil.example/"),
    _front(lambda rng, base, page: f"{base}/https:%2f%2fevil.example"),
    _front(lambda rng, base, page: f"{base}/%0d%0aLocation:%20https://evil.example/{page}"),
    _front(lambda rng, base, page: f"{base}/%250d%250aSet-Cookie:a=b"),
    _front(lambda rng, base, page: f"{base}/{quote(rng.choice(('Prüfung', '小米', 'ｐｏｃｏ', 'evil。example', chr(0x202E) + 'x', 'İstanbul')))}"),
    lambda rng, host, base, region, page: _endless(host, f"{base}/{'x' * rng.randrange(1_000, 7_000)}", region),
    _front(lambda rng, base, page: f"{base}/product/never-there-{rng.randrange(999)}"),
    _front(lambda rng, base, page: f"{base}/a/%2e%2e%2fetc/passwd"),
    _front(lambda rng, base, page: f"{base}/xn--80ak6aa92e.com/{page}"),
    _elsewhere("poco.in", "/{page}"),
    _elsewhere("www.poco.in", "/product/poco-x6-0?utm=1"),
    _elsewhere("po.co", "/in/{page}"),
    _elsewhere("app.po.co", "/IN/product/poco-x6-0"),
    _elsewhere("evil.example", "/de/{page}"),
    _elsewhere("po.co.evil.example", "/{page}"),
    _elsewhere("xn--p-cmc.co", "/de/{page}"),
    _elsewhere("www.mi.com", "/de/product/PC-X6-0"),
    _elsewhere("api.po.co", "/v1/orders"),
    _elsewhere("de.po.co", "/api/v1/cart"),
    _elsewhere("po.co", "/de/account/orders", "POST"),
)  # fmt: skip
