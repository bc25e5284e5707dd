"""What each login can reach, and nothing else: the catalogue of both servers against the lists in role_matrix/, which a person can read.

A new grant is red until it is listed there, and a right that is gone is red until it is taken out. `pytest --write-roles` writes the
lists anew; then read what has changed.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from support.workplaces import Servers, prepared

from local_stack import databases
from poco_migration.engine.follow import replication_slot

HERE = Path(__file__).parent
LISTS = HERE / "role_matrix"
QUERY = (HERE / "role_matrix.sql").read_text("utf-8")
LOGINS = [("source", role) for role in databases.SOURCE_ROLES] + [("target", role) for role in databases.TARGET_ROLES]


@pytest.fixture(scope="module")
def house(servers: Servers) -> dict[str, psycopg.Connection]:
    """Both servers, as their superuser sees them, with everything installed and the store followed."""
    place = prepared(servers)
    databases.grant_source(servers.source, servers.passwords, str(conninfo_to_dict(place.source)["dbname"]))
    replication_slot.create_publication(place)
    sides = (("source", servers.source, place.source), ("target", servers.target, place.target))
    return {side: psycopg.connect(server.dsn(str(conninfo_to_dict(dsn)["dbname"])), autocommit=True) for side, server, dsn in sides}


def reached(connection: psycopg.Connection, role: str) -> str:
    """One line for each thing that this role can do; a table whose columns are all meant has one line for all of them."""
    lines = defaultdict(list)
    for kind, thing, right, columns in connection.execute(QUERY, {"role": role}).fetchall():
        lines[kind].append(f"{thing}: {right}" + (f" ({', '.join(columns)})" if columns else ""))
    return "".join(f"{kind}\n" + "".join(f"    {line}\n" for line in sorted(found)) for kind, found in sorted(lines.items()))


@pytest.mark.parametrize(("side", "role"), LOGINS)
def test_a_login_reaches_what_is_listed_and_nothing_else(
    house: dict[str, psycopg.Connection], side: str, role: str, request: pytest.FixtureRequest
) -> None:
    listed, found = LISTS / f"{role}.txt", reached(house[side], role)
    if request.config.getoption("--write-roles"):
        listed.write_text(found, "utf-8")
    known, now = set(listed.read_text("utf-8").splitlines()), set(found.splitlines())
    assert now - known == set(), f"{role} may do what {listed.name} does not list"
    assert known - now == set(), f"{listed.name} lists what {role} may not do any more"


def test_every_login_of_both_servers_has_a_list(house: dict[str, psycopg.Connection]) -> None:
    logins = set()
    for connection in house.values():
        logins |= {row[0] for row in connection.execute("select rolname from pg_roles where rolcanlogin and rolname <> 'postgres'")}
    assert logins == {path.stem for path in LISTS.glob("*.txt")} == {role for _, role in LOGINS}


def test_a_new_grant_is_seen(house: dict[str, psycopg.Connection]) -> None:
    """The list bites: of each kind one right that nobody has."""
    grants = (
        ("source", "poco_auditor", "grant select (payload) on poco.addresses to poco_auditor"),
        ("source", "poco_witness", "grant execute on function poco_export.bury(bigint[]) to public"),
        ("source", "poco_migrator", "alter role poco_migrator replication"),
        ("source", "poco_app", "grant usage on schema poco_archive to poco_app"),
        ("target", "mi_board", "grant select on migration.approval to mi_board"),
        ("target", "mi_migrator", "grant update on migration.certificate to mi_migrator"),
        ("target", "mi_app", "do $$ begin execute format('grant temporary on database %I to mi_app', current_database()); end $$"),
        ("target", "mi_auditor", "grant mi_ledger to mi_auditor"),
    )
    for side, role, grant in grants:
        before = reached(house[side], role)
        with house[side].transaction(force_rollback=True):
            house[side].execute(grant)
            assert reached(house[side], role) != before, grant
        assert reached(house[side], role) == before
