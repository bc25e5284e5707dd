"""Asks a running server for every known address and judges each answer: one permanent hop, to a page of the same region.

What is right is not asked of the map. A page must be one that mi.com's catalogue has now; an article's page must lead to
where the catalogue has the article. Everything that stays must be answered without a redirect. Each place that was named
is asked of the same server once more, which must not lead on.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres, probing
from poco_migration.adapters.probing import Answer, Question
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import redirect_sources, redirecting
from poco_migration.engine.redirect_sources import Known
from poco_migration.errors import StageRefused
from poco_migration.model import Run
from poco_migration.redirects.addresses import Meant, Request, address
from poco_migration.redirects.versions import STAGED, Version

SQL = Path(__file__).parent / "sql"
HEADER = "x-poco-redirects"
PROBLEMS = ("unanswered", "not_one_hop", "open_redirect", "other_region", "missing_page", "wrong_page", "query_lost", "touched")
COUNTED = ("asked", "to_page", "to_front", "refused", *PROBLEMS)
KEPT = 200  # failures of one problem that are written down; all are counted
PLACE = re.compile(r"https://([a-z0-9.-]+)(/[\x21-\x7e]*)?")
BATCH = 20_000


@dataclass(frozen=True)
class Expected:
    """An address with what must become of it. `right`: the only right pages, where the catalogue knows them."""

    known: Known
    meant: Meant
    right: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Judged:
    """`outcome` is to_page, to_front, refused or a problem."""

    expected: Expected
    outcome: str


@dataclass(frozen=True)
class Judge:
    """What right is, for one version and one instant of mi.com's catalogue."""

    version: Version
    there: Mapping[str, set[str]]

    def judge(self, expected: Expected, answer: Answer) -> str:
        question, meant = expected.known.question, expected.meant
        if meant.kind != "page" or question.method not in ("GET", "HEAD"):
            return "touched" if answer.location else "refused" if answer.status in (404, 410, 421) else "unanswered"
        if not answer.location:
            return "unanswered"
        match = PLACE.fullmatch(answer.location)
        host = match[1] if match else ""
        if host and self.version.reader.read(host, b"/").kind != "unknown":
            return "not_one_hop"
        if host not in self.version.rules.target_hosts:
            return "open_redirect"
        if answer.status != 301:
            return "not_one_hop"
        return self._page(expected, *answer.location.partition("?")[::2])

    def _page(self, expected: Expected, page: str, query: str) -> str:
        front = self.version.rules.fronts[expected.meant.region]
        if page != front and not page.startswith(f"{front}/"):
            return "other_region"
        if page not in self.there[expected.meant.region]:
            return "missing_page"
        if expected.right and page not in expected.right:
            return "wrong_page"
        if query != expected.known.question.target.partition(b"?")[2].decode("ascii"):
            return "query_lost"
        return "to_page" if page != front or expected.meant.page == "" else "to_front"


def verify(place: Workplace, run: Run, *, url: str = "", pointer: str = STAGED) -> dict[str, int]:
    """Ask for every address, write down what came of it; returns the counts. Rerun: asks again and replaces what the run had.

    `url` is the service's unless another server is to be verified. Raises ServiceError when nobody answers there, StageRefused
    when nothing is published.
    """
    version = redirecting.pointed(place, pointer)
    if version is None:
        raise StageRefused(
            f"redirects: nothing is published as {pointer}, so there is nothing to verify. Clear the task build, then this one."
        )
    with postgres.connect(place.target_auditor, "target", name=f"verify redirects {run.id}") as target:
        judge = Judge(version, redirecting.catalogue(target, version.rules))
        articles = postgres.run(target, SQL / "redirect_articles.sql")
    judged: list[Judged] = []
    waiting: list[Expected] = []
    for expected in expectations(place, judge, articles):
        waiting.append(expected)
        if len(waiting) == BATCH:
            judged += _ask(place, judge, waiting, url or place.redirects, pointer)
            waiting = []
    judged += _ask(place, judge, waiting, url or place.redirects, pointer)
    _store(place, run, version, judged)
    return dict(Counter(one.outcome for one in judged))


def expectations(place: Workplace, judge: Judge, articles: Iterable[Mapping[str, Any]]) -> Iterator[Expected]:
    """Every article of the catalogue at POCO's own address, every page of the map under every host, and the three files."""
    version = judge.version
    places: dict[Meant, dict[str, set[str]]] = defaultdict(lambda: {"product": set(), "category": set()})
    found = [(row, Meant("page", row["region"], redirecting.key_of(f"product/{row['slug']}"))) for row in articles]
    for row, meant in found:
        # An address that two articles share leads to one of them, and each is right.
        front = version.rules.fronts[row["region"]]
        for kind, name in (("product", row["sku_key"]), ("category", row["category"])):
            places[meant][kind] |= {redirecting.below(front, f"{kind}/{name}")} & judge.there[row["region"]]
    for row, meant in found:
        right = places[meant]["product"] or places[meant]["category"] or {version.rules.fronts[row["region"]]}
        yield Expected(_at("catalogue", f"mi.brand_items:{row['item_id']}", version, meant), meant, frozenset(right))
    for region, pages in version.pages.items():
        for page in ("", *pages):
            meant = Meant("page", region, page)
            for host, prefix in _hosts(version, region):
                path = "/" + "/".join(
                    part
                    for part in (prefix, address(version.rules, meant).removeprefix(version.rules.addresses[region]).strip("/"))
                    if part
                )
                yield Expected(Known("map", f"{region}:{page}@{host}/{prefix}", Question(host, path.encode() + b"?from=map")), meant)
    for known in redirect_sources.known(place, version.rules):
        yield Expected(known, version.reader.read(known.question.host, known.question.target.partition(b"?")[0]))


def _at(origin: str, stands: str, version: Version, meant: Meant) -> Known:
    request = version.reader.request(address(version.rules, meant)) or Request("", b"/")
    return Known(origin, stands, Question(request.host, request.target))


def _hosts(version: Version, region: str) -> list[tuple[str, str]]:
    """Every host and prefix under which a region's pages stood."""
    found = []
    for site in version.rules.sites.values():
        prefixes = [prefix for prefix, of in site.prefixes.items() if of == region] + ([""] if site.default == region else [])
        found += [(host, prefix) for host in site.hosts for prefix in prefixes]
    return found


def _ask(place: Workplace, judge: Judge, expected: list[Expected], url: str, pointer: str) -> list[Judged]:
    """The outcomes; a place that itself leads on is a second hop for every address that led there."""
    headers = {HEADER: "staged"} if pointer == STAGED else {}
    connections = place.settings.redirects.connections
    asked = [Question(e.known.question.host, e.known.question.target, e.known.question.method, headers) for e in expected]
    answers = probing.ask(url, asked, connections=connections)
    places = sorted({match[0] for answer in answers if (match := PLACE.fullmatch(answer.location.partition("?")[0]))})
    again = probing.ask(url, [_place(found, headers) for found in places], connections=connections)
    leads_on = {found for found, answer in zip(places, again, strict=True) if answer.location}
    judged = []
    for one, answer in zip(expected, answers, strict=True):
        outcome = judge.judge(one, answer)
        if answer.location.partition("?")[0] in leads_on and outcome in ("to_page", "to_front"):
            outcome = "not_one_hop"
        judged.append(Judged(one, outcome))
    return judged


def _place(found: str, headers: Mapping[str, str]) -> Question:
    host, _, path = found.removeprefix("https://").partition("/")
    return Question(host, b"/" + path.encode(), headers=headers)


def _store(place: Workplace, run: Run, version: Version, judged: list[Judged]) -> None:
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    failures: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        counts[one.expected.meant.region or "NONE", one.expected.known.origin].update(("asked", one.outcome))
        if one.outcome in PROBLEMS:
            failures[one.outcome].append(one)
    rows = [(run.id, *key, version.name, *(count[name] for name in COUNTED)) for key, count in sorted(counts.items())]
    failed = [
        (run.id, problem, one.expected.known.stands, one.expected.meant.region or "NONE")
        for problem, found in failures.items()
        for one in found[:KEPT]
    ]
    shadows = [(run.id, page) for page in redirecting.shadowed(place)]
    with postgres.connect(place.target, "target", name=f"verify redirects {run.id}") as target, target.transaction():
        for table in ("redirect_check", "redirect_failure", "redirect_shadow"):
            target.execute(postgres.sql.SQL("delete from migration.{} where run = %s").format(postgres.sql.Identifier(table)), (run.id,))
        postgres.run_many(target, SQL / "redirect_check_store.sql", rows)
        postgres.run_many(target, SQL / "redirect_failure_store.sql", failed)
        postgres.run_many(target, SQL / "redirect_shadow_store.sql", shadows)
