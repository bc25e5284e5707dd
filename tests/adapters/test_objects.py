"""The object store: reports are written once, checksums are read back, and an error names the call and what to do."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import replace

import pytest

from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.prepare import bucket_readiness
from poco_migration.errors import ObjectStoreError, OperatorNeeded

BUCKET = "migration-evidence"


def test_an_object_is_put_once_and_never_over(objects: ObjectStore) -> None:
    assert objects.put_once(BUCKET, "once/ä b.json", b"{}", "application/json") == hashlib.sha256(b"{}").hexdigest()
    with pytest.raises(OperatorNeeded, match="never overwritten"):
        objects.put_once(BUCKET, "once/ä b.json", b"other", "application/json")
    assert objects.get(BUCKET, "once/ä b.json") == b"{}"
    assert list(objects.keys(BUCKET, "once/")) == ["once/ä b.json"]


def test_a_wrong_secret_is_refused_and_not_shown(objects: ObjectStore) -> None:
    stranger = dataclasses.replace(objects, secret_key="not-the-secret")
    with pytest.raises(ObjectStoreError, match="Check the bucket and the connection evidence_s3") as refused:
        stranger.get(BUCKET, "once/x")
    assert "not-the-secret" not in str(refused.value) and "not-the-secret" not in repr(stranger)


def test_a_server_that_does_not_answer_is_told(objects: ObjectStore) -> None:
    with pytest.raises(ObjectStoreError, match="EndpointConnectionError"):
        dataclasses.replace(objects, endpoint="http://127.0.0.1:9").exists(BUCKET, "x")


def test_bytes_that_change_on_the_way_are_an_error(objects: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that gives back other bytes than it was given: seen by reading back, because servers do not check SHA-256."""
    client = objects.client()

    class Swapping:
        def __getattr__(self, name):
            return getattr(client, name)

        def put_object(self, **request):
            return client.put_object(**request | {"Body": b"two"})

    monkeypatch.setattr(ObjectStore, "client", lambda self, bucket: Swapping())
    with pytest.raises(ObjectStoreError, match="other bytes"):
        objects.put_once(BUCKET, "swapped/report.json", b"one", "application/json")


def test_each_kind_of_bucket_is_opened_by_its_own_key_and_readiness_says_where_two_share_one(site: Workplace) -> None:
    opened = {bucket: site.objects.client(bucket) for bucket in ("migration-evidence", "personal-exports", "poco-archive")}
    assert len({client._request_signer._credentials.access_key for client in opened.values()}) == 3  # type: ignore[attr-defined]

    def said(place: Workplace) -> dict[str, tuple[bool, str]]:
        return {finding.check: (finding.ok, finding.measured) for finding in bucket_readiness.find_buckets(place)}

    fine = said(site)
    assert fine["keys of the object store"] == (True, "each connection has its own")
    assert "exports_s3 opens migration-evidence" not in fine["reach of the keys"][1] or not fine["reach of the keys"][0]
    one = said(replace(site, objects=replace(site.objects, apart=site.objects.apart[:2])))
    assert one["keys of the object store"] == (False, "evidence_s3 and redirects_s3 have one key")
    all_of_it = said(replace(site, objects=replace(site.objects, apart=())))
    assert all_of_it["keys of the object store"][0] is False and "archive_s3 and exports_s3" in all_of_it["keys of the object store"][1]


def test_a_key_of_one_kind_of_bucket_is_not_used_for_another(site: Workplace) -> None:
    """The exports' key is wrong: what goes to the other buckets goes on."""
    wrong = ObjectStore(site.objects.endpoint, "exports-key", "guessed")
    spoilt = replace(site.objects, apart=(("personal-exports", wrong),))
    spoilt.put("mi-media", "x", b"1")
    with pytest.raises(ObjectStoreError):
        spoilt.put("personal-exports", "x", b"1")
