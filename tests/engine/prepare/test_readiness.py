"""Every readiness check goes red for the fault it exists for, by name and region, and only that one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from support.workplaces import Servers

from local_stack.clusters import HERE, Cluster, serving
from local_stack.state import free_port
from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.prepare import constraint_conflicts, readiness, secret_readiness
from poco_migration.errors import ConfigurationError, SourceError
from poco_migration.model import Finding, Run

RUN = Run("poco_prepare/trial")


def buckets(place: Workplace) -> set[str]:
    named = place.settings.objects
    used = (named.evidence, named.notices, named.redirects, named.media_source, named.media_target, place.settings.personal_data.exports)
    held = (named.notices, named.media_source, named.media_target, place.settings.personal_data.exports)
    ends = {f"end of copies in {place.settings.personal_data.exports}"}
    return {f"bucket {name}" for name in used} | {f"erasure in {name}" for name in held} | ends | {"keys of the object store"}


OWNER, SUPERUSER, TARGET, TARGET_SUPERUSER = "owner", "superuser", "target", "superuser of the target"
# With fewer single rows allowed than the configuration does, a small store can hold too many. Its traps hold fewer.
SINGLE = 5


@dataclass(frozen=True)
class Fault:
    """Who plants it, how, how it is mended, and the region it is told for. `severity` of what goes red."""

    who: str
    plant: str
    mend: str
    region: str = "ALL"
    severity: str = "critical"
    also: frozenset[str] = frozenset()  # other checks that see the same fault


def some(table: str, change: str, back: str, region: str, rows: int = SINGLE + 5) -> Fault:
    """More than single rows of a region become something that no rule knows."""
    picked = f"where id in (select id from poco.{table} where region = '{region}' and id < 900000000 order by id limit {rows})"
    return Fault(OWNER, f"update poco.{table} set {change} {picked}", f"update poco.{table} set {back} {picked}", region)


SHAPE = frozenset({"shape"})

# check: fault. Held to name every file of readiness/.
FAULTS = {
    "codes_mapped": some("orders", "status = 61", "status = 50", "DE"),
    "countries_known": Fault(
        OWNER,
        "create table public.kept as select id, payload from poco.addresses where region = 'FR' and id < 900000000 order by id limit 10;"
        """ update poco.addresses set payload = '{"name": "A", "line1": "B", "city": "C", "country": "Atlantis"}' where id in (select id from public.kept)""",
        "update poco.addresses a set payload = k.payload from public.kept k where k.id = a.id; drop table public.kept",
        "FR",
    ),
    "identities_once": Fault(
        OWNER,
        "insert into poco.customers (id, region, mi_account_id, email, email_verified_at, status, created_at)"
        " select 990000000 + n, 'IT', 1 + n % 2, 'twin' || n / 2 || case n % 2 when 0 then '@example.com' else '@EXAMPLE.com ' end, now(), 1, now() from generate_series(0, 19) n",
        "delete from poco.customers where id >= 990000000",
        "IT",
    ),
    "regions_decided": Fault(OWNER, "update poco.orders set region = 'ZZ' where id = 900001001", "update poco.orders set region = 'GLOBAL' where id = 900001001", "ZZ"),
    "stores_of_moving_regions": Fault(OWNER, "update poco.stores set time_zone = 'Europe/Pariss' where region = 'FR'", "update poco.stores set time_zone = 'Europe/Paris' where region = 'FR'", "FR"),
    "keys_supported": Fault(
        OWNER, "insert into poco.consents values (900000000000000, 'DE', 1, 'sms', true, now())", "delete from poco.consents where id = 900000000000000"
    ),
    "primary_keys": Fault(OWNER, "alter table poco.app_tokens drop constraint app_tokens_pkey", "alter table poco.app_tokens add primary key (id)"),
    "columns_mapped": Fault(OWNER, "alter table poco.orders add column gift_wrap boolean", "alter table poco.orders drop column gift_wrap", also=SHAPE),
    "secrets_out_of_reach": Fault(OWNER, "grant usage on schema poco to poco_migrator; grant select (password_hash) on poco.customers to poco_migrator", "revoke select (password_hash) on poco.customers from poco_migrator"),
    "secrets_of_the_auditor": Fault(OWNER, "grant select (card_token) on poco.payments to poco_auditor", "revoke select (card_token) on poco.payments from poco_auditor"),
    "migrator_writes_nothing": Fault(OWNER, "grant insert on poco.reviews to poco_migrator", "revoke insert on poco.reviews from poco_migrator"),
    "views_readable": Fault(OWNER, "revoke select on poco_export.reviews from poco_migrator", "grant select on poco_export.reviews to poco_migrator", also=frozenset({"constraints of mi.reviews"})),
    "row_security": Fault(OWNER, "alter table poco.app_tokens enable row level security, force row level security", "alter table poco.app_tokens disable row level security, no force row level security"),
    "currencies_known": some("payments", "currency = 'QQQ'", "currency = 'EUR'", "DE"),
    "replication_slot_free": Fault(SUPERUSER, "select pg_create_physical_replication_slot('taken_' || n) from generate_series(1, current_setting('max_replication_slots')::integer - (select count(*)::integer from pg_replication_slots)) n", "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name like 'taken_%'"),
    "wal_headroom": Fault(SUPERUSER, "alter system set max_slot_wal_keep_size = '1GB'", "alter system reset max_slot_wal_keep_size"),
    "prepared_transactions": Fault(OWNER, "begin; insert into poco.app_tokens (id, region, customer_id, token, created_at) values (-77, 'DE', 1, 'x', now()); prepare transaction 'forgotten'", "rollback prepared 'forgotten'"),
    "follower_may_replicate": Fault(SUPERUSER, "alter role poco_migrator replication", "alter role poco_migrator noreplication"),
    "replication_doors": Fault(
        SUPERUSER,
        "create or replace function poco_dba.replication_doors() returns setof text language sql as $$ select 'line 1: host all all' $$",
        (settings.PROJECT / "legacy_store/schema/05_doors.sql").read_text("utf-8"),
    ),
    "auditor_reads_no_person": Fault(
        OWNER, "grant select (payload) on poco.addresses to poco_auditor", "revoke select (payload) on poco.addresses from poco_auditor"
    ),
    "secrets_of_the_auditor_target": Fault(
        TARGET, "grant select (code) on mi.vouchers to mi_auditor", "revoke select (code) on mi.vouchers from mi_auditor"
    ),
    "evidence_only_grows": Fault(
        TARGET_SUPERUSER, "grant delete on migration.certificate to mi_migrator", "revoke delete on migration.certificate from mi_migrator"
    ),
    "temporary_by_name": Fault(SUPERUSER, "do $$ begin execute format('grant temporary on database %I to poco_app', current_database()); end $$",
                               "do $$ begin execute format('revoke temporary on database %I from poco_app', current_database()); end $$"),
    "temporary_by_name_target": Fault(
        TARGET_SUPERUSER, "do $$ begin execute format('grant temporary on database %I to public', current_database()); end $$",
        "do $$ begin execute format('revoke temporary on database %I from public', current_database()); end $$",
    ),
    "unlogged_tables": Fault(OWNER, "alter table poco.app_tokens set unlogged", "alter table poco.app_tokens set logged"),
    "replica_identity": Fault(OWNER, "alter table poco.orders alter currency drop not null", "alter table poco.orders alter currency set not null", also=SHAPE),
    "health_is_seen": Fault(SUPERUSER, "revoke pg_read_all_stats from poco_owner", "grant pg_read_all_stats to poco_owner"),
    "health_is_seen_target": Fault(TARGET_SUPERUSER, "revoke pg_read_all_stats from mi_migrator", "grant pg_read_all_stats to mi_migrator"),
    "markets": Fault(TARGET, "update mi.markets set loyalty = false where market = 'it'", "update mi.markets set loyalty = true where market = 'it'", "IT"),
    "target_writable": Fault(TARGET, "revoke update on mi.reviews from mi_migrator", "grant update on mi.reviews to mi_migrator"),
    "target_audited": Fault(TARGET, "revoke select on mi.reviews from mi_auditor", "grant select on mi.reviews to mi_auditor"),
    "key_range_free": Fault(TARGET, "insert into mi.listings values (7000000000000001, 'de', 'X', 'MI', 'on_sale', 'mi'); insert into mi.brand_items values (7000000000000001, 7000000000000001, 'MI', 'de', 'X', 'x', 'x', 'x', 'phones', 'on_sale', 'own', 'mi', now())", "delete from mi.brand_items where item_id = 7000000000000001; delete from mi.listings where listing_id = 7000000000000001"),
    "definer_functions": Fault(
        SUPERUSER,
        "alter function poco_export.person_rows(bigint[]) set search_path = pg_catalog",
        "alter function poco_export.person_rows(bigint[]) set search_path = pg_catalog, pg_temp",
    ),
    "definer_functions_target": Fault(
        TARGET_SUPERUSER,
        "create function mi.planted() returns integer language plpgsql security definer as $$ begin return 1; end $$",
        "drop function mi.planted()",
    ),
    "guard_on_target": Fault(TARGET, "alter table mi.orders disable trigger aa_migration_guard_old", "alter table mi.orders enable trigger aa_migration_guard_old", also=SHAPE),
    "shape": Fault(TARGET, "alter table mi.reviews add column helpful integer", "alter table mi.reviews drop column helpful", severity="warning"),
}  # fmt: skip

# One for each kind of constraint. Which table, and what of it is changed on mi.com's side.
CONSTRAINTS = {
    "check": ("mi.orders", "alter table mi.orders add constraint dear check (total < 1 or market <> 'de') not valid", "alter table mi.orders drop constraint dear", "dear"),
    "length": ("mi.reviews", "alter table mi.reviews alter title type varchar(3) using left(title, 3)", "alter table mi.reviews alter title type text", "title of character varying(3)"),
    "precision": ("mi.payments", "alter table mi.payments alter amount type numeric(4, 2) using 1", "alter table mi.payments alter amount type numeric(18, 3)", "amount is numeric(4,2)"),
    "not null": ("mi.reviews", "alter table mi.reviews alter replied_at type timestamptz using now(), alter replied_at set not null", "alter table mi.reviews alter replied_at drop not null", "replied_at is not null"),
    "a list of mi.com's": ("mi.reviews", "create table mi.stars (n smallint primary key); insert into mi.stars values (5); grant select on mi.stars to mi_migrator; alter table mi.reviews add constraint stars foreign key (rating) references mi.stars not valid", "alter table mi.reviews drop constraint stars; drop table mi.stars", "stars"),
    "unique among POCO's": ("mi.consents", "truncate mi.consents; alter table mi.consents add constraint once unique (purpose, granted)", "alter table mi.consents drop constraint once", "once, taken"),
    "unique with Xiaomi's": ("mi.orders", "insert into mi.orders (order_number, market, buyer, status, currency, subtotal, discount, shipping, tax, total, adds_up, placed_at, placed_at_local, time_quality, updated_at)"
                             " select 'POde-' || n, 'de', 'guest', 'placed', 'EUR', 1, 0, 0, 0, 1, true, now(), now(), 'exact', now() from generate_series(1, 3000) n", "delete from mi.orders where order_number like 'POde-%'", "orders_order_number_key, taken"),
}  # fmt: skip

# What one server cannot be in two states of, or what only time makes wrong, has a test of its own below.
APART = {"wal_forecast", "wal_level", "encoding", "encoding_target", "long_transactions", "target_long_transactions"}


@pytest.fixture
def strict(site: Workplace) -> Workplace:
    """The workplace, told that more than a few rows are no single cases."""
    return demanding(site, single_rows=SINGLE)


def demanding(place: Workplace, **changed: int) -> Workplace:
    assess = place.settings.assess.model_copy(update=changed)
    return replace(place, settings=place.settings.model_copy(update={"assess": assess}))


def red(place: Workplace, *severities: str) -> set[tuple[str, str]]:
    wanted = severities or ("critical", "warning")
    return {
        (finding.check, finding.region) for finding in readiness.run_checks(place, RUN) if not finding.ok and finding.severity in wanted
    }


@contextmanager
def connected(place: Workplace, servers: Servers, who: str) -> Iterator[psycopg.Connection]:
    source, target = (str(conninfo_to_dict(dsn)["dbname"]) for dsn in (place.source, place.target))
    names = {OWNER: place.source_owner, SUPERUSER: servers.source.dsn(source), TARGET_SUPERUSER: servers.target.dsn(target)}
    dsn = names.get(who) or servers.target.dsn(target, "mi_owner", "test-mi_owner")
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def execute(connection: psycopg.Connection, script: str) -> None:
    connection.execute(script)
    if "alter system" in script:
        connection.execute("select pg_reload_conf()")


def test_a_store_with_all_its_traps_is_ready(strict: Workplace) -> None:
    """Its oddities are single rows, for which there are rules."""
    found = readiness.run_checks(strict, RUN)
    assert [finding for finding in found if not finding.ok] == []
    assert {finding.check for finding in found} >= FAULTS.keys() | APART
    assert {finding.region for finding in found} >= {"ALL", *strict.settings.moving(), "IN"}


@pytest.mark.parametrize("check", FAULTS)
def test_a_planted_fault_turns_its_own_check_red(strict: Workplace, servers: Servers, check: str) -> None:
    fault = FAULTS[check]
    with connected(strict, servers, fault.who) as connection:
        execute(connection, fault.plant)
        try:
            found = {finding: finding.severity for finding in readiness.run_checks(strict, RUN) if not finding.ok}
            told = next((finding for finding in found if (finding.check, finding.region) == (check, fault.region)), None)
            assert told, {(finding.check, finding.region, finding.measured) for finding in found}
            assert told.severity == fault.severity and len(told.next_action) > 30
            assert {finding.check for finding in found} - fault.also == {check}
        finally:
            execute(connection, fault.mend)
    assert red(strict) == set()


def test_every_check_has_a_fault_that_it_is_shown_to_see() -> None:
    files = {path.stem for path in readiness.FOLDER.glob("*.sql")}
    assert files == (FAULTS.keys() | APART) & files
    assert not files - FAULTS.keys() - APART
    assert files >= APART


@pytest.mark.parametrize("kind", CONSTRAINTS)
def test_a_constraint_that_would_refuse_many_rows_is_told(strict: Workplace, servers: Servers, kind: str) -> None:
    table, plant, mend, name = CONSTRAINTS[kind]
    with connected(strict, servers, TARGET) as target:
        target.execute(plant)
        told = [finding for finding in constraint_conflicts.find_conflicts(strict, RUN) if not finding.ok]
        assert {finding.check for finding in told} == {f"constraints of {table}"}
        assert all(name in finding.measured for finding in told) and "DE" in {finding.region for finding in told}
        target.execute(mend)
    assert all(finding.ok for finding in constraint_conflicts.find_conflicts(strict, RUN))


# What mi.com's owner may write into a check, and POCO's server is never to run.
HOSTILE = {
    "a setting": "set_config('default_transaction_read_only', 'off', false) is not null",
    "any statement": "ts_rewrite('a'::tsquery, 'select ''a''::tsquery, ''b''::tsquery from poco_export.bury(array[900011001])') is not null",
    "a function of mi.com's": "mi.poco_key(rating) > 0",
    "an operator of mi.com's": "rating operator(mi.@@@) rating",
    "who asks": "current_user <> 'poco_migrator'",
    "the clock": "now() > '2000-01-01'",
    "a type of mi.com's": "rating::mi.stars is not null",
    "the row": "(reviews.*) is not null",
}
MADE = (
    "create domain mi.stars as smallint; create operator mi.@@@ (leftarg = smallint, rightarg = smallint, function = int2eq)"
    "; create function mi.unsafe() returns boolean language sql immutable return true"
)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_check_of_mi_coms_runs_nothing_at_poco(strict: Workplace, servers: Servers, kind: str) -> None:
    with connected(strict, servers, TARGET) as target, target.transaction(force_rollback=True):
        target.execute(MADE)
        before = planned_rules(target)
        target.execute(f"alter table mi.reviews add constraint hostile check ({HOSTILE[kind]}) not valid".encode())
        rules = postgres.run(target, constraint_conflicts.SQL / "rules_of_table.sql", "mi.reviews")
        assert [row["asks"] for row in rules if row["name"] == "hostile"] == [False]
        assert planned_rules(target) == before > 5, "the others are asked as before"


def planned_rules(target: psycopg.Connection) -> int:
    return sum(row["asks"] for row in postgres.run(target, constraint_conflicts.SQL / "rules_of_table.sql", "mi.reviews"))


def test_a_check_that_is_taken_for_safe_still_writes_nothing(strict: Workplace, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the look at its tree wrong: what is asked runs in a transaction that cannot be made to write."""
    run = postgres.run

    def trusting(connection: psycopg.Connection, path: Path, *parameters: object) -> list[dict[str, object]]:
        return [{**row, **({"asks": True} if "asks" in row else {})} for row in run(connection, path, *parameters)]

    monkeypatch.setattr(postgres, "run", trusting)
    with connected(strict, servers, TARGET) as target:
        for name in ("a setting", "any statement"):
            target.execute(f'alter table mi.reviews add constraint "hostile {name}" check ({HOSTILE[name]}) not valid'.encode())
        with pytest.raises(SourceError, match="SqlTransaction"):
            constraint_conflicts.find_conflicts(strict, RUN)
        target.execute('alter table mi.reviews drop constraint "hostile a setting", drop constraint "hostile any statement"')
    with connected(strict, servers, OWNER) as source:
        assert source.execute("select count(*) from poco_export.tombstones").fetchone() == (0,)


def test_a_constraint_without_columns_breaks_no_report(strict: Workplace, servers: Servers) -> None:
    with connected(strict, servers, TARGET) as target:
        target.execute("alter table mi.reviews add constraint always check (1 = 1)")
        assert all(finding.ok for finding in constraint_conflicts.find_conflicts(strict, RUN))
        target.execute("alter table mi.reviews drop constraint always")


def test_a_list_that_cannot_be_read_is_no_green_light(strict: Workplace, servers: Servers) -> None:
    with connected(strict, servers, TARGET) as target:
        target.execute("revoke select on mi.currencies from mi_migrator")
    told = [finding for finding in constraint_conflicts.find_conflicts(strict, RUN) if not finding.ok]
    assert {finding.check for finding in told} >= {"constraints of mi.orders", "constraints of mi.payments"}
    assert {finding.severity for finding in told} == {"critical"} and "InsufficientPrivilege" in told[0].measured


def test_views_of_an_older_prepare_stage_are_told(strict: Workplace, servers: Servers) -> None:
    with connected(strict, servers, OWNER) as source:
        source.execute("alter view poco_export.reviews rename column rating to stars")
    assert [(f.check, f.severity) for f in constraint_conflicts.find_conflicts(strict, RUN) if not f.ok] == [
        ("constraints of mi.reviews", "warning")
    ]


def test_a_row_that_the_source_cannot_read_is_found_among_the_others(site: Workplace, servers: Servers) -> None:
    """A number that no type of mi.com's holds breaks the whole query; it is found, counted and goes round."""
    with connected(site, servers, OWNER) as source:
        source.execute("update poco.orders set total_minor = 9000000000000000000, currency = 'IDR' where id in (900001001, 900001002)")
    told = {
        (finding.region, finding.measured)
        for finding in constraint_conflicts.find_conflicts(site, RUN)
        if finding.check == "constraints of mi.orders"
    }
    assert told == {("GLOBAL", "2 rows: refused_by_source")}


def test_rejects_are_forecast_as_they_come(migrated: Workplace) -> None:
    """What the source alone can tell is what the quarantine and the ledger hold after everything was copied."""
    counted = {(r.entity, r.region, r.reason): r.rows for r in constraint_conflicts.rejects(migrated, RUN) or []}
    kept = "select entity, region, reason, count(*) from {} group by 1, 2, 3"
    with psycopg.connect(migrated.target_auditor) as target:
        found = {row[:3]: row[3] for table in ("migration.quarantine", "migration.left_out") for row in target.execute(kept.format(table))}
    by_the_load = {"parent_missing", "account_unknown", "identity_conflict", "refused_by_target"}
    expected = {key: rows for key, rows in found.items() if key[2] not in by_the_load}
    assert len(counted) > 40
    assert counted == expected


def test_before_the_views_are_installed_the_constraints_wait(servers: Servers, strict: Workplace) -> None:
    with connected(strict, servers, OWNER) as source:
        source.execute("drop schema poco_export cascade")
    with psycopg.connect(strict.target) as target:
        target.execute("delete from migration.shape")
    findings = readiness.run_checks(strict, RUN)
    assert [f.severity for f in findings if f.check == "constraints of mi.com"] == ["info"]
    assert [f for f in findings if not f.ok] == []
    assert constraint_conflicts.rejects(strict, RUN) is None


def test_a_log_that_would_outgrow_its_budget_is_told(site: Workplace, servers: Servers) -> None:
    """An hour of log, of which 32 GB may be kept; and then the server itself allows less than we do."""

    def fits(bytes_per_s: float) -> Finding:
        demand = {"backfill_s": "3600", "wal_bytes_per_s": str(bytes_per_s), "wal_from": "a test"}
        return next(finding for finding in readiness.run_checks(site, RUN, demand) if finding.check == "wal_forecast")

    assert fits(9e6).ok and not fits(10e6).ok
    with connected(site, servers, SUPERUSER) as source:
        execute(source, "alter system set max_slot_wal_keep_size = '1GB'")
        try:
            told = fits(1e6)
        finally:
            execute(source, "alter system reset max_slot_wal_keep_size")
    assert not told.ok and "a test" in told.measured and "budget 1024 MB" in told.measured
    assert red(site) == set()


def test_a_long_transaction_is_told(site: Workplace) -> None:
    """The clock cannot be turned, so the limit is."""
    strict = demanding(site, long_transaction_s=1)
    with psycopg.connect(site.source) as sleeper, psycopg.connect(site.target) as other:
        sleeper.execute("select pg_sleep(1.2)")
        assert ("long_transactions", "ALL") in red(strict)
        assert red(site) == set()
        other.execute("select pg_sleep(1.2)")
        assert red(strict) == {("long_transactions", "ALL"), ("target_long_transactions", "ALL")}
    assert red(strict) == set()


def test_another_server_is_not_taken_for_this_one(tmp_path: Path) -> None:
    """A real server with the log and the encoding that the migration cannot use."""
    checks = {check.name: check.query for check in readiness.checks()}
    cluster = Cluster("poor", HERE, free_port(), "postgres", tmp_path / "poor", (("wal_level", "replica"), ("fsync", "off")))
    with serving(cluster):
        with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
            connection.execute("create database old encoding 'LATIN1' locale 'C' template template0")
        with psycopg.connect(cluster.dsn("old")) as connection:
            assert connection.execute(checks["wal_level"]).fetchone() == ("ALL", "replica", False)
            for name in ("encoding", "encoding_target"):
                assert connection.execute(checks[name]).fetchone() == ("ALL", "LATIN1", False)


def test_a_bucket_that_does_not_answer_is_told(place: Workplace) -> None:
    assert red(place) == {(name, "ALL") for name in buckets(place)}


def test_what_a_bucket_can_do_is_printed_and_nothing_is_left_in_it(site: Workplace) -> None:
    readiness.run_checks(site, RUN)
    said = {f.check: f.measured for f in readiness.run_checks(site, RUN)}[f"bucket {site.settings.objects.evidence}"]
    assert said == "all of it works; writes over nothing (If-None-Match): no, versions: no, object lock: no"
    assert list(site.objects.keys(site.settings.objects.evidence, "probe/")) == []


def test_a_key_that_may_only_read_is_told(site: Workplace) -> None:
    wrong = replace(site, objects=ObjectStore(site.objects.endpoint, "key", "wrong"))
    assert {check for check, _ in red(wrong)} == buckets(site)


WRITES = "select sum(n_tup_ins + n_tup_upd + n_tup_del), sum(n_tup_newpage_upd) from pg_stat_all_tables where schemaname !~ '^pg_toast'"


def test_assessing_writes_nothing_to_the_source(site: Workplace, servers: Servers) -> None:
    """Not a row, catalogs included, and no transaction gets a number."""
    query = f"select pg_snapshot_xmax(pg_current_snapshot())::text, w.* from ({WRITES}) w"
    with connected(site, servers, SUPERUSER) as source:
        source.execute("alter system set autovacuum = off")
        source.execute("select pg_reload_conf(), pg_stat_force_next_flush()")
        before = source.execute(query).fetchone()
        readiness.run_checks(site, RUN)
        constraint_conflicts.rejects(site, RUN)
        source.execute("select pg_stat_clear_snapshot()")
        assert source.execute(query).fetchone() == before
        source.execute("alter system reset autovacuum")
        source.execute("select pg_reload_conf()")


def test_no_check_could_write_if_it_wanted_to(site: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    header = "-- Side: {}\n-- Demanded: nothing\n-- Next: nothing\n"
    for side, statement in (
        ("source", "update poco.orders set note = 'x' returning 'ALL', '', true"),
        ("target", "delete from mi.reviews returning 'ALL', '', true"),
    ):
        (tmp_path / "writes.sql").write_text(header.format(side) + statement)
        monkeypatch.setattr(readiness, "FOLDER", tmp_path)
        with pytest.raises(Exception, match="ReadOnlySqlTransaction"):
            readiness.run_checks(site, RUN)


@pytest.mark.parametrize(("header", "says"), [("-- Side: source\n-- Next: x\n", "Demanded"), ("-- Side: left\n-- Demanded: x\n-- Next: x\n", "neither source"),
                                              ("-- Side: source\n-- Demanded: x\n-- Next: x\n-- Severity: dire\n", "severity")])  # fmt: skip
def test_a_check_that_says_nothing_usable_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, header: str, says: str) -> None:
    (tmp_path / "odd.sql").write_text(header + "select 1")
    monkeypatch.setattr(readiness, "FOLDER", tmp_path)
    with pytest.raises(ConfigurationError, match=says):
        readiness.checks()


def test_the_codes_that_the_check_knows_are_those_of_the_extracts() -> None:
    """Both sides of one fact: what extract.sql gives a meaning, and what readiness calls known."""
    text = (readiness.FOLDER / "codes_mapped.sql").read_text("utf-8")
    meant = {
        (entity, name): set(re.findall(r"'(\w+)'", codes))
        for entity, name, codes in re.findall(r"\('(\w+)', '(\w+)', array\[([^]]+)\]\)", text)
    }
    assert len(meant) == 19
    for entity in cards.moving_at("cutover", "history", "reissue"):
        for values, alias, column in re.findall(
            r"left join \(values (.+?)\)\s+as [sk] \(code, (\w+)\) on [sk]\.code = \w\.(\w+)", entity.extract, re.DOTALL
        ):
            codes = {str(code) for code in re.findall(r"\('?(\w+)'?, '", values)}
            assert meant.pop((entity.name, column)) == codes, (entity.name, alias)
        for column, values in re.findall(r"\b\w\.(kind|state|author|purpose|code) not in \(([^)]+)\)", entity.extract):
            assert meant.pop((entity.name, column)) == set(re.findall(r"'(\w+)'", values)), entity.name
    # A coupon's statuses are told apart by conditions; a payment's methods are joined under another letter.
    assert meant == {("coupons", "status"): {"1", "2", "3", "4", "5", "6"}, ("payments", "method"): {"card", "paypal", "transfer", "cod"}}


def test_a_spelling_of_a_country_is_the_same_in_the_extract_and_in_the_check() -> None:
    spelt = set(re.findall(r"\('([^']+)', '[A-Z]{2}'\)", cards.entities()["addresses"].extract))
    assert spelt == set(
        re.findall(
            r"'([A-ZÑ ]+)'", re.split(r"country not in \(", (readiness.FOLDER / "countries_known.sql").read_text("utf-8"))[1].split(")")[0]
        )
    )


def test_the_limit_of_single_rows_is_that_of_a_part() -> None:
    """Else the report would call red what copying takes, or the other way round."""
    assert settings.load().assess.single_rows == settings.load().copying.poisoned_rows_limit


@pytest.mark.parametrize(
    ("keys", "severity"),
    [
        ({}, "critical"),
        ({"alice": "a"}, "critical"),
        ({"alice": "a", "bob": "a", "carol": "a"}, "critical"),
        ({"alice": "a", "bob": "b"}, "warning"),
    ],
)
def test_two_people_without_keys_of_their_own_are_told_weeks_before(site: Workplace, keys: dict[str, str], severity: str) -> None:
    assert secret_readiness.find_approvers(site).ok
    found = secret_readiness.find_approvers(replace(site, approvers=keys))
    assert (found.ok, found.severity) == (False, severity)
