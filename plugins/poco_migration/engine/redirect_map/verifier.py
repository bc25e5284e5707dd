"""Asks a running server for every known address and judges each answer: one permanent hop, to a page of the same region.

What is right is not asked of the map. A page must be one that mi.com's catalogue has now; an article's page must lead to
where the catalogue has the article. Everything that stays must be answered without a redirect. Each place that was named
is asked of the same server once more, which must not lead on.
"""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres, probing
from poco_migration.adapters.probing import Answer, Question
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.redirect_map import builder, known_addresses, publication
from poco_migration.engine.redirect_map.known_addresses import Known
from poco_migration.errors import ServiceError, StageRefused
from poco_migration.model import Run
from poco_migration.redirects import heads
from poco_migration.redirects.addresses import REFUSED, Meant, Request, address
from poco_migration.redirects.versions import STAGED, Version

SQL = Path(__file__).parent / "sql"
HEADER = "x-poco-redirects"
PROBLEMS = ("unanswered", "not_one_hop", "open_redirect", "other_region", "missing_page", "wrong_page", "query_lost", "touched")
COUNTED = ("asked", "to_page", "to_front", "refused", *PROBLEMS)
KEPT = 200  # failures of one problem that are written down; all are counted
PLACE = re.compile(r"https://([a-z0-9.-]+)(/[\x21-\x7e]*)?")
BATCH = 20_000
TAKES_S = 30  # the service looks every two seconds, and reads some megabytes


@dataclass(frozen=True)
class Expected:
    """An address with what must become of it. `right`: the only right pages, where the catalogue knows them."""

    known: Known
    meant: Meant
    right: frozenset[str] = frozenset()


@dataclass
class Tally:
    """What came of the addresses so far, by region and origin, and where the first failures stand."""

    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    failures: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, expected: Expected, outcome: str) -> None:
        region = expected.meant.region or "NONE"
        self.counts[region, expected.known.origin].update(("asked", outcome))
        if outcome in PROBLEMS and len(self.failures[outcome]) < KEPT:
            self.failures[outcome].append((expected.known.stands, region))

    def totals(self) -> dict[str, int]:
        return {name: n for name, n in sum(self.counts.values(), Counter[str]()).items() if name != "asked"}


@dataclass(frozen=True)
class Judge:
    """What right is, for one version and one instant of mi.com's catalogue."""

    version: Version
    there: Mapping[str, set[str]]

    def judge(self, expected: Expected, answer: Answer) -> str:
        question, meant = expected.known.question, expected.meant
        if meant.kind != "page" or question.method not in ("GET", "HEAD"):
            right = (400,) if meant.kind == "refused" else (404, 410, 421)
            return "touched" if answer.location else "refused" if answer.status in right else "unanswered"
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

    `url` is another server's than the service's, which names no version. Raises ServiceError when nobody answers there or the
    service has another version, StageRefused when nothing is published.
    """
    version = publication.pointed(place, pointer)
    if version is None:
        raise StageRefused(
            f"redirects: nothing is published as {pointer}, so there is nothing to verify. Clear the task build, then this one."
        )
    if unread := known_addresses.unread(place, version.rules):
        raise StageRefused(
            f"redirects: {', '.join(unread)} in POCO's bucket gives no address that can be read, so what it names would not be verified. "
            "Have POCO put a readable file there (docs/runbook.md, 'The redirects'), then clear this task."
        )
    with postgres.connect(place.target_auditor, "target", name=f"verify redirects {run.id}") as target:
        judge = Judge(version, builder.catalogue(target, version.rules))
        articles = postgres.run(target, SQL / "redirect_articles.sql")
    asked = Server(url or place.redirects, pointer, "" if url else version.name, place.settings.redirects.connections)
    asked.wait_for(version)
    tally = Tally()
    waiting: list[Expected] = []
    for expected in expectations(place, judge, articles):
        waiting.append(expected)
        if len(waiting) == BATCH:
            _ask(asked, judge, waiting, tally)
            waiting = []
    _ask(asked, judge, waiting, tally)
    _store(place, run, version, tally)
    return tally.totals()


@dataclass(frozen=True)
class Server:
    """Who is asked. `version` is what its answers must name; empty for a server that names none."""

    url: str
    pointer: str
    version: str
    connections: int

    def ask(self, questions: Iterable[Question]) -> list[Answer]:
        headers = {HEADER: "staged"} if self.pointer == STAGED else {}
        found = probing.ask(self.url, [replace(question, headers=headers) for question in questions], connections=self.connections)
        # What is no request is refused before a version is asked.
        return [answer if answer.status == 400 or self.version in ("", answer.headers.get(HEADER)) else Answer(0) for answer in found]

    def wait_for(self, version: Version) -> None:
        """Until the service has taken the version, which takes it seconds. Raises ServiceError when it does not."""
        front = Question(next(iter(version.reader.sites)), b"/")
        give_up = time.monotonic() + TAKES_S
        while self.version and not self.ask([front])[0].status:
            if time.monotonic() > give_up:
                raise ServiceError(
                    f"the redirect service has not taken version {version.name} within {TAKES_S} s. Its log, and state.json in its "
                    "folder REDIRECTS_CACHE, say what it has and why; mend that, then rerun."
                )
            time.sleep(0.2)


def expectations(place: Workplace, judge: Judge, articles: Iterable[Mapping[str, Any]]) -> Iterator[Expected]:
    """Every article of the catalogue at POCO's own address, every page of the map under every host, and the three files."""
    version = judge.version
    places: dict[Meant, dict[str, set[str]]] = defaultdict(lambda: {"product": set(), "category": set()})
    found = [(row, Meant("page", row["region"], builder.map_key(f"product/{row['slug']}"))) for row in articles]
    for row, meant in found:
        # An address that two articles share leads to one of them, and each is right.
        front = version.rules.fronts[row["region"]]
        for kind, name in (("product", row["sku_key"]), ("category", row["category"])):
            places[meant][kind] |= {builder.below(front, f"{kind}/{name}")} & judge.there[row["region"]]
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
    for known in known_addresses.known_addresses(place, version.rules):
        yield Expected(known, _meant(version, known.question))


def _meant(version: Version, question: Question) -> Meant:
    if len(f"{question.method}  HTTP/1.1") + len(question.target) > heads.LINE:
        return REFUSED
    return version.reader.read(question.host, question.target.partition(b"?")[0])


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


def _ask(server: Server, judge: Judge, expected: list[Expected], tally: Tally) -> None:
    """Ask and judge; a place that itself leads on is a second hop for every address that led there."""
    answers = server.ask(one.known.question for one in expected)
    places = sorted({match[0] for answer in answers if (match := PLACE.fullmatch(answer.location.partition("?")[0]))})
    again = server.ask(map(_question, places))
    leads_on = {found for found, answer in zip(places, again, strict=True) if answer.location}
    for one, answer in zip(expected, answers, strict=True):
        outcome = judge.judge(one, answer)
        led_on = outcome in ("to_page", "to_front") and answer.location.partition("?")[0] in leads_on
        tally.add(one, "not_one_hop" if led_on else outcome)


def _question(place: str) -> Question:
    host, _, path = place.removeprefix("https://").partition("/")
    return Question(host, b"/" + path.encode())


def _store(place: Workplace, run: Run, version: Version, tally: Tally) -> None:
    rows = [(run.id, *key, version.name, *(count[name] for name in COUNTED)) for key, count in sorted(tally.counts.items())]
    failed = [(run.id, problem, *where) for problem, found in tally.failures.items() for where in found]
    shadows = [(run.id, page) for page in publication.shadowed(place)]
    with postgres.connect(place.target, "target", name=f"verify redirects {run.id}") as target, target.transaction():
        for table in ("redirect_check", "redirect_failure", "redirect_shadow"):
            target.execute(postgres.sql.SQL("delete from migration.{} where run = %s").format(postgres.sql.Identifier(table)), (run.id,))
        postgres.run_many(target, SQL / "redirect_check_store.sql", rows)
        postgres.run_many(target, SQL / "redirect_failure_store.sql", failed)
        postgres.run_many(target, SQL / "redirect_shadow_store.sql", shadows)
