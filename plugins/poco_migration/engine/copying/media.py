"""Copies the objects that migrated rows name from POCO's bucket to mi.com's, one by one, verified by checksum.

Resumes where it stopped: the ledger (migration.object) says what is copied, and what the bucket really has is asked.
One bad object holds up no other: it is in quarantine with its reason, and every rerun tries it again. Objects are told by
their number; their names are customers' and stand in the ledger only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.objects import BadObject
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.transfer import Arrived, Transfer
from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import ObjectStoreError
from poco_migration.model import KeyRange, Run

SQL = Path(__file__).parent / "sql"
ENTITY = "objects"
PAGE = 200  # names held at once, and what a kill leaves to be looked at again
MOST_PARTS = 500  # mapped tasks; Airflow refuses more than 1,024
# Why an object is in quarantine, and what is to be done.
REASONS = {
    "missing_at_source": "POCO's bucket does not have it: have POCO put it there, then clear copy_objects; or accept that it is lost.",
    "differs_from_record": "It is not what POCO noted at the upload, so it was not copied: have POCO put a good one there, then clear "
    "copy_objects; or accept that it is lost.",
    "refused_by_store": "An object store refuses it, as the detail says: ask its owner, then clear copy_objects.",
    "arrived_differently": "What mi.com's bucket gave back was not what was sent: ask its owner, then clear copy_objects.",
    "vanished_at_target": "Somebody has deleted it from mi.com's bucket since it was copied: find out who, then clear plan_objects.",
    "changed_at_target": "Somebody has written over it in mi.com's bucket since it was copied: find out who, then clear plan_objects.",
}


def plan_objects(place: Workplace, run: Run) -> list[KeyRange]:
    """A line in the ledger for every object that is named, and all of them cut into parts of numbers.

    Rerun: numbers stay; what the bucket does not have any more as it was copied is copied again.
    """
    with _scratch(place, run) as target:
        _look(place, target)
        objects = place.settings.objects
        cut = postgres.run(target, SQL / "objects_parts.sql", objects.part_objects, MOST_PARTS)
    return [KeyRange(row["lo"], row["hi"]) for row in cut]


def copy_objects(place: Workplace, run: Run, part: KeyRange) -> dict[str, int]:
    """Copy every object of a part that is not there yet. Rerun: what is there is not written again.

    Shape: how many were written, found there and put into quarantine. Raises ObjectStoreError when the store does not answer, or
    refuses more than single objects; what was copied before is noted.
    """
    buckets, counts = place.settings.objects, {"written": 0, "found": 0, "parked": 0}
    transfer = Transfer(place.objects, buckets.media_source, buckets.media_target, buckets.at_once)
    with postgres.connect(place.target, "target", name=str(run)) as target, ThreadPoolExecutor(buckets.at_once) as pool:
        for page in postgres.pages(target, SQL / "objects_next.sql", part.lo, part.hi, key="object_no", size=PAGE, after=0):
            said = list(pool.map(lambda wanted: _one(transfer, wanted), page))
            arrived = [(row, one) for row, one in zip(page, said, strict=True) if isinstance(one, Arrived)]
            bad = [(row["object_no"], one) for row, one in zip(page, said, strict=True) if isinstance(one, BadObject)]
            _note(target, [(row["object_no"], one) for row, one in arrived])
            _park(target, bad)
            counts["written"] += sum(one.written for _, one in arrived)
            counts["found"] += sum(not one.written for _, one in arrived)
            counts["parked"] += len(bad)
            if failed := [one for one in said if isinstance(one, ObjectStoreError)]:
                raise failed[0]
            if sum(one.reason == "refused_by_store" for _, one in bad) > place.settings.copying.poisoned_rows_limit:
                raise ObjectStoreError(
                    f"S3 copy of objects: refused one after the other ({bad[0][1].detail}). Check the bucket and the connection "
                    "evidence_s3, then rerun."
                )
    return counts


def prove_objects(place: Workplace, run: Run) -> list[dict[str, Any]]:
    """Ask mi.com's bucket for everything that was copied, and write the equation of every region under this run.

    What has another mark than when it was copied is read again; what is not the same any more goes into quarantine. Rerun: proves again.
    """
    with _scratch(place, run) as target:
        _look(place, target)
        return postgres.run(target, SQL / "objects_recon.sql", run.id)


@contextmanager
def _scratch(place: Workplace, run: Run) -> Iterator[postgres.Connection]:
    """The target's connection, knowing what both sides' rows name and what mi.com's bucket has. No list of it is held here."""
    with (
        postgres.connect(place.source, "source", name=str(run)) as source,
        postgres.connect(place.target, "target", name=str(run)) as target,
        postgres.translated_errors("target", "objects"),
    ):
        postgres.script(target, postgres.statement(SQL / "objects_scratch.sql"))
        named = sql.SQL("copy ({}) to stdout").format(sql.SQL(postgres.statement(SQL / "objects_at_poco.sql")))
        postgres.pipe(source, named, target, sql.SQL("copy at_poco from stdin"))
        for page in place.objects.listed(place.settings.objects.media_target, "poco/"):
            postgres.run_many(target, SQL / "objects_seen.sql", page)
        postgres.script(target, postgres.statement(SQL / "objects_plan.sql"))
        yield target


def _look(place: Workplace, target: postgres.Connection) -> None:
    """Read again whatever the bucket lists otherwise than it was copied, and note what it is now."""
    buckets = place.settings.objects
    transfer = Transfer(place.objects, buckets.media_source, buckets.media_target, buckets.at_once)
    with ThreadPoolExecutor(buckets.at_once) as pool:
        for page in postgres.pages(target, SQL / "objects_suspect.sql", key="object_no", size=PAGE, after=0):
            found = list(pool.map(lambda row: transfer.read(row["target_object"]), page))
            looked = list(zip(page, found, strict=True))
            same = [(row["object_no"], there) for row, there in looked if there and there.sha256 == row["sha256"]]
            _note(target, same)
            _park(target, [(row["object_no"], BadObject("changed_at_target" if there else "vanished_at_target"))
                           for row, there in looked if not there or there.sha256 != row["sha256"]])  # fmt: skip


def _one(transfer: Transfer, wanted: dict[str, Any]) -> Arrived | BadObject | ObjectStoreError:
    try:
        return transfer.copy(wanted["source_object"], wanted["target_object"], wanted["expected_bytes"], wanted["expected_sha256"])
    except (BadObject, ObjectStoreError) as error:
        return error


def _note(target: postgres.Connection, arrived: Sequence[tuple[int, Arrived]]) -> None:
    postgres.run_many(target, SQL / "objects_copied.sql", [(number, one.bytes, one.sha256, one.etag) for number, one in arrived])


def _park(target: postgres.Connection, bad: Sequence[tuple[int, BadObject]]) -> None:
    postgres.run_many(target, SQL / "objects_park.sql", [(number, one.reason, REASONS[one.reason], one.detail) for number, one in bad])
