"""Copies the objects that migrated rows name from POCO's bucket to mi.com's, one by one, verified by checksum.

Resumes where it stopped: what the ledger says is copied is not copied again. One bad object does not hold up the
others; it is noted with its reason, and a rerun tries it again.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
WORKERS = 8  # requests wait for the network, not for a core
BATCH = 500
LIMIT = 1_000_000  # names held in memory at once; a rerun takes the next ones


def copy(place: Workplace, run: Run) -> dict[str, int]:
    """Copy every named object that is not there yet; returns how many were copied and how many could not be."""
    counts = {"copied": 0, "problems": 0}
    buckets = place.settings.objects
    with postgres.connect(place.target, "target", name=str(run)) as target, ThreadPoolExecutor(WORKERS) as pool:
        wanted = [(row["target_object"], row["source_object"]) for row in postgres.run(target, SQL / "media_wanted.sql", LIMIT)]
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            results = list(pool.map(partial(_one, place, buckets.media_source, buckets.media_target), batch))
            postgres.run_many(target, SQL / "media_store.sql", [(to, at, *result) for (to, at), result in zip(batch, results, strict=True)])
            counts["problems"] += sum(problem is not None for _, _, problem in results)
            counts["copied"] += sum(problem is None for _, _, problem in results)
    return counts


def _one(place: Workplace, source: str, target: str, names: tuple[str, str]) -> tuple[int | None, str | None, str | None]:
    to, at = names
    if not place.objects.exists(source, at):
        return None, None, "missing in POCO's bucket"
    size, digest = place.objects.copy_verified(source, at, target, to)
    return size, digest, None
