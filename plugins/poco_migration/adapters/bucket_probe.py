"""Tries on a bucket what the stages will ask of it, so that nobody finds out in the night of the cutover."""

from __future__ import annotations

import uuid
from urllib.request import urlopen

from poco_migration.adapters import object_versions
from poco_migration.adapters.objects import ObjectStore, translated_errors
from poco_migration.errors import ObjectStoreError


def probe(store: ObjectStore, bucket: str, *, writing: bool) -> str:
    """Try what the stages ask of a bucket, on an object of its own that is deleted again; returns what else it can do.

    Raises ObjectStoreError naming the call that failed. No tag, retention or ACL call: some servers take it for content.
    """
    key = f"probe/{uuid.uuid4()}"
    with translated_errors(f"list {bucket}"):
        store.client(bucket).list_objects_v2(Bucket=bucket, MaxKeys=1)
    if not writing:
        return "lists"
    with translated_errors(f"put, get, upload in parts, sign and delete {bucket}/{key}"):
        client = store.client(bucket)
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
            versioned = object_versions.keeps_versions(store, bucket)
            locked = store.offered(lambda: client.get_object_lock_configuration(Bucket=bucket).get("ObjectLockConfiguration"))
        finally:
            object_versions.delete_for_good(store, bucket, key)
    if not (ranged and whole and signed):
        raise ObjectStoreError(f"S3 {bucket}: what was put did not come back. Check that the store answers, then rerun.")
    can = {"writes over nothing (If-None-Match)": not again, "versions": versioned, "object lock": locked}
    return "all of it works; " + ", ".join(f"{what}: {'yes' if has else 'no'}" for what, has in can.items())


def find_kept_versions(store: ObjectStore, bucket: str, *, writing: bool) -> tuple[str, str]:
    """What an erasure could not take away here: (what was found, what is wrong, or nothing). Raises ObjectStoreError.

    Where the bucket keeps versions and may be written to, an object of our own is deleted with every version, and looked for.
    """
    if object_versions.replicated(store, bucket):
        return "copies itself into another bucket", "what was copied away stays there"
    if not object_versions.keeps_versions(store, bucket):
        return "keeps no versions", ""
    if not writing:
        next(object_versions.versions(store, bucket), None)
        return "keeps versions, and they can be listed", ""
    key = f"probe/{uuid.uuid4()}"
    for body in (b"one", b"two"):
        store.put(bucket, key, body)
    object_versions.delete_for_good(store, bucket, key)
    if object_versions.is_left(store, bucket, key):
        return "keeps versions, and does not let them go", "a deleted object can be had still"
    return "keeps versions, and lets them go", ""
