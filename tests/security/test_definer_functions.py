"""Nobody becomes the owner: temporary objects that shadow PostgreSQL's own names take over no function that runs with its owner's rights.

Each role that can log in makes a trap for every catalogue and every type that a function may name without a schema, and then
calls every function that it may call. The functions come out of the catalogue and not out of a list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from support.workplaces import Servers, prepared

from poco_migration.adapters.workplace import Workplace

ATTACKERS = [
    ("source", role) for role in ("poco_migrator", "poco_witness", "poco_auditor", "poco_archivist", "poco_app")
] + [("target", role) for role in ("mi_migrator", "mi_auditor", "mi_restorer", "mi_app")]  # fmt: skip
DEFINERS = """
    select p.oid, n.nspname, p.proname, p.prorettype = 'trigger'::regtype as is_trigger,
           array(select format_type(t, null) from unnest(p.proargtypes) t) as arguments
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where p.prosecdef and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
"""


@pytest.fixture(scope="module")
def house(servers: Servers) -> Workplace:
    return prepared(servers, "cutover")


@pytest.fixture
def superuser(servers: Servers, house: Workplace) -> Iterator[dict[str, psycopg.Connection]]:
    with (
        psycopg.connect(servers.source.dsn(database(house.source)), autocommit=True) as source,
        psycopg.connect(servers.target.dsn(database(house.target)), autocommit=True) as target,
    ):
        yield {"source": source, "target": target}


def database(dsn: str) -> str:
    return str(conninfo_to_dict(dsn)["dbname"])


def attacked(servers: Servers, house: Workplace, side: str, role: str) -> set[str]:
    """As which other roles the traps of this role have run."""
    server, name = (servers.source, database(house.source)) if side == "source" else (servers.target, database(house.target))
    ran: set[str] = set()
    with psycopg.connect(server.dsn(name, role, servers.passwords[role]), autocommit=True) as attacker:
        attacker.add_notice_handler(
            lambda notice: ran.add(str(notice.message_primary).removeprefix("TRAP ")) if "TRAP" in str(notice.message_primary) else None
        )
        if not attacker.execute("select has_database_privilege(current_database(), 'temporary')").fetchone()[0]:
            return ran
        set_traps(attacker)
        for found in attacker.execute(DEFINERS).fetchall():
            call(attacker, *found)
        write_everywhere(attacker, "poco" if side == "source" else "mi")
    return {name for name in ran if name != role}


def set_traps(attacker: psycopg.Connection[Any]) -> None:
    attacker.execute(
        "create function pg_temp.trap() returns boolean language plpgsql as $$ begin"
        " if current_user <> session_user then raise warning 'TRAP %', current_user; end if; return true; end $$"
    )
    attacker.execute("grant execute on function pg_temp.trap() to public")
    catalogues = attacker.execute(
        "select relname from pg_catalog.pg_class where relnamespace = 'pg_catalog'::regnamespace and relkind in ('r', 'v')"
    )
    for (name,) in catalogues.fetchall():
        shadow = sql.Identifier("pg_temp", name)
        try:
            attacker.execute(
                sql.SQL("create temp view {} as select * from {} where pg_temp.trap()").format(
                    sql.Identifier(name), sql.Identifier("pg_catalog", name)
                )
            )
            attacker.execute(sql.SQL("grant select on {} to public").format(shadow))
        except psycopg.Error:
            continue  # a catalogue that this role may not read
    for name in ("text", "jsonb", "bigint", "int8", "int4", "integer", "timestamptz", "bool", "name", "json", "numeric", "oid"):
        try:
            attacker.execute(
                sql.SQL("create domain {} as {} check (pg_temp.trap())").format(
                    sql.Identifier("pg_temp", name), sql.SQL(f"pg_catalog.{name}" if name not in ("bigint", "integer") else name)
                )
            )
        except psycopg.Error:
            continue


def call(attacker: psycopg.Connection[Any], oid: int, schema: str, name: str, is_trigger: bool, arguments: list[str]) -> None:
    """With nothing, and with an empty value of each type: enough to have its statements planned."""
    if is_trigger:
        return
    for given in ("null", "'{}'", "'x'", "'1'"):
        values = sql.SQL(", ").join(
            sql.SQL("{}::{}").format(sql.SQL(given), sql.SQL(kind if "." in kind else f"pg_catalog.{spelled(kind)}")) for kind in arguments
        )
        for begin in ("select", "call"):
            try:
                attacker.execute(sql.SQL("{} {}({})").format(sql.SQL(begin), sql.Identifier(schema, name), values))
            except psycopg.Error:
                continue


def spelled(kind: str) -> str:
    """A type as it can stand behind its schema."""
    plain = {"bigint": "int8", "integer": "int4", "boolean": "bool", "smallint": "int2", "timestamp with time zone": "timestamptz"}
    base, array = kind.removesuffix("[]"), "[]" if kind.endswith("[]") else ""
    return plain.get(base, base) + array


def write_everywhere(attacker: psycopg.Connection[Any], schema: str) -> None:
    """Touch a row of every table that this role may write, so that the triggers run; taken back each time."""
    tables = attacker.execute(
        "select c.relname, a.attname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        " join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = 1 where n.nspname = %s and c.relkind = 'r'",
        (schema,),
    ).fetchall()
    for table, column in tables:
        try:
            with attacker.transaction(force_rollback=True):
                attacker.execute(
                    sql.SQL("update {0} set {1} = {1} where ctid = (select ctid from {0} limit 1)").format(
                        sql.Identifier(schema, table), sql.Identifier(column)
                    )
                )
        except psycopg.Error:
            continue


@pytest.mark.parametrize(("side", "role"), ATTACKERS)
def test_no_trap_runs_as_somebody_else(servers: Servers, house: Workplace, side: str, role: str) -> None:
    assert attacked(servers, house, side, role) == set()


def test_a_function_without_pg_temp_at_the_end_is_taken_over(
    servers: Servers, house: Workplace, superuser: dict[str, psycopg.Connection]
) -> None:
    """The traps bite: as every definer function was before."""
    changed = [
        row[0] for row in superuser["source"].execute(
            "select p.oid::regprocedure::text from pg_proc p where p.prosecdef and p.prosqlbody is null and p.pronamespace = 'poco_export'::regnamespace"
        )
    ]  # fmt: skip
    assert changed
    try:
        for name in changed:
            superuser["source"].execute(f"alter function {name} set search_path = pg_catalog")
        assert "poco_owner" in attacked(servers, house, "source", "poco_migrator")
    finally:
        for name in changed:
            superuser["source"].execute(f"alter function {name} set search_path = pg_catalog, pg_temp")


@pytest.mark.parametrize("side", ["source", "target"])
def test_every_definer_function_names_its_schemas(house: Workplace, superuser: dict[str, psycopg.Connection], side: str) -> None:
    unsafe = superuser[side].execute(
        f"select d.nspname || '.' || d.proname from ({DEFINERS}) d join pg_proc p using (oid) where p.prosqlbody is null"
        " and not coalesce(p.proconfig @> array['search_path=pg_catalog, pg_temp'], false)"
    )
    assert unsafe.fetchall() == []
    assert superuser[side].execute(f"select count(*) from ({DEFINERS}) d").fetchone() > (3,)
