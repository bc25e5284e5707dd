"""docker-compose.yml agrees with the local stack and keeps its secrets and its ports to itself.

Each check of compose_checks.py is run on the file as it is, and on a copy with a fault planted in it, which it must name.
"""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from deployment.compose_checks import (
    Document,
    asked_and_not_made,
    exposed,
    literal_secrets,
    loose_images,
    open_ports,
    other_environment,
    other_processes,
    other_servers,
    powers,
    talkative,
    unawaited,
    unbounded,
    unlimited,
)

from local_stack import clusters, deployment, stack
from poco_migration.settings import PROJECT

Check = Callable[[Document], list[str]]
Fault = Callable[[Document], None]


@pytest.fixture
def document() -> Document:
    """The file, parsed; what YAML's anchors share is taken apart, so that a planted fault is in one place only."""
    parsed: Document = json.loads(json.dumps(yaml.safe_load((PROJECT / "docker-compose.yml").read_text("utf-8"))))
    return parsed


def make_env(path: Path) -> str:
    done = subprocess.run([sys.executable, str(PROJECT / "deploy" / "make_env.py"), str(path)], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("env") / ".env"
    make_env(path)
    return path


def names(env: Path) -> set[str]:
    return {line.split("=")[0] for line in env.read_text("utf-8").splitlines()}


CHECKS = [
    other_processes,
    other_environment,
    literal_secrets,
    open_ports,
    other_servers,
    loose_images,
    powers,
    unawaited,
    unlimited,
    unbounded,
    exposed,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_file_is_as_it_should_be(document: Document, check: Check) -> None:
    assert check(document) == []


def put(service: str, key: str, value: Any) -> Fault:
    return lambda document: document["services"][service].__setitem__(key, value)


def say(service: str, key: str, value: str) -> Fault:
    return lambda document: document["services"][service]["environment"].__setitem__(key, value)


def drop(service: str, key: str) -> Fault:
    return lambda document: document["services"][service].__delitem__(key)


FAULTS: list[tuple[Check, Fault, str]] = [
    (other_processes, put("scheduler", "command", "airflow scheduler --num-runs 5"), "scheduler"),
    (other_processes, lambda document: document["services"].pop("triggerer"), "triggerer"),
    (other_processes, put("s3", "command", "airflow celery worker"), "s3"),
    (other_processes, put("redirects", "command", "python -m poco_migration.redirects --port 80"), "redirects"),
    (other_environment, drop("dag-processor", "env_file"), "dag-processor"),
    (other_environment, say("triggerer", "AIRFLOW__CORE__PARALLELISM", "32"), "AIRFLOW__CORE__PARALLELISM"),
    (literal_secrets, say("postgres-source", "POSTGRES_PASSWORD", "poco"), "postgres-source: POSTGRES_PASSWORD"),
    (literal_secrets, say("seed", "VOUCHER_KEY", "${VOUCHER_KEY:-poco}"), "seed: VOUCHER_KEY"),
    (literal_secrets, say("seed", "VOUCHER_KEY", "poco${VOUCHER_KEY:?run make compose-env first}"), "seed: VOUCHER_KEY"),
    (literal_secrets, put("s3", "command", ["posix", "/data", "--key=poco"]), "--key=poco"),
    (literal_secrets, say("migrate", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql+psycopg://airflow:airflow@postgres-metadata/airflow"),
     "SQL_ALCHEMY_CONN"),
    (open_ports, put("postgres-source", "ports", ["5432:5432"]), "postgres-source: 5432:5432"),
    (open_ports, put("api-server", "ports", ["0.0.0.0:8080:8080"]), "api-server"),
    (open_ports, put("s3", "network_mode", "host"), "s3: network_mode host"),
    (other_servers, put("postgres-source", "command", ["postgres", "-c", "wal_level=replica"]), "postgres-source: [('wal_level', 'replica')]"),
    (other_servers, put("postgres-target", "command", ["postgres", "-c", "log_error_verbosity=verbose"]), "postgres-target"),
    (other_servers, put("postgres-metadata", "volumes", ["metadata:/var/lib/postgresql"]), "postgres-metadata does not read"),
    (other_servers, say("postgres-target", "POSTGRES_INITDB_ARGS", "--locale=de_DE.UTF-8"), "postgres-target: initdb"),
    (loose_images, put("s3", "image", "versity/versitygw:latest"), "s3"),
    (loose_images, put("postgres-source", "image", "postgres"), "postgres-source"),
    (powers, put("scheduler", "read_only", False), "scheduler: read_only"),
    (powers, put("s3", "cap_add", ["CHOWN"]), "s3: cap_add"),
    (powers, put("postgres-target", "user", "0:0"), "postgres-target: root"),
    (powers, put("api-server", "user", "root"), "api-server: user"),
    (unawaited, put("scheduler", "depends_on", {"api-server": {"condition": "service_started"}}), "scheduler"),
    (unawaited, drop("s3", "healthcheck"), "s3 has no healthcheck"),
    (unawaited, put("redirects", "depends_on", {}), "redirects"),
    (unlimited, drop("redirects", "mem_limit"), "redirects has no mem_limit"),
    (unlimited, drop("postgres-source", "pids_limit"), "postgres-source has no pids_limit"),
    (exposed, put("redirects", "networks", ["front", "back"]), "redirects can reach postgres-source"),
    (exposed, put("s3", "networks", ["front"]), "redirects can reach s3"),
    (exposed, say("redirects", "AWS_SECRET_ACCESS_KEY", "${S3_SECRET_KEY:?run make compose-env first}"), "redirects knows AWS_SECRET_ACCESS_KEY"),
    (exposed, say("s3-reader", "VGW_READ_ONLY", "false"), "s3-reader can write"),
    (exposed, put("s3-reader", "volumes", ["objects:/var/lib/objects:ro"]), "s3-reader sees objects"),
    (unbounded, drop("redirects", "mem_limit"), "redirects: mem_limit"),
    (unbounded, put("redirects", "memswap_limit", "-1"), "redirects: memswap_limit"),
    (unbounded, drop("redirects", "pids_limit"), "redirects: pids_limit"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "plant", "named"), FAULTS, ids=lambda value: getattr(value, "__name__", value))
def test_a_planted_fault_is_named(document: Document, check: Check, plant: Fault, named: str) -> None:
    plant(document)
    found = check(document)
    assert any(named in line for line in found), found


def test_every_variable_that_compose_asks_for_is_made_and_no_other(document: Document, env: Path) -> None:
    assert asked_and_not_made(document, names(env)) == []
    assert asked_and_not_made(document, names(env) | {"NOBODY_ASKS"}) == ["NOBODY_ASKS"]
    say("seed", "OTHER", "${FORGOTTEN:?run make compose-env first}")(document)
    assert asked_and_not_made(document, names(env)) == ["FORGOTTEN"]
    say("seed", "OTHER", "${UNSAID}")(document)
    assert any("UNSAID" in line or "neither" in line for line in asked_and_not_made(document, names(env)))


def test_make_env_makes_secrets_for_their_owner_only_and_never_twice(env: Path, tmp_path: Path) -> None:
    before = env.read_text("utf-8")
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert "stays as it is" in make_env(env)
    assert env.read_text("utf-8") == before
    values = [line.split("=", 1)[1] for line in before.splitlines()]
    make_env(tmp_path / ".env")
    others = (tmp_path / ".env").read_text("utf-8")
    assert all(len(value) >= 24 and value not in others for value in values)
    assert not any(value in make_env(tmp_path / "third") for value in values)


def test_every_role_and_every_user_has_a_password(env: Path) -> None:
    assert {f"{role.upper()}_PASSWORD" for role in deployment.ROLES} <= names(env)
    assert all(f'"{user}": ' in env.read_text("utf-8") for user in stack.USERS)


def test_no_server_writes_rows_into_its_log() -> None:
    configuration = clusters.CONFIGURATION.read_text("utf-8")
    assert talkative(configuration) == []
    assert talkative(configuration.replace("'terse'", "'verbose'")) == ["log_error_verbosity is verbose"]
    assert talkative(configuration.replace("log_min_error_statement", "#log_min_error_statement")) == ["log_min_error_statement is None"]


def test_secrets_stay_out_of_git_and_out_of_the_image() -> None:
    assert ".env" in (PROJECT / ".gitignore").read_text("utf-8").splitlines()
    ignored = (PROJECT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored and "!.env" not in ignored and "!deploy" not in ignored
    dockerfile = (PROJECT / "Dockerfile").read_text("utf-8")
    assert "--require-hashes" in dockerfile and "--only-binary :all:" in dockerfile and "USER airflow" in dockerfile
    assert set(re.findall(r"^FROM (\S+:\S+)", dockerfile, re.MULTILINE)) == {"python:3.11-slim-bookworm"}
    assert not re.search(r"(?i)(password|secret|key)=", dockerfile)


def test_everything_that_the_image_copies_is_let_into_the_build() -> None:
    ignored = {line.removeprefix("!") for line in (PROJECT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", (PROJECT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert {name for line in lines for name in line.split()} - ignored == set()


def test_the_tags_of_our_images_are_the_version_of_the_project(document: Document) -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    own = {service["image"] for service in document["services"].values() if "build" in service}
    assert own == {f"poco-migration:{version}", f"poco-migration-demo:{version}"}
