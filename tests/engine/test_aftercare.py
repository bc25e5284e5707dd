"""Behind the shutdown: each thing that is tried every day is seen when it breaks, and a red gate is told to people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from certifying import certified
from psycopg.conninfo import conninfo_to_dict
from receivers import webhook
from shutting import LAST_DAY, on
from workplaces import Servers, copy_all

from poco_migration.adapters.notifying import Channel
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import aftercare, cards, closing, fence
from poco_migration.errors import GateStopped, NothingToDo, StageRefused
from poco_migration.model import Run
from poco_migration.stages import after, checks

RUN = Run("poco_after/test")


@pytest.fixture
def closed(site: Workplace) -> Iterator[Workplace]:
    """A store that is closed, without a login, and a certificate whose files can be hashed again."""
    copy_all(site, "cutover")
    fence.raise_(site, list(cards.entities()), site.settings.moving(), for_good=True)
    closing.end_logins(site, site.settings.moving())
    closing.take_ways_to_write(site)
    certified(site, "final_shutdown", Run("poco_final_shutdown/test"))
    yield on(site, LAST_DAY + timedelta(days=1))


def wrong(place: Workplace) -> set[tuple[str, str]]:
    return {(check.name, check.subject) for check in aftercare.look(place, RUN) if check.problem}


def file_changes(place: Workplace) -> None:
    key = next(key for key in place.objects.keys(place.settings.objects.evidence) if key.endswith("result.json"))
    place.objects.put(place.settings.objects.evidence, key, b"something else")


def link_breaks(place: Workplace) -> None:
    object.__setattr__(place, "objects", replace(place.objects, secret_key="another"))


def own_page_is_redirected(place: Workplace) -> None:
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute("update mi.markets set store_front = (select domain from mi.market_origins where region = 'DE') where market = 'de'")
        target.execute("insert into mi.listings (market, sku_key, brand, status) select 'de', upper(i.slug), 'POCO', 'on_sale'"
                       " from mi.brand_items i where i.market = 'de' and i.origin = 'poco' order by item_id limit 1")  # fmt: skip
        target.execute("update mi.brand_items set slug = upper(slug) where market = 'de'")


BREAKS: dict[str, Callable[[Workplace], Any]] = {
    "evidence": file_changes,
    "exports": link_breaks,
    "launch": own_page_is_redirected,
}


def test_all_of_it_works_and_leaves_nothing_behind(closed: Workplace) -> None:
    before = set(closed.objects.keys(closed.settings.objects.evidence))
    assert wrong(closed) == set()
    assert set(closed.objects.keys(closed.settings.objects.evidence)) == before
    assert {check.name for check in aftercare.look(closed, RUN)} == {"exports", "evidence", "redirects", "stays", "launch"}


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_is_seen_by_name(closed: Workplace, name: str) -> None:
    BREAKS[name](closed)
    assert name in {found for found, _ in wrong(closed)}


def test_a_store_that_was_opened_again_is_red_and_people_are_told(closed: Workplace, servers: Servers) -> None:
    with psycopg.connect(servers.source.dsn(str(conninfo_to_dict(closed.source)["dbname"])), autocommit=True) as dba:
        dba.execute("alter table poco.orders disable trigger zz_migration_fence")
    after.look(closed, RUN)
    with webhook() as hook:
        told = replace(closed, alerts=Channel("webhook", url=hook.url))
        with pytest.raises(GateStopped, match="not so for logins/ALL, open tables/DE"):
            checks.judge(told, RUN, "after", "works")
    assert "gate after/works is red" in hook.posts[0]["text"]


def test_before_the_shutdown_it_refuses_and_behind_its_end_it_is_skipped(place: Workplace) -> None:
    with pytest.raises(StageRefused, match="after needs the certificate of final_shutdown"):
        after.enter(on(place, LAST_DAY), RUN)
    with pytest.raises(NothingToDo, match="Pause this DAG"):
        after.enter(on(place, place.settings.after.until), RUN)
