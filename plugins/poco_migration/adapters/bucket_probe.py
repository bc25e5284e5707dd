"""Tries on a bucket what the stages will ask of it, so that nobody finds out in the night of the cutover."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from urllib.request import urlopen

from poco_migration.adapters.objects import ObjectStore, translated_errors
from poco_migration.errors import ObjectStoreError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def probe(store: ObjectStore, bucket: str, *, writing: bool) -> str:
    """Try what the stages ask of a bucket, on an object of its own that is deleted again; returns what else it can do.

    Raises ObjectStoreError naming the call that failed. No tag, retention or ACL call: some servers take it for content.
    """
    key = f"probe/{uuid.uuid4()}"
    with translated_errors(f"list {bucket}"):
        store.client().list_objects_v2(Bucket=bucket, MaxKeys=1)
    if not writing:
        return "lists"
    with translated_errors(f"put, get, upload in parts, sign and delete {bucket}/{key}"):
        client = store.client()
        try:
            client.put_object(Bucket=bucket, Key=key, Body=b"0123456789")
            ranged = client.get_object(Bucket=bucket, Key=key, Range="bytes=2-4")["Body"].read() == b"234"
            again = store.offered(lambda: client.put_object(Bucket=bucket, Key=key, Body=b"", IfNoneMatch="*"))
            upload = client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
            sent = client.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=b"parts")
            done = {"Parts": [{"PartNumber": 1, "ETag": sent["ETag"]}]}
            client.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload=done)  # type: ignore[arg-type]
            whole = client.get_object(Bucket=bucket, Key=key)["Body"].read() == b"parts"
            signed = urlopen(client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}), timeout=10).read() == b"parts"  # noqa: S310
            versioned = store.offered(lambda: _versioned(client, bucket))
            locked = store.offered(lambda: client.get_object_lock_configuration(Bucket=bucket).get("ObjectLockConfiguration"))
        finally:
            client.delete_object(Bucket=bucket, Key=key)
    if not (ranged and whole and signed):
        raise ObjectStoreError(f"S3 {bucket}: what was put did not come back. Check that the store answers, then rerun.")
    can = {"writes over nothing (If-None-Match)": not again, "versions": versioned, "object lock": locked}
    return "all of it works; " + ", ".join(f"{what}: {'yes' if has else 'no'}" for what, has in can.items())


def _versioned(client: S3Client, bucket: str) -> bool:
    return client.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"
