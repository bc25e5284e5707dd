"""Two real servers with durable commits and a store of the asked scale, for as long as a benchmark lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg

from legacy_store import generator
from mi_platform import seed
from poco_migration import settings
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, copying, drift, installing, parts, slots
from poco_migration.engine import link as links
from poco_migration.local import databases
from poco_migration.local.clusters import HERE, Cluster, serving
from poco_migration.local.state import free_port
from poco_migration.model import Run

RUN = Run("bench")
PASSWORD = "bench"  # of servers that listen on this machine only, and are gone with the run


@dataclass(frozen=True)
class Bench:
    """The two servers and the workplace between them; everything of the cutover is copied and followed."""

    source: Cluster
    target: Cluster
    place: Workplace


@contextmanager
def running(folder: Path, scale: float) -> Iterator[Bench]:
    """Start, fill, copy and begin to follow; stop at the end."""
    source = Cluster("source", HERE, free_port(), PASSWORD, folder / "source", databases.SOURCE_SETTINGS)
    target = Cluster("target", HERE, free_port(), PASSWORD, folder / "target", (("max_logical_replication_workers", "8"),))
    with serving(source, target):
        yield Bench(source, target, _filled(source, target, scale))


def _filled(source: Cluster, target: Cluster, scale: float) -> Workplace:
    passwords = dict.fromkeys((*databases.SOURCE_ROLES, *databases.TARGET_ROLES), PASSWORD)
    databases.create_source(source, passwords)
    generator.generate(source.dsn("poco", "poco_owner", PASSWORD), scale=scale)
    databases.create_target(target, passwords)
    seed.create(target.dsn("mi", "mi_owner", PASSWORD), scale=scale)
    databases.grant_target(target, passwords)
    follow = settings.load().follow.model_copy(update={"idle_s": 0.05})
    poco, mi = partial(source.dsn, "poco", password=PASSWORD), partial(target.dsn, "mi", password=PASSWORD)
    place = Workplace(
        settings.load().model_copy(update={"follow": follow}),
        poco("poco_migrator"), poco("poco_owner"), poco("poco_auditor"), mi("mi_migrator"), mi("mi_auditor"),
        ObjectStore(None, "", ""), b"bench",
    )  # fmt: skip
    installing.control_schema(place)
    installing.export_schema(place)
    drift.pin(place)
    slots.announce(place)
    slots.create(place)
    with links.opened(place, RUN) as link:
        for entity in cards.of("cutover"):
            for part in parts.plan(link.source, link.target, entity, place.settings.copying.part_rows):
                copying.copy(link, entity, part, RUN)
    for cluster, database in ((source, "poco"), (target, "mi")):
        with psycopg.connect(cluster.dsn(database), autocommit=True) as connection:
            connection.execute("vacuum analyze")
            connection.execute("checkpoint")
    return place
