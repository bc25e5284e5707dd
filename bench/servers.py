"""Two real servers with durable commits and a store of the asked scale, for as long as a benchmark lasts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg

from legacy_store import generator
from local_stack import approver_keys, databases, object_server
from local_stack.clusters import HERE, Cluster, serving
from local_stack.state import free_port
from mi_platform import seed
from poco_migration import settings
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier, schema_drift
from poco_migration.engine.follow import replication_slot
from poco_migration.engine.ledger import parts
from poco_migration.engine.prepare import schema_install
from poco_migration.model import Run
from poco_migration.stages import reconcile, rollback

APPROVERS = ("alice", "bob")
RUN = Run("bench")
PASSWORD = "bench"  # of servers that listen on this machine only, and are gone with the run


# A quarter of the machine's memory, here of two servers (postgresql.org/docs/18/runtime-config-resource.html).
MEMORY = ("shared_buffers", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 8 >> 20}MB")


@dataclass(frozen=True)
class Bench:
    """The two servers and the workplace between them; everything of the cutover is copied and followed."""

    source: Cluster
    target: Cluster
    place: Workplace


@contextmanager
def running(folder: Path, scale: float) -> Iterator[Bench]:
    """Start, fill, copy and begin to follow; stop at the end."""
    with servers(folder) as (source, target):
        yield Bench(source, target, filled(source, target, scale))


def _compared(place: Workplace) -> None:
    """Every row of every part compared as poco_reconcile does it, none different; and the way back rehearsed."""
    for part in reconcile.parts_to_compare(place, RUN, "cutover"):
        reconcile.compare_part(place, RUN, part)
    assert not any(reconcile.verify(place, RUN).values())
    rollback.rehearse(place, RUN)


@contextmanager
def object_store(folder: Path) -> Iterator[ObjectStore]:
    """An S3 server on this machine."""
    (folder / "s3").mkdir()
    with object_server.on_a_free_port(folder / "s3", "bench", "bench") as store:
        yield store


@contextmanager
def servers(folder: Path) -> Iterator[tuple[Cluster, Cluster]]:
    """POCO's server and mi.com's, empty, with the memory that PostgreSQL's manual advises."""
    source = Cluster("source", HERE, free_port(), PASSWORD, folder / "source", (*databases.SOURCE_SETTINGS, MEMORY))
    target = Cluster("target", HERE, free_port(), PASSWORD, folder / "target", (("max_logical_replication_workers", "8"), MEMORY))
    with serving(source, target):
        yield source, target


def filled(source: Cluster, target: Cluster, scale: float, name: str = "") -> Workplace:
    """A pair of databases of this scale, copied and followed; `name` tells it from another one on the same servers."""
    passwords = dict.fromkeys((*databases.SOURCE_ROLES, *databases.TARGET_ROLES), PASSWORD)
    store, platform = f"poco{name}", f"mi{name}"
    databases.create_source(source, passwords, store)
    generator.generate(source.dsn(store, "poco_owner", PASSWORD), scale=scale)
    databases.create_target(target, passwords, platform)
    seed.create(target.dsn(platform, "mi_owner", PASSWORD), scale=scale)
    databases.grant_target(target, passwords, platform)
    follow = settings.load().follow.model_copy(update={"idle_s": 0.05, "slot": f"bench{name}"})
    poco, mi = partial(source.dsn, store, password=PASSWORD), partial(target.dsn, platform, password=PASSWORD)
    place = Workplace(
        settings.load().model_copy(update={"follow": follow}),
        poco("poco_migrator"), poco("poco_owner"), poco("poco_auditor"), mi("mi_migrator"), mi("mi_auditor"),
        ObjectStore(None, "", ""), bytes(range(32)),
        approvers={name: approver_keys.public(approver_keys.from_secret(f"bench {name}")) for name in APPROVERS},
        source_follower=poco("poco_follower"), ledger=mi("mi_ledger"),
    )  # fmt: skip
    schema_install.control_schema(place)
    schema_install.export_schema(place)
    schema_drift.pin(place)
    replication_slot.create_publication(place)
    replication_slot.create(place)
    with connection_pair.connect(place, RUN) as link:
        for entity in cards.moving_at("cutover"):
            for part in parts.plan(link.source, link.target, entity, place.settings.copying.part_rows):
                copier.copy(link, entity, part, RUN)
    _compared(place)
    for cluster, database in ((source, store), (target, platform)):
        with psycopg.connect(cluster.dsn(database), autocommit=True) as connection:
            connection.execute("vacuum analyze")
            connection.execute("checkpoint")
    return place
