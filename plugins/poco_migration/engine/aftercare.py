"""What is tried every day behind the shutdown: redirects, links, kept files. The closed store itself is the witness's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import closing
from poco_migration.errors import ObjectStoreError
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Check:
    """One thing that was tried. `problem` is empty when it works; it holds names, addresses of pages and hashes only."""

    name: str
    subject: str
    problem: str
    next_action: str


def look(place: Workplace, run: Run) -> list[Check]:
    """Try everything. Writes one object of its own into the evidence bucket and deletes it. Rerun: the same sample."""
    return [*_links(place), *_files(place, run), *_redirects(place)]


def keep(place: Workplace, run: Run, checks: list[Check]) -> None:
    """Write down what was tried, for the gate. Rerun: replaces what this run has kept."""
    with postgres.connect(place.target, "target", name=f"after {run.id}") as target, target.transaction():
        target.execute("delete from migration.aftercheck where run = %s", (run.id,))
        lines = [(run.id, check.name, check.subject, check.problem, check.next_action) for check in checks]
        postgres.run_many(target, SQL / "aftercheck_store.sql", lines)


def _links(place: Workplace) -> Iterator[Check]:
    bucket = place.settings.objects.evidence
    yield Check("exports", f"a signed link into {bucket}", _tried(place, bucket), "Mend the bucket or the connection evidence_s3.")


def _tried(place: Workplace, bucket: str) -> str:
    try:
        place.objects.probe(bucket, writing=True)
    except ObjectStoreError as error:
        return str(error)
    return ""


def _files(place: Workplace, run: Run) -> Iterator[Check]:
    """A sample of the files that certificates name, hashed again."""
    bucket = place.settings.objects.evidence
    with postgres.connect(place.target, "target", name="after") as target:
        sample = postgres.run(target, SQL / "evidence_sample.sql", run.id, place.settings.after.sample)
    for row in sample:
        try:
            found = hashlib.sha256(place.objects.get(bucket, row["key"])).hexdigest()
            problem = "" if found == row["sha256"] else "holds other bytes than its certificate says"
        except ObjectStoreError as error:
            problem = str(error)
        yield Check("evidence", row["key"], problem, "Keep both, call the auditors (docs/runbook.md, 'Check the evidence').")


def _redirects(place: Workplace) -> Iterator[Check]:
    pages, regions = closing.redirects(place), set(place.settings.moving())
    with postgres.connect(place.target, "target", name="after") as target:
        own = {row["page"] for row in postgres.run(target, SQL / "own_pages.sql")}
    for region in sorted(regions):
        there = sum(page["region"] == region for page in pages)
        yield Check("redirects", region, "" if there > 1 else "no page leads anywhere", "Look at mi.brand_items of that market.")
    stays = sorted({page["region"] for page in pages} - regions)
    yield Check(
        "stays", "regions that stay", f"redirected: {', '.join(stays)}" if stays else "", "Stop. Take the map back: India's store stays."
    )
    shadowed = [page["poco_url"] for page in pages if page["poco_url"] in own]
    yield Check(
        "launch", "pages of mi.com's own", f"{len(shadowed)} lead elsewhere, first {shadowed[0]}" if shadowed else "",
        "Take the named page out of the redirects: it is mi.com's own.",
    )  # fmt: skip
