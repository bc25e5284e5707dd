"""A ledger that an earlier version has made is taken over: nothing in it is lost, and it has the shape of a new one."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from support.workplaces import Servers, clone

from local_stack import databases
from poco_migration import settings
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.prepare import schema_install
from poco_migration.errors import ConfigurationError

EARLIER = sorted((Path(__file__).parent / "earlier").glob("ledger_*.sql"))
SHAPE = """
    select c.table_name, c.column_name, c.data_type, c.is_nullable, c.column_default is not null, p.contype is not null
      from information_schema.columns c
      left join lateral (select k.contype from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
                          where k.conrelid = format('migration.%I', c.table_name)::regclass and k.contype = 'p'
                            and a.attname = c.column_name) p on true
     where c.table_schema = 'migration'
"""


def shape(place: Workplace) -> set[tuple[object, ...]]:
    with psycopg.connect(place.target) as target:
        return set(target.execute(SHAPE).fetchall())


def rows(place: Workplace) -> dict[str, int]:
    with psycopg.connect(place.target) as target:
        tables = [row[0] for row in target.execute("select tablename from pg_tables where schemaname = 'migration'")]
        return {name: target.execute(f'select count(*) from migration."{name}"').fetchone()[0] for name in tables}


@pytest.mark.parametrize("path", EARLIER, ids=lambda path: path.stem)
def test_a_ledger_of_an_earlier_version_is_taken_over(servers: Servers, place: Workplace, path: Path) -> None:
    old = clone(servers)
    database = str(conninfo_to_dict(old.target)["dbname"])
    with psycopg.connect(servers.target.dsn(database), autocommit=True) as administrator:
        administrator.execute(f"grant create on database {database} to mi_migrator")
    with psycopg.connect(old.target, autocommit=True) as target:
        # As that version did: the migrator owned its ledger. Taking it over takes the administrator's step (docs/runbook.md, "Roles").
        target.execute(path.read_text("utf-8"))
    before = rows(old)
    assert before["receipt"] and before["part"]
    databases.grant_database(servers.target, database)
    schema_install.control_schema(old)
    after = rows(old)
    lost = {name: (count, after.get(name)) for name, count in before.items() if after.get(name, 0) < count}
    assert lost == {}
    assert shape(place) - shape(old) == set(), "a new ledger has it, one that was taken over has not"
    schema_install.control_schema(old)
    assert rows(old) == after, "installed twice"


@pytest.mark.parametrize("side", ["control", "source"])
def test_each_file_of_a_schema_has_a_number_of_its_own(side: str) -> None:
    numbers = [int(path.name.split("_")[0]) for path in schema_install.numbered(side)]
    assert len(numbers) >= 10 and numbers == sorted(set(numbers))


def test_two_files_with_one_number_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "control").mkdir()
    for name in ("01_one.sql", "01_other.sql"):
        (tmp_path / "control" / name).write_text("-- Purpose: none\n")
    monkeypatch.setattr(settings, "SCHEMA", tmp_path)
    with pytest.raises(ConfigurationError, match="Give one the next number"):
        schema_install.numbered("control")
