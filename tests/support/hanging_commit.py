"""A commit that hangs: it stands in the log, and neither its session nor anybody else is told of it, until the standby is back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from local_stack.clusters import Cluster
from poco_migration.adapters.workplace import Workplace

SHIPMENT = "update poco.shipments set carrier = carrier || '!' where id = (select min(id) from poco.shipments where region = 'DE' and id < 900000000)"


@contextmanager
def no_standby(server: Cluster) -> Iterator[psycopg.Connection]:
    """While this is open, whoever asks for synchronous_commit = on waits for a standby that is not there; others do not."""
    with psycopg.connect(server.dsn(), autocommit=True) as superuser:
        before = superuser.execute("show synchronous_commit").fetchone()
        assert before and before[0] in ("on", "off", "local")
        superuser.execute("alter system set synchronous_commit = local")
        superuser.execute("alter system set synchronous_standby_names = 'nobody'")
        superuser.execute("select pg_reload_conf()")
        _wait_until_commits_hang(server)
        try:
            yield superuser
        finally:
            superuser.execute("alter system reset synchronous_standby_names")
            superuser.execute(f"alter system set synchronous_commit = {before[0]}")
            superuser.execute("select pg_reload_conf()")


def _wait_until_commits_hang(server: Cluster) -> None:
    """A reload is asked for and not waited for: on a busy machine commits go on for a while. A probe is let go after half a second."""
    told: list[str] = []
    give_up = time.monotonic() + 120
    while not any("synchronous replication" in message for message in told):
        assert time.monotonic() < give_up, "commits do not wait for a standby"
        with psycopg.connect(server.dsn(), autocommit=True, options="-c statement_timeout=500") as probe:
            probe.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
            probe.execute("set synchronous_commit = on")
            probe.execute("select pg_logical_emit_message(true, 'probe', '')")


@contextmanager
def a_commit_hangs(server: Cluster, place: Workplace, statement: str = SHIPMENT) -> Iterator[None]:
    """While this is open, a transaction with this statement is committed in the log and not seen by anybody."""
    with no_standby(server) as superuser:
        pids: list[int] = []

        def commit() -> None:
            with psycopg.connect(place.source_owner) as session:
                session.execute("set synchronous_commit = on")
                session.execute(statement)
                pids.append(session.info.backend_pid)

        committing = threading.Thread(target=commit, daemon=True)
        give_up = time.monotonic() + 60
        hangs = "select exists (select from pg_stat_activity where pid = any (%s) and wait_event = 'SyncRep')"
        while True:
            if not committing.ident:
                committing.start()
            if superuser.execute(hangs, (pids,)).fetchone() == (True,):
                break
            assert time.monotonic() < give_up, "the commit does not hang"
            time.sleep(0.05)
        yield
    committing.join(60)
    assert not committing.is_alive()
