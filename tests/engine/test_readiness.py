"""Every readiness check goes red for the fault it exists for, by name and region, and only that one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from workplaces import Servers

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import readiness
from poco_migration.model import Run

RUN = Run("poco_prepare/trial")
OWNER, SUPERUSER, TARGET, TARGET_SUPERUSER = "owner", "superuser", "target", "superuser of the target"

# check: who plants it, how, how it is mended, and the region it is told for.
FAULTS = {
    "regions_decided": (OWNER, "update poco.orders set region = 'ZZ' where id = 900001001", "update poco.orders set region = 'GLOBAL' where id = 900001001", "ZZ"),
    "stores_of_moving_regions": (OWNER, "update poco.stores set time_zone = 'Europe/Pariss' where region = 'FR'", "update poco.stores set time_zone = 'Europe/Paris' where region = 'FR'", "FR"),
    "primary_keys": (OWNER, "create table poco.wishlist (note text)", "drop table poco.wishlist", "ALL"),
    "secrets_out_of_reach": (OWNER, "grant usage on schema poco to poco_migrator; grant select (password_hash) on poco.customers to poco_migrator", "revoke select (password_hash) on poco.customers from poco_migrator", "ALL"),
    "currencies_known": (OWNER, "update poco.orders set currency = 'QQQ' where currency = 'KWD' or (currency = 'IDR' and id < 900000000)", "update poco.orders set currency = case region when 'ID' then 'IDR' else 'KWD' end where currency = 'QQQ'", "ALL"),
    "replication_slot_free": (SUPERUSER, "select pg_create_physical_replication_slot('taken_' || n) from pg_replication_slots s right join generate_series(1, current_setting('max_replication_slots')::integer - (select count(*)::integer from pg_replication_slots)) n on false", "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name like 'taken_%'", "ALL"),
    "wal_headroom": (SUPERUSER, "alter system set max_slot_wal_keep_size = '1GB'", "alter system reset max_slot_wal_keep_size", "ALL"),
    "migrator_may_replicate": (SUPERUSER, "alter role poco_migrator noreplication", "alter role poco_migrator replication", "ALL"),
    "unlogged_tables": (OWNER, "alter table poco.app_tokens set unlogged", "alter table poco.app_tokens set logged", "ALL"),
    "replica_identity": (OWNER, "alter table poco.orders alter currency drop not null", "alter table poco.orders alter currency set not null", "ALL"),
    "health_is_seen": (SUPERUSER, "revoke pg_read_all_stats from poco_owner", "grant pg_read_all_stats to poco_owner", "ALL"),
    "health_is_seen_target": (TARGET_SUPERUSER, "revoke pg_read_all_stats from mi_migrator", "grant pg_read_all_stats to mi_migrator", "ALL"),
    "markets": (TARGET, "update mi.markets set loyalty = false where market = 'it'", "update mi.markets set loyalty = true where market = 'it'", "IT"),
    "key_range_free": (TARGET, "insert into mi.listings values (7000000000000001, 'de', 'X', 'MI', 'on_sale', 'mi'); insert into mi.brand_items values (7000000000000001, 7000000000000001, 'MI', 'de', 'X', 'x', 'x', 'x', 'phones', 'on_sale', 'own', 'mi', now())", "delete from mi.brand_items where item_id = 7000000000000001; delete from mi.listings where listing_id = 7000000000000001", "ALL"),
}  # fmt: skip


def red(place: Workplace) -> set[tuple[str, str]]:
    return {(finding.check, finding.region) for finding in readiness.measure(place, RUN) if not finding.ok}


@contextmanager
def connected(place: Workplace, servers: Servers, who: str) -> Iterator[psycopg.Connection]:
    source, target = (str(conninfo_to_dict(dsn)["dbname"]) for dsn in (place.source, place.target))
    names = {OWNER: place.source_owner, SUPERUSER: servers.source.dsn(source), TARGET_SUPERUSER: servers.target.dsn(target)}
    dsn = names.get(who) or servers.target.dsn(str(conninfo_to_dict(place.target)["dbname"]), "mi_owner", "test-mi_owner")
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("check", FAULTS)
def test_a_planted_fault_turns_its_own_check_red(site: Workplace, servers: Servers, check: str) -> None:
    who, plant, mend, region = FAULTS[check]
    assert red(site) == set()
    with connected(site, servers, who) as connection:
        connection.execute(plant)
        try:
            connection.execute("select pg_reload_conf()" if "alter system" in plant else "select 1")
            assert red(site) == {(check, region)}
        finally:
            connection.execute(mend)
            connection.execute("select pg_reload_conf()" if "alter system" in plant else "select 1")
    assert red(site) == set()


def test_a_long_transaction_is_told(site: Workplace, servers: Servers) -> None:
    """The clock cannot be turned, so the check's own limit is."""
    text = next(check for check in readiness.checks() if check.name == "long_transactions").query
    with psycopg.connect(site.source) as sleeper, connected(site, servers, OWNER) as other:
        sleeper.execute("select 1")
        assert other.execute(text).fetchone()[2] is True  # type: ignore[index]
        assert other.execute(text.replace("interval '1 hour'", "interval '0'")).fetchone()[2] is False  # type: ignore[index]


def test_a_bucket_that_does_not_answer_is_told(place: Workplace) -> None:
    assert {check for check, _ in red(place)} == {"bucket migration-evidence", "bucket poco-media", "bucket mi-media"}


def test_assessing_writes_nothing_to_the_source(site: Workplace, servers: Servers) -> None:
    with connected(site, servers, SUPERUSER) as source:
        query = "select pg_current_wal_insert_lsn(), (select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables)"
        before = source.execute("select txid_current_if_assigned(), " + query[7:]).fetchone()
        readiness.measure(site, RUN)
        source.execute("select pg_stat_clear_snapshot()")
        after = source.execute("select txid_current_if_assigned(), " + query[7:]).fetchone()
    assert before is not None and after is not None and before[2] == after[2]


@pytest.mark.parametrize("check", ["wal_level", "encoding", "prepared_transactions"])
def test_a_setting_of_the_server_is_compared_and_not_assumed(site: Workplace, check: str) -> None:
    """What one server cannot be in two states of is checked against a changed demand."""
    query = next(known for known in readiness.checks() if known.name == check).query
    changed = query.replace("= 'logical'", "= 'replica'").replace("= 'UTF8'", "= 'LATIN1'").replace("count(*) = 0", "count(*) = 1")
    assert changed != query
    with psycopg.connect(site.source_owner) as source:
        assert source.execute(query).fetchone()[2] is True  # type: ignore[index]
        assert source.execute(changed).fetchone()[2] is False  # type: ignore[index]
