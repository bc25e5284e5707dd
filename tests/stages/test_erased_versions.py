"""Who is erased is in no older version of an object; where a bucket keeps one, the erasure is not green, and readiness said so before."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from moto.server import ThreadedMotoServer
from support.population import ANNA, EXPORTS, People, asked, copied, copies, erase
from support.workplaces import Servers

from poco_migration.adapters import object_versions
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.prepare import bucket_readiness
from poco_migration.engine.shutdown import aftercare
from poco_migration.errors import GateStopped, ObjectStoreError
from poco_migration.model import Finding, Run
from poco_migration.stages import personal_data

BUCKETS = ("poco-media", "mi-media", EXPORTS)


@pytest.fixture
def versioned() -> Iterator[ObjectStore]:
    """A server that has versions; moto's, which forgets everything at the end. The others of our servers have none."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        store = ObjectStore("http://{}:{}".format(*server.get_host_and_port()), "key", "secret")
        urllib.request.urlopen(urllib.request.Request(f"{store.endpoint}/moto-api/reset", method="POST"))
        for bucket in (*BUCKETS, "migration-evidence", "migration-notices", "poco-redirects"):
            store.ensure_bucket(bucket)
        for bucket in BUCKETS:
            store.client().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        yield store
    finally:
        server.stop()


@pytest.fixture
def people(servers: Servers, crowd: Workplace, versioned: ObjectStore) -> Iterator[People]:
    with copied(servers, crowd, versioned) as made:
        yield made


def kept(store: ObjectStore, word: bytes = b"Annacanary") -> list[tuple[str, str]]:
    """What can be read still of a person's, in any version of any bucket: by its content, or by its name."""
    found = []
    for bucket in BUCKETS:
        for page in store.client().get_paginator("list_object_versions").paginate(Bucket=bucket):
            for entry in page.get("Versions", []):
                body = store.client().get_object(Bucket=bucket, Key=entry["Key"], VersionId=entry["VersionId"])["Body"].read()
                if word in body or word.decode() in entry["Key"] or bucket == EXPORTS:
                    found.append((bucket, entry["Key"]))
    return found


def test_no_version_is_left_of_photos_attachments_and_copies(people: People, versioned: ObjectStore) -> None:
    personal_data.export(people.place, asked("export", customer_id=ANNA))
    versioned.put("poco-media", "reviews/Annacanary.jpg", b"Annacanary, a second photo under the same name")
    versioned.delete("poco-media", "tickets/Annacanary.pdf")  # somebody at POCO has deleted it, and the version stayed
    assert {bucket for bucket, _ in kept(versioned)} == set(BUCKETS)
    assert erase(people.place)["copies"] == 1
    assert kept(versioned) == []
    assert kept(versioned, b"Carlacanary"), "somebody else's photos are gone"


def test_a_copy_whose_link_is_over_goes_with_every_version_by_the_daily_round(people: People, versioned: ObjectStore) -> None:
    personal_data.export(people.place, asked("export", customer_id=ANNA))
    name = copies(people.place)[0][0]
    versioned.put(EXPORTS, name, b"written over")
    assert personal_data.expire(people.place, Run("poco_deadlines/now")) == 0
    with psycopg.connect(people.place.target, autocommit=True) as target:
        target.execute("update migration.personal_export set expires_at = now() - interval '1 second'")
    assert personal_data.expire(people.place, Run("poco_deadlines/later")) == 1
    assert copies(people.place) == [] and kept(versioned, b"written over") == []


def test_the_days_behind_the_shutdown_delete_copies_too_and_name_what_is_no_copy(people: People, versioned: ObjectStore) -> None:
    personal_data.export(people.place, asked("export", customer_id=ANNA))
    (tried,) = aftercare._copies(people.place)
    assert tried.problem == "" and len(copies(people.place)) == 1
    with psycopg.connect(people.place.target, autocommit=True) as target:
        target.execute("update migration.personal_export set expires_at = now() - interval '1 second'")
    versioned.put(EXPORTS, "nobody-knows.zip", b"x")
    (tried,) = aftercare._copies(people.place)
    assert tried.problem == "1 objects are of no copy that can still be fetched" and copies(people.place) == []


LOCKED = ("locked-media", "locked-exports")


@pytest.fixture
def locked(people: People, versioned: ObjectStore) -> Workplace:
    """The exports and mi.com's photos lie in buckets that can lock what is put into them."""
    for bucket in LOCKED:
        versioned.client().create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    chosen = people.place.settings
    objects = chosen.objects.model_copy(update={"media_target": "locked-media"})
    personal = chosen.personal_data.model_copy(update={"exports": "locked-exports"})
    for key in list(versioned.keys("mi-media")):
        versioned.put("locked-media", key, versioned.get("mi-media", key))
    return replace(people.place, settings=chosen.model_copy(update={"objects": objects, "personal_data": personal}))


def lock_all(store: ObjectStore) -> None:
    """Somebody has locked what lies there until next month."""
    until = datetime.now(UTC) + timedelta(days=30)
    for bucket in LOCKED:
        for entry in store.client().list_object_versions(Bucket=bucket).get("Versions", []):
            store.client().put_object_retention(
                Bucket=bucket, Key=entry["Key"], VersionId=entry["VersionId"], Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until}
            )


def test_where_a_bucket_keeps_a_version_the_erasure_is_not_green(locked: Workplace) -> None:
    lock_all(locked.objects)
    with pytest.raises(GateStopped, match="bucket locked-media"):
        erase(locked)
    with psycopg.connect(locked.target) as target:
        assert target.execute("select count(*) from migration.erasure where erased_at is not null").fetchone() == (0,)


def test_a_copy_that_the_bucket_keeps_stays_on_record(locked: Workplace) -> None:
    personal_data.export(locked, asked("export", customer_id=ANNA))
    with psycopg.connect(locked.target, autocommit=True) as target:
        target.execute("update migration.personal_export set expires_at = now() - interval '1 second'")
    lock_all(locked.objects)
    with pytest.raises(GateStopped, match="1 copies of persons' data were deleted and bucket locked-exports keeps a version"):
        personal_data.expire(locked, Run("poco_deadlines/now"))
    assert len(copies(locked)) == 1


def told(place: Workplace) -> dict[str, Finding]:
    return {finding.check: finding for finding in bucket_readiness.find_buckets(place)}


def test_readiness_says_before_whether_an_erasure_can_be_whole(people: People, locked: Workplace, versioned: ObjectStore) -> None:
    fine = told(people.place)
    assert fine["erasure in mi-media"].ok and "keeps versions, and lets them go" in fine["erasure in mi-media"].measured
    assert fine["erasure in poco-media"].ok and "can be listed" in fine["erasure in poco-media"].measured
    assert fine["erasure in migration-notices"].measured == "keeps no versions"
    assert kept(versioned, b"two") == [], "the probe left a version of its own"
    versioned.client().create_bucket(Bucket="always-locked", ObjectLockEnabledForBucket=True)
    rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}}
    versioned.client().put_object_lock_configuration(Bucket="always-locked", ObjectLockConfiguration=rule)  # type: ignore[arg-type]
    personal = locked.settings.personal_data.model_copy(update={"exports": "always-locked"})
    red = told(replace(locked, settings=locked.settings.model_copy(update={"personal_data": personal})))["erasure in always-locked"]
    assert (red.ok, red.severity) == (False, "critical")


def test_readiness_asks_for_a_rule_that_ends_the_copies_when_nobody_runs_airflow_any_more(people: People, versioned: ObjectStore) -> None:
    check, client = f"end of copies in {EXPORTS}", versioned.client()

    def rule(**more: object) -> Finding:
        told_rule = {"ID": "end", "Status": "Enabled", "Filter": {"Prefix": ""}, **more}
        client.put_bucket_lifecycle_configuration(Bucket=EXPORTS, LifecycleConfiguration={"Rules": [told_rule]})  # type: ignore[typeddict-item, list-item]
        return told(people.place)[check]

    assert (told(people.place)[check].ok, told(people.place)[check].severity) == (False, "warning")
    current, older = {"Expiration": {"Days": 4}}, {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
    assert not rule(Expiration={"Days": 5}, **older).ok and "at most 4 days" in rule(Expiration={"Days": 5}, **older).measured
    assert not rule(**current).ok and "older versions" in rule(**current).measured
    assert not rule(**current, **older, Filter={"Prefix": "copies/"}).ok
    assert not rule(**current, **older, Status="Disabled").ok
    assert rule(**current, **older).ok


def test_a_store_that_does_not_say_whether_it_keeps_versions_is_not_believed(objects: ObjectStore) -> None:
    """Who may not ask must not be told that there is nothing."""
    stranger = replace(objects, secret_key="wrong")
    for ask in (object_versions.keeps_versions, object_versions.replicated):
        with pytest.raises(ObjectStoreError):
            ask(stranger, "mi-media")
    with pytest.raises(ObjectStoreError):
        object_versions.ended_by_rule(stranger, EXPORTS, 4)
    assert not object_versions.keeps_versions(objects, "mi-media")
