"""The object store: reports are written once, checksums are read back, and an error names the call and what to do."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from poco_migration.adapters.objects import ObjectStore
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

    monkeypatch.setattr(ObjectStore, "client", lambda self: Swapping())
    with pytest.raises(ObjectStoreError, match="other bytes"):
        objects.put_once(BUCKET, "swapped/report.json", b"one", "application/json")
