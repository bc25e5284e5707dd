"""The house stays tidy: every entity has its files, every file its size, every statement its purpose."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import psycopg
import pytest

from poco_migration import settings
from poco_migration.adapters import gate_suites, postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.prepare import readiness
from poco_migration.engine.totals import balances, column_hash, control_totals, kept_back
from poco_migration.model import Entity
from poco_migration.settings import PROJECT

ENTITIES = [entity for entity in cards.entities().values() if entity.moves != "never"]
PYTHON = sorted(
    path for folder in ("plugins", "dags", "legacy_store", "mi_platform", "local_stack") for path in (PROJECT / folder).rglob("*.py")
)
SQL = sorted(path for folder in ("plugins", "expectations", "legacy_store", "mi_platform") for path in (PROJECT / folder).rglob("*.sql"))


def short(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_an_entity_folder_is_complete(entity: Entity) -> None:
    folder = settings.ENTITIES / entity.name
    comes_back = {"inverse.sql"} if entity.moves == "cutover" else set()
    assert {path.name for path in folder.iterdir()} - {"shared.sql"} == {
        "entity.toml",
        "extract.sql",
        "load.sql",
        "readback.sql",
    } | comes_back
    # Rows made at mi.com are read back without POCO's mark (engine/rollback/inverse_mapping.py): one line, and it says so.
    assert not (comes_back and entity.parents) or len(re.findall(r"^ where .*  -- POCO's mark$", entity.readback, re.MULTILINE)) == 1
    sections = postgres.sections(entity.load)
    assert sorted(name for name, _ in sections if name in ("delete", "upsert")) == ["delete", "upsert"]
    found = dict(sections)
    assert f"insert into {entity.table} as t " in found["upsert"] and found["upsert"].count(";\n") == 1, "one statement: it is counted"
    assert f"delete from {entity.table} t using gone g " in found["delete"] and found["delete"].count(";\n") == 1
    refusals = set(re.findall(r"'([a-z_]+)'\s*(?:end as refused|\n\s+when|end\s+from)", entity.extract))
    assert refusals <= entity.reasons.keys(), "a reason in extract.sql is not declared in entity.toml"


@pytest.mark.parametrize("entity", list(cards.entities().values()), ids=lambda entity: entity.name)
def test_every_column_of_the_source_has_a_privacy_class(migrated: Workplace, entity: Entity) -> None:
    query = "select column_name from information_schema.columns where table_schema = 'poco' and table_name = %s order by ordinal_position"
    with psycopg.connect(migrated.source_owner) as source:
        found = [row[0] for row in source.execute(query, (entity.name,))]
    assert found, f"poco.{entity.name} does not exist"
    assert list(entity.columns) == found


def test_every_table_of_the_source_is_an_entity(migrated: Workplace) -> None:
    with psycopg.connect(migrated.source_owner) as source:
        tables = {row[0] for row in source.execute("select tablename from pg_tables where schemaname = 'poco'")}
    # poco.currencies says how many decimals POCO keeps; it is read, and there is nothing in it to move.
    assert tables - {"currencies"} == cards.entities().keys()


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_readback_has_the_shape_of_extract(migrated: Workplace, entity: Entity) -> None:
    with psycopg.connect(migrated.source) as source, psycopg.connect(migrated.target) as target:
        extract, readback = postgres.columns(source, entity.extract), postgres.columns(target, entity.readback)
    assert [name for name, _ in extract[:3]] == ["source_key", "region", "refused"]
    assert [name for name, _ in readback[:3]] == ["source_key", "region", "outcome"]
    assert extract[3:] == readback[3:], "names, types or order differ"


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_no_secret_column_is_in_a_view_of_the_export_schema(migrated: Workplace, entity: Entity) -> None:
    query = "select column_name from information_schema.columns where table_schema = 'poco_export' and table_name = %s"
    with psycopg.connect(migrated.source_owner) as source:
        exported = {row[0] for row in source.execute(query, (entity.name,))}
    assert exported and not exported & {name for name, kind in entity.columns.items() if kind == "secret"}


@pytest.mark.parametrize("path", SQL, ids=short)
def test_an_sql_file_says_its_purpose_first(path: Path) -> None:
    assert re.match(r"-- (Purpose|Control total|Side): \S", path.read_text("utf-8")), "its first line says what it is for"


@pytest.mark.parametrize("path", PYTHON, ids=short)
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 260, "name the second idea and give it a file"
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module says what room it is"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 45, f"{node.name} is too long"


def test_no_module_is_called_utils() -> None:
    assert not [path for path in PYTHON if path.stem in ("utils", "helpers", "common", "misc")]


GATES = sorted((path.parent.name, path.stem) for path in settings.EXPECTATIONS.glob("*/*.yml"))


@pytest.mark.parametrize(("stage", "gate"), GATES)
def test_every_gate_can_be_read_and_is_used(stage: str, gate: str) -> None:
    assert stage in (*settings.STAGES, settings.ROLLBACK, settings.AFTER)
    assert gate_suites.read(stage, gate).suites
    assert f'gate("{stage}", "{gate}")' in (PROJECT / "dags" / f"{stage}.py").read_text("utf-8")


def test_every_stage_has_a_door_and_every_door_a_gate() -> None:
    assert {path.stem for path in (PROJECT / "dags").glob("*.py")} == {
        *settings.STAGES,
        settings.FOLLOWER,
        settings.ROLLBACK,
        settings.PERSONAL,
        settings.WATCHER,
        settings.AFTER,
    }
    assert {stage for stage, _ in GATES} == {*settings.STAGES, settings.ROLLBACK, settings.AFTER}


def test_every_control_total_names_an_entity_and_has_two_sides() -> None:
    for total in control_totals.FOLDER.iterdir():
        assert {path.name for path in total.iterdir()} == {"source.sql", "target.sql"}
        assert control_totals.entity_of(total) in cards.entities()


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_entity_that_moves_has_a_total_of_all_its_columns_and_rules_for_what_is_kept_back(entity: Entity) -> None:
    assert column_hash.wants_hashes((control_totals.FOLDER / f"columns_of_{entity.name}" / "source.sql").read_text("utf-8"))
    rules = set(re.findall(r"when '(\w+)' then", (kept_back.FOLDER / f"{entity.name}.sql").read_text("utf-8")))
    said = set(re.findall(r"'([a-z_]+)'\s*(?:end as refused|\n\s+when|end\s+from)", entity.extract))
    assert said <= rules, "a reason in extract.sql has no rule of the auditors'"


@pytest.mark.parametrize("path", sorted(control_totals.FOLDER.rglob("*.sql")) + sorted(kept_back.FOLDER.glob("*.sql")), ids=short)
def test_the_auditors_use_nothing_that_moves_rows(path: Path) -> None:
    used = set(re.findall(r"poco_export\.(\w+)", path.read_text("utf-8")))
    # Views of the auditors' own: the columns as they stand in the table, where a card calls one of them personal (15_audited.sql).
    shown = {f"audited_{entity.name}" for entity in ENTITIES if "personal" in entity.columns.values()}
    assert used <= {"scope", "rules", "tombstones", "handed_over", "owed_coupons"} | shown


def test_the_auditors_views_compute_nothing_and_show_only_regions_that_move() -> None:
    text = (settings.SCHEMA / "source" / "15_audited.sql").read_text("utf-8")
    views = re.findall(r"create or replace view poco_export\.audited_(\w+) with \(security_barrier\) as\nselect (.*?);", text, re.DOTALL)
    assert len(views) == text.count("create or replace view") == 14
    for name, query in views:
        columns, _, rest = query.partition(" from ")
        assert re.fullmatch(r"(\s*[a-z]\.[a-z_0-9]+,?)+\s*", columns), name
        assert re.fullmatch(
            rf"poco\.{name} ([a-z])\n where \1\.region in \(select region from poco_export\.scope where decision = 'move'\)", rest
        ), name


def test_every_balance_names_an_entity_and_has_two_sides() -> None:
    assert [path.name for path in sorted(balances.FOLDER.iterdir())] == [balance.name for balance in balances.balances_of(cards.entities())]
    for folder in balances.FOLDER.iterdir():
        assert {path.name for path in folder.iterdir()} == {"source.sql", "target.sql"}


def test_every_readiness_check_says_what_to_do() -> None:
    assert len(readiness.checks()) >= 10
    assert all("clear this task" in check.next_action or "stop" in check.next_action for check in readiness.checks())


def test_every_target_of_the_makefile_is_described() -> None:
    text = (PROJECT / "Makefile").read_text("utf-8")
    public = re.search(r"^\.PHONY: (help .*)$", text, re.MULTILINE)
    assert public
    for name in public[1].split():
        assert re.search(rf"^{name}:.*## \S", text, re.MULTILINE), name


def test_what_is_left_to_faults_is_there() -> None:
    """A pattern that fits no test leaves nothing to anybody, and hides a test that was renamed."""
    lines = (PROJECT / "tests" / "left_to_faults.txt").read_text("utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    files = sorted({pattern.split("::")[0] for pattern in patterns})
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-o",
        "addopts=--import-mode=importlib -p no:cacheprovider",
        "--collect-only",
        "-q",
        "--faults",
        *files,
    ]
    ids = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in ids)] == []
