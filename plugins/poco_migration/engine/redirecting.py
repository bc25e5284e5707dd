"""The redirects: built out of mi.com's catalogue and what is known of POCO's addresses, published, and switched on for all.

A version is named by its content and never changed. `staged` points to what is being verified; `current`, which everybody
is answered with, is only ever pointed to a version that a certificate of the stage redirects has verified.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import redirect_forms, redirect_sources
from poco_migration.engine.evidence import slug
from poco_migration.errors import OperatorNeeded, StageRefused
from poco_migration.model import Run
from poco_migration.redirects import rules as rulebook
from poco_migration.redirects import versions
from poco_migration.redirects.addresses import parts_of
from poco_migration.redirects.rules import Rules
from poco_migration.redirects.versions import CURRENT, STAGED, Version

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
            key_of(page): below(rules.fronts[region], page) for page in categories if below(rules.fronts[region], page) in there[region]
        }
    for name in ("slug", "sku"):  # an address made of the article's number must not take one made of a name
        _articles(rules, articles, name, there, pages, lost)
    known = redirect_sources.seen_pages(place, rules)
    learned = {region: _learned(rules, pages[region], known.get(region, ())) for region in pages}
    for region, found in learned.items():
        pages[region] |= found
    counts = {region: {"pages": len(pages[region]), "learned": len(learned[region]), "ambiguous": lost[region]} for region in pages}
    return packed(rules, pages, counts)


def packed(rules: Rules, pages: Pages, counts: Mapping[str, Any]) -> Built:
    """All forms of one map and the manifest that names them; same map, same bytes. Raises VersionRefused for one that misleads."""
    files = {versions.MAP: versions.encode_map(rules, pages), **redirect_forms.forms(rules, pages)}
    manifest = versions.encode({
        "files": {name: {"sha256": versions.digest(body), "bytes": len(body)} for name, body in files.items()}, "counts": counts,
    })  # fmt: skip
    return Built(versions.decode(manifest, files[versions.MAP]), manifest, {**files, versions.MANIFEST: manifest})


def publish(place: Workplace, run: Run, built: Built) -> dict[str, Any]:
    """Put a version into the bucket and point `staged` to it. Rerun: the same version, the same objects.

    The manifest lies in the evidence too, so that the certificate of this run names it.
    """
    objects, name = place.settings.objects, built.version.name
    for file, body in built.files.items():
        place.objects.put_once(objects.redirects, f"versions/{name}/{file}", body, _type(file))
    place.objects.put_once(objects.evidence, f"redirects/{slug(run.id)}/{name}/manifest.json", built.manifest, "application/json")
    with postgres.connect(place.target, "target", name=f"publish redirects {run.id}") as target:
        postgres.run(target, SQL / "redirect_publish.sql", name, versions.digest(built.manifest), built.pages, run.id)
    place.objects.put(objects.redirects, STAGED, pointer(name, versions.digest(built.manifest)))
    return {"version": name, "pages": built.pages, "manifest": f"{objects.redirects}/versions/{name}/{versions.MANIFEST}"}


def switch_on(place: Workplace, run: Run) -> dict[str, Any]:
    """Answer everybody with the version that the newest certificate of the stage has verified. Rerun: safe, true afterwards.

    Shape: {redirects (pages that lead to a page of their own), version, map}. Raises StageRefused when nothing is certified.
    """
    with postgres.connect(place.target, "target", name=f"switch on redirects {run.id}") as target:
        found = postgres.run(target, SQL / "redirect_certified.sql")
        if len(found) != 1:
            raise StageRefused(
                "final_shutdown: no version of the redirects is certified, so nobody knows that they lead to the right pages. Run "
                "poco_redirects to its end, then clear this task."
            )
        [version] = found
        place.objects.put(place.settings.objects.redirects, CURRENT, pointer(version["version"], version["manifest_sha256"]))
        postgres.run(target, SQL / "redirect_switch.sql", version["version"])
    key = f"{place.settings.objects.redirects}/versions/{version['version']}/{versions.MAP}"
    return {"redirects": version["pages"], "version": version["version"], "map": key}


def pointed(place: Workplace, name: str = CURRENT) -> Version | None:
    """The version that a pointer names; None where there is no pointer yet. Raises VersionRefused when it is not what it should be."""
    bucket = place.settings.objects.redirects
    if not place.objects.exists(bucket, name):
        return None
    told = place.objects.get(bucket, name)
    folder = versions.folder(told)
    return versions.pointed(told, *(place.objects.get(bucket, f"{folder}/{part}") for part in (versions.MANIFEST, versions.MAP)))


def counts(place: Workplace) -> dict[str, int]:
    """By region, how many addresses everybody is answered for: its pages and its front. Empty before they are switched on."""
    version = pointed(place)
    return {region: len(pages) + 1 for region, pages in version.pages.items()} if version else {}


def shadowed(place: Workplace) -> list[str]:
    """The pages of mi.com's own articles that a redirect hides, in the order of their addresses; none is how it must be.

    Hidden is a page that would itself be redirected, and one of a POCO article whose address at POCO leads to another article.
    Asked of what everybody is answered with, and before that of what is staged.
    """
    version = pointed(place) or pointed(place, STAGED)
    if version is None:
        return []
    with postgres.connect(place.target_auditor, "target", name="redirects shadowed") as target:
        own = postgres.run(target, SQL / "redirect_own.sql")
    found = set()
    for row in own:
        page = below(f"https://{row['store_front']}", f"product/{row['sku_key']}")
        host, _, path = page.removeprefix("https://").partition("/")
        answered = version.reader.read(host, f"/{path}".encode()).kind != "unknown"
        address = version.pages.get(row["region"], {}).get(key_of(f"product/{row['slug']}"))
        if answered or (row["brand"] == "POCO" and address not in (None, page)):
            found.add(page)
    return sorted(found)


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


def key_of(page: str) -> str:
    """A page's name in the map, as an address that means it is read."""
    return "/".join(parts_of(quote(page).encode()))


def pointer(version: str, manifest_sha256: str) -> bytes:
    return versions.encode({"version": version, "manifest_sha256": manifest_sha256})


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
        key = key_of(f"product/{row[name]}")
        if to is None or not key.startswith("product/"):
            continue
        if pages[region].setdefault(key, to) != to and name == "slug":
            lost[region] += 1


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


def _type(file: str) -> str:
    return "application/json" if file.endswith(".json") else "text/plain; charset=utf-8"
