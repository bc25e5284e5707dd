"""A column that nobody has thought of is seen before it is in production, without a server."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from local_stack import privacy
from poco_migration import settings
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.privacy import inventory
from poco_migration.errors import ConfigurationError
from poco_migration.settings import PROJECT

TABLES = "\n".join(path.read_text("utf-8") for path in privacy.DDL)


def test_every_column_of_both_sides_has_a_class() -> None:
    assert privacy.wrong() == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "    note             text,\n    placed_at",
            "    note text,\n    nickname text,\n    placed_at",
            "poco.orders.nickname has no privacy class",
        ),
        ("    locale           text,\n", "    locale text,\n    nickname text,\n", "mi.profiles.nickname has no privacy class"),
        ("create table mi.order_lines", "create table mi.pets (\n    name text\n);\ncreate table mi.order_lines", "mi.pets is not in"),
        ("    device       text,\n", "", "poco.app_tokens.device has a class and does not exist"),
        (
            "create table mi.order_lines",
            "alter table mi.profiles add column face text;\ncreate table mi.order_lines",
            "mi.profiles.face has no",
        ),
    ],
)
def test_a_new_column_without_a_class_is_seen(before: str, after: str, said: str) -> None:
    assert before in TABLES
    assert [wrong for wrong in inventory.undeclared(TABLES.replace(before, after, 1)) if wrong.startswith(said)]


def test_make_check_asks_and_says_what_to_do(tmp_path: Path) -> None:
    assert "-m local_stack.privacy" in (PROJECT / "Makefile").read_text("utf-8").split("\ncheck:")[1].split("\n\n")[0]
    for name in ("plugins", "legacy_store", "mi_platform", "local_stack"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    tables = tmp_path / "mi_platform" / "schema" / "01_tables.sql"
    ask = [sys.executable, "-m", "local_stack.privacy"]
    clean = {
        "cwd": tmp_path,
        "env": {"PYTHONPATH": f"{tmp_path / 'plugins'}:{tmp_path}", "PATH": "/usr/bin:/bin"},
        "capture_output": True,
        "text": True,
    }
    assert subprocess.run(ask, check=False, **clean).returncode == 0  # type: ignore[call-overload]
    tables.write_text(tables.read_text("utf-8").replace("    locale           text,\n", "    locale text,\n    nickname text,\n"), "utf-8")
    done = subprocess.run(ask, check=False, **clean)  # type: ignore[call-overload]
    assert done.returncode == 1 and "mi.profiles.nickname has no privacy class" in done.stderr and "Give each column a class" in done.stderr


def test_the_files_say_what_the_databases_have(migrated: Workplace) -> None:
    query = (
        "select table_schema || '.' || table_name, column_name::text from information_schema.columns"
        " where table_schema in ('poco', 'mi') or (table_schema, table_name) = ('migration', 'coupon_reissue')"
    )
    found: dict[str, set[str]] = {}
    for dsn in (migrated.source_owner, migrated.target):
        with psycopg.connect(dsn) as database:
            for table, column in database.execute(query).fetchall():
                found.setdefault(table, set()).add(column)
    assert {name: set(holding.columns) for name, holding in inventory.holdings().items()} == {
        name: columns for name, columns in found.items() if name != "poco.currencies"
    }


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('nulled  = ["location"]\n', "", "what an erasure does to"),
        ('by         = "profile_id"\nkey        = "address_id"', 'by         = "person"\nkey        = "address_id"', "it has no columns"),
        ('stays   = "part of the invoice"\n', "", "does not say why"),
        ('nulled = ["card_token"]', 'nulled = ["card_token", "provider_ref"]', "two answers"),
        ('of      = "mi.profiles"\nby      = "profile_id"\nkey     = "case_id"', 'of = "mi.case_messages"\nby = "profile_id"\nkey = "case_id"', "hangs on itself"),
        ('["poco.consents"]\n', '["poco.wishes"]\n', "no entity of POCO's"),
        ('rows    = "go"', 'rows    = "go"\ncolour  = "red"', "colour"),
        ('granted = "personal"', 'granted = "private"', "unknown privacy classes"),
    ],
)  # fmt: skip
def test_an_inventory_with_a_gap_is_refused(tmp_path: Path, before: str, after: str, said: str) -> None:
    folder = tmp_path / "entities"
    shutil.copytree(settings.ENTITIES, folder)
    text = (folder / "personal.toml").read_text("utf-8")
    assert before in text
    (folder / "personal.toml").write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(ConfigurationError, match=said):
        inventory.holdings(folder)


def test_what_a_person_is_handed_and_what_is_erased_are_two_answers_to_one_list() -> None:
    for holding in inventory.holdings().values():
        if holding.owned and holding.rows == "stay":
            personal = {name for name, kind in holding.columns.items() if kind != "plain"}
            assert personal <= holding.erased.keys() | holding.kept.keys(), holding.table
            assert all(len(reason) > 15 for reason in holding.kept.values()), "a reason is a sentence"
