"""The archive: the same rows are the same bytes, nothing secret and nothing of India is in it, and a person's data opens with their key."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import boto3
import psycopg
import pyarrow.parquet as pq
import pytest
from moto.server import ThreadedMotoServer
from support.archives import archived, objects_of, vault
from support.workplaces import RUN, Servers, prepared

from poco_migration.adapters import parquet
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.archive import archive_manifest, person_keys, writer
from poco_migration.engine.ledger import tombstones
from poco_migration.engine.privacy import archived_data
from poco_migration.errors import ConfigurationError, DataRefused
from poco_migration.model import SEALED, Entity, Run

AGAIN = Run("test/again")


@pytest.fixture(scope="module")
def once(servers: Servers, objects: ObjectStore) -> Workplace:
    """Everything archived once, in small row groups. Tests only read it."""
    place = prepared(servers)
    place = vault(place, servers, objects, 50)
    archived(place)
    return place


@pytest.fixture
def fresh(site: Workplace, servers: Servers, objects: ObjectStore) -> Workplace:
    return vault(site, servers, objects)


@pytest.mark.parametrize("entity", list(cards.entities().values()), ids=lambda entity: entity.name)
def test_a_view_of_the_archive_shows_every_column_but_the_secret_ones(migrated: Workplace, entity: Entity) -> None:
    query = "select column_name from information_schema.columns where table_schema = 'poco_archive' and table_name = %s order by ordinal_position"
    with psycopg.connect(migrated.source_archivist) as source:
        shown = [row[0] for row in source.execute(query, (entity.name,))]
    assert shown == ["person", *(name for name, kind in entity.columns.items() if kind != "secret")]


def test_the_archivist_reads_the_views_and_nothing_else(migrated: Workplace) -> None:
    query = """select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'v') and n.nspname in ('poco', 'poco_export', 'poco_archive')
                  and has_any_column_privilege(c.oid, 'select, insert, update, references') and has_schema_privilege(n.oid, 'usage')"""
    with psycopg.connect(migrated.source_archivist) as source:
        assert set(source.execute(query).fetchall()) == {("poco_archive", name) for name in cards.entities()}
        regions = [row[0] for name in cards.entities() for row in source.execute(f"select distinct region from poco_archive.{name}")]
    assert set(regions) == set(migrated.settings.moving())


def test_every_table_has_a_retention_and_one_without_is_named(migrated: Workplace) -> None:
    for name in cards.entities():
        assert archive_manifest.retention_class(migrated.settings, name, "DE")[1] >= 3
    assert archive_manifest.retention_class(migrated.settings, "orders", "UK") == ("books", 6)
    assert archive_manifest.kept_until(migrated.settings, "orders", "DE").isoformat() == "2034-12-16T00:00:00+00:00"
    with pytest.raises(ConfigurationError, match="no class for the table moons"):
        archive_manifest.retention_class(migrated.settings, "moons", "DE")


def test_two_archives_are_the_same_bytes_and_a_rerun_writes_nothing(fresh: Workplace, servers: Servers, objects: ObjectStore) -> None:
    other, tables = vault(fresh, servers, objects), ("customers", "orders", "shipment_events", "coupons", "stores")
    archived(fresh, RUN, *tables)
    archived(other, AGAIN, *tables)
    first, second = objects_of(fresh), objects_of(other)
    assert len(first) == 35 and first == second
    with psycopg.connect(fresh.target, autocommit=True) as target:
        written = "select run, count(*) filter (where written) from migration.archive_file group by run order by run"
        assert target.execute(written).fetchall() == [(AGAIN.id, 35), (RUN.id, 35)]
        archived(other, AGAIN, *tables)
        assert target.execute(written).fetchall() == [(AGAIN.id, 0), (RUN.id, 35)]


def test_a_file_that_is_gone_or_changed_is_written_again_with_the_bytes_it_had(fresh: Workplace, objects: ObjectStore) -> None:
    with writer.open_session(fresh, AGAIN) as desk:
        writer.archive_table(desk, cards.entities()["returns"])
        before = objects_of(fresh)
        gone, changed = list(before)[:2]
        objects.client().delete_object(Bucket=fresh.settings.objects.archive, Key=gone)
        objects.put(fresh.settings.objects.archive, changed, before[changed][:-1] + b"!")
        again = {file["region"]: file["written"] for file in writer.archive_table(desk, cards.entities()["returns"])}
    assert objects_of(fresh) == before
    assert {region for region, written in again.items() if written} == {gone.split("/")[2], changed.split("/")[2]}


def test_the_manifest_names_files_hashes_types_classes_and_retention(once: Workplace) -> None:
    bucket = once.settings.objects.archive
    (body,) = objects_of(once, "manifests/").values()
    told = json.loads(body)
    assert {(file["entity"], file["region"]) for file in told["files"]} == {
        (n, r) for n in cards.entities() for r in once.settings.moving()
    }
    for file in told["files"]:
        found = once.objects.get(bucket, file["key"])
        assert (hashlib.sha256(found).hexdigest(), len(found)) == (file["sha256"], file["bytes"])
        assert pq.ParquetFile(io.BytesIO(found)).metadata.num_rows == file["rows"]
    classes = {column["name"]: (column["class"], column["type"]) for column in told["tables"]["coupons"]}
    assert classes["code"] == ("secret", "not archived") and classes["percent"] == ("plain", "numeric(5,2)")
    assert told["object_lock"] == "the bucket has none" and {file["lock"] for file in told["files"]} == {"none"}
    assert {file["retention"] for file in told["files"] if file["entity"] == "orders"} == {"books"}
    assert told["position"].count("/") == 1 and [key["persons"] > 100 for key in told["keys"]] == [True]


def personal_texts(place: Workplace) -> set[bytes]:
    """Values of people, long enough not to be met by chance."""
    with psycopg.connect(place.source_owner) as source:
        found = source.execute(
            """select email from poco.customers union select phone from poco.customers union select full_name from poco.customers
               union select guest_email from poco.orders union select body from poco.reviews
               union select tracking_number from poco.shipments union select imei from poco.warranty_claims"""
        )
        return {row[0].encode() for row in found if row[0] and len(row[0]) > 9}


def test_no_value_of_a_person_no_secret_and_nothing_of_india_can_be_read(once: Workplace) -> None:
    with psycopg.connect(once.source_owner) as source:
        secrets = {row[0].encode() for row in source.execute("select code from poco.coupons union select token from poco.app_tokens"
                   " union select card_token from poco.payments union select password_hash from poco.customers") if row[0]}  # fmt: skip
    read = b""
    for body in objects_of(once).values():
        table = pq.read_table(io.BytesIO(body))
        assert "IN" not in table["region"].to_pylist()
        read += repr(table.drop_columns([SEALED]).to_pylist()).encode()
    people = personal_texts(once)
    assert len(people) > 500 and len(secrets) > 500
    assert not [value for value in people | secrets if value in read]
    assert b"CANARY" not in read and b"ERASED-LEFTOVER" not in read


def test_one_persons_data_is_found_in_few_row_groups_and_complete(once: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(once.source_owner) as source:
        query = """select c.id, c.email, c.full_name, (select count(*) from poco.order_items i join poco.orders o on o.id = i.order_id where o.customer_id = c.id)
                     from poco.customers c where c.region = 'DE' and c.status = 1 and c.email is not null
                    order by (select count(*) from poco.orders o where o.customer_id = c.id) desc, c.id limit 1"""
        person, email, name, items = source.execute(query).fetchone() or ()
    read: Counter[int] = Counter()
    original = pq.ParquetFile.read_row_group
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", lambda file, n: read.update([file.metadata.num_rows]) or original(file, n))
    found = archived_data.of_person(once, person)
    # Of a file of many row groups, one or two are read: its rows are in the order of the persons.
    assert max(read) > 700 and max(groups for rows, groups in read.items() if rows > 300) <= 2
    assert [(row["email"], row["full_name"]) for row in found["customers"]] == [(email, name)]
    assert len(found["order_items"]) == items > 0
    assert found.keys() >= {"customers", "addresses", "orders", "order_items", "payments", "shipments", "shipment_events"}
    assert "password_hash" not in found["customers"][0]


def test_a_guest_is_a_person_of_their_own(once: Workplace) -> None:
    with psycopg.connect(once.source_owner) as source:
        query = "select id, guest_email from poco.orders where customer_id is null and region = 'FR' and guest_email is not null limit 1"
        order, email = source.execute(query).fetchone() or ()
    found = archived_data.of_person(once, person_keys.guest(order))
    assert [row["guest_email"] for row in found["orders"]] == [email]
    assert "customers" not in found and {row["order_id"] for row in found["payments"]} == {order}


def test_who_was_erased_before_gets_no_key_and_stands_in_no_file(fresh: Workplace) -> None:
    with psycopg.connect(fresh.source_owner) as source, psycopg.connect(fresh.target, autocommit=True) as target:
        person = (
            source.execute("select id from poco.customers where region = 'DE' and email is not null and status = 1 limit 1").fetchone()
            or ()
        )[0]
        target.execute("insert into migration.tombstone (subject) values (%s)", (tombstones.subject(fresh, person),))
        archived(fresh, RUN, "customers")
        assert not person_keys.read(fresh, target, [person])
        erased = target.execute("select region, erased from migration.archive_file where erased > 0").fetchall()
    assert erased == [("DE", 1)]
    assert archived_data.of_person(fresh, person)["customers"][0]["email"] is None


def test_a_table_that_moved_on_is_archived_again_when_the_archive_is_settled(fresh: Workplace, source: psycopg.Connection) -> None:
    entities = {"app_tokens": cards.entities()["app_tokens"]}
    with writer.open_session(fresh, RUN) as desk:
        writer.archive_table(desk, entities["app_tokens"])
        before = set(objects_of(fresh))
        source.execute(
            "update poco.app_tokens set last_seen_at = now() where id = (select min(id) from poco.app_tokens where region = 'DE')"
        )
        writer.finish_archive(desk, entities)
    (made,) = set(objects_of(fresh)) - before
    assert made.startswith("rows/app_tokens/DE/")
    (manifest,) = objects_of(fresh, "manifests/").values()
    assert made in {file["key"] for file in json.loads(manifest)["files"]}


@pytest.mark.parametrize("special", ["infinity", "-infinity", "0044-03-15 BC", "10000-01-01"])
def test_a_value_that_parquet_cannot_hold_is_refused_and_not_told(fresh: Workplace, source: psycopg.Connection, special: str) -> None:
    source.execute("update poco.orders set updated_at = %s where id = (select min(id) from poco.orders where region = 'DE')", (special,))
    with writer.open_session(fresh, RUN) as desk, pytest.raises(DataRefused, match="archive orders, DE: a value does not fit") as refused:
        writer.archive_table(desk, cards.entities()["orders"])
    assert special not in str(refused.value) and not [key for key in objects_of(fresh) if "/orders/DE/" in key]
    with pytest.raises(ConfigurationError, match="no Parquet type for interval"):
        parquet.type_of("interval")


def test_no_two_tables_share_their_nonces() -> None:
    assert len({hashlib.sha256(name.encode()).digest()[:4] for name in cards.entities()}) == len(cards.entities())


@pytest.fixture
def locking(fresh: Workplace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """The same with a bucket that has object lock; moto's, which forgets everything at the end."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        store = ObjectStore(f"http://{host}:{port}", "key", "secret")
        store.client().create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
        store.ensure_bucket("unlocked")
        kept = fresh.settings.objects.model_copy(update={"archive": "locked"})
        yield replace(fresh, objects=store, settings=fresh.settings.model_copy(update={"objects": kept}))
    finally:
        server.stop()


def test_a_bucket_that_can_lock_locks_each_file_for_as_long_as_the_law_wants(locking: Workplace) -> None:
    assert locking.objects.locks("locked") and not locking.objects.locks("unlocked")
    archived(locking, RUN, "customers", "orders")
    (manifest,) = objects_of(locking, "manifests/").values()
    told = json.loads(manifest)
    assert told["object_lock"] == "governance"
    for file in told["files"]:
        assert (file["lock"], file["locked_until"]) == ("governance", file["keep_until"]), file["key"]
    large = max(told["files"], key=lambda file: file["bytes"])
    client = locking.objects.client()
    version = client.list_object_versions(Bucket="locked", Prefix=large["key"])["Versions"][0]["VersionId"]
    with pytest.raises(boto3.exceptions.botocore.exceptions.ClientError, match="AccessDenied"):
        client.delete_object(Bucket="locked", Key=large["key"], VersionId=version)
