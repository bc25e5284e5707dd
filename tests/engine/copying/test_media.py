"""Objects arrive byte for byte, once; a bad one is in quarantine with its reason and holds up nobody; India's are never asked for."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import count
from pathlib import Path

import psycopg
import pytest
from support.workplaces import RUN, Servers, buckets_of_its_own, clone_of, copy_again

from legacy_store import generator, media
from poco_migration.adapters import transfer
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.copying import media as engine
from poco_migration.errors import ObjectStoreError

ALBUM = {
    "reviews/de/ä ü/1 👍.jpg": b"one", "reviews/de/empty.jpg": b"", "reviews/de/large.jpg": bytes(range(256)) * 8192 * 9, "reviews/de/old.jpg": b"old",
    "reviews/de/corrupt.jpg": b"good", "reviews/de/gone.jpg": b"gone",
}  # fmt: skip
BAD = {"reviews/de/corrupt.jpg": "differs_from_record", "reviews/de/gone.jpg": "missing_at_source"}


_names = count(1)


@pytest.fixture
def album(servers: Servers, migrated: Workplace, objects: ObjectStore) -> Workplace:
    """POCO's store with a review of six photos: one is corrupt, one is missing, of one nothing was noted; and a canary in India."""
    place = buckets_of_its_own(clone_of(servers, migrated, objects), f"album-{next(_names)}", part_objects=3, at_once=4)
    sums = [hashlib.sha256(body).hexdigest() if "old" not in key else None for key, body in ALBUM.items()]
    with psycopg.connect(place.source_owner, autocommit=True) as store:
        store.execute("update poco.reviews set photo_keys = %s, photo_sha256 = %s where id = 900019001", (list(ALBUM), sums))
        store.execute("update poco.reviews set photo_keys = array['reviews/in/CANARY-IN.jpg'] where region = 'IN'")
        generated = [key for key in generator.media_keys(store) if key not in ALBUM]
    for key, body in ({key: media.body(key) for key in generated} | ALBUM).items():
        if BAD.get(key) != "missing_at_source":
            objects.put(place.settings.objects.media_source, key, b"bad!" if key in BAD else body)
    copy_again(place, "reviews")
    return place


def copied(place: Workplace) -> dict[str, int]:
    total = {"written": 0, "found": 0, "parked": 0}
    for part in engine.plan_objects(place, RUN):
        for name, number in engine.copy_objects(place, RUN, part).items():
            total[name] += number
    return total


def ledger(place: Workplace, query: str) -> list[tuple]:
    with psycopg.connect(place.target, autocommit=True) as target:
        return target.execute(query).fetchall()


def quarantine(place: Workplace) -> dict[str, str]:
    return dict(ledger(place, "select o.source_object, q.reason from migration.quarantine q join migration.object o on o.object_no = q.source_key"
                              " where q.entity = 'objects' and q.resolved_at is null and q.next_action <> ''"))  # fmt: skip


def test_objects_are_copied_by_part_and_the_bad_ones_are_in_quarantine(album: Workplace) -> None:
    bucket = album.settings.objects.media_target
    parts = engine.plan_objects(album, RUN)
    assert len(parts) >= 3 and parts[0].hi <= parts[1].lo
    first = copied(album)
    arrived = {key: album.objects.get(bucket, key) for key in album.objects.keys(bucket)}
    known = {to: (at, digest) for to, at, digest in ledger(album, "select target_object, source_object, sha256 from migration.object")}
    assert arrived.keys() == {to for to, (_, digest) in known.items() if digest} and len(arrived) == first["written"] >= 6
    for to, body in arrived.items():
        at, digest = known[to]
        assert body == ALBUM.get(at, media.body(at)) and digest == hashlib.sha256(body).hexdigest()
    assert first["parked"] == 2 and quarantine(album) == BAD
    assert not [key for key in known if "CANARY-IN" in key or "/in/" in key]

    proven = engine.prove_objects(album, RUN)
    assert all(row["named"] == row["copied"] + row["quarantined"] and not row["missing"] + row["unnamed"] + row["extra"] for row in proven)
    assert {row["region"]: row["quarantined"] for row in proven if row["quarantined"]} == {"FR": 2}

    # Only what is not there is tried again; mended at POCO, it arrives and leaves the quarantine.
    assert copied(album) == {"written": 0, "found": 0, "parked": 2}
    for key in BAD:
        album.objects.put(album.settings.objects.media_source, key, ALBUM[key])
    assert copied(album) == {"written": 2, "found": 0, "parked": 0}
    assert quarantine(album) == {} and copied(album) == {"written": 0, "found": 0, "parked": 0}


def test_what_a_killed_try_had_written_and_not_noted_is_read_and_not_written_again(album: Workplace) -> None:
    first = copied(album)
    assert ledger(album, "update migration.object set bytes = null, sha256 = null, etag = null, copied_at = null returning 1")
    assert copied(album) == {"written": 0, "found": first["written"], "parked": 2}


def test_bytes_of_two_objects_exchanged_and_one_deleted_at_the_target_are_found_and_mended(album: Workplace) -> None:
    copied(album)
    bucket, store = album.settings.objects.media_target, album.objects
    one, two, three = (f"poco/fr/{key}" for key in list(ALBUM)[:3])
    bodies = store.get(bucket, one), store.get(bucket, two)
    store.put(bucket, one, bodies[1])
    store.put(bucket, two, bodies[0])
    store.client().delete_object(Bucket=bucket, Key=three)
    found = {row["region"]: row["quarantined"] for row in engine.prove_objects(album, RUN)}
    assert found["FR"] == 5
    assert quarantine(album) == BAD | {
        key: f"{what}_at_target" for key, what in zip(ALBUM, ("changed", "changed", "vanished"), strict=False)
    }  # fmt: skip
    assert copied(album) == {"written": 3, "found": 0, "parked": 2}
    assert (store.get(bucket, one), store.get(bucket, two)) == bodies and quarantine(album) == BAD


def test_an_object_that_was_written_anew_with_the_same_bytes_is_no_finding(album: Workplace) -> None:
    """A store whose marks are not the content's: another mark is a suspicion, and reading decides."""
    copied(album)
    assert ledger(album, "update migration.object set etag = 'another' where sha256 is not null returning 1")
    assert engine.prove_objects(album, RUN) and quarantine(album) == BAD
    assert not ledger(album, "select 1 from migration.object where etag = 'another'")


class Unreliable:
    """A client of the store that does to some calls what a broken store does."""

    def __init__(self, client: object, **calls: object) -> None:
        self.client, self.calls = client, calls

    def __getattr__(self, name: str) -> object:
        real = getattr(self.client, name)
        return (lambda **request: self.calls[name](real, request)) if name in self.calls else real


def broken(monkeypatch: pytest.MonkeyPatch, **calls: object) -> None:
    make = ObjectStore.client
    monkeypatch.setattr(ObjectStore, "client", lambda self, bucket="", at_once=10: Unreliable(make(self, bucket, at_once), **calls))


def test_bytes_that_change_on_the_way_are_seen_and_do_not_stay(album: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen by reading back, because servers do not check SHA-256; small ones and those in parts."""
    swap = {"put_object": lambda real, request: real(**request | {"Body": b"two"}),
            "upload_part": lambda real, request: real(**request | {"Body": request["Body"][:-1] + b"x"})}  # fmt: skip
    with monkeypatch.context() as patched:
        broken(patched, **swap)
        counts = copied(album)
    assert counts["written"] == 0 and set(quarantine(album).values()) == {"arrived_differently", *BAD.values()}
    assert list(album.objects.keys(album.settings.objects.media_target)) == []
    assert copied(album)["parked"] == 2


def test_a_store_that_stops_answering_loses_nothing_that_was_copied(album: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import EndpointConnectionError

    calls = 0

    def stops(real: object, request: dict[str, object]) -> object:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise EndpointConnectionError(endpoint_url="http://nowhere")
        return real(**request)  # type: ignore[operator]

    with monkeypatch.context() as patched, pytest.raises(ObjectStoreError, match="Check that the store answers"):
        broken(patched, put_object=stops)
        copied(album)
    assert ledger(album, "select count(*) from migration.object where sha256 is not null")[0][0] >= 3


def test_a_large_object_goes_in_parts_and_leaves_no_open_upload(album: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a try had died in the middle: what it had begun is thrown away, and the object arrives whole."""
    client, bucket, key = album.objects.client(), album.settings.objects.media_target, "poco/fr/reviews/de/large.jpg"
    client.create_multipart_upload(Bucket=bucket, Key=key)
    parts = []
    with monkeypatch.context() as patched:
        broken(patched, upload_part=lambda real, request: parts.append(request["PartNumber"]) or real(**request))
        copied(album)
    assert len(parts) == -(-len(ALBUM["reviews/de/large.jpg"]) // transfer.CHUNK) > 2
    assert ObjectStore.open_uploads(client, bucket, key) == []
    assert album.objects.get(bucket, key) == ALBUM["reviews/de/large.jpg"]


def test_no_name_of_an_object_is_in_an_error(album: Workplace) -> None:
    with pytest.raises(ObjectStoreError) as told:
        engine.copy_objects(replace(album, objects=replace(album.objects, secret_key="wrong")), RUN, engine.plan_objects(album, RUN)[0])
    assert not any(Path(key).name in str(told.value) for key in ALBUM) and "wrong" not in str(told.value)
