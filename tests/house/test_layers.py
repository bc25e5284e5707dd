"""Imports point one way: dags -> orchestration -> stages -> engine -> adapters -> model, settings -> errors; one library, one file."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from poco_migration.settings import PACKAGE, PROJECT

# A file may import from its own room or from a room with a lower number.
ROOMS = {
    "errors": 0,
    "model": 1,
    "limits": 1,
    "settings": 1,
    "adapters": 3,
    "redirects": 4,
    "engine": 5,
    "stages": 6,
    "cockpit": 7,
    "orchestration": 7,
    "alarms": 8,
}
# The engine's rooms, from the ground up: a room may import only rooms with a lower number. The files beside the rooms are the ground.
ENGINE = {
    "cards": 0,
    "connection_pair": 0,
    "entity_sql": 0,
    "isolation": 0,
    "throttle": 0,
    "evidence": 1,
    "ledger": 2,
    "redirect_map": 2,
    "totals": 2,
    "copying": 3,
    "coupons": 3,
    "cutover": 3,
    "milestones": 3,
    "archive": 4,
    "follow": 4,
    "privacy": 5,
    "verify": 5,
    "prepare": 6,
    "rollback": 6,
    "shutdown": 7,
}
AIRFLOW = {
    "adapters/connections.py",
    "adapters/timetable.py",
    "cockpit/app.py",
    "orchestration/dag_parts.py",
    "orchestration/human_approval.py",
}
ONE_FILE = {
    "psycopg": "adapters/postgres.py", "boto3": "adapters/objects.py", "botocore": "adapters/objects.py", "jinja2": "adapters/rendering.py",
    "great_expectations": "adapters/expectations.py", "phonenumbers": "adapters/phones.py", "adbc_driver_manager": "adapters/arrow_rows.py", "adbc_driver_postgresql": "adapters/arrow_rows.py",
    "yaml": "adapters/gate_suites.py",
    "fastapi": "cockpit/app.py", "starlette": "redirects/app.py", "uvicorn": "redirects/__main__.py",
}  # fmt: skip
# One adapter for each purpose of a library that has several.
EACH_PURPOSE = {
    "pydantic": ("settings.py", "limits.py"),
    "pyarrow": ("adapters/parquet.py", "adapters/arrow_rows.py"),
    "cryptography": ("adapters/signing.py", "adapters/sealed_codes.py", "adapters/sealing.py", "adapters/ssh_signatures.py"),
}
# Composing a connection string is not talking to a database.
EXCUSED = {
    ("adapters/connections.py", "psycopg.conninfo"),
    ("adapters/expectations.py", "psycopg.conninfo"),
    ("adapters/log_stream.py", "psycopg.conninfo"),
    # psycopg has no client for the replication protocol: it is spoken with libpq's own functions.
    ("adapters/log_stream.py", "psycopg.pq"),
}

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


def engine_room(module: str) -> str | None:
    """The room of a module of the engine, or the file beside the rooms; None outside of the engine."""
    parts = module.split(".")
    return parts[2] if parts[1] == "engine" else None


@pytest.mark.parametrize("path", [path for path in FILES if "engine" in path.parts], ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_of_the_engine_imports_only_rooms_below_it(path: Path) -> None:
    here = engine_room(name_of(path))
    assert here in ENGINE, f"{here} has no place in the table of rooms"
    for found in modules(path):
        there = engine_room(found)
        if there and there != here and not ENGINE[here] == ENGINE[there] == 0:
            assert ENGINE[there] < ENGINE[here], f"{name_of(path)} imports {found}: {there} does not stand below {here}"


def test_the_table_of_rooms_names_every_room_and_nothing_else() -> None:
    here = {
        path.stem if path.is_file() else path.name
        for path in (PACKAGE / "engine").iterdir()
        if path.name not in ("__init__.py", "__pycache__")
    }
    assert here == ENGINE.keys()


@pytest.mark.parametrize(
    "name", ["stages", "adapters", "orchestration", "cockpit", *(f"engine/{name}" for name, floor in ENGINE.items() if floor)]
)
def test_every_room_has_a_face(name: str) -> None:
    """What the room does, who calls it, what it refuses, which file to read first; and every file that its face names exists."""
    folder = PACKAGE / name
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))) or ""
    assert re.search(r"(Called|Served) by", text), "who calls it"
    assert not name.startswith("engine/") or ("Refuses: " in text and "Read first: " in text)
    here = {path.name for path in folder.glob("*.py")} - {"__init__.py"}
    named = set(re.findall(r"(?<![\w/])(\w+\.py)", text))
    assert not name.startswith("engine/") or here <= named, f"{name}/__init__.py does not name {here - named}"


@pytest.mark.parametrize("name", ENGINE)
def test_a_room_stays_small_enough_to_be_seen_whole(name: str) -> None:
    assert len(list((PACKAGE / "engine" / name).glob("*.py"))) <= 12


def test_a_public_name_of_the_engine_means_one_thing() -> None:
    places: dict[str, list[str]] = {}
    for path in (path for path in FILES if "engine" in path.parts):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(PACKAGE)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


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


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
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
    assert len(list((PACKAGE / "engine").rglob("*.py"))) > len(ENGINE), "the engine is not where it is looked for"
    for path in [*(PACKAGE / "engine").rglob("*.py"), *(PACKAGE / "adapters").rglob("*.py")]:
        words = {
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not words & names, f"{path.name} names {words & names}"


def test_the_reading_path_is_short() -> None:
    """What somebody new reads to follow one row: the README, the DAG, its stage, the copier and one entity."""
    package = PACKAGE.relative_to(PROJECT)
    path = ["README.md", "dags/backfill.py", f"{package}/stages/backfill.py", f"{package}/engine/copying/copier.py"]
    lines = {name: len((PROJECT / name).read_text("utf-8").splitlines()) for name in path}
    lines |= {file.name: len(file.read_text("utf-8").splitlines()) for file in (PACKAGE / "entities/orders").iterdir()}
    assert sum(lines.values()) < 400, lines


def test_the_files_that_a_copied_row_passes_are_twelve_at_most_and_exist() -> None:
    listed = re.findall(
        r"^ +\d+\. (\S+)", ast.get_docstring(ast.parse((PACKAGE / "engine/copying/__init__.py").read_text("utf-8"))) or "", re.M
    )
    assert 0 < len(listed) <= 12
    for name in listed:
        file = name.replace("<name>", "orders")
        assert any((root / file).is_file() for root in (PROJECT, PACKAGE, PACKAGE / "engine")), name
