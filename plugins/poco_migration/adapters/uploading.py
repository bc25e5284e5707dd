"""Streams to and from the object store: an upload in parts that hashes as it goes and sends beside it, and a file that is read by ranges.

Neither holds an object in memory. A bucket with object lock gets the lock with the upload; any other is never asked for one,
because some servers would take the question for the object's content.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from poco_migration.adapters.objects import CHUNK, Lock, ObjectStore, translated_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PARTS_AHEAD = 2  # on their way to the store while the next one is made


class Sink(io.RawIOBase):
    """Write once, forwards. `close` completes the object; without it nothing is there."""

    def __init__(self, client: S3Client, bucket: str, key: str, lock: Lock | None) -> None:
        super().__init__()
        self._client, self._lock = client, lock
        self._at: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self._waiting = bytearray()
        self._upload = ""
        self._sender = ThreadPoolExecutor(1, "upload")
        self._sending: deque[Future[dict[str, Any]]] = deque()
        self._parts: list[dict[str, Any]] = []
        self._hash = hashlib.sha256()
        self.bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, block: Any) -> int:
        self._hash.update(block)
        self._waiting += block
        size = len(block)
        self.bytes += size
        while len(self._waiting) >= CHUNK:
            self._send(bytes(self._waiting[:CHUNK]))
            del self._waiting[:CHUNK]
        return size

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def complete(self) -> None:
        """What was written is the object from here on."""
        if not self._upload:
            self._client.put_object(**self._at, **self._locked(), Body=bytes(self._waiting), ContentMD5=_md5(self._waiting))
            return
        if self._waiting:
            self._send(bytes(self._waiting))
        self._sent(0)
        parts: Any = {"Parts": self._parts}
        self._client.complete_multipart_upload(**self._at, UploadId=self._upload, MultipartUpload=parts)

    def abort(self) -> None:
        self.end()
        if self._upload:
            self._client.abort_multipart_upload(**self._at, UploadId=self._upload)

    def _send(self, block: bytes) -> None:
        if not self._upload:
            self._upload = self._client.create_multipart_upload(**self._at, **self._locked())["UploadId"]
        self._sent(PARTS_AHEAD - 1)
        number = len(self._parts) + len(self._sending) + 1
        self._sending.append(self._sender.submit(self._part, number, block))

    def _sent(self, left: int) -> None:
        """Wait until no more than `left` parts are on their way; raises what one of them failed with."""
        while len(self._sending) > left:
            self._parts.append(self._sending.popleft().result())

    def _part(self, number: int, block: bytes) -> dict[str, Any]:
        # A bucket with object lock takes nothing without a checksum in the request.
        sent = self._client.upload_part(**self._at, UploadId=self._upload, PartNumber=number, Body=block, ContentMD5=_md5(block))
        return {"ETag": sent["ETag"], "PartNumber": number}

    def end(self) -> None:
        """No part is on its way any more; those that wait are not sent."""
        self._sender.shutdown(wait=True, cancel_futures=True)

    def _locked(self) -> dict[str, Any]:
        return {} if self._lock is None else {"ObjectLockMode": self._lock.mode.upper(), "ObjectLockRetainUntilDate": self._lock.until}


def _md5(block: bytes | bytearray) -> str:
    return base64.b64encode(hashlib.md5(block, usedforsecurity=False).digest()).decode()


@contextmanager
def writing(store: ObjectStore, bucket: str, key: str, lock: Lock | None = None) -> Iterator[Sink]:
    """An object that is there when the block ends, and not at all when it fails."""
    with translated_errors(f"upload {bucket}/{key}"):
        sink = Sink(store.client(bucket), bucket, key, lock)
        try:
            yield sink
        except BaseException:
            sink.abort()
            raise
        try:
            sink.complete()
        finally:
            sink.end()


class Source(io.RawIOBase):
    """An object as a file that can be read anywhere, each read a range of its own."""

    def __init__(self, client: S3Client, bucket: str, key: str) -> None:
        super().__init__()
        self._client, self._bucket, self._key = client, bucket, key
        self._size = int(client.head_object(Bucket=bucket, Key=key)["ContentLength"])
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def size(self) -> int:
        return self._size

    def read(self, size: int = -1) -> bytes:
        end = self._size if size < 0 else min(self._at + size, self._size)
        if end <= self._at:
            return b""
        got = self._client.get_object(Bucket=self._bucket, Key=self._key, Range=f"bytes={self._at}-{end - 1}")["Body"].read()
        self._at += len(got)
        return got


@contextmanager
def reading(store: ObjectStore, bucket: str, key: str) -> Iterator[io.RawIOBase | io.BytesIO]:
    """An object as a file. A small one is fetched whole: a request costs more than its bytes."""
    with translated_errors(f"read {bucket}/{key}"):
        source = Source(store.client(bucket), bucket, key)
        yield source if source.size() > CHUNK else io.BytesIO(source.read())


def sha256(store: ObjectStore, bucket: str, key: str) -> str:
    """The hash of what the store gives back, streamed; empty where there is no such object."""
    if not store.exists(bucket, key):
        return ""
    with translated_errors(f"get {bucket}/{key}"):
        found = hashlib.sha256()
        for block in store.client(bucket).get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(CHUNK):
            found.update(block)
    return found.hexdigest()
