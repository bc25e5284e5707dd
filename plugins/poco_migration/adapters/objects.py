"""The object store behind one narrow client: the only file that imports boto3.

Only what every S3 server does right: put, get, head, list, delete, multipart, presign. Facts about an object belong in
a manifest, never in its metadata (some servers lose it on restart), and no tag, ACL or lock call is made where the
server might take it for the object's content.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.error import URLError

from poco_migration.errors import ObjectStoreError, OperatorNeeded

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Refusals that would meet every object.
OF_THE_STORE = {"SlowDown", "RequestTimeout", "RequestTimeTooSkewed", "NoSuchBucket", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
# Read and sent in one piece. A larger object goes in parts of this size, so one transfer holds no more than two of them.
CHUNK = 8 << 20


@dataclass(frozen=True)
class Lock:
    """Until when nobody may delete or replace an object; governance can be lifted by a right of its own, compliance by nobody."""

    mode: str
    until: datetime


@dataclass(frozen=True)
class ObjectStore:
    """How to reach the store, with the key that opens each bucket: a bucket of `apart` has one of its own."""

    endpoint: str | None
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    region: str = "us-east-1"
    apart: tuple[tuple[str, ObjectStore], ...] = ()

    def client(self, bucket: str = "", at_once: int = 10) -> S3Client:
        """boto3's client for a bucket, which threads may share; one for the life of a process, so that its connections stay open."""
        return _client(dict(self.apart).get(bucket, self), at_once, os.getpid())

    def put_once(self, bucket: str, key: str, body: bytes, content_type: str) -> str:
        """Store a new object and return the SHA-256 of what the store gives back. Never writes over other bytes.

        Rerun: the same bytes again are fine. Raises OperatorNeeded when the key holds other bytes.
        """
        with translated_errors(f"put {bucket}/{key}"):
            client = self.client(bucket)
            if not self.has(client, bucket, key):
                client.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
            elif client.get_object(Bucket=bucket, Key=key)["Body"].read() != body:
                raise OperatorNeeded(
                    f"{bucket}/{key} holds other bytes, and reports are never overwritten: clear the task to get a new try"
                )
            stored = hashlib.sha256(client.get_object(Bucket=bucket, Key=key)["Body"].read()).hexdigest()
        if stored != hashlib.sha256(body).hexdigest():
            raise ObjectStoreError(
                f"{bucket}/{key} came back with other bytes than were put. Clear the task; if it happens again, call the store's owner."
            )
        return stored

    def get(self, bucket: str, key: str) -> bytes:
        with translated_errors(f"get {bucket}/{key}"):
            return self.client(bucket).get_object(Bucket=bucket, Key=key)["Body"].read()

    def put(self, bucket: str, key: str, body: bytes) -> None:
        with translated_errors(f"put {bucket}/{key}"):
            self.client(bucket).put_object(Bucket=bucket, Key=key, Body=body)

    def upload(self, bucket: str, key: str, path: Path) -> None:
        """Store a file, in parts where it is large. Rerun: writes over it."""
        with translated_errors(f"upload {bucket}/{key}"):
            self.client(bucket).upload_file(str(path), bucket, key)

    def delete(self, bucket: str, key: str) -> None:
        """Rerun: safe; what is not there is deleted."""
        with translated_errors(f"delete {bucket}/{key}"):
            self.client(bucket).delete_object(Bucket=bucket, Key=key)

    def link(self, bucket: str, key: str, seconds: int) -> str:
        """An address that opens this object for so many seconds, for each person who has it. A secret: in no log and in no XCom."""
        with translated_errors(f"sign {bucket}/{key}"):
            return self.client(bucket).generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, ExpiresIn=seconds)

    def put_stream(self, bucket: str, key: str, body: IO[bytes], sha256: str) -> None:
        """Store a large object in parts, and read it back: its SHA-256 must be this one. Memory is flat. Rerun: safe."""
        from boto3.s3.transfer import TransferConfig

        with translated_errors(f"put {bucket}/{key}"):
            client, digest = self.client(bucket), hashlib.sha256()
            client.upload_fileobj(body, bucket, key, Config=TransferConfig(multipart_chunksize=CHUNK, use_threads=False))
            for block in client.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(CHUNK):
                digest.update(block)
        if digest.hexdigest() != sha256:
            raise ObjectStoreError(
                f"{bucket}/{key} came back with other bytes than were put. Clear the task; if it happens again, call the store's owner."
            )

    @staticmethod
    def answered(call: Callable[[], Any], codes: Collection[str] | None) -> tuple[Any, str]:
        """What a call gives, and nothing; or nothing, and the code of its refusal. Other codes than these are raised; None takes all."""
        from botocore.exceptions import ClientError

        try:
            return call(), ""
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            if codes is not None and code not in codes:
                raise
            return None, code

    def offered(self, call: Callable[[], Any]) -> bool:
        return bool(self.answered(call, None)[0])

    def locks(self, bucket: str) -> bool:
        """Whether this bucket can lock what is put into it. Asks the bucket only, never an object."""
        with translated_errors(f"object lock of {bucket}"):
            client = self.client(bucket)
            # A server that knows no locks may answer with something else altogether.
            return self.offered(
                lambda: client.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"].get("ObjectLockEnabled")
            )

    def locked_until(self, bucket: str, key: str) -> Lock | None:
        """The lock that the store says the object has, if any."""
        with translated_errors(f"head {bucket}/{key}"):
            found = self.client(bucket).head_object(Bucket=bucket, Key=key)
        mode = found.get("ObjectLockMode")
        return Lock(mode.lower(), found["ObjectLockRetainUntilDate"].astimezone(UTC)) if mode else None

    def exists(self, bucket: str, key: str) -> bool:
        with translated_errors(f"head {bucket}/{key}"):
            return self.has(self.client(bucket), bucket, key)

    def keys(self, bucket: str, prefix: str = "") -> Iterator[str]:
        with translated_errors(f"list {bucket}/{prefix}"):
            for page in self.client(bucket).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                yield from (entry["Key"] for entry in page.get("Contents", []))

    def listed(self, bucket: str, prefix: str) -> Iterator[list[tuple[str, str, int]]]:
        """What the bucket has below a prefix, page by page: key, the store's own mark (ETag), bytes."""
        with translated_errors(f"list {bucket}/{prefix}"):
            for page in self.client(bucket).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                yield [(entry["Key"], entry["ETag"], entry["Size"]) for entry in page.get("Contents", [])]

    def ensure_bucket(self, bucket: str) -> None:
        with translated_errors(f"bucket {bucket}"):
            client = self.client(bucket)
            if bucket not in {known["Name"] for known in client.list_buckets()["Buckets"]}:
                client.create_bucket(Bucket=bucket)

    @staticmethod
    def open_uploads(client: S3Client, bucket: str, key: str) -> list[str]:
        """Uploads in parts of this key that nobody has finished; none where the store cannot list them."""
        from botocore.exceptions import ClientError

        try:
            uploads = client.list_multipart_uploads(Bucket=bucket, Prefix=key).get("Uploads", [])
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchUpload", "NotImplemented"):  # rclone says the first when there are none
                return []
            raise
        return [upload["UploadId"] for upload in uploads if upload["Key"] == key]

    @staticmethod
    def has(client: S3Client, bucket: str, key: str) -> bool:
        from botocore.exceptions import ClientError

        try:
            client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return False
            raise
        return True


@lru_cache(maxsize=8)
def _client(store: ObjectStore, at_once: int, _process: int) -> S3Client:
    """Making one costs 20 ms of a core. A process that was forked makes its own: two must not write to one connection."""
    import boto3  # 0.3 s and 30 MB that a DAG file must not pay
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=store.endpoint,
        aws_access_key_id=store.access_key,
        aws_secret_access_key=store.secret_key,
        region_name=store.region,
        config=Config(
            # A range read of an object that was put whole fails its checksum on servers that keep only the whole one.
            response_checksum_validation="when_required",
            request_checksum_calculation="when_required",
            signature_version="s3v4",  # also for signed links, where boto3 would take the older one that many servers refuse
            retries={"max_attempts": 4, "mode": "standard"},
            s3={"addressing_style": "path"},
            max_pool_connections=at_once,
        ),
    )


@contextmanager
def translated_errors(what: str) -> Iterator[None]:
    """Turn boto3's errors into ObjectStoreError, which names the call and the next action."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        detail: Any = error.response.get("Error", {})
        raise ObjectStoreError(f"S3 {what}: {detail.get('Code')}. Check the bucket and the connection evidence_s3, then rerun.") from None
    except (BotoCoreError, Boto3Error, URLError) as error:
        raise ObjectStoreError(f"S3 {what}: {type(error).__name__}. Check that the store answers, then rerun.") from None


class BadObject(Exception):
    """One object cannot be copied, and the others can: whoever copies parks it. `reason` is the quarantine's; no key, no value."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


@contextmanager
def judging(missing: str) -> Iterator[None]:
    """Tell what the store says of one object from what it says of itself: BadObject with the reason `missing` where it has none."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in ("NoSuchKey", "404", "NotFound"):
            raise BadObject(missing) from None
        if 400 <= status < 500 and code not in OF_THE_STORE:
            raise BadObject("refused_by_store", code) from None
        raise
