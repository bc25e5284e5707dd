"""Closes the store to writes, in the database, for some entities and regions; and opens it again.

The fence is a function's text and triggers (schema/source/06_fence.sql). A session keeps the text that it has read until it
takes a lock, so whatever closes something changes the text under a lock of the tables: then no transaction is left that
could go by the old one (ADR 25). Raising the fence again, lowering it twice or probing it is always safe. Its deadline is
checked by the fence itself, so the store opens even when nobody is left to open it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.ledger import locks
from poco_migration.errors import FenceFailed, SourceError

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
FOR_GOOD = "infinity"
_ATTEMPTS = 20
# So long a seal tries to get its locks from those who still may write: a closed store does not wait for one report of India's.
SEAL_SECONDS = 5.0
# The part of the store's deadlock_timeout for which all tables together are waited for and held. A session of the store that
# waits for us looks for a deadlock only after all of that time, so none of the store's transactions is ever ended for our sake.
_OF_DEADLOCK_TIMEOUT = 0.75
# To put triggers at rest is worth no wait: the next look of the follower tries again.
_REST_SECONDS = 0.1


def raise_(place: Workplace, entities: Collection[str], regions: Collection[str], *, for_good: bool = False) -> str:
    """Refuse writes of these regions to these tables; returns until when. Other regions go on.

    When it returns, no transaction that wrote to them before is still open. Raises FenceFailed when the writers leave
    no gap within the budget; then nothing is closed. Rerun: safe; a fence for good is never turned into a shorter one.
    """
    freeze = place.settings.freeze
    give_up = time.monotonic() + freeze.budget_s
    with _connected(place, freeze.lock_timeout_s) as source:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with _changing(source) as closed:
                    _hold(source, {*closed, *entities}, freeze.lock_timeout_s)
                    until = FOR_GOOD if for_good else (_clock(source) + timedelta(seconds=freeze.budget_s)).isoformat()
                    for entity in entities:
                        table = closed.setdefault(entity, {})
                        table |= {region: until for region in regions if table.get(region) != FOR_GOOD}
                    _write(source, closed)
                    _alter(source, closed, "enable always")
                return until
            except SourceError:
                if source.closed:
                    raise
                # A waiting lock queues every writer behind it, so the wait is short and repeated, never long.
                log.warning("fence: writers hold the tables, attempt %d", attempt)
                if time.monotonic() > give_up:
                    break
                time.sleep(0.2 * attempt)
    raise FenceFailed(
        f"the store could not be closed within {freeze.budget_s} s: some session keeps a transaction open. Nothing has changed: what was "
        "open is open, what was closed is closed. Find the session in pg_stat_activity (docs/runbook.md, 'The fence does not close'), "
        "then clear this task."
    )


def lower(place: Workplace, entities: Collection[str], regions: Collection[str]) -> None:
    """Let these regions write to these tables again, unless they are closed for good. Rerun: safe."""
    _open(place, entities, regions, frozenset({FOR_GOOD}))


def reopen(place: Workplace, entities: Collection[str], regions: Collection[str]) -> None:
    """Let these regions write again although they were closed for good. Only where POCO owns them, and nobody can hand
    them over meanwhile (handover.begin). Rerun: safe."""
    _open(place, entities, regions, frozenset())


def seal(place: Workplace, entities: Collection[str], regions: Collection[str], margin_s: float) -> None:
    """Turn a fence that still holds into one for good: from here on the store does not open by itself. Rerun: safe.

    It holds every table while it does so: then no transaction is left that has read the old deadline, and could write once
    that has passed. Raises FenceFailed when such a transaction does not end, or when the deadline has passed or is nearer
    than `margin_s`: writes may come in before it is sealed. Nothing has changed then.
    """
    give_up = time.monotonic() + SEAL_SECONDS
    with _connected(place, place.settings.freeze.lock_timeout_s) as source:
        while True:
            try:
                ends = _seal(source, place, entities, regions, margin_s)
                break
            except SourceError:
                if source.closed:
                    raise
                log.warning("seal: a transaction that has read the old deadline is still open")
            if time.monotonic() > give_up:
                raise FenceFailed(
                    f"cutover: the store could not be closed for good within {SEAL_SECONDS:.0f} s: some session keeps a transaction open "
                    "that could write later on. Nothing was handed over. Find the session in pg_stat_activity "
                    "(docs/runbook.md, 'The fence does not close'), then clear this task."
                )
            time.sleep(0.05)  # whoever waited behind us goes first
        _require(source, ends, 0)


def _seal(
    source: postgres.Connection, place: Workplace, entities: Collection[str], regions: Collection[str], margin_s: float
) -> list[str | None]:
    with _changing(source) as closed:
        ends = [closed.get(entity, {}).get(region) for entity in entities for region in regions]
        _require(source, ends, margin_s)
        # The commit comes before the deadline or not at all. (Since PostgreSQL 17; the caller looks once more.)
        postgres.run(source, SQL / "fence_seal_limit.sql", f"{margin_s}s")
        _hold(source, entities, min(place.settings.freeze.lock_timeout_s, margin_s / 2))
        for entity in entities:
            closed[entity] |= dict.fromkeys(regions, FOR_GOOD)
        _write(source, closed)
        _alter(source, entities, "enable always")
    return ends


def _require(source: postgres.Connection, ends: Iterable[str | None], margin_s: float) -> None:
    earliest = _clock(source) + timedelta(seconds=margin_s)
    if not all(end == FOR_GOOD or (end and datetime.fromisoformat(end) > earliest) for end in ends):
        raise FenceFailed(
            "cutover: copying and proving took longer than the store may be closed, and writes may have come in. Nothing was handed "
            "over, the store is open. Raise freeze.budget_s in migration.toml or choose a quieter hour, then clear this task "
            "(docs/runbook.md, 'Before the cutover is signed')."
        )


def _connected(place: Workplace, lock_timeout_s: float) -> AbstractContextManager[postgres.Connection]:
    return postgres.connect(place.source_owner, "source", name="fence", options=f"-c lock_timeout={lock_timeout_s}s")


@contextmanager
def _changing(source: postgres.Connection) -> Iterator[dict[str, Any]]:
    """What is closed, held so that nobody else changes it: two who read and wrote it at once would lose one's change."""
    with postgres.translated_errors("source", "fence"), source.transaction():
        locks.hold_fence(source)
        yield _closed(source)


def _open(place: Workplace, entities: Collection[str], regions: Collection[str], but: frozenset[str]) -> None:
    """No lock is needed for this: a transaction that still goes by the old text is refused a moment longer, and no more."""
    with postgres.connect(place.source_owner, "source", name="unfence") as source:
        with _changing(source) as closed:
            for entity in entities:
                table = closed.get(entity, {})
                closed[entity] = {region: until for region, until in table.items() if region not in regions or until in but}
            _write(source, {entity: table for entity, table in closed.items() if table})
        _rest(source)


def rest(place: Workplace) -> list[str]:
    """Switch off the triggers of tables in which nothing is closed; returns which. Rerun: safe.

    Left on, every write of the store would call a function that refuses nothing. Where writers hold the tables it is left for the
    next time.
    """
    with postgres.connect(place.source_owner, "source", name="unfence") as source:
        return _rest(source)


def _rest(source: postgres.Connection) -> list[str]:
    with postgres.translated_errors("source", "fence"):
        armed = [row["name"] for row in postgres.run(source, SQL / "fence_armed.sql")]
    if not armed:
        return []
    try:
        with _changing(source) as closed:
            now = _clock(source)
            # A deadline that has passed closes nothing any more, whoever was to take it away.
            open_ = [name for name in armed if not any(_later(until, now) for until in closed.get(name, {}).values())]
            if not open_:
                return []
            _hold(source, open_, _REST_SECONDS)
            _write(source, {entity: table for entity, table in closed.items() if entity not in open_})
            _alter(source, open_, "disable")
        return open_
    except SourceError:
        if source.closed:
            raise
        return []


def holds(place: Workplace, entities: Collection[str], regions: Collection[str], seconds: float) -> bool:
    """Whether every one of these is closed now and for `seconds` more, by the source's own clock."""
    with postgres.connect(place.source_owner, "source", name="fence state") as source:
        closed, until = _closed(source), _clock(source) + timedelta(seconds=seconds)
    return all(_later(closed.get(entity, {}).get(region), until) for entity in entities for region in regions)


def state(place: Workplace) -> dict[str, dict[str, str]]:
    """What is closed until when, as the database says: {entity: {region: instant or 'infinity'}}."""
    with postgres.connect(place.source_owner, "source", name="fence state") as source:
        return _closed(source)


def _later(end: str | None, than: datetime) -> bool:
    return end == FOR_GOOD or bool(end and datetime.fromisoformat(end) > than)


def _clock(source: postgres.Connection) -> datetime:
    """The time as the fence will compare it; a worker's own clock may be wrong."""
    now: datetime = postgres.value(source, "select clock_timestamp()")
    return now


def _closed(source: postgres.Connection) -> dict[str, Any]:
    """The text as it stands in the catalogue now. Calling the function could answer from what this connection has cached."""
    text = postgres.run(source, SQL / "fence_text.sql")[0]["text"]
    return dict(postgres.value(source, sql.SQL(text)))


def _write(source: postgres.Connection, closed: dict[str, Any]) -> None:
    body = sql.SQL("create or replace function poco_export.fenced() returns jsonb language sql stable as {}").format(
        sql.Literal(f"select {sql.Literal(json.dumps(closed, sort_keys=True)).as_string(source)}::pg_catalog.jsonb")
    )
    source.execute(body)


def _hold(source: postgres.Connection, entities: Collection[str], seconds: float) -> None:
    """Lock these tables against writers until the transaction ends: then no transaction is open that has written to them.

    One statement, in the order of their names, with one limit for all of it. Raises SourceError when writers leave no gap.
    """
    longest = postgres.value(source, "select extract(epoch from current_setting('deadlock_timeout')::interval)::float8")
    limit = int(1000 * min(seconds, _OF_DEADLOCK_TIMEOUT * longest))
    tables = sql.SQL(", ").join(sql.Identifier("poco", entity) for entity in sorted(entities))
    source.execute("select set_config(name, %s, true) from unnest(array['lock_timeout', 'statement_timeout']) name", (str(limit),))
    source.execute(sql.SQL("lock table {} in share row exclusive mode").format(tables))
    source.execute("set local statement_timeout = 0")


def _alter(source: postgres.Connection, entities: Collection[str], what: str) -> None:
    """ALWAYS also holds under session_replication_role."""
    for entity in sorted(entities):
        source.execute(
            sql.SQL("alter table poco.{0} {1} trigger zz_migration_fence, {1} trigger zz_migration_fence_truncate").format(
                sql.Identifier(entity), sql.SQL(what)
            )
        )
