"""The redirects: built out of mi.com's catalogue and what is known of POCO's addresses, published, and switched on for all.

A version is named by its content and never changed. `staged` points to what is being verified; `current`, which everybody
is answered with, is only ever pointed to a version that a certificate of the stage redirects has verified.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.redirect_map import known_addresses, server_files
from poco_migration.errors import OperatorNeeded
from poco_migration.redirects import rules as rulebook
from poco_migration.redirects import versions
from poco_migration.redirects.addresses import parts_of
from poco_migration.redirects.rules import Rules
from poco_migration.redirects.versions import Version

SQL = Path(__file__).parent / "sql"
Pages = dict[str, dict[str, str]]  # region: {page: target}


@dataclass(frozen=True)
class Built:
    """A version as it will lie in the bucket: its files by name, the manifest among them."""

    version: Version
    manifest: bytes = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def pages(self) -> int:
        return sum(map(len, self.version.pages.values()))


def build(place: Workplace) -> Built:
    """Read the catalogue and POCO's known addresses and make the version that they mean now. Writes nothing.

    Raises OperatorNeeded when rules.toml and mi.com disagree about a region's front.
    """
    rules = rulebook.load()
    with postgres.connect(place.target, "target", name="redirects") as target, postgres.snapshot(target, side="target"):
        articles = postgres.run(target, SQL / "redirect_articles.sql")
        there = catalogue(target, rules)
    pages: Pages = {region: {} for region in rules.fronts}
    lost: Counter[str] = Counter()
    for region, found in pages.items():
        found.update({page: f"{rules.fronts[region]}/{to}" for page, to in rules.pages.items()})
        categories = {f"category/{name}" for name in _categories(articles, region)}
        found |= {
            map_key(page): below(rules.fronts[region], page) for page in categories if below(rules.fronts[region], page) in there[region]
        }
    for name in ("slug", "sku"):  # an address made of the article's number must not take one made of a name
        _articles(rules, articles, name, there, pages, lost)
    known = known_addresses.seen_pages(place, rules)
    learned = {region: _learned(rules, pages[region], known.get(region, ())) for region in pages}
    for region, found in learned.items():
        pages[region] |= found
    counts = {region: {"pages": len(pages[region]), "learned": len(learned[region]), "ambiguous": lost[region]} for region in pages}
    return packed(rules, pages, counts)


def packed(rules: Rules, pages: Pages, counts: Mapping[str, Any]) -> Built:
    """All forms of one map and the manifest that names them; same map, same bytes. Raises VersionRefused for one that misleads."""
    files = {versions.MAP: versions.encode_map(rules, pages), **server_files.forms(rules, pages)}
    manifest = versions.encode({
        "files": {name: {"sha256": versions.digest(body), "bytes": len(body)} for name, body in files.items()}, "counts": counts,
    })  # fmt: skip
    return Built(versions.decode(manifest, files[versions.MAP]), manifest, {**files, versions.MANIFEST: manifest})


def catalogue(target: postgres.Connection, rules: Rules) -> dict[str, set[str]]:
    """The pages that mi.com has, by region; the rules' fixed pages are taken at their word. Raises OperatorNeeded (see `build`)."""
    found = {region: {front, *(f"{front}/{page}" for page in rules.pages.values())} for region, front in rules.fronts.items()}
    for row in postgres.run(target, SQL / "redirect_pages.sql"):
        front = f"https://{row['store_front']}"
        if rules.fronts.get(row["region"]) != front:
            raise OperatorNeeded(
                f"redirects: mi.com says that the store of {row['region']} is {front}, and redirects/rules.toml says "
                f"{rules.fronts.get(row['region'])}. Find out which is right and correct the other, then clear this task."
            )
        if row["kind"]:
            found[row["region"]].add(below(front, f"{row['kind']}/{row['name']}"))
    return found


def below(front: str, page: str) -> str:
    """A page's address below a front, as it stands in a Location header."""
    return f"{front}/{'/'.join(quote(part, safe='') for part in page.split('/'))}"


def map_key(page: str) -> str:
    """A page's name in the map, as an address that means it is read; empty where no address can mean it."""
    return "/".join(parts_of(quote(page).encode()) or ())


def spellings(page: str) -> list[str]:
    """How else a name with letters beyond ASCII is written: servers compare those byte by byte. None for any other name."""
    written = {unicodedata.normalize(form, case(page)) for form in ("NFC", "NFD") for case in (str, str.lower, str.upper)}
    return sorted({key for one in written if (key := map_key(one)).startswith("product/")} - {map_key(page)})


def _categories(articles: Iterable[Mapping[str, Any]], region: str) -> set[str]:
    return {row["category"] for row in articles if row["region"] == region}


def _articles(
    rules: Rules, articles: Iterable[Mapping[str, Any]], name: str, there: Mapping[str, set[str]], pages: Pages, lost: Counter[str]
) -> None:
    """Each article's page to its listing's; to its category where mi.com hides the listing, to nothing where that is not there either."""
    for row in articles:
        region, front = row["region"], rules.fronts[row["region"]]
        wanted = [below(front, f"product/{row['sku_key']}"), below(front, f"category/{row['category']}")]
        to = next((page for page in wanted if page in there[region]), None)
        key = map_key(f"product/{row[name]}")
        if to is None or not key.startswith("product/"):
            continue
        if pages[region].setdefault(key, to) != to and name == "slug":
            lost[region] += 1
        for other in spellings(f"product/{row[name]}"):
            pages[region].setdefault(other, to)


def _learned(rules: Rules, pages: Mapping[str, str], seen: Iterable[str]) -> dict[str, str]:
    """Pages that somebody has asked for and that are another name of a known one, by the rules: an alias, or a part of an article's page.

    Nothing else of what was seen gets into the map: a log can hold what a person has typed.
    """
    found = {}
    for page in seen:
        first, *rest = page.split("/")
        parts = [rules.aliases.get(first, first), *rest]
        if len(parts) == 3 and parts[2] in rules.parts:
            parts.pop()
        if page not in pages and (target := pages.get("/".join(parts))):
            found[page] = target
    return found
