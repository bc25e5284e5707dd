"""Does each bucket do what the stages ask of it, and would an erasure leave anything in one? What a server cannot do is told."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from poco_migration.adapters import bucket_probe, object_versions
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import ObjectStoreError
from poco_migration.model import Finding

KEYS = "Create the bucket, give the access key these rights, or mend the connection evidence_s3, then clear this task."


def find_buckets(place: Workplace) -> Iterator[Finding]:
    """The findings of all buckets. Writes objects of our own and deletes them, but nothing into POCO's media."""
    objects = place.settings.objects
    exports = place.settings.personal_data.exports
    for bucket in (objects.evidence, objects.notices, objects.redirects, objects.media_source, objects.media_target, exports):
        yield _works(place, bucket)
    for bucket in (objects.media_source, objects.media_target, objects.notices, exports):
        yield _erasable(place, bucket)
    yield _ends(place, exports)
    yield _keys(place)
    yield _reach(place)


def _works(place: Workplace, bucket: str) -> Finding:
    writing = bucket != place.settings.objects.media_source
    measured, ok = _asked(lambda: (bucket_probe.probe(place.objects, bucket, writing=writing), ""))
    demanded = "the bucket lists, and where it is written to: puts, reads whole and in ranges, uploads in parts, signs and deletes"
    return Finding("ALL", f"bucket {bucket}", measured, demanded, ok, KEYS)


def _erasable(place: Workplace, bucket: str) -> Finding:
    """An older version, or a copy elsewhere, is a person's data that an erasure has not taken away."""
    writing = bucket != place.settings.objects.media_source
    measured, ok = _asked(lambda: bucket_probe.find_kept_versions(place.objects, bucket, writing=writing))
    return Finding(
        "ALL", f"erasure in {bucket}", measured, "what is deleted for a person is gone with every version, and is copied nowhere", ok,
        "Let the access key list and delete versions, take object lock and replication off the bucket, or take another bucket "
        "(docs/runbook.md, 'The object store'), then clear this task.",
    )  # fmt: skip


def _ends(place: Workplace, bucket: str) -> Finding:
    """poco_deadlines deletes what is over; the bucket's own rule does it also when nobody runs Airflow any more."""
    days = math.ceil(place.settings.personal_data.link_hours / 24) + 1
    measured, ok = _asked(lambda: (lacking := object_versions.ended_by_rule(place.objects, bucket, days), lacking))
    unknown = measured == "unknown"
    return Finding(
        "ALL", f"end of copies in {bucket}", "the server knows no lifecycle rules" if unknown else measured or "there is a rule",
        f"a lifecycle rule of the bucket deletes everything in it, older versions too, after at most {days} days", ok or unknown,
        "Give the bucket such a rule (docs/runbook.md, 'The object store'); until then poco_deadlines and poco_after delete the copies.",
        "info" if unknown else "warning",
    )  # fmt: skip


def _kinds(place: Workplace) -> dict[str, str]:
    """A bucket of each kind, by the connection that should open it and no other."""
    objects = place.settings.objects
    return {
        "evidence_s3": objects.evidence,
        "archive_s3": objects.archive,
        "exports_s3": place.settings.personal_data.exports,
        "redirects_s3": objects.redirects,
    }


def _keys(place: Workplace) -> Finding:
    """Whoever gets one key gets one kind of bucket: where two connections have the same one, he gets both."""
    apart = dict(place.objects.apart)
    used: dict[str, list[str]] = {}
    for connection, bucket in _kinds(place).items():
        used.setdefault(apart.get(bucket, place.objects).access_key, []).append(connection)
    shared = [" and ".join(connections) for connections in used.values() if len(connections) > 1]
    return Finding(
        "ALL", "keys of the object store", "; ".join(f"{names} have one key" for names in shared) or "each connection has its own",
        "evidence, archive, exports and redirects are opened by four keys", not shared,
        "Make a key for each at the store, and put it into its connection (docs/runbook.md, 'The object store'), then clear this task.",
        "warning",
    )  # fmt: skip


def _reach(place: Workplace) -> Finding:
    """Whether a key opens a bucket of another kind. Only shown: some servers know no rights of a key."""
    apart, kinds = dict(place.objects.apart), _kinds(place)
    opened = [
        f"{connection} opens {other}"
        for connection, bucket in kinds.items()
        for other in kinds.values()
        if other != bucket and _opens(replace(apart.get(bucket, place.objects), apart=()), other)
    ]
    return Finding(
        "ALL", "reach of the keys", "; ".join(opened) or "each opens its own buckets", "shown only: none of another kind", True,
        "Take the rights on other buckets from the keys at the store (docs/runbook.md, 'The object store').",
        "info",
    )  # fmt: skip


def _opens(store: ObjectStore, bucket: str) -> bool:
    """Whether the bucket can be listed with this key. A store that does not answer opens nothing, and is told elsewhere."""
    try:
        next(store.keys(bucket), None)
    except ObjectStoreError:
        return False
    return True


def _asked(tried: Callable[[], tuple[str, str]]) -> tuple[str, bool]:
    """What was found, and whether it is as it should be; a store that refuses to say is not."""
    try:
        measured, wrong = tried()
    except ObjectStoreError as error:
        return str(error), False
    return (f"{measured}: {wrong}" if wrong and wrong != measured else measured), not wrong
