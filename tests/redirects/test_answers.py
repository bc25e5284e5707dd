"""The service and nginx, asked for real: one hop to a page of the same region that mi.com has, and nothing else ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from faults import report
from support.workplaces import RUN

from legacy_store import site as poco_site
from local_stack import stores
from local_stack.answering import Service, nginx, service
from poco_migration.adapters import probing
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.probing import Answer, Question
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.redirect_map import builder, publication
from poco_migration.engine.redirect_map.builder import Built

SERVICE, NGINX = "the service", "nginx"


@pytest.fixture(scope="session")
def shop(migrated: Workplace, objects: ObjectStore) -> Workplace:
    """Everything copied, POCO's files of its site in the bucket, and a bucket of its own for redirects."""
    objects.ensure_bucket("redirects-answers")
    stores.put_site(objects)
    kept = migrated.settings.objects.model_copy(update={"redirects": "redirects-answers"})
    return replace(migrated, objects=objects, settings=migrated.settings.model_copy(update={"objects": kept}))


@pytest.fixture(scope="session")
def built(shop: Workplace) -> Built:
    made = builder.build(shop)
    publication.publish_map(shop, RUN, made)
    return made


@pytest.fixture(scope="session")
def running(shop: Workplace, built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with service(shop.objects, shop.settings.objects.redirects, tmp_path_factory.mktemp("redirects") / "cache") as started:
        started.until(staged=built.version.name)
        yield started


@pytest.fixture(scope="session")
def served_by_nginx(built: Built) -> Iterator[str]:
    with nginx(built.files) as url:
        yield url


@pytest.fixture
def url(request: pytest.FixtureRequest, running: Service, served_by_nginx: str) -> str:
    return running.url if request.param == SERVICE else served_by_nginx


both = pytest.mark.parametrize("url", [SERVICE, NGINX], indirect=True)


def ask(url: str, *questions: Question) -> list[Answer]:
    return probing.ask(url, [replace(question, headers={"x-poco-redirects": "staged"}) for question in questions], connections=8)


def pages_of_mi(shop: Workplace) -> dict[str, set[str]]:
    """What mi.com has, asked without the migration's own statements; fixed pages as rules.toml promises them."""
    query = """select upper(m.market), 'https://' || m.store_front, array_agg(distinct 'https://' || m.store_front || '/product/' || l.sku_key),
                      array_agg(distinct 'https://' || m.store_front || '/category/' || i.category)
                 from mi.markets m join mi.listings l on l.market = m.market and l.status in ('on_sale', 'discontinued')
                 join mi.brand_items i on i.listing_id = l.listing_id group by 1, 2"""
    fixed = ("support", "support/warranty", "user", "user/orders", "user/coupons", "user/points", "cart", "about")
    with psycopg.connect(shop.target) as target:
        return {
            region: {front, *products, *categories, *(f"{front}/{page}" for page in fixed)}
            for region, front, products, categories in target.execute(query).fetchall()
        }


def judged(shop: Workplace, url: str, count: int) -> Counter[str]:
    """What became of so many addresses, each with the region that the store's generator gave it."""
    visits = list(poco_site.visits(7, count))
    answers = ask(url, *(Question(visit.host, visit.target.encode(), visit.method) for visit in visits))
    there, fronts = pages_of_mi(shop), {region: next(iter(sorted(pages, key=len))) for region, pages in pages_of_mi(shop).items()}
    found: Counter[str] = Counter()
    for visit, answer in zip(visits, answers, strict=True):
        place, _, query = answer.location.partition("?")
        if visit.region is None:
            found["refused" if not answer.location and answer.status in (400, 404, 410, 421) else "TOUCHED"] += 1
        elif answer.status != 301:
            found[f"STATUS {answer.status}"] += 1
        elif place not in there[visit.region]:
            found[f"WRONG PLACE {visit} {place}"] += 1
        elif query != visit.target.partition("?")[2]:
            found["QUERY LOST"] += 1
        elif visit.page not in ("", "?") and place == fronts[visit.region]:
            found["LED TO THE FRONT"] += 1
        else:
            found["own page" if visit.page not in ("", "?") else "front"] += 1
    return found


@both
def test_five_thousand_addresses_lead_where_they_must(shop: Workplace, url: str) -> None:
    found = judged(shop, url, 5_000)
    assert sum(found.values()) == 5_000 and found.keys() == {"own page", "front", "refused"}, found
    assert found["own page"] > 2_500 and found["refused"] > 300, found


@pytest.mark.faults
@both
def test_a_hundred_thousand_addresses_lead_where_they_must(shop: Workplace, url: str, served_by_nginx: str) -> None:
    found = judged(shop, url, 100_000)
    named = NGINX if url == served_by_nginx else SERVICE
    report.say(f"100,000 addresses asked of {named}: " + ", ".join(f"{count:,} {what}" for what, count in sorted(found.items())))
    assert found.keys() == {"own page", "front", "refused"}, found


@both
def test_both_forms_answer_alike(url: str, running: Service, served_by_nginx: str) -> None:
    visits = [Question(v.host, v.target.encode(), v.method) for v in poco_site.visits(11, 3_000)]
    here, there = ask(running.url, *visits), ask(served_by_nginx, *visits)
    different = [(q, a.status, a.location, b.status, b.location) for q, a, b in zip(visits, here, there, strict=True)
                 if (a.status, a.location) != (b.status, b.location)]  # fmt: skip
    assert different == []
