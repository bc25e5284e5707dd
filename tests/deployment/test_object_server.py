"""The S3 servers of this machine: no key stands in a list of processes, and the redirect service's opens one bucket, for reading."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local_stack import object_server
from local_stack.stack import Stack
from local_stack.state import State, free_port
from poco_migration.adapters.objects import ObjectStore
from poco_migration.errors import ObjectStoreError

ROOT, READER = ("root-access", "root-secret"), ("reader-access", "reader-secret")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ObjectStore, ObjectStore]]:
    """The whole store with its own key, and the reader of one bucket as the redirect service has it."""
    folder, log = tmp_path_factory.mktemp("s3"), tmp_path_factory.mktemp("log") / "log"
    for bucket in ("poco-redirects", "personal-exports"):
        (folder / bucket).mkdir()
    ports = free_port(), free_port()
    with (
        object_server.served(object_server.whole(folder, ports[0], [ROOT, ("second", "other")]), log),
        object_server.served(object_server.reader(folder / "poco-redirects", ports[1], [READER]), log),
    ):
        whole, reader = (ObjectStore(f"http://127.0.0.1:{port}", *key) for port, key in zip(ports, (ROOT, READER), strict=True))
        whole.put("poco-redirects", "current.json", b"first")
        whole.put("personal-exports", "copy.zip", b"somebody's data")
        yield whole, reader


def test_no_key_is_in_the_list_of_processes(both: tuple[ObjectStore, ObjectStore]) -> None:
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert sum("serve s3" in line for line in lines) >= 2
    assert not [line for line in lines if any(secret in line for _, secret in (ROOT, READER))]


def test_each_key_of_a_server_opens_it_and_no_other_key(both: tuple[ObjectStore, ObjectStore]) -> None:
    whole, reader = both
    assert list(ObjectStore(whole.endpoint, "second", "other").keys("personal-exports")) == ["copy.zip"]
    for endpoint, access, secret in (
        (whole.endpoint, *READER),
        (whole.endpoint, "root-access", "guessed"),
        (reader.endpoint, *ROOT),
    ):
        with pytest.raises(ObjectStoreError):
            list(ObjectStore(endpoint, access, secret).keys("poco-redirects"))


def test_whoever_gets_into_the_redirect_service_changes_nothing_and_reads_no_other_bucket(both: tuple[ObjectStore, ObjectStore]) -> None:
    whole, reader = both
    assert reader.get("poco-redirects", "current.json") == b"first"
    for attack in (
        lambda: reader.get("personal-exports", "copy.zip"),
        lambda: list(reader.keys("personal-exports")),
        lambda: reader.get("poco-redirects", "../personal-exports/copy.zip"),
        lambda: reader.ensure_bucket("another"),
        lambda: reader.put("poco-redirects", "current.json", b"elsewhere"),
        lambda: reader.delete("poco-redirects", "current.json"),
    ):
        with pytest.raises(ObjectStoreError):
            attack()
    assert whole.get("poco-redirects", "current.json") == b"first"


def test_the_reader_sees_within_seconds_what_is_published(both: tuple[ObjectStore, ObjectStore]) -> None:
    whole, reader = both
    reader.get("poco-redirects", "current.json")
    whole.put("poco-redirects", "current.json", b"the second one, and longer")
    whole.put("poco-redirects", "new/map.json", b"{}")
    give_up = time.monotonic() + 5
    while reader.get("poco-redirects", "current.json") == b"first" or not reader.exists("poco-redirects", "new/map.json"):
        assert time.monotonic() < give_up
        time.sleep(0.1)


def test_the_stack_gives_the_redirect_service_the_reader_s_key_and_no_command_line_a_key(tmp_path: Path) -> None:
    stack = Stack(State(tmp_path))
    stack.state.choose_ports()
    processes = {process.name: process for process in stack._processes()}
    secrets = [stack.state.secret(name) for name in ("s3 access", "s3 secret", "s3 reader access", "s3 reader secret")]
    assert not [secret for secret in secrets for process in processes.values() if secret in " ".join(process.command)]
    seen = processes["redirects"].environment
    assert (seen["AWS_ACCESS_KEY_ID"], seen["AWS_SECRET_ACCESS_KEY"]) == tuple(secrets[2:])
    assert str(stack.state.port("s3_reader")) in seen["AWS_ENDPOINT_URL"]
    assert not [value for value in seen.values() if value in secrets[:2]]
