"""Fills a rehearsal's databases and buckets: POCO's store with its traps and photos, and mi.com's side, once."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg

from legacy_store import generator, media, site
from local_stack import databases
from local_stack.deployment import Deployment
from mi_platform import seed
from poco_migration import settings
from poco_migration.adapters.objects import ObjectStore


def fill(place: Deployment, scale: float, say: Callable[[str], None] = print) -> None:
    """Generate both sides unless they are there already. A store of another scale must be thrown away first."""
    source = place.source.dsn("poco", "poco_owner", place.passwords["poco_owner"])
    target = place.target.dsn("mi", "mi_owner", place.passwords["mi_owner"])
    objects = place.objects()
    configured = settings.load()
    named = configured.objects
    buckets = (
        named.media_source,
        named.media_target,
        named.evidence,
        named.notices,
        named.redirects,
        named.archive,
        configured.personal_data.exports,
    )
    for bucket in buckets:
        objects.ensure_bucket(bucket)
    if _needed(source, "poco", scale):
        began = time.monotonic()
        rows = generator.generate(source, scale=scale)
        databases.grant_source(place.source, place.passwords)
        _photos(source, objects)
        put_site(objects)
        _finished(source, "poco", scale)
        say(f"  POCO store: {sum(rows.values()):,} rows in {len(rows)} tables, {time.monotonic() - began:.0f} s")
    if _needed(target, "mi", scale):
        seed.create(target, scale=scale)
        databases.grant_target(place.target, place.passwords)
        _finished(target, "mi", scale)
        say("  mi.com: accounts, listings and orders of its own")


def _photos(source: str, objects: ObjectStore) -> None:
    with psycopg.connect(source) as connection:
        keys = list(generator.media_keys(connection))
    bucket = settings.load().objects.media_source
    for key in keys:
        objects.put(bucket, key, media.body(key))


def put_site(objects: ObjectStore, seed: int = 2024, lines: int = 2_000) -> None:
    """What POCO hands over of its site: the sitemap, a sample of the access log, the app's links."""
    bucket, names = settings.load().objects.media_source, settings.load().redirects
    for key, body in ((names.sitemap, site.sitemap().encode()), (names.app_links, site.app_links().encode())):
        objects.put(bucket, key, body)
    objects.put(bucket, names.access_log, site.access_log(seed, lines))


def _needed(dsn: str, schema: str, scale: float) -> bool:
    """Whether the schema must be made; what an interrupted try left behind is dropped first.

    Raises RuntimeError when it is there in another scale: a store that is being migrated is never thrown away here.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute("select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = %s", (schema,)).fetchone()
        if found is None:
            return True
        if found[0] is None:
            connection.execute(f"drop schema {schema} cascade")
            return True
        if found[0] != _mark(scale):
            raise RuntimeError(f"schema {schema} holds a store of {found[0]}, not of {_mark(scale)}: throw it away first")
        return False


def _finished(dsn: str, schema: str, scale: float) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"comment on schema {schema} is '{_mark(scale)}'")


def _mark(scale: float) -> str:
    return f"scale {scale:g}"
