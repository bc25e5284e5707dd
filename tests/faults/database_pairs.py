"""Pairs of databases to break: cloned from a template, followed by a slot, thrown away afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from support.workplaces import Servers, clone, somebody_follows

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.follow import replication_slot


def names(place: Workplace) -> tuple[str, str]:
    """The pair's databases: the store's and mi.com's."""
    return str(conninfo_to_dict(place.source)["dbname"]), str(conninfo_to_dict(place.target)["dbname"])


def as_customer(dsn: str, side: str) -> str:
    """The same database as the store's own program is signed in to it, or mi.com's."""
    role = "poco_app" if side == "source" else "mi_app"
    return make_conninfo(**{**conninfo_to_dict(dsn), "user": role, "password": f"test-{role}"})


@contextmanager
def following_pair(template: Workplace, servers: Servers, slot: str) -> Iterator[Workplace]:
    """A copy of the template's pair with a slot of its own."""
    source, target = names(template)
    place = clone(servers, source=source, target=target)
    for server in (servers.source, servers.target):
        # PostgreSQL 18 takes a sequence's place in a copied database for logged although it was logged for the template's: after a
        # crash the copy would give the same numbers again. Behind a checkpoint it logs the next one.
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("checkpoint")
    follow = place.settings.follow.model_copy(update={"slot": slot, "idle_s": 0.05})
    place = replace(place, settings=place.settings.model_copy(update={"follow": follow}))
    replication_slot.create(place)
    somebody_follows(place)
    try:
        yield place
    finally:
        throw_away(place, servers)


def released(place: Workplace, servers: Servers, seconds: float = 30) -> None:
    """Wait until nobody is connected to the pair: a server notices a killed client when it next speaks to it."""
    give_up = time.monotonic() + seconds
    for server, name in zip((servers.source, servers.target), names(place), strict=True):
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            while connection.execute("select 1 from pg_stat_activity where datname = %s", (name,)).fetchone():
                if time.monotonic() > give_up:
                    connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
                time.sleep(0.02)


def throw_away(place: Workplace, servers: Servers) -> None:
    """Drop the slot and both databases."""
    for server, name in zip((servers.source, servers.target), names(place), strict=True):
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
            while connection.execute("select 1 from pg_replication_slots where database = %s and active", (name,)).fetchone():
                time.sleep(0.02)
            connection.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = %s", (name,))
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
