"""The archive: the same rows are the same bytes, nothing secret and nothing of India is in it, and a person's data opens with their key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import psycopg
import pytest
from workplaces import RUN, Servers

from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import archiving, cards

_numbers = count(1)


@pytest.fixture
def vault(site: Workplace, servers: Servers, objects: ObjectStore) -> Workplace:
    """A fresh workplace with a bucket of its own for the archive, and an empty database to restore it into."""
    number = next(_numbers)
    bucket, database = f"archive-{number}", f"drill_{number}"
    objects.ensure_bucket(bucket)
    servers.target.ensure_database(database, "mi_restorer")
    kept = site.settings.objects.model_copy(update={"archive": bucket})
    return replace(
        site,
        settings=site.settings.model_copy(update={"objects": kept}),
        restore=servers.target.dsn(database, "mi_restorer", servers.passwords["mi_restorer"]),
    )


def archive(place: Workplace) -> str:
    with archiving.opened(place, RUN) as desk:
        for entity in cards.entities().values():
            print(entity.name, archiving.table(desk, entity))
        return archiving.settle(desk, cards.entities())


def test_smoke(vault: Workplace) -> None:
    import time
    b=time.time()
    print(archive(vault))
    print(time.time()-b)
    b=time.time()
    print(archive(vault))
    print(time.time()-b)
    print(vault.objects.get(vault.settings.objects.archive, archive(vault))[:3000])
