"""Older versions of objects: a bucket that keeps them gives back what was deleted, so an erasure has to take every one.

Where a server knows no versions (its own word: it names none as the bucket's state, or says NotImplemented) there is nothing to take.
A refusal is never read as "there are none".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from poco_migration.adapters.objects import ObjectStore, translated_errors

# What a server says that has no versions at all.
UNKNOWN = ("NotImplemented", "MethodNotAllowed")
# What a bucket says that has no such rule, as the S3 API names it; another server says nothing, or that it knows no rules.
NO_RULES = {"lifecycle": "NoSuchLifecycleConfiguration", "replication": "ReplicationConfigurationNotFoundError"}


def keeps_versions(store: ObjectStore, bucket: str) -> bool:
    """Whether the bucket keeps what is deleted or written over, or has done so once. Raises ObjectStoreError when it does not say."""
    with translated_errors(f"versioning of {bucket}"):
        found, refused = store.answered(lambda: store.client(bucket).get_bucket_versioning(Bucket=bucket).get("Status"), UNKNOWN)
    return not refused and found in ("Enabled", "Suspended")


def versions(store: ObjectStore, bucket: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(key, version) of everything that the bucket has below a prefix, marks of deletion among it. Nothing where it keeps none."""
    if not keeps_versions(store, bucket):
        return
    with translated_errors(f"versions of {bucket}/{prefix}"):
        for page in store.client(bucket).get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            yield from ((entry["Key"], entry["VersionId"]) for entry in page.get("Versions", []))
            yield from ((mark["Key"], mark["VersionId"]) for mark in page.get("DeleteMarkers", []))


def contents(store: ObjectStore, bucket: str) -> Iterator[tuple[str, str]]:
    """(key, version) of every content that can be read; the version is empty where the bucket keeps none. Marks have no content."""
    if not keeps_versions(store, bucket):
        yield from ((key, "") for key in store.keys(bucket))
        return
    with translated_errors(f"versions of {bucket}"):
        for page in store.client(bucket).get_paginator("list_object_versions").paginate(Bucket=bucket):
            yield from ((entry["Key"], entry["VersionId"]) for entry in page.get("Versions", []))


def read_content(store: ObjectStore, bucket: str, key: str, version: str) -> bytes:
    """The bytes of one of `contents`."""
    if not version:
        return store.get(bucket, key)
    with translated_errors(f"get a version of {bucket}/{key}"):
        return store.client(bucket).get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read()


def delete_for_good(store: ObjectStore, bucket: str, key: str) -> None:
    """Delete an object with every version that the bucket has of it. Rerun: safe.

    A version that the bucket does not let go (a lock, a missing right) stays: `is_left` tells, and the erasure asks it.
    """
    store.delete(bucket, key)
    for found, version in list(versions(store, bucket, key)):
        if found == key:
            with translated_errors(f"delete a version of {bucket}/{key}"):
                store.answered(partial(store.client(bucket).delete_object, Bucket=bucket, Key=key, VersionId=version), None)


def is_left(store: ObjectStore, bucket: str, key: str) -> bool:
    """Whether the object, or any version of it, can be had still. Marks of deletion hold nothing, and are not counted."""
    if store.exists(bucket, key):
        return True
    if not keeps_versions(store, bucket):
        return False
    with translated_errors(f"versions of {bucket}/{key}"):
        pages = store.client(bucket).get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key)
        return any(entry["Key"] == key for page in pages for entry in page.get("Versions", []))


def ended_by_rule(store: ObjectStore, bucket: str, days: int) -> str:
    """Whether the bucket itself deletes everything after so many days: nothing when it does, else what is missing.

    Raises ObjectStoreError when it does not say. "unknown" when the server has no such rules.
    """
    with translated_errors(f"lifecycle of {bucket}"):
        found, refused = store.answered(
            lambda: store.client(bucket).get_bucket_lifecycle_configuration(Bucket=bucket).get("Rules"), (NO_RULES["lifecycle"], *UNKNOWN)
        )
    if refused == NO_RULES["lifecycle"]:
        return "no rule"
    if refused or found is None:
        return "unknown"
    whole = [rule for rule in found if rule.get("Status") == "Enabled" and not _narrowed(rule)]
    if not any(0 < rule.get("Expiration", {}).get("Days", 0) <= days for rule in whole):
        return f"no rule that deletes every object after at most {days} days"
    if keeps_versions(store, bucket) and not any(
        0 < rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 0) <= days for rule in whole
    ):
        return f"no rule that deletes older versions after at most {days} days"
    return ""


def _narrowed(rule: object) -> bool:
    """Whether a rule is for some objects only."""
    told = dict(rule) if isinstance(rule, dict) else {}
    chosen = told.get("Filter") or {}
    return bool(told.get("Prefix") or any(value for value in chosen.values()))


def replicated(store: ObjectStore, bucket: str) -> bool:
    """Whether the bucket copies itself into another one, which no erasure of ours reaches. Raises ObjectStoreError when it does not say."""
    with translated_errors(f"replication of {bucket}"):
        found, refused = store.answered(
            lambda: store.client(bucket).get_bucket_replication(Bucket=bucket).get("ReplicationConfiguration", {}).get("Rules"),
            (NO_RULES["replication"], *UNKNOWN),
        )
    return not refused and any(rule.get("Status") == "Enabled" for rule in found or [])
