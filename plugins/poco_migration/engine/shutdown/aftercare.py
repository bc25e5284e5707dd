"""What is tried every day behind the shutdown: redirects, links, kept files. The closed store itself is the witness's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from poco_migration.adapters import bucket_probe, object_versions, postgres, uploading
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.archive import archive_manifest, person_keys
from poco_migration.engine.privacy import personal_export
from poco_migration.engine.redirect_map import publication, verifier
from poco_migration.errors import MigrationError
from poco_migration.model import Run
from poco_migration.redirects.versions import CURRENT

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Probe:
    """One thing that was tried. `problem` is empty when it works; it holds names, addresses of pages and hashes only."""

    name: str
    subject: str
    problem: str
    next_action: str


def probe_all(place: Workplace, run: Run) -> list[Probe]:
    """Try everything. Writes one object of its own into the evidence bucket and deletes it. Rerun: the same sample."""
    return [*_links(place), *_copies(place), *_files(place, run), *_archive(place, run), *_redirects(place, run)]


def store_probes(place: Workplace, run: Run, checks: list[Probe]) -> None:
    """Write down what was tried, for the gate. Rerun: replaces what this run has kept."""
    with postgres.connect(place.target, "target", name=f"after {run.id}") as target, target.transaction():
        target.execute("delete from migration.aftercheck where run = %s", (run.id,))
        lines = [(run.id, check.name, check.subject, check.problem, check.next_action) for check in checks]
        postgres.run_many(target, SQL / "aftercheck_store.sql", lines)


def _links(place: Workplace) -> Iterator[Probe]:
    """The link by which an export is fetched, of an object of its own that is deleted again."""
    bucket = place.settings.objects.evidence

    def tried() -> str:
        bucket_probe.probe(place.objects, bucket, writing=True)
        return ""

    yield Probe("exports", f"a signed link into {bucket}", _problem(tried), "Mend the bucket or the connection evidence_s3.")


def _copies(place: Workplace) -> Iterator[Probe]:
    """Copies of persons' data whose link is over go today; nothing else lies in their bucket, as an older version neither."""
    bucket = place.settings.personal_data.exports

    def tried() -> str:
        personal_export.expire_copies(place, "after")
        with postgres.connect(place.target, "target", name="after") as target:
            known = {row["object"] for row in postgres.run(target, SQL / "copies_open.sql")}
        unknown = sum(key not in known for key, _ in object_versions.contents(place.objects, bucket))
        return f"{unknown} objects are of no copy that can still be fetched" if unknown else ""

    advice = "Find out who has put them there, then delete them with every version (docs/runbook.md, 'The object store')."
    yield Probe("exports", f"what lies in {bucket}", _problem(tried), advice)


def _files(place: Workplace, run: Run) -> Iterator[Probe]:
    """A sample of the files that certificates name, hashed again."""
    bucket = place.settings.objects.evidence
    with postgres.connect(place.target, "target", name="after") as target:
        sample = postgres.run(target, SQL / "evidence_sample.sql", run.id, place.settings.after.sample)
        certified = postgres.value(target, "select count(distinct stage) from migration.certificate")
    # The fewer files there are to look at, the less would be found: how many there must be is not asked of them.
    lacking = "" if certified and sample else f"{certified} stages are certified, and their certificates name no file"
    advice = (
        "Put the ledger's certificates back from a backup of mi.com's database, call the auditors (docs/runbook.md, 'Check the evidence')."
    )
    yield Probe("evidence", "what certificates name", lacking, advice)
    for row in sample:
        problem = _problem(partial(_changed, place, bucket, row["key"], row["sha256"]))
        yield Probe("evidence", row["key"], problem, "Keep both, call the auditors (docs/runbook.md, 'Check the evidence').")


def _archive(place: Workplace, run: Run) -> Iterator[Probe]:
    """A sample of the archive's files, hashed again as they lie in the bucket and compared with the manifest."""
    advice = "Take the file from another copy of the bucket, and find out who can write to it (docs/runbook.md, 'The archive')."
    try:
        listed = archive_manifest.newest_manifest(place)["files"]
    except MigrationError as error:
        yield Probe("archive", "manifest", str(error), advice)
        return
    lacking = {(name, region) for name in cards.entities() for region in place.settings.moving()}
    lacking -= {(file["entity"], file["region"]) for file in listed}
    yield Probe("archive", "manifest", f"{len(lacking)} tables and regions are in no file" if lacking else "", advice)
    with postgres.connect(place.target, "target", name="after") as target:
        problem = person_keys.wrong(target)
    yield Probe("archive", "keys", problem, "Put migration.person_key back (docs/runbook.md, 'The key of the archive').")
    for file in sorted(listed, key=lambda file: hashlib.sha256(f"{file['key']}{run.id}".encode()).digest())[: place.settings.after.sample]:
        problem = _problem(partial(_changed, place, place.settings.objects.archive, file["key"], file["sha256"]))
        yield Probe("archive", file["key"], problem, advice)


def _changed(place: Workplace, bucket: str, key: str, sha256: str) -> str:
    """Whether a file, as it lies in the bucket, is not what was written down of it."""
    return "" if uploading.sha256(place.objects, bucket, key) == sha256 else "holds other bytes than were written"


def _redirects(place: Workplace, run: Run) -> Iterator[Probe]:
    """Every known address asked of the running service, as everybody is answered; India's among them, which it must not touch."""

    def asked() -> str:
        found = verifier.verify(place, run, pointer=CURRENT)
        wrong = [f"{found[name]} {name}" for name in verifier.PROBLEMS if found.get(name)]
        with postgres.connect(place.target, "target", name="after") as target:
            fewer = postgres.run(target, SQL / "redirects_fewer.sql", run.id)
        wrong += [f"{row['region']}: {row['asked']} addresses of the {row['origin']} instead of {row['certified']}" for row in fewer]
        return ", ".join(wrong)

    def hidden() -> str:
        pages = publication.shadowed(place)
        return f"{len(pages)} are hidden by a redirect, first {pages[0]}" if pages else ""

    yield Probe("redirects", "every known address", _problem(asked), "Where the addresses stand is in migration.redirect_failure.")
    yield Probe(
        "launch", "pages of mi.com's own", _problem(hidden),
        "Run poco_redirects to its end, which leaves the named page out, then clear close of poco_final_shutdown: it switches it on.",
    )  # fmt: skip


def _problem(tried: Callable[[], str]) -> str:
    """What is wrong with it; a server that does not answer is wrong too."""
    try:
        return tried()
    except MigrationError as error:
        return str(error)
