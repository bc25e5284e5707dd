"""Real servers for every test: one POCO server, one mi.com server, databases cloned from templates in a fifth of a second.

The templates hold a small store with all its traps, and mi.com's side of the same people.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from faults import report
from support import population
from support.workplaces import Servers, prepared, s3_server, with_keys

from legacy_store import generator
from local_stack import databases
from local_stack.clusters import HERE, Cluster, serving
from local_stack.state import free_port
from mi_platform import seed
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace

SCALE = 0.01


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults", action="store_true", help="also run what takes minutes: every crash, the long random test (make faults)")
    parser.addoption("--write-roles", action="store_true", help="write tests/security/role_matrix/ anew; then read what has changed")
    parser.addoption("--seed", type=int, default=1, help="the seed of the random tests; a failure prints the one it had")


def _leave_to_faults(items: list[pytest.Item]) -> None:
    """Mark what tests/left_to_faults.txt names."""
    lines = (Path(__file__).parent / "left_to_faults.txt").read_text("utf-8").splitlines()
    for pattern in (line for line in lines if line and not line.startswith("#")):
        for item in items:
            if fnmatchcase(item.nodeid, pattern):
                item.add_marker(pytest.mark.faults)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _leave_to_faults(items)
    items.sort(key=lambda item: item.get_closest_marker("stack") is None)  # the longest file first, so that nobody waits for it at the end
    if not config.getoption("--faults"):
        long = [item for item in items if item.get_closest_marker("faults")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):  # one of several processes (pytest-xdist)
        session.config.workeroutput["faults"] = json.dumps(report.handed_over())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    report.taken_over(json.loads(getattr(node, "workeroutput", {}).get("faults", '{"cells": [], "lines": []}')))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What was broken on purpose, and what became of it."""
    lines = report.table()
    if lines:
        terminalreporter.section("faults")
        terminalreporter.write_line("\n".join(lines))
        if config.getoption("--faults"):
            report.write()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("servers")
    fast = (
        ("fsync", "off"),
        ("max_connections", "250"),
        ("synchronous_commit", "off"),
        ("full_page_writes", "off"),
        ("shared_buffers", "128MB"),
        ("wal_writer_delay", "10ms"),
        ("autovacuum_naptime", "1d"),  # or its workers go through hundreds of databases that a test has left
        ("scram_iterations", "1"),  # half of what a connection costs, and a test opens dozens
    )
    source = Cluster(
        "source", HERE, free_port(), "postgres", folder / "source", (*fast, *databases.SOURCE_SETTINGS, ("max_prepared_transactions", "2"))
    )
    target = Cluster("target", HERE, free_port(), "postgres", folder / "target", fast)
    passwords = {role: f"test-{role}" for role in (*databases.SOURCE_ROLES, *databases.TARGET_ROLES)}
    with serving(source, target):
        made = Servers(source, target, passwords)
        databases.create_source(source, passwords, "poco_template")
        generator.generate(source.dsn("poco_template", "poco_owner", passwords["poco_owner"]), scale=SCALE)
        databases.create_target(target, passwords, "mi_template")
        seed.create(target.dsn("mi_template", "mi_owner", passwords["mi_owner"]), scale=SCALE)
        databases.grant_target(target, passwords, "mi_template")
        yield made


@pytest.fixture(scope="session")
def migrated(servers: Servers) -> Workplace:
    """Both databases after everything was copied once. Tests only read it."""
    return prepared(servers, "cutover", "history", "reissue")


@pytest.fixture
def place(servers: Servers, request: pytest.FixtureRequest) -> Workplace:
    """Fresh databases with the schemas installed; nothing copied but what a test's mark `copied("cutover", ...)` asks for."""
    asked = request.node.get_closest_marker("copied")
    return prepared(servers, *(asked.args if asked else ()))


@pytest.fixture
def source(place: Workplace) -> Iterator[psycopg.Connection]:
    """The fresh store's own connection, as its owner."""
    with psycopg.connect(place.source_owner, autocommit=True) as connection:
        yield connection


@pytest.fixture
def target(place: Workplace) -> Iterator[psycopg.Connection]:
    """mi.com's database, as the migrator sees it."""
    with psycopg.connect(place.target, autocommit=True, options="-c timezone=UTC") as connection:
        yield connection


@pytest.fixture(scope="session")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """A real S3 server that checks signatures, with its buckets."""
    with s3_server(tmp_path_factory.mktemp("s3")) as store:
        for bucket in ("poco-media", "mi-media", "migration-evidence", "migration-notices", "poco-redirects", "personal-exports"):
            store.ensure_bucket(bucket)
        yield store


@pytest.fixture
def site(place: Workplace, objects: ObjectStore) -> Workplace:
    """A fresh workplace with its object store, and buckets of its own for evidence and redirects."""
    number = next(_buckets)
    own = {"evidence": f"evidence-{number}", "redirects": f"redirects-{number}"}
    for bucket in own.values():
        objects.ensure_bucket(bucket)
    kept = place.settings.objects.model_copy(update=own)
    return with_keys(replace(place, objects=objects, settings=place.settings.model_copy(update={"objects": kept})))


_buckets = count(1)


@pytest.fixture(scope="session")
def crowd(servers: Servers) -> Workplace:
    """People with something in every table, migrated once; tests of personal data work on copies (`people`)."""
    return population.migrated(servers)


@pytest.fixture
def people(servers: Servers, crowd: Workplace, objects: ObjectStore) -> Iterator[population.People]:
    with population.copied(servers, crowd, objects) as made:
        yield made
