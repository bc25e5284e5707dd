"""Every photo and attachment, at the size of the store: killed in the middle and run again, nothing that is there is copied again."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from support.workplaces import Servers, buckets_of_its_own, clone_of, copy_again, s3_server

from faults import report
from faults.driver import ENVIRONMENT
from faults.workers import mover
from poco_migration.adapters import transfer
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.copying import media

# A worker of Airflow's has some hundred megabytes; eight transfers at once hold two pieces of 8 MB each, and the rest is the program.
MOST_MIB = 400
SIZES = [
    pytest.param(300, 20 << 20, id="300 objects"),
    pytest.param(20_000, 100 << 20, id="20,000 objects", marks=[pytest.mark.faults, pytest.mark.timeout(3600)]),
]


@dataclass
class Album:
    """A store whose reviews name `files`: POCO's bucket as a folder, mi.com's as another."""

    place: Workplace
    here: Path
    there: Path
    files: dict[str, str]  # SHA-256 by key; of the bad ones, what POCO has noted

    @property
    def missing(self) -> str:
        return list(self.files)[3]

    @property
    def corrupt(self) -> str:
        return list(self.files)[5]

    def ledger(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.place.target, autocommit=True) as target:
            return target.execute(query).fetchall()


def fill(servers: Servers, migrated: Workplace, folder: Path, objects: Any, number: int, large: int) -> Album:
    """Names with blanks, umlauts, other scripts and emoji; every fiftieth object is empty, one goes in parts, two are bad."""
    rng = random.Random(number)
    place = buckets_of_its_own(clone_of(servers, migrated, objects), f"album-{number}", part_objects=max(100, number // 8))
    here, there = (folder / bucket for bucket in (place.settings.objects.media_source, place.settings.objects.media_target))
    album = Album(place, here, there, {})
    for n in range(number):
        key = f"reviews/{rng.choice(('grüße', '写真', 'Øl', 'plain', 'a b'))} {n % 97}/{n} {'👍' if n % 7 == 0 else ''}.jpg"
        if n == 7:  # the last one, so that the memory of the second try has it
            key = "reviews/鿿/large.jpg"
        body = b"" if n % 50 == 0 else rng.randbytes(large if n == 7 else rng.randrange(1, 4000))
        path = here / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        album.files[key] = hashlib.sha256(body).hexdigest()
    (here / album.missing).unlink()
    (here / album.corrupt).write_bytes(b"corrupt")
    keys = list(album.files)
    with psycopg.connect(place.source_owner, autocommit=True) as store:
        named = store.execute(
            "select id from poco.reviews where region = 'DE' and status = 1 and id < 900000000 order by id limit 40"
        ).fetchall()
        store.execute("update poco.reviews set photo_keys = '{}', photo_sha256 = '{}' where region <> 'IN'")
        store.execute("update poco.ticket_messages set attachments = '[]' where json_typeof(attachments) = 'array'")
        for n, (review,) in enumerate(named):
            mine = keys[n :: len(named)]
            store.execute(
                "update poco.reviews set photo_keys = %s, photo_sha256 = %s where id = %s", (mine, [album.files[k] for k in mine], review)
            )
    copy_again(place, "reviews")
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute("update mi.case_messages set attachments = '[]' where origin = 'poco'")
    return album


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, Any]]:
    folder = tmp_path / "s3"
    folder.mkdir()
    with s3_server(folder) as store:
        yield folder, store


def killed_half_way(album: Album) -> float:
    """SIGKILL of the real process when half of the objects are noted; returns the share that was there then."""
    half = len(album.files) // 2
    process = subprocess.Popen(
        [sys.executable, "-m", "faults.workers.mover"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    assert process.stdin
    process.stdin.write(mover.orders(album.place))
    process.stdin.close()
    give_up = time.monotonic() + 1800
    while album.ledger("select count(*) from migration.object where sha256 is not null")[0][0] < half:
        assert process.poll() is None and time.monotonic() < give_up
        time.sleep(0.01)
    time.sleep(0.15)  # into the middle of a page
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    return float(sum(1 for path in album.there.rglob("*") if path.is_file()) / len(album.files))


@pytest.mark.parametrize(("number", "large"), SIZES)
def test_objects_killed_half_way_and_run_again(
    servers: Servers, migrated: Workplace, served: tuple[Path, Any], number: int, large: int
) -> None:
    album = fill(servers, migrated, *served, number, large)
    share = killed_half_way(album)
    before = {path: path.stat().st_mtime_ns for path in album.there.rglob("*") if path.is_file()}
    noted = dict(album.ledger("select target_object, copied_at from migration.object where sha256 is not null"))

    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "faults.workers.mover"],
        input=mover.orders(album.place),
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=True,
    )
    seconds, said = time.monotonic() - began, json.loads(done.stdout)

    # What was there has not been written again: not one file has another time, not one line of the ledger another instant.
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert dict(album.ledger("select target_object, copied_at from migration.object where sha256 is not null")).items() >= noted.items()
    assert said["written"] + len(before) == number - 2 and said["found"] == len(before) - len(noted) <= media.PAGE
    # Checksums are those that POCO has noted, of the bytes as they lie in mi.com's bucket.
    bad = {album.missing: "missing_at_source", album.corrupt: "differs_from_record"}
    for key, digest in album.files.items():
        path = album.there / "poco" / "de" / key
        assert not path.exists() if key in bad else hashlib.sha256(path.read_bytes()).hexdigest() == digest, key
    parked = album.ledger("select o.source_object, q.reason from migration.quarantine q join migration.object o on o.object_no = q.source_key"
                          " where q.entity = 'objects' and q.resolved_at is null and q.next_action <> ''")  # fmt: skip
    assert dict(parked) == bad and said["parked"] == 2
    (germany,) = [row for row in media.prove_objects(album.place, mover.RUN) if row["named"]]
    assert (germany["named"], germany["copied"], germany["quarantined"], germany["missing"]) == (number, number - 2, 2, 0)
    assert large > transfer.CHUNK and said["peak_kib"] / 1024 < MOST_MIB
    outcome = (f"killed with {share:.0%} there; {said['written']} more written, {said['found']} found and not written again, 2 in quarantine,"
               f" {said['peak_kib'] / 1024:.0f} MiB at the most")  # fmt: skip
    report.cell("history and objects", f"SIGKILL among {number} objects", outcome, True)
    report.say(f"objects: {said['written'] / seconds:.0f} copied and verified a second, by one task over rclone on this machine")
