"""Behind the shutdown: each thing that is tried every day is seen when it breaks, and a red gate is told to people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from faults import database_pairs
from support import shutdown_day
from support.certificates import certified
from support.mail_and_web_receivers import webhook
from support.shutdown_day import LAST_DAY, on
from support.workplaces import Servers, clone, copy_all, install

from local_stack.answering import service
from local_stack.state import free_port
from poco_migration.adapters.notifying import Channel
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import fence
from poco_migration.engine.redirect_map import publication
from poco_migration.engine.shutdown import aftercare, decommission
from poco_migration.errors import GateStopped, NothingToDo, StageRefused
from poco_migration.model import Run
from poco_migration.stages import after, archive, certification

RUN = Run("poco_after/test")


@pytest.fixture(scope="module")
def shut(servers: Servers, objects: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """A store that is closed, without a login; redirects that answer everybody; a certificate whose files can be hashed again."""
    place = clone(servers)
    own = {"evidence": "aftercare", "redirects": "aftercare-redirects", "archive": "aftercare-archive"}
    for bucket in own.values():
        objects.ensure_bucket(bucket)
    place = replace(
        place, objects=objects, settings=place.settings.model_copy(update={"objects": place.settings.objects.model_copy(update=own)})
    )
    install(place)
    copy_all(place, "cutover")
    fence.raise_(place, list(cards.entities()), place.settings.moving(), for_good=True)
    decommission.end_logins(place, place.settings.moving())
    decommission.take_ways_to_write(place)
    cache = tmp_path_factory.mktemp("aftercare")
    for part in archive.plan(place, RUN):
        archive.write(place, RUN, part)
    archive.settle(place, RUN)
    shutdown_day.answered(place, cache / "staged")
    for stage in ("redirects", "final_shutdown"):
        certified(place, stage, Run(f"poco_{stage}/test"))
    version = publication.switch_on(place, RUN)["version"]
    with service(objects, own["redirects"], cache / "current") as running:
        running.until(current=version)
        yield on(replace(place, redirects=running.url), LAST_DAY + timedelta(days=1))


def wrong(place: Workplace) -> set[tuple[str, str]]:
    return {(check.name, check.subject) for check in aftercare.probe_all(place, RUN) if check.problem}


@contextmanager
def file_changes(place: Workplace) -> Iterator[Workplace]:
    bucket = place.settings.objects.evidence
    key = next(key for key in place.objects.keys(bucket) if key.endswith("result.json"))
    body = place.objects.get(bucket, key)
    place.objects.put(bucket, key, b"something else")
    yield place
    place.objects.put(bucket, key, body)


@contextmanager
def archive_changes(place: Workplace) -> Iterator[Workplace]:
    bucket = place.settings.objects.archive
    every = place.settings.after.model_copy(update={"sample": 10_000})
    key = next(key for key in place.objects.keys(bucket) if "orders" in key and key.endswith(".parquet"))
    body = place.objects.get(bucket, key)
    place.objects.put(bucket, key, body[:-9] + bytes([body[-9] ^ 1]) + body[-8:])
    yield replace(place, settings=place.settings.model_copy(update={"after": every}))
    place.objects.put(bucket, key, body)


@contextmanager
def link_breaks(place: Workplace) -> Iterator[Workplace]:
    yield replace(place, objects=replace(place.objects, secret_key="another"))


@contextmanager
def nobody_answers(place: Workplace) -> Iterator[Workplace]:
    yield replace(place, redirects=f"http://127.0.0.1:{free_port()}")


@contextmanager
def launch_is_hidden(place: Workplace) -> Iterator[Workplace]:
    """mi.com launches an article of its own whose page POCO's map leads to another one."""
    launched = ("insert into mi.brand_items (listing_id, brand, market, sku, slug, title, model, category, status, joined_by, origin, created_at)"
                " select {listing}, i.brand, i.market, 'NEW-ONE', i.slug, 'new', i.model, i.category, 'on_sale', 'own', 'mi', i.created_at"
                " from mi.brand_items i where i.market = 'de' and i.origin = 'poco' and i.brand = 'POCO' order by i.item_id limit 1")  # fmt: skip
    with psycopg.connect(place.target, autocommit=True) as target:
        made = target.execute(
            "insert into mi.listings (market, sku_key, brand, status) values ('de', 'NEW-ONE', 'POCO', 'on_sale') returning listing_id"
        )
        row = made.fetchone()
        assert row
        target.execute(launched.replace("{listing}", str(row[0])))
        yield place
        target.execute("delete from mi.brand_items where sku = 'NEW-ONE'")
        target.execute("delete from mi.listings where sku_key = 'NEW-ONE'")


BREAKS = {
    "evidence": file_changes,
    "archive": archive_changes,
    "exports": link_breaks,
    "redirects": nobody_answers,
    "launch": launch_is_hidden,
}


def test_all_of_it_works_and_leaves_nothing_behind(shut: Workplace) -> None:
    bucket = shut.settings.objects.evidence
    before = set(shut.objects.keys(bucket))
    assert wrong(shut) == set()
    assert set(shut.objects.keys(bucket)) == before
    assert {check.name for check in aftercare.probe_all(shut, RUN)} == {"exports", "evidence", "archive", "redirects", "launch"}


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_is_seen_by_name(shut: Workplace, name: str) -> None:
    with BREAKS[name](shut) as broken:
        assert name in {found for found, _ in wrong(broken)}
    assert wrong(shut) == set()


def test_a_store_that_was_opened_again_is_red_and_people_are_told(shut: Workplace, servers: Servers) -> None:
    with psycopg.connect(servers.source.dsn(database_pairs.names(shut)[0]), autocommit=True) as dba:
        dba.execute("alter table poco.orders disable trigger zz_migration_fence")
        after.look(shut, RUN)
        dba.execute("alter table poco.orders enable always trigger zz_migration_fence")
    with webhook() as hook:
        told = replace(shut, alerts=Channel("webhook", url=hook.url))
        with pytest.raises(GateStopped, match="not so for logins/ALL, open tables/DE"):
            certification.judge(told, RUN, "after", "works")
    assert "gate after/works is red" in hook.posts[0]["text"]


def test_before_the_shutdown_it_refuses_and_behind_its_end_it_is_skipped(place: Workplace) -> None:
    with pytest.raises(StageRefused, match="after needs the certificate of final_shutdown"):
        after.enter(on(place, LAST_DAY), RUN)
    with pytest.raises(NothingToDo, match="Pause this DAG"):
        after.enter(on(place, place.settings.after.until), RUN)
