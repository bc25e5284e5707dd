"""Copies objects from one bucket into another, hashed on the way and once more as the target gives them back.

Called by engine/copying/media.py from several threads. Knows no ledger: what is there is found by asking the target.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from poco_migration.adapters.objects import CHUNK, BadObject, ObjectStore, judging, translated_errors
from poco_migration.errors import ObjectStoreError

MOST_PARTS = 10_000  # of one upload, by S3's rule


@dataclass(frozen=True)
class Arrived:
    """An object as the target gave it back. `written`: by this call; else it was there already, byte for byte."""

    bytes: int
    sha256: str
    etag: str
    written: bool = False


class Transfer:
    """One client for all its threads; memory grows with how many copy at once, not with the objects."""

    def __init__(self, store: ObjectStore, source: str, target: str, at_once: int) -> None:
        self._source, self._target = source, target
        self._client = store.client(target, at_once)

    def copy(self, at: str, to: str, size: int | None, sha256: str | None) -> Arrived:
        """Copy one object unless the target has it, byte for byte.

        `size` and `sha256` are what it should be, where somebody has noted that. Rerun: what is there is read and not written.
        Raises BadObject for what is wrong with this object, ObjectStoreError where the store does not answer.
        """
        with translated_errors(f"copy from {self._source} to {self._target}"):
            if there := self._kept(at, to, sha256):
                return there
            sent = self._send(at, to, size, sha256)
            arrived = self._read(self._target, to, "arrived_differently")
            if (arrived.bytes, arrived.sha256) != sent:
                self._client.delete_object(Bucket=self._target, Key=to)
                raise BadObject("arrived_differently")
        return Arrived(arrived.bytes, arrived.sha256, arrived.etag, written=True)

    def read(self, to: str) -> Arrived | None:
        """What the target has, read to its end; None where it has nothing."""
        with translated_errors(f"get from {self._target}"):
            try:
                return self._read(self._target, to, "vanished_at_target")
            except BadObject:
                return None

    def _kept(self, at: str, to: str, sha256: str | None) -> Arrived | None:
        """What the target has, if it is the object: a try that was killed had written it and not noted it."""
        if not ObjectStore.has(self._client, self._target, to):
            return None
        there = self._read(self._target, to, "arrived_differently")
        return there if there.sha256 == (sha256 or self._read(self._source, at, "missing_at_source").sha256) else None

    def _read(self, bucket: str, key: str, missing: str) -> Arrived:
        with judging(missing):
            response = self._client.get_object(Bucket=bucket, Key=key)
        digest, size = hashlib.sha256(), 0
        for block in response["Body"].iter_chunks(1 << 20):
            digest.update(block)
            size += len(block)
        return Arrived(size, digest.hexdigest(), response["ETag"])

    def _send(self, at: str, to: str, size: int | None, sha256: str | None) -> tuple[int, str]:
        """Stream it over; returns the bytes and the SHA-256 that were sent. What is not as it was noted never arrives."""
        with judging("missing_at_source"):
            response = self._client.get_object(Bucket=self._source, Key=at)
        told, body = response["ContentLength"], response["Body"]
        if size not in (None, told):
            raise BadObject("differs_from_record", f"{told} bytes, and {size} are noted")
        if told > CHUNK:
            return told, self._send_in_parts(body, told, to, sha256)
        whole = body.read()
        digest = hashlib.sha256(whole).hexdigest()
        _as_noted(len(whole), told, digest, sha256)
        with judging("arrived_differently"):
            self._client.put_object(Bucket=self._target, Key=to, Body=whole)
        return told, digest

    def _send_in_parts(self, body: object, told: int, to: str, sha256: str | None) -> str:
        client, digest, sent = self._client, hashlib.sha256(), 0
        # The store keeps what a killed try has left of an upload for ever, and nobody sees it.
        for left in ObjectStore.open_uploads(client, self._target, to):
            client.abort_multipart_upload(Bucket=self._target, Key=to, UploadId=left)
        upload = client.create_multipart_upload(Bucket=self._target, Key=to)["UploadId"]
        try:
            parts = []
            for number, block in enumerate(iter(lambda: body.read(max(CHUNK, -(-told // MOST_PARTS))), b""), start=1):  # type: ignore[attr-defined]
                digest.update(block)
                sent += len(block)
                mark = client.upload_part(Bucket=self._target, Key=to, UploadId=upload, PartNumber=number, Body=block)["ETag"]
                parts.append({"ETag": mark, "PartNumber": number})
            _as_noted(sent, told, digest.hexdigest(), sha256)
            client.complete_multipart_upload(Bucket=self._target, Key=to, UploadId=upload, MultipartUpload={"Parts": parts})  # type: ignore[typeddict-item]
        except BaseException:
            client.abort_multipart_upload(Bucket=self._target, Key=to, UploadId=upload)
            raise
        return digest.hexdigest()


def _as_noted(size: int, told: int, digest: str, sha256: str | None) -> None:
    if size != told:
        raise ObjectStoreError("S3 get: an object ended before its end. Check that the store answers, then rerun.")
    if sha256 not in (None, digest):
        raise BadObject("differs_from_record", "another SHA-256 than the one noted")
