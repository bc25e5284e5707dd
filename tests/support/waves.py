"""A pair of databases of which the first wave, DE and FR, is handed over, while the other regions are POCO's and followed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
from faults import database_pairs
from support.certificates import signed
from support.workplaces import RUN, Servers, clone, compare_all, copy_all, install

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.follow import follower, replication_slot
from poco_migration.model import Run
from poco_migration.stages import cutover, reconcile, rollback

WAVE = Run("poco_cutover/first wave", asked={"regions": ["DE", "FR"]})
NIGHT = Run("poco_reconcile/night")


@contextmanager
def first_wave(servers: Servers) -> Iterator[Workplace]:
    """DE and FR are handed over; the other regions are POCO's, followed by a slot."""
    template = clone(servers)
    install(template)
    replication_slot.create_publication(template)
    copy_all(template, "cutover")
    compare_all(template)
    rollback.rehearse(template, RUN)
    with database_pairs.following_pair(template, servers, "waves") as place:
        with psycopg.connect(place.source_owner, autocommit=True) as store:
            store.execute(SHARED_PERSON)
        follow(place)
        cutover.switch(place, WAVE, signed(place, "cutover", WAVE))
        yield place


# One person with a customer in a region of the wave and one in a region that stays POCO's for now: one account for both.
SHARED_PERSON = """
    insert into poco.customers (id, region, email, email_verified_at, full_name, birth_date, status, created_at)
    values (77000001, 'DE', 'shared.person@example.org', now(), 'Shared Person', '1980-01-01', 1, now()),
           (77000002, 'ES', 'shared.person@example.org', now(), 'Shared Person', '1980-01-01', 1, now())"""


def follow(place: Workplace, seconds: float = 60) -> follower.Lag:
    give_up = time.monotonic() + seconds
    return follower.follow(place, RUN, lambda _, left: not left.keys or time.monotonic() > give_up)


def nightly(place: Workplace, *entities: str) -> dict[str, int]:
    """What poco_reconcile does at night with these entities; returns what is open at its end."""
    run = replace(NIGHT, id=f"{NIGHT.id} {time.monotonic_ns()}")
    short = place.settings.reconcile.model_copy(update={"catch_up_s": 5, "rounds": 1})
    place = replace(place, settings=place.settings.model_copy(update={"reconcile": short}))
    for part in reconcile.parts_to_compare(place, run, "cutover"):
        if part["entity"] in entities:
            reconcile.compare_part(place, run, part)
    reconcile.repair(place, run)
    return reconcile.verify(place, run)


NOTHING = {"different": 0, "undecided": 0, "foreign": 0}
