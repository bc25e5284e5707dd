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

HANGS = "select exists (select from pg_stat_activity where pid = any (%s) and wait_event = 'SyncRep')"


@contextmanager
def no_standby(server: Cluster) -> Iterator[psycopg.Connection]:
    """While this is open, whoever asks for synchronous_commit = on waits for a standby that is not there; others do not."""
    with psycopg.connect(server.dsn(), autocommit=True) as superuser:
        before = superuser.execute("show synchronous_commit").fetchone()
        assert before and before[0] in ("on", "off", "local")
        superuser.execute("alter system set synchronous_commit = local")
        superuser.execute("alter system set synchronous_standby_names = 'nobody'")
        superuser.execute("select pg_reload_conf()")
        try:
            _wait_until_commits_hang(server, superuser)
            yield superuser
        finally:
            superuser.execute("alter system reset synchronous_standby_names")
            superuser.execute(f"alter system set synchronous_commit = {before[0]}")
            superuser.execute("select pg_reload_conf()")


def _wait_until_commits_hang(server: Cluster, superuser: psycopg.Connection) -> None:
    """A reload is asked for and not waited for: on a busy machine commits go on for a while. A probe that hangs is let go by a cancel;
    no statement_timeout would do that, because PostgreSQL ends it before the commit."""
    give_up = time.monotonic() + 120
    while True:
        with psycopg.connect(server.dsn(), autocommit=True) as probe:
            probe.execute("set synchronous_commit = on")
            emit = threading.Thread(target=probe.execute, args=("select pg_logical_emit_message(true, 'probe', '')",), daemon=True)
            emit.start()
            while emit.is_alive():
                assert time.monotonic() < give_up, "the probe does not end"
                if superuser.execute(HANGS, ([probe.info.backend_pid],)).fetchone() == (True,):
                    superuser.execute("select pg_cancel_backend(%s)", (probe.info.backend_pid,))
                    emit.join(60)
                    return
                time.sleep(0.02)
        assert time.monotonic() < give_up, "commits do not wait for a standby"


@contextmanager
def a_commit_hangs(server: Cluster, place: Workplace, statement: str = SHIPMENT) -> Iterator[None]:
    """While this is open, a transaction with this statement is committed in the log and not seen by anybody."""
    with no_standby(server) as superuser:
        pids: list[int] = []

        def commit() -> None:
            with psycopg.connect(place.source_owner) as session:
                session.execute("set synchronous_commit = on")
                assert session.execute(statement).rowcount > 0, "nothing was changed, so nothing is committed"
                pids.append(session.info.backend_pid)

        committing = threading.Thread(target=commit, daemon=True)
        give_up = time.monotonic() + 60
        while True:
            if not committing.ident:
                committing.start()
            if superuser.execute(HANGS, (pids,)).fetchone() == (True,):
                break
            assert time.monotonic() < give_up, "the commit does not hang"
            time.sleep(0.05)
        yield
    committing.join(60)
    assert not committing.is_alive()
