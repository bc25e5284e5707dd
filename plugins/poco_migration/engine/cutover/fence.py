"""Closes the store to writes, in the database, for some entities and regions; and opens it again.

The fence is a function's text and triggers (schema/source/06_fence.sql). Raising it again, lowering it twice or probing
it is always safe. Its deadline is checked by the fence itself, so the store opens even when nobody is left to open it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
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


def raise_(place: Workplace, entities: Collection[str], regions: Collection[str], *, for_good: bool = False) -> str:
    """Refuse writes of these regions to these tables; returns until when. Other regions go on.

    When it returns, no transaction that wrote to them before is still open. Raises FenceFailed when the writers leave
    no gap within the budget; then nothing is closed. Rerun: safe; a fence for good is never turned into a shorter one.
    """
    freeze = place.settings.freeze
    give_up = time.monotonic() + freeze.budget_s
    with postgres.connect(place.source_owner, "source", name="fence", options=f"-c lock_timeout={freeze.lock_timeout_s}s") as source:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with _changing(source) as closed:
                    until = FOR_GOOD if for_good else (_clock(source) + timedelta(seconds=freeze.budget_s)).isoformat()
                    for entity in entities:
                        table = closed.setdefault(entity, {})
                        table |= {region: until for region in regions if table.get(region) != FOR_GOOD}
                    _write(source, closed)
                    for entity in sorted(closed):
                        _enable(source, entity)
                return until
            except SourceError:
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

    Raises FenceFailed when its deadline has passed or is nearer than `margin_s`: writes may come in before it is sealed.
    """
    with postgres.connect(place.source_owner, "source", name="fence", options=f"-c lock_timeout={margin_s}s") as source:
        with _changing(source) as closed:
            ends = [closed.get(entity, {}).get(region) for entity in entities for region in regions]
            _require(source, ends, margin_s)
            # The commit comes before the deadline or not at all. (Since PostgreSQL 17; looked at once more below.)
            postgres.run(source, SQL / "fence_seal_limit.sql", f"{margin_s}s")
            for entity in entities:
                closed[entity] |= dict.fromkeys(regions, FOR_GOOD)
            _write(source, closed)
        _require(source, ends, 0)


def _require(source: postgres.Connection, ends: Iterable[str | None], margin_s: float) -> None:
    earliest = _clock(source) + timedelta(seconds=margin_s)
    if not all(end == FOR_GOOD or (end and datetime.fromisoformat(end) > earliest) for end in ends):
        raise FenceFailed(
            "cutover: copying and proving took longer than the store may be closed, and writes may have come in. Nothing was handed "
            "over, the store is open. Raise freeze.budget_s in migration.toml or choose a quieter hour, then clear this task "
            "(docs/runbook.md, 'Before the cutover is signed')."
        )


@contextmanager
def _changing(source: postgres.Connection) -> Iterator[dict[str, Any]]:
    """What is closed, held so that nobody else changes it: two who read and wrote it at once would lose one's change."""
    with postgres.translated_errors("source", "fence"), source.transaction():
        locks.hold_fence(source)
        yield _closed(source)


def _open(place: Workplace, entities: Collection[str], regions: Collection[str], but: frozenset[str]) -> None:
    with postgres.connect(place.source_owner, "source", name="unfence") as source, _changing(source) as closed:
        for entity in entities:
            table = closed.get(entity, {})
            closed[entity] = {region: until for region, until in table.items() if region not in regions or until in but}
        _write(source, {entity: table for entity, table in closed.items() if table})


def holds(place: Workplace, entities: Collection[str], regions: Collection[str], seconds: float) -> bool:
    """Whether every one of these is closed now and for `seconds` more, by the source's own clock."""
    with postgres.connect(place.source_owner, "source", name="fence state") as source:
        closed, now = _closed(source), _clock(source)
    ends = [closed.get(entity, {}).get(region) for entity in entities for region in regions]
    return all(end == FOR_GOOD or (end and datetime.fromisoformat(end) > now + timedelta(seconds=seconds)) for end in ends)


def state(place: Workplace) -> dict[str, dict[str, str]]:
    """What is closed until when, as the database says: {entity: {region: instant or 'infinity'}}."""
    with postgres.connect(place.source_owner, "source", name="fence state") as source:
        return _closed(source)


def _clock(source: postgres.Connection) -> datetime:
    """The time as the fence will compare it; a worker's own clock may be wrong."""
    now: datetime = postgres.value(source, "select clock_timestamp()")
    return now


def _closed(source: postgres.Connection) -> dict[str, Any]:
    return dict(postgres.value(source, "select poco_export.fenced()"))


def _write(source: postgres.Connection, closed: dict[str, Any]) -> None:
    body = sql.SQL("create or replace function poco_export.fenced() returns jsonb language sql stable as {}").format(
        sql.Literal(f"select {sql.Literal(json.dumps(closed, sort_keys=True)).as_string(source)}::jsonb")
    )
    source.execute(body)


def _enable(source: postgres.Connection, entity: str) -> None:
    """ALWAYS also holds under session_replication_role. Enabling takes the lock that no open writer leaves free."""
    source.execute(
        sql.SQL("alter table poco.{0} enable always trigger zz_migration_fence, enable always trigger zz_migration_fence_truncate").format(
            sql.Identifier(entity)
        )
    )
