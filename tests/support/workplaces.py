"""What every test of the engine does with the two servers: fresh databases, the schemas installed, everything copied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from local_stack import approver_keys, databases, object_server
from local_stack.clusters import Cluster
from local_stack.state import free_port
from poco_migration import settings
from poco_migration.adapters import sealed_codes, signing
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier, media, schema_drift
from poco_migration.engine.follow import replication_slot
from poco_migration.engine.ledger import parts
from poco_migration.engine.prepare import schema_install
from poco_migration.model import KeyRange, Run
from poco_migration.stages import reconcile

RUN = Run("test/run")
SIGNING_KEY = signing.from_seed(bytes(range(32)))
MAILING_PRIVATE = bytes(range(1, 33))
VOUCHER_KEY = b"a key that makes voucher codes of tests"
MAIN = ("key", "secret")
KEYS = {kind: (f"{kind}-key", f"{kind}-secret") for kind in ("archive", "exports", "redirects")}
ARCHIVE_KEY = b"a key that wraps the persons' keys"
# dana has a key as well, and is no approver of migration.toml.
APPROVERS = {name: approver_keys.public(approver_keys.from_secret(f"test {name}")) for name in ("alice", "bob", "carol", "dana")}


@dataclass(frozen=True)
class Servers:
    """The two servers and the passwords of the roles on them."""

    source: Cluster
    target: Cluster
    passwords: dict[str, str]

    def workplace(self, source: str, target: str, objects: ObjectStore | None = None) -> Workplace:
        dsn = {role: self.source.dsn(source, role, self.passwords[role]) for role in databases.SOURCE_ROLES}
        dsn |= {role: self.target.dsn(target, role, self.passwords[role]) for role in databases.TARGET_ROLES}
        return Workplace(
            settings.load(), dsn["poco_migrator"], dsn["poco_owner"], dsn["poco_auditor"], dsn["mi_migrator"], dsn["mi_auditor"],
            objects or ObjectStore(None, "", ""), VOUCHER_KEY, SIGNING_KEY, mailing_key=sealed_codes.public_of(MAILING_PRIVATE),
            source_witness=dsn["poco_witness"], source_archivist=dsn["poco_archivist"], archive_key=ARCHIVE_KEY,
            approvers=APPROVERS,
            source_follower=dsn["poco_follower"], ledger=dsn["mi_ledger"],
        )  # fmt: skip


_numbers = count(1)


def as_role(dsn: str, role: str) -> str:
    """The same database, signed in to as another role of it."""
    return make_conninfo(**{**conninfo_to_dict(dsn), "user": role, "password": f"test-{role}"})


def clone(servers: Servers, source: str = "poco_template", target: str = "mi_template") -> Workplace:
    """A workplace on fresh copies of these databases."""
    number = next(_numbers)
    for server, database in ((servers.source, source), (servers.target, target)):
        _let_go(server, database)
    servers.source.ensure_database(f"poco_{number}", "poco_owner", source)
    servers.target.ensure_database(f"mi_{number}", "mi_owner", target)
    databases.limit_temporary(servers.source, "source", f"poco_{number}")
    databases.grant_database(servers.target, f"mi_{number}")
    return servers.workplace(f"poco_{number}", f"mi_{number}")


def _let_go(server: Cluster, database: str) -> None:
    """End the sessions that a failed test has left: PostgreSQL copies no database in which somebody is, and every later test would fail."""
    with psycopg.connect(server.dsn(), autocommit=True) as superuser:
        superuser.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", (database,))


_prepared: dict[tuple[object, ...], tuple[str, str]] = {}


def prepared(servers: Servers, *milestones: str, part_rows: int = 100_000) -> Workplace:
    """A workplace on fresh databases with the schemas installed, and everything of these milestones copied; nothing without one.

    Made once for each process, and copied as files for each test: a fifth of a second instead of the seconds of a migration.
    """
    names = _template(servers, milestones, part_rows)
    return clone(servers, *names)


def _template(servers: Servers, milestones: tuple[str, ...], part_rows: int) -> tuple[str, str]:
    known = (id(servers), milestones, part_rows if milestones else 0)
    if known not in _prepared:
        place = clone(servers, *(_template(servers, (), 0) if milestones else ()))
        if milestones:
            copy_all(place, *milestones, part_rows=part_rows)
        else:
            install(place)
        source, target = (str(conninfo_to_dict(dsn)["dbname"]) for dsn in (place.source, place.target))
        _prepared[known] = source, target
    return _prepared[known]


def clone_of(servers: Servers, place: Workplace, objects: ObjectStore | None = None) -> Workplace:
    """Fresh copies of the databases of another workplace, to which nobody may be connected."""
    source, target = (str(conninfo_to_dict(dsn)["dbname"]) for dsn in (place.source, place.target))
    fresh = clone(servers, source, target)
    return replace(fresh, objects=objects) if objects else fresh


def buckets_of_its_own(place: Workplace, name: str, **change: int) -> Workplace:
    """The same workplace with buckets that nobody else writes to."""
    kept = {"evidence": f"evidence-{name}", "media_source": f"poco-{name}", "media_target": f"mi-{name}"}
    for bucket in kept.values():
        place.objects.ensure_bucket(bucket)
    buckets = place.settings.objects.model_copy(update=kept | change)
    return replace(place, settings=place.settings.model_copy(update={"objects": buckets}))


def rehearsed(known: settings.Settings, shift: timedelta) -> settings.Settings:
    """The same settings of a rehearsal, with the whole calendar moved."""
    return known.model_copy(update={"calendar": known.calendar.model_copy(update={"movable": True})}).shifted(shift)


def on_the_day(place: Workplace, day: datetime) -> Workplace:
    """The same workplace with a calendar on which it is this day: the whole of it is moved, as a rehearsal does."""
    return replace(place, settings=rehearsed(place.settings, datetime.now(UTC) - day))


@contextmanager
def s3_server(folder: Path) -> Iterator[ObjectStore]:
    """A real S3 server that checks signatures; a bucket is a folder of this one, an object a file."""
    port = free_port()
    with object_server.served(object_server.whole(folder, port, [MAIN, *KEYS.values()]), folder.parent / "rclone.log"):
        yield ObjectStore(f"http://127.0.0.1:{port}", *MAIN)


def with_keys(place: Workplace) -> Workplace:
    """The same workplace with a key of its own for each kind of bucket, as its configuration names them."""
    buckets = {
        "archive": place.settings.objects.archive,
        "exports": place.settings.personal_data.exports,
        "redirects": place.settings.objects.redirects,
    }
    apart = tuple((bucket, ObjectStore(place.objects.endpoint, *KEYS[kind])) for kind, bucket in buckets.items())
    return replace(place, objects=replace(place.objects, apart=apart))


def install(place: Workplace) -> None:
    schema_install.control_schema(place)
    schema_install.export_schema(place)
    schema_drift.pin(place)


def somebody_follows(place: Workplace) -> None:
    """As if poco_follow were at work for as long as a test takes: the switch asks for it."""
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute("update migration.stream set followed_at = now() + interval '1 day' where slot = %s", (place.settings.follow.slot,))


@contextmanager
def followed(place: Workplace) -> Iterator[Workplace]:
    """The same workplace with a slot of its own, which goes at the end: a server has room for a few."""
    slot = f"test_{next(_numbers)}"
    follow = place.settings.follow.model_copy(update={"slot": slot, "idle_s": 0.05})
    place = replace(place, settings=place.settings.model_copy(update={"follow": follow}))
    replication_slot.create_publication(place)
    replication_slot.create(place)
    somebody_follows(place)
    try:
        yield place
    finally:
        with psycopg.connect(place.source_follower, autocommit=True) as source:
            source.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %s", (slot,))


def compare_all(place: Workplace, *milestones: str) -> None:
    """Every row of what was copied, as poco_reconcile does it; nothing differs."""
    for part in reconcile.parts_to_compare(place, RUN, *(milestones or ("cutover",))):
        reconcile.compare_part(place, RUN, part)
    assert not any(reconcile.verify(place, RUN).values())


def copy_again(place: Workplace, *names: str) -> None:
    """These entities once more, whole."""
    with connection_pair.connect(place, RUN) as opened:
        for name in names:
            copier.copy(opened, cards.entities()[name], KeyRange(None, None), RUN)


def copy_objects(place: Workplace) -> None:
    """Every photo and attachment that a migrated row names."""
    for part in media.plan_objects(place, RUN):
        media.copy_objects(place, RUN, part)


def copy_all(place: Workplace, *milestones: str, part_rows: int = 100_000) -> None:
    """Everything that moves at these milestones (all of them by default), parents first."""
    with connection_pair.connect(place, RUN) as opened:
        for entity in cards.moving_at(*(milestones or ("cutover", "history", "reissue"))):
            for part in parts.plan(opened.source, opened.target, entity, part_rows):
                copier.copy(opened, entity, part, RUN)
