"""What was taken from a role is tried by that role: copies of the whole server, rewritten evidence, codes that are money, people of India."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from support.workplaces import Servers, as_role, followed, prepared

from local_stack.clusters import BINARIES
from poco_migration.adapters.workplace import Workplace


@pytest.fixture(scope="module")
def house(servers: Servers) -> Workplace:
    return prepared(servers)


@pytest.mark.parametrize("role", ["poco_migrator", "poco_follower", "poco_owner", "poco_auditor", "poco_witness", "poco_app"])
def test_nobody_takes_a_copy_of_the_whole_server(house: Workplace, tmp_path: Path, role: str) -> None:
    found = conninfo_to_dict(as_role(house.source, role))
    command = [BINARIES / "pg_basebackup", "-h", found["host"], "-p", found["port"], "-U", role, "-D", tmp_path / "copy", "-X", "none"]
    tried = subprocess.run(command, env={"PGPASSWORD": found["password"]}, capture_output=True, text=True, check=False)  # type: ignore[dict-item, list-item]
    assert tried.returncode != 0 and "rejects replication connection" in tried.stderr, tried.stderr
    assert not list(tmp_path.glob("copy/*"))


@pytest.mark.parametrize("role", ["poco_migrator", "poco_owner", "poco_auditor", "poco_archivist", "poco_witness", "poco_app"])
def test_only_the_follower_reaches_the_slot(house: Workplace, role: str) -> None:
    slot = "select pg_drop_replication_slot(%s)", "select pg_replication_slot_advance(%s, pg_current_wal_lsn())"
    changes = "select * from pg_logical_slot_peek_binary_changes(%s, null, 1, 'proto_version', '1', 'publication_names', 'poco_migration')"
    with followed(house) as live, psycopg.connect(as_role(house.source, role), autocommit=True) as other:
        for statement in (*slot, changes):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                other.execute(statement, (live.settings.follow.slot,))
        with pytest.raises(psycopg.OperationalError, match="REPLICATION|role"):
            psycopg.connect(as_role(house.source, role) + " replication=database")


def test_the_follower_reads_no_table(house: Workplace) -> None:
    with psycopg.connect(house.source_follower, autocommit=True) as follower:
        for table in ("poco.orders", "poco_export.orders", "poco_archive.orders"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                follower.execute(f"select * from {table}".encode())


@pytest.fixture
def evidence(house: Workplace) -> None:
    with psycopg.connect(house.target, autocommit=True) as migrator:
        migrator.execute(
            "insert into migration.certificate (sequence, stage, run, document, sha256, report)"
            " select count(*) + 1, 'prepare', 'r', '{}', md5(random()::text), 'nowhere' from migration.certificate"
        )
        migrator.execute("insert into migration.draft (stage, run, document, sha256, report) values ('cutover', 'r', '{}', 'h', 'nowhere')")
        migrator.execute(
            "insert into migration.gate (stage, gate, run, try_number, verdict, expected, evaluated, failed, report, sha256)"
            " values ('cutover', 'entry', 'r', 1, 'fail', 1, 1, 1, 'nowhere', 'h')"
        )
        migrator.execute(
            "insert into migration.approval (stage, run, subject, approver, answered_at) values ('cutover', 'r', 'cutover', 'bob', now())"
            " on conflict do nothing"
        )


@pytest.mark.usefixtures("evidence")
@pytest.mark.parametrize(
    "statement",
    [
        "update migration.gate set verdict = 'pass'", "delete from migration.gate", "truncate migration.gate",
        "update migration.certificate set document = '{\"signed\": true}'", "delete from migration.certificate", "truncate migration.certificate cascade",
        "update migration.draft set sha256 = 'other'", "delete from migration.draft",
        "update migration.approval set approver = 'alice'", "update migration.approval set run = 'other'", "delete from migration.approval",
        "alter table migration.approval disable trigger keep_replaced", "drop trigger keep_replaced on migration.approval",
        "alter table migration.gate owner to mi_migrator", "drop table migration.gate", "drop schema migration cascade",
        "create table migration.other ()", "set role mi_ledger", "delete from migration.approval_before",
        "create rule swallow as on insert to migration.gate do instead nothing",
        "create trigger swallow before insert on migration.gate for each row execute function suppress_redundant_updates_trigger()",
    ],
)  # fmt: skip
def test_the_migrator_adds_to_the_evidence_and_rewrites_none(house: Workplace, statement: str) -> None:
    with psycopg.connect(house.target) as migrator, pytest.raises(psycopg.errors.InsufficientPrivilege):
        migrator.execute(statement.encode())


@pytest.mark.usefixtures("evidence")
def test_a_signature_that_is_replaced_is_kept(house: Workplace) -> None:
    with psycopg.connect(house.target, autocommit=True) as migrator:
        first = migrator.execute("select answered_at from migration.approval where run = 'r'").fetchone()
        migrator.execute("update migration.approval set answered_at = now() - interval '3 years' where run = 'r'")
        kept = migrator.execute(
            "select (signature ->> 'answered_at')::timestamptz, replaced_by from migration.approval_before order by seq desc limit 1"
        ).fetchone()
    assert first and kept == (first[0], "mi_migrator")


@pytest.mark.parametrize("role", ["mi_auditor", "mi_board"])
def test_who_looks_on_reads_no_code_that_can_be_spent(house: Workplace, role: str) -> None:
    with psycopg.connect(as_role(house.target, role)) as looking, pytest.raises(psycopg.errors.InsufficientPrivilege):
        looking.execute("select code from mi.vouchers")


@pytest.mark.parametrize("table", ["mi.profiles", "mi.orders", "migration.approval", "migration.quarantine", "migration.person_key"])
def test_the_page_in_the_menu_reads_nobody(house: Workplace, table: str) -> None:
    with psycopg.connect(as_role(house.target, "mi_board")) as board, pytest.raises(psycopg.errors.InsufficientPrivilege):
        board.execute(f"select * from {table}".encode())


@pytest.mark.parametrize(
    "what",
    ["payload from poco.addresses", "guest_email from poco.orders", "shipping_address from poco.orders", "subject from poco.tickets",
     "body from poco.ticket_messages", "body from poco.reviews", "imei from poco.warranty_claims", "birth_date from poco.customers"],
)  # fmt: skip
def test_the_auditor_reads_no_person_in_a_table(house: Workplace, what: str) -> None:
    with psycopg.connect(house.source_auditor) as auditor, pytest.raises(psycopg.errors.InsufficientPrivilege):
        auditor.execute(f"select {what}".encode())


def test_what_the_auditor_is_shown_of_people_is_of_regions_that_move(house: Workplace) -> None:
    with psycopg.connect(house.source_auditor, autocommit=True) as auditor:
        views = auditor.execute(
            "select c.relname from pg_class c where c.relnamespace = 'poco_export'::regnamespace and c.relname like 'audited%'"
        ).fetchall()
        moving = set(house.settings.moving())
        for (view,) in views:
            assert {row[0] for row in auditor.execute(f"select distinct region from poco_export.{view}".encode())} <= moving, view
    assert len(views) == 14


@pytest.mark.parametrize(("side", "role"), [("source", "poco_app"), ("source", "poco_witness"), ("source", "poco_archivist"),
                                           ("source", "poco_follower"), ("target", "mi_app"), ("target", "mi_board")])  # fmt: skip
def test_who_needs_no_temporary_object_makes_none(house: Workplace, side: str, role: str) -> None:
    dsn = as_role(getattr(house, side), role)
    with psycopg.connect(dsn) as other, pytest.raises(psycopg.errors.InsufficientPrivilege):
        other.execute("create temp table pg_class (n integer)")
