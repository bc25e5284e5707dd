"""A new version is taken without losing a request; a bad one is not taken at all; a restart needs no object store."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from legacy_store import site
from local_stack.answering import Service, service
from poco_migration.adapters import probing
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.probing import Question
from poco_migration.engine.redirect_map import builder, publication
from poco_migration.engine.redirect_map.builder import Built
from poco_migration.redirects import rules as rulebook
from poco_migration.redirects import versions
from poco_migration.redirects.live import KEPT
from poco_migration.redirects.versions import CURRENT, STAGED
from poco_migration.settings import PROJECT

RULES = rulebook.load()
X6 = "product/poco-x6-3"


def version(number: int) -> Built:
    """A map that tells its number in every target."""
    pages = {region: dict.fromkeys(site.SHOWN[region], f"{front}/product/V{number}") for region, front in RULES.fronts.items()}
    return builder.packed(RULES, pages, {})


@pytest.fixture
def bucket(objects: ObjectStore, request: pytest.FixtureRequest) -> str:
    name = f"live-{abs(hash(request.node.name)) % 10**8}"
    objects.ensure_bucket(name)
    return name


def put(objects: ObjectStore, bucket: str, built: Built, pointer: str = CURRENT) -> str:
    name = built.version.name
    for file in (versions.MANIFEST, versions.MAP):
        objects.put(bucket, f"versions/{name}/{file}", built.files[file])
    objects.put(bucket, pointer, publication.pointer(name, versions.digest(built.manifest)))
    return name


def where(running: Service, *, staged: bool = False) -> str:
    headers = {"host": "po.co"} | ({"x-poco-redirects": "staged"} if staged else {})
    answer = httpx.get(f"{running.url}/de/{X6}", headers=headers, follow_redirects=False)
    return answer.headers.get("location", str(answer.status_code))


def test_before_the_switch_only_whoever_asks_for_what_is_staged_is_redirected(objects: ObjectStore, bucket: str, tmp_path: Path) -> None:
    with service(objects, bucket, tmp_path / "cache") as running:
        assert running.state() == {"staged": None, "current": None, "refused": {}}
        assert where(running) == "503" and where(running, staged=True) == "503"
        staged = put(objects, bucket, version(1), STAGED)
        running.until(staged=staged, current=None)
        assert where(running) == "503" and where(running, staged=True) == "https://www.mi.com/de/product/V1"
        assert httpx.get(f"{running.url}/readyz").status_code == 503
        put(objects, bucket, version(1))
        running.until(staged=staged, current=staged)
        assert where(running) == "https://www.mi.com/de/product/V1"
        assert httpx.get(f"{running.url}/readyz").json() == {"version": staged}
        [answer] = probing.ask(running.url, [Question("po.co", b"/healthz")])
        assert (answer.status, answer.location) == (301, "https://www.mi.com/global"), "at POCO's own host it is somebody's page"


def test_answers_say_how_long_they_hold_and_by_which_version(objects: ObjectStore, bucket: str, tmp_path: Path) -> None:
    name = put(objects, bucket, version(1))
    put(objects, bucket, version(1), STAGED)
    with service(objects, bucket, tmp_path / "cache") as running:
        running.until(current=name)
        page, front, staged, post, stays, other, long, head = probing.ask(running.url, [
            Question("po.co", f"/de/{X6}?a=b".encode()), Question("po.co", b"/de/never"), Question("po.co", b"/de", headers={"x-poco-redirects": "staged"}),
            Question("po.co", b"/de", "POST"), Question("po.co", b"/in"), Question("poco.in", b"/de"), Question("po.co", b"/" + b"x" * 2_000),
            Question("po.co", f"/de/{X6}".encode(), "HEAD"),
        ])  # fmt: skip
        assert {answer.headers["x-poco-redirects"] for answer in (page, front, staged, post, stays, other, long, head)} == {name}
        assert (page.status, page.location, page.headers["cache-control"]) == (
            301,
            "https://www.mi.com/de/product/V1?a=b",
            "public, max-age=86400",
        )
        assert (front.status, front.location, front.headers["cache-control"]) == (301, "https://www.mi.com/de", "public, max-age=300")
        assert staged.status == 301 and staged.headers["cache-control"] == "no-store"
        assert (head.status, head.location) == (301, "https://www.mi.com/de/product/V1")
        assert [answer.status for answer in (post, stays, other, long)] == [410, 404, 421, 400]
        assert not any(answer.location for answer in (post, stays, other, long))
        assert page.headers["strict-transport-security"] == "max-age=31536000" and "strict-transport-security" not in other.headers
        assert "server" not in page.headers


def test_a_reload_under_load_loses_no_request(objects: ObjectStore, bucket: str, tmp_path: Path) -> None:
    """Two clients ask without a pause while one version after the other becomes the current one."""
    made = [version(number) for number in range(6)]
    names = [built.version.name for built in made]
    put(objects, bucket, made[0])
    with service(objects, bucket, tmp_path / "cache", poll_s=0.1) as running:
        running.until(current=names[0])
        stop, answers = threading.Event(), list[probing.Answer]()
        questions = [Question("po.co", f"/{site.PREFIX[region]}/{page}".encode()) for region in ("DE", "ID") for page in site.SHOWN[region]]

        def load() -> None:
            while not stop.is_set():
                answers.extend(probing.ask(running.url, questions, connections=4))

        clients = [threading.Thread(target=load) for _ in range(2)]
        for client in clients:
            client.start()
        for built in made[1:]:
            name = put(objects, bucket, built)
            if built is made[-1]:
                os.kill(running.process.pid, signal.SIGHUP)
            running.until(current=name)
        stop.set()
        for client in clients:
            client.join()
    assert len(answers) > 500 and {answer.status for answer in answers} == {301}, "no request was lost"
    served = [answer.headers["x-poco-redirects"] for answer in answers]
    assert set(served) == set(names)
    numbers = dict(zip(names, range(6), strict=True))
    assert all(answer.location.endswith(f"/product/V{numbers[name]}") for answer, name in zip(answers, served, strict=True)), (
        "never half a version"
    )


def tampered(built: Built, file: str, old: bytes, new: bytes) -> Built:
    assert old in built.files[file]
    return replace(built, files={**built.files, file: built.files[file].replace(old, new, 1)})


def evil() -> Built:
    """A version that is consistent in itself and leads out of mi.com."""
    body = versions.encode_map(RULES, {"DE": {X6: "https://evil.example/de/x"}})
    manifest = versions.encode({"files": {versions.MAP: {"sha256": versions.digest(body), "bytes": len(body)}}, "counts": {}})
    good = version(2)
    return replace(good, version=replace(good.version, name=versions.name_of(manifest)), manifest=manifest,
                   files={versions.MANIFEST: manifest, versions.MAP: body})  # fmt: skip


BAD = (
    (tampered(version(2), versions.MAP, b"/product/V2", b"/product/V3"), "map.json has not the SHA-256 that its manifest says"),
    (tampered(version(2), versions.MANIFEST, b"bytes", b"bites"), "manifest.json has not the SHA-256 that the pointer says"),
    (replace(version(2), files={**version(2).files, versions.MAP: b'{"format"'}), "map.json has not the SHA-256"),
    (evil(), "leads out of the region's store"),
)


def test_a_version_that_is_not_what_it_should_be_is_refused_and_the_last_good_one_goes_on(
    objects: ObjectStore, bucket: str, tmp_path: Path
) -> None:
    good = put(objects, bucket, version(1))
    with service(objects, bucket, tmp_path / "cache") as running:
        running.until(current=good)
        for bad, said in BAD:
            put(objects, bucket, bad)
            refused(running, said)
            assert where(running) == "https://www.mi.com/de/product/V1" and running.state()["current"] == good
        objects.put(bucket, CURRENT, b"{")
        refused(running, "the pointer cannot be read (JSONDecodeError)")
        assert where(running) == "https://www.mi.com/de/product/V1"
        mended = put(objects, bucket, version(3))
        running.until(current=mended, refused={})
        assert where(running) == "https://www.mi.com/de/product/V3"


def refused(running: Service, said: str) -> None:
    eventually(lambda: said in str(running.state()["refused"]), running)


def eventually(true: Callable[[], bool], running: Service) -> None:
    give_up = time.monotonic() + 10
    while not true():
        assert time.monotonic() < give_up, (running.state(), running.log.read_text("utf-8")[-2000:])
        time.sleep(0.05)


def test_a_restart_without_the_object_store_goes_on_from_the_disk_and_trusts_it_no_more_than_the_bucket(
    objects: ObjectStore, bucket: str, tmp_path: Path
) -> None:
    name = put(objects, bucket, version(1))
    with service(objects, bucket, tmp_path / "cache") as running:
        running.until(current=name)
        eventually((tmp_path / "cache" / CURRENT).exists, running)
    nowhere = replace(objects, endpoint="http://127.0.0.1:9")
    with service(nowhere, bucket, tmp_path / "cache") as running:
        assert where(running) == "https://www.mi.com/de/product/V1"
    kept = tmp_path / "cache" / name / versions.MAP
    kept.write_bytes(kept.read_bytes().replace(b"/product/V1", b"/product/V9", 1))
    with service(nowhere, bucket, tmp_path / "cache") as running:
        assert where(running) == "503"
        assert "what the disk remembers cannot be used" in running.log.read_text("utf-8")
    with service(objects, bucket, tmp_path / "cache") as running:
        running.until(current=name)
        assert where(running) == "https://www.mi.com/de/product/V1"
        for number in range(2, 10):
            running.until(current=put(objects, bucket, version(number)))
        time.sleep(0.5)
        assert len([path for path in (tmp_path / "cache").iterdir() if path.is_dir()]) <= KEPT + 1


def test_the_service_needs_neither_airflow_nor_a_database() -> None:
    code = "import sys, json, poco_migration.redirects.__main__; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(PROJECT / "plugins")}, capture_output=True, text=True, check=True
    )
    assert not {"airflow", "psycopg", "great_expectations", "fastapi", "httpx"} & set(json.loads(done.stdout))
