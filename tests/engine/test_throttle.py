"""Copies wait while a server is unwell, and go on by themselves; a wait within a copy ends in a rerun, not in half a copy."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from support.workplaces import RUN, Servers, prepared

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier
from poco_migration.engine.throttle import Throttle
from poco_migration.errors import SourceError, TargetError
from poco_migration.limits import Health
from poco_migration.model import KeyRange

ALL = KeyRange(None, None)


@pytest.fixture(scope="module")
def copied(servers: Servers) -> Workplace:
    return prepared(servers, "cutover", "history", "reissue")


def limited(place: Workplace, **limits: float) -> Workplace:
    """The same workplace with other limits, and a look every fifth of a second."""
    health = place.settings.health.model_copy(update={"check_every_s": 0.2} | limits)
    return replace(place, settings=place.settings.model_copy(update={"health": health}))


def superuser(servers: Servers, place: Workplace, side: str) -> str:
    return getattr(servers, side).dsn(str(conninfo_to_dict(getattr(place, side))["dbname"]))  # type: ignore[no-any-return]


def receipts(place: Workplace) -> int:
    with psycopg.connect(place.target) as target:
        return int(target.execute("select count(*) from migration.receipt").fetchone()[0])  # type: ignore[index]


class Copying(threading.Thread):
    """A copy of the orders in another thread; what it raised is kept."""

    def __init__(self, place: Workplace, **options: bool) -> None:
        super().__init__()
        self.place, self.options, self.error = place, options, None
        self.start()

    def run(self) -> None:
        try:
            with connection_pair.connect(self.place, RUN, **self.options) as opened:
                copier.copy(opened, cards.entities()["orders"], ALL, RUN)
        except Exception as error:
            self.error = error


@contextmanager
def statements(dsn: str, *texts: str) -> Iterator[None]:
    """Each in a session of its own, at once; ended at the end."""
    with ExitStack() as stack:
        sessions = [stack.enter_context(psycopg.connect(dsn, autocommit=True)) for _ in texts]

        def execute(session: psycopg.Connection, text: str) -> None:
            with suppress(psycopg.errors.QueryCanceled):
                session.execute(text.encode())

        threads = [threading.Thread(target=execute, args=pair) for pair in zip(sessions, texts, strict=True)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            for session in sessions:
                session.cancel()
            for thread in threads:
                thread.join()


@contextmanager
def waiting_session(holder: str, waiter: str, table: str) -> Iterator[None]:
    """Somebody waits for a lock that somebody holds."""
    with psycopg.connect(holder) as session:
        session.execute(f"select 1 from {table} limit 1 for update".encode())
        with statements(waiter, f"begin; lock table {table}; rollback"):
            yield


@contextmanager
def stale_slot(dsn: str) -> Iterator[None]:
    with psycopg.connect(dsn, autocommit=True) as session:
        session.execute("select pg_create_physical_replication_slot('stale', true)")
        session.execute("select pg_logical_emit_message(false, 'filler', repeat('x', 12000000))")
        try:
            yield
        finally:
            session.execute("select pg_drop_replication_slot('stale')")


Plant = Callable[[Servers, Workplace], AbstractContextManager[Any]]
FAULTS: dict[str, tuple[dict[str, float], Plant]] = {
    "lock_wait_s of the source": ({"lock_wait_s": 0.3}, lambda s, p: waiting_session(p.source_owner, p.source_owner, "poco.reviews")),
    "lock_wait_s of the target": ({"lock_wait_s": 0.3}, lambda s, p: waiting_session(superuser(s, p, "target"), superuser(s, p, "target"), "mi.reviews")),
    "blocked_by_us_s of the target": ({"blocked_by_us_s": 0.3}, lambda s, p: waiting_session(p.target, superuser(s, p, "target"), "mi.reviews")),
    "active_sessions of the source": ({"active_sessions": 3}, lambda s, p: statements(p.source_owner, *["select pg_sleep(60)"] * 4)),
    "active_sessions of the target": ({"active_sessions": 3}, lambda s, p: statements(superuser(s, p, "target"), *["select pg_sleep(60)"] * 4)),
    "retained_wal_mb of the source": ({"retained_wal_mb": 10}, lambda s, p: stale_slot(superuser(s, p, "source"))),
    "retained_wal_mb of the target": ({"retained_wal_mb": 10}, lambda s, p: stale_slot(superuser(s, p, "target"))),
}  # fmt: skip


@pytest.fixture
def no_other_slots(servers: Servers) -> None:
    """Slots that other tests have left behind would be somebody else's slots here."""
    with psycopg.connect(servers.source.dsn(), autocommit=True) as source:
        source.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots")


@pytest.mark.parametrize("signal", FAULTS)
def test_a_copy_waits_while_a_server_is_unwell_and_goes_on_by_itself(
    copied: Workplace, servers: Servers, caplog: pytest.LogCaptureFixture, signal: str, no_other_slots: None
) -> None:
    limits, plant = FAULTS[signal]
    place = limited(copied, **limits)
    before = receipts(place)
    with plant(servers, place):
        time.sleep(0.5)
        copy = Copying(place)
        copy.join(1.5)
        assert copy.is_alive() and receipts(place) == before
        assert [text for text in caplog.messages if f"orders [..) is paused: {signal} is " in text]
    copy.join(10)
    assert not copy.is_alive() and copy.error is None and receipts(place) == before + 1
    assert len([text for text in caplog.messages if "is paused" in text]) == 1
    assert "orders [..) goes on after" in caplog.text


@contextmanager
def standby(dsn: str) -> Iterator[Callable[[], None]]:
    """A physical standby as the server sees one: it receives the log, and says that it has replayed none of it until it is told to."""
    receiver = psycopg.connect(f"{dsn} replication=true", autocommit=True)
    with closing(receiver), psycopg.connect(dsn, autocommit=True) as primary:
        begins = primary.execute("select pg_current_wal_flush_lsn()").fetchone()[0]  # type: ignore[index]
        assert receiver.pgconn.exec_(f"START_REPLICATION PHYSICAL {begins}".encode()).status == psycopg.pq.ExecStatus.COPY_BOTH

        def replayed(position: str) -> None:
            high, low = (int(half, 16) for half in position.split("/"))
            receiver.pgconn.put_copy_data(struct.pack("!cQQQqb", b"r", *[(high << 32) + low] * 3, 0, 0))
            receiver.pgconn.flush()

        replayed(begins)
        yield lambda: replayed(primary.execute("select pg_current_wal_insert_lsn()").fetchone()[0])  # type: ignore[index]


def test_a_standby_that_falls_behind_is_waited_for(servers: Servers, copied: Workplace, caplog: pytest.LogCaptureFixture) -> None:
    with standby(servers.target.dsn()) as catch_up, psycopg.connect(servers.target.dsn(), autocommit=True) as ahead:
        ahead.execute("select pg_logical_emit_message(true, 'filler', repeat('x', 12000000))")
        copy = Copying(limited(copied, replay_lag_mb=8))
        copy.join(1.5)
        assert copy.is_alive() and "is paused: replay_lag_mb of the target is" in caplog.text
        catch_up()
        copy.join(10)
    assert not copy.is_alive() and copy.error is None


@pytest.fixture
def slow_pipe(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A pipe of one row a block and a pause after each; tells when it has begun."""
    begun, within = threading.Event(), Throttle.within

    def slowly(throttle: Throttle) -> None:
        begun.set()
        time.sleep(0.004)
        within(throttle)

    monkeypatch.setattr(postgres, "PIPE_BYTES", 1)
    monkeypatch.setattr(Throttle, "within", slowly)
    return begun


def test_a_copy_that_is_in_its_pipe_stops_within_seconds(
    copied: Workplace, servers: Servers, caplog: pytest.LogCaptureFixture, slow_pipe: threading.Event
) -> None:
    place = limited(copied, lock_wait_s=0.5, check_every_s=settings.load().health.check_every_s)
    copy = Copying(place)
    assert slow_pipe.wait(10)
    time.sleep(0.1)
    dsn = superuser(servers, copied, "target")
    with waiting_session(dsn, dsn, "mi.reviews"):
        began = time.monotonic()
        while "is paused: lock_wait_s of the target" not in caplog.text and copy.is_alive():
            time.sleep(0.01)
        took = time.monotonic() - began
        assert copy.is_alive()
        with psycopg.connect(dsn) as other:
            held = other.execute("select count(*) from pg_locks l join pg_class c on c.oid = l.relation join pg_stat_activity a using (pid)"
                                 " where a.usename = 'mi_migrator' and c.relnamespace = 'mi'::regnamespace and l.mode like '%Exclusive%'")  # fmt: skip
            assert held.fetchone() == (0,), "a paused copy holds a lock that mi.com may want"
    print(f"stopped {took:.1f} s after the wait began")
    assert took < 10
    copy.join(60)
    assert not copy.is_alive() and copy.error is None
    assert "goes on after" in caplog.text


def test_a_pause_that_lasts_too_long_is_an_error_that_a_rerun_mends(
    copied: Workplace, servers: Servers, slow_pipe: threading.Event
) -> None:
    place, before = limited(copied, active_sessions=3, longest_pause_s=1), receipts(copied)
    copy = Copying(place)
    assert slow_pipe.wait(10)
    with statements(copied.source_owner, *["select pg_sleep(60)"] * 4):
        copy.join(15)
    assert isinstance(copy.error, SourceError)
    assert "orders [..): paused for 1 s, because active_sessions of the source is 4.0, above 3" in str(copy.error)
    assert receipts(copied) == before
    copy = Copying(place)
    copy.join(30)
    assert copy.error is None and receipts(copied) == before + 1


def test_a_wait_before_a_copy_has_an_end_too(copied: Workplace, servers: Servers) -> None:
    dsn = superuser(servers, copied, "target")
    with statements(dsn, *["select pg_sleep(60)"] * 4):
        time.sleep(0.2)
        copy = Copying(limited(copied, active_sessions=3, longest_wait_s=1))
        copy.join(10)
    assert isinstance(copy.error, TargetError) and "paused for 1 s" in str(copy.error)


def test_a_pause_does_not_count_for_the_time_a_statement_may_take(copied: Workplace, servers: Servers, slow_pipe: threading.Event) -> None:
    place = limited(copied, active_sessions=3, longest_pause_s=20)
    place = replace(
        place, settings=place.settings.model_copy(update={"copying": place.settings.copying.model_copy(update={"statement_timeout_s": 3})})
    )
    copy = Copying(place)
    assert slow_pipe.wait(10)
    with statements(copied.source_owner, *["select pg_sleep(60)"] * 4):
        copy.join(3.5)
        assert copy.is_alive()
    copy.join(30)
    assert not copy.is_alive() and copy.error is None


def test_nobody_waits_while_the_store_is_closed(copied: Workplace, servers: Servers) -> None:
    with statements(copied.source_owner, *["select pg_sleep(60)"] * 4):
        time.sleep(0.2)
        copy = Copying(limited(copied, active_sessions=3), yielding=False)
        copy.join(10)
        assert not copy.is_alive() and copy.error is None


def test_every_signal_has_a_limit(copied: Workplace) -> None:
    for side, dsn in (("poco_export", copied.source), ("migration", copied.target)):
        with psycopg.connect(dsn) as connection:
            names = {row[0] for row in connection.execute(f"select signal from {side}.health('')".encode())}
        assert names == set(Health.model_fields) - {"check_every_s", "longest_pause_s", "longest_wait_s"}


def test_the_migrator_sees_numbers_and_no_statement_of_the_store(copied: Workplace) -> None:
    with statements(copied.source_owner, "select pg_sleep(60) /* somebody@example.com */"), psycopg.connect(copied.source) as source:
        time.sleep(0.2)
        seen = source.execute("select query from pg_stat_activity where query like '%example%' and pid <> pg_backend_pid()").fetchall()
        assert seen == []
        assert source.execute("select measured from poco_export.health('') where signal = 'active_sessions'").fetchone() == (1,)
