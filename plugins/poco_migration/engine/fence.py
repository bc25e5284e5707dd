"""Closes the store to writes, in the database, for some entities and regions; and opens it again.

The fence is a function's text and triggers (schema/source/05_fence.sql). Raising it again, lowering it twice or probing
it is always safe. Its deadline is checked by the fence itself, so the store opens even when nobody is left to open it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import FenceFailed, SourceError

log = logging.getLogger(__name__)
FOR_GOOD = "infinity"
_ATTEMPTS = 20


def raise_(place: Workplace, entities: Collection[str], regions: Collection[str], *, for_good: bool = False) -> str:
    """Refuse writes of these regions to these tables; returns until when. Other regions go on.

    When it returns, no transaction that wrote to them before is still open. Raises FenceFailed when the writers leave
    no gap within the budget; then nothing is closed. Rerun: safe; a fence for good is never turned into a shorter one.
    """
    freeze = place.settings.freeze
    until = FOR_GOOD if for_good else (datetime.now(UTC) + timedelta(seconds=freeze.budget_s)).isoformat()
    give_up = time.monotonic() + freeze.budget_s
    with postgres.connect(place.source_owner, "source", name="fence", options=f"-c lock_timeout={freeze.lock_timeout_s}s") as source:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with postgres.telling("source", "fence"), source.transaction():
                    closed = _closed(source)
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
    with postgres.connect(place.source_owner, "source", name="unfence") as source, source.transaction():
        closed = _closed(source)
        for entity in entities:
            table = closed.get(entity, {})
            closed[entity] = {region: until for region, until in table.items() if region not in regions or until == FOR_GOOD}
        _write(source, {entity: table for entity, table in closed.items() if table})


def reopen(place: Workplace, entities: Collection[str], regions: Collection[str]) -> None:
    """Let these regions write again also where they were closed for good. Only a return calls it, when POCO owns them again.

    Rerun: safe.
    """
    with postgres.connect(place.source_owner, "source", name="reopen") as source, source.transaction():
        closed = _closed(source)
        for entity in entities:
            closed[entity] = {region: until for region, until in closed.get(entity, {}).items() if region not in regions}
        _write(source, {entity: table for entity, table in closed.items() if table})


def holds(place: Workplace, entities: Collection[str], regions: Collection[str], seconds: float) -> bool:
    """Whether every one of these is closed now and for `seconds` more, by the source's own clock."""
    with postgres.connect(place.source_owner, "source", name="fence state") as source:
        closed, now = _closed(source), postgres.value(source, "select clock_timestamp()")
    ends = [closed.get(entity, {}).get(region) for entity in entities for region in regions]
    return all(end == FOR_GOOD or (end and datetime.fromisoformat(end) > now + timedelta(seconds=seconds)) for end in ends)


def state(place: Workplace) -> dict[str, dict[str, str]]:
    """What is closed until when, as the database says: {entity: {region: instant or 'infinity'}}."""
    with postgres.connect(place.source_owner, "source", name="fence state") as source:
        return _closed(source)


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
