"""Imports point one way: dags -> doors -> stages -> engine -> adapters -> model, settings -> errors; one library, one file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from poco_migration.settings import PACKAGE, PROJECT

# A file may import from its own room or from a room with a lower number.
ROOMS = {
    "errors": 0,
    "model": 1,
    "limits": 1,
    "settings": 1,
    "suites": 2,
    "adapters": 3,
    "redirects": 4,
    "engine": 5,
    "stages": 6,
    "alarms": 7,
    "cockpit": 7,
    "doors": 7,
    "questions": 7,
    "local": 8,
    "dags": 9,
}
AIRFLOW = {"cockpit/app.py", "doors.py", "questions.py", "adapters/connections.py", "adapters/timetable.py"}
ONE_FILE = {
    "psycopg": "adapters/postgres.py", "boto3": "adapters/objects.py", "botocore": "adapters/objects.py", "jinja2": "adapters/rendering.py",
    "great_expectations": "adapters/expectations.py", "phonenumbers": "adapters/phones.py", "adbc_driver_manager": "adapters/arrow_rows.py", "adbc_driver_postgresql": "adapters/arrow_rows.py",
    "yaml": "suites.py",
    "fastapi": "cockpit/app.py", "starlette": "redirects/app.py", "uvicorn": "redirects/__main__.py",
}  # fmt: skip
# One adapter for each purpose of a library that has several.
EACH_PURPOSE = {
    "pydantic": ("settings.py", "limits.py"),
    "pyarrow": ("adapters/parquet.py", "adapters/arrow_rows.py"),
    "cryptography": ("adapters/signing.py", "adapters/sealed_codes.py", "adapters/sealing.py"),
}
# Composing a connection string is not talking to a database.
EXCUSED = {("adapters/connections.py", "psycopg.conninfo"), ("adapters/expectations.py", "psycopg.conninfo")}

FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
DAGS = sorted((PROJECT / "dags").glob("*.py"))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def room(module: str) -> str:
    return module.split(".")[1]


def name_of(path: Path) -> str:
    return "poco_migration." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def modules(path: Path) -> set[str]:
    known = {name_of(file) for file in FILES}
    return {found for found in imports(path) if found in known}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_calls_only_rooms_below_it(path: Path) -> None:
    here = ROOMS[room(name_of(path))]
    for found in modules(path):
        assert ROOMS[room(found)] <= here, f"{name_of(path)} imports {found}"


def test_there_is_no_import_cycle() -> None:
    graph = {name_of(path): modules(path) for path in FILES}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"cycle: {' -> '.join([*path, name])}"
        if name not in done:
            for below in sorted(graph[name]):
                visit(below, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", [path for path in FILES if "local" not in path.parts], ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_outside_library_is_imported_in_one_file(path: Path) -> None:
    here = str(path.relative_to(PACKAGE))
    for found in imports(path):
        library = found.split(".")[0]
        if library == "airflow":
            assert here in AIRFLOW, f"{here} imports {found}"
        elif library in EACH_PURPOSE:
            assert here in EACH_PURPOSE[library], f"{here} imports {found}; only {EACH_PURPOSE[library]} may"
        elif library in ONE_FILE and not any(here == file and found.startswith(module) for file, module in EXCUSED):
            assert here == ONE_FILE[library], f"{here} imports {found}; only {ONE_FILE[library]} may"


@pytest.mark.parametrize("path", DAGS, ids=lambda path: path.stem)
def test_a_dag_file_is_a_front_door(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 60
    for found in imports(path):
        assert found.split(".")[0] in ("airflow", "poco_migration"), found
        assert not found.startswith(("poco_migration.engine", "local_stack")), found


def test_the_engine_knows_no_entity_by_name() -> None:
    names = {folder.name for folder in (PACKAGE / "entities").iterdir() if folder.is_dir()}
    for path in [*(PACKAGE / "engine").glob("*.py"), *(PACKAGE / "adapters").glob("*.py")]:
        words = {
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not words & names, f"{path.name} names {words & names}"
