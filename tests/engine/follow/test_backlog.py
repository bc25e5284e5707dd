"""What a slot retains, whether the backlog grows, and how long it can go on: each alarm for the fault it exists for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from support.workplaces import RUN, Servers, clone, install

from poco_migration import settings
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import connection_pair
from poco_migration.engine.follow import backlog, change_capture, replication_slot
from poco_migration.engine.follow.backlog import MB, Backlog, Growth
from poco_migration.errors import SlotLost, StageRefused

FOLLOW = settings.load().follow
WELL = Backlog("s", "reserved", 100 * MB, 10_000 * MB, 0.0, 0, 0.0, 0)


def tuned(place: Workplace, **follow: object) -> Workplace:
    return replace(place, settings=place.settings.model_copy(update={"follow": place.settings.follow.model_copy(update=follow)}))


@pytest.fixture(scope="module")
def slotted(servers: Servers) -> Iterator[Workplace]:
    place = tuned(clone(servers), slot="backlog_test")
    install(place)
    replication_slot.create_publication(place)
    replication_slot.create(place)
    yield place
    with psycopg.connect(place.source_follower, autocommit=True) as source:
        source.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = 'backlog_test'")


def measured(place: Workplace) -> Backlog:
    with connection_pair.connect(place, RUN) as opened:
        return backlog.sample(opened, place)


def test_log_that_is_not_read_is_told(slotted: Workplace, servers: Servers) -> None:
    place = tuned(slotted, wal_budget_mb=20, alarm_hours=0.001)
    first = measured(place)
    assert first.retained < 10 * MB and first.budget == 20 * MB and first.wal_status == "reserved"
    assert backlog.alarms(first, place.settings.follow) == []
    with psycopg.connect(servers.source.dsn(), autocommit=True) as source:
        source.execute("select pg_logical_emit_message(true, 'filler', repeat('x', 12000000))")
    second = measured(place)
    assert second.retained - first.retained >= 12_000_000 and second.lag_bytes - first.lag_bytes >= 12_000_000
    assert second.wal_bytes_per_s > 0 and second.hours_left is not None
    found = backlog.alarms(second, place.settings.follow)
    assert f"replication slot backlog_test keeps {second.retained / MB:,.0f} of 20 MB" in found[0] and "poco_follow" in found[0]
    with psycopg.connect(place.target) as target:
        kept = target.execute(
            "select retained_bytes, wal_bytes_per_s > 0 from migration.backlog order by measured_at desc limit 1"
        ).fetchone()
    assert kept == (second.retained, True)


def test_the_servers_own_limit_counts_when_it_is_smaller(slotted: Workplace, servers: Servers) -> None:
    with psycopg.connect(servers.source.dsn(str(conninfo_to_dict(slotted.source)["dbname"])), autocommit=True) as source:
        source.execute("alter system set max_slot_wal_keep_size = '64MB'")
        source.execute("select pg_reload_conf()")
        try:
            assert measured(slotted).budget == 64 * MB
        finally:
            source.execute("alter system reset max_slot_wal_keep_size")
            source.execute("select pg_reload_conf()")


def test_a_backlog_that_grows_is_told_with_its_rate(slotted: Workplace) -> None:
    """Samples of ten minutes, as they would have been taken: 100 keys a second more, up and down with every pass."""
    with psycopg.connect(slotted.target, autocommit=True) as target:
        target.execute("delete from migration.backlog")
        target.execute(
            "insert into migration.backlog (slot, measured_at, written, retained_bytes, wal_bytes_per_s, lag_bytes, lag_seconds, keys)"
            " select 'backlog_test', clock_timestamp() - make_interval(secs => 590 - n * 10), '0/0', 0, 0, 0, 0, n * 1000 + (n % 3) * 4000"
            " from generate_series(0, 58) n"
        )
        target.execute(
            "insert into migration.part (entity, part_no, lo, hi) values ('orders', 0, null, null)"
        )  # only what is planned counts
        target.execute(
            "insert into migration.dirty (entity, source_key, family) select 'orders', n, false from generate_series(1, 59000) n"
        )
        found = measured(slotted)
        target.execute("delete from migration.dirty")
        target.execute("delete from migration.part")
    assert found.keys == 59_000 and found.keys_growth is not None and 80 < found.keys_growth.per_second < 120
    alarms = backlog.alarms(found, slotted.settings.follow)
    assert any("the backlog grows by 1" in alarm or "the backlog grows by 9" in alarm for alarm in alarms), alarms
    assert any("keys/s since 10 min and is 59,000 keys" in alarm for alarm in alarms), alarms


def test_samples_of_more_than_a_week_go(slotted: Workplace) -> None:
    with psycopg.connect(slotted.target, autocommit=True) as target:
        target.execute(
            "insert into migration.backlog (slot, measured_at, written, retained_bytes, wal_bytes_per_s, lag_bytes, lag_seconds, keys)"
            " values ('backlog_test', now() - interval '8 days', '0/0', 0, 0, 0, 0, 0)"
        )
        measured(slotted)
        assert target.execute("select count(*) from migration.backlog where measured_at < now() - interval '7 days'").fetchone() == (0,)


def test_a_slot_that_is_gone_is_told(slotted: Workplace) -> None:
    with pytest.raises(SlotLost, match="the ledger does not know it"):
        measured(tuned(slotted, slot="nobody"))


@pytest.mark.parametrize(
    ("retained", "rate", "hours"),
    [(0, 1 * MB, 10_000 / 3600), (5_000, 1 * MB, 5_000 / 3600), (10_000, 1 * MB, 0.0), (12_000, 0.0, 0.0), (100, 0.0, None)],
)
def test_the_forecast_is_the_rest_of_the_budget_by_what_the_store_writes(retained: int, rate: float, hours: float | None) -> None:
    assert replace(WELL, retained=retained * MB, wal_bytes_per_s=rate).hours_left == (hours if hours is None else pytest.approx(hours))


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        ([(n, n * 5.0) for n in range(60)], 5.0),
        ([(n, 100.0) for n in range(60)], None),
        ([(n, (n % 10) * 50.0) for n in range(60)], None),  # every pass brings it back to nothing
        ([(n, 600.0 - n) for n in range(60)], None),
        ([(n, n * 5.0) for n in range(20)], None),  # too short to say
        ([(n * 30, n * 5.0) for n in range(3)], None),
        ([], None),
    ],
)
def test_growth_is_what_rises_after_every_pass(samples: list[tuple[float, float]], rate: float | None) -> None:
    found = backlog.growing(samples, 60)
    assert (found and found.per_second) == (rate and pytest.approx(rate))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, []),
        ({"wal_status": "extended"}, ["is extended"]),
        ({"wal_status": "unreserved"}, ["is unreserved"]),
        ({"retained": 6_000 * MB}, ["keeps 6,000 of 10,000 MB"]),
        ({"wal_bytes_per_s": 2.0 * MB}, ["used up in 1.4 hours, below 12"]),
        ({"keys": 5_000_000, "keys_growth": Growth(1200.0, 600.0)}, ["grows by 1,200 keys/s since 10 min and is 5,000,000 keys; at this rate it is 9,320,000 in an hour"]),
        ({"lag_seconds": 90.0, "lag_growth": Growth(0.5, 600.0)}, ["falls behind by 0.5 s every second since 10 min and is 90 s behind"]),
    ],
)  # fmt: skip
def test_each_alarm_is_for_its_own_fault(change: dict[str, object], says: list[str]) -> None:
    found = backlog.alarms(replace(WELL, **change), FOLLOW)  # type: ignore[arg-type]
    assert len(found) == len(says) and all(word in alarm for word, alarm in zip(says, found, strict=True)), found


def test_log_that_is_read_again_at_every_look_is_told_and_the_switch_refuses_with_the_store_open(
    slotted: Workplace, servers: Servers
) -> None:
    """PostgreSQL decodes anew since the oldest transaction that is open: nothing was read late, and every look is slow."""
    idle = measured(slotted)
    with psycopg.connect(slotted.source_owner) as old, psycopg.connect(servers.source.dsn(), autocommit=True) as source:
        old.execute("update poco.stores set domain = domain where id = (select min(id) from poco.stores)")
        with connection_pair.connect(replace(slotted, source=slotted.source_follower), RUN) as opened:
            source.execute("select pg_logical_emit_message(false, 'filler', repeat('x', 24000000))")
            for _ in range(3):
                source.execute("select pg_log_standby_snapshot()")
                change_capture.capture(opened.source, opened.target, "backlog_test")
            held = measured(slotted)
            assert held.again > 24 * MB * 0.9 and idle.again < held.again / 2
            assert "pg_prepared_xacts" not in " ".join(backlog.alarms(held, tuned(slotted, reread_mb=100_000).settings.follow))
            assert "pg_prepared_xacts" in " ".join(backlog.alarms(held, tuned(slotted, reread_mb=10).settings.follow))
            backlog.require_quick(opened.source, slotted)
            with pytest.raises(StageRefused, match="The store is open"):
                backlog.require_quick(opened.source, in_haste(tuned(slotted, decoded_mb_per_s=1)))


def in_haste(place: Workplace) -> Workplace:
    return replace(place, settings=place.settings.model_copy(update={"freeze": place.settings.freeze.model_copy(update={"budget_s": 20})}))
