"""The one data path. copy() moves a part of an entity; backfill, follow, repair and every rerun go through it.

One transaction on the target holds the rows, the quarantine and the receipt, so a crash leaves all of it or nothing,
and running it again changes nothing that is right already.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from poco_migration.adapters import postgres, time_limit
from poco_migration.adapters.postgres import RowsRefused
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.copying import dependents, keeper, poisoned_rows, receipts, schema_drift, staging, workbench
from poco_migration.engine.copying.staging import SQL
from poco_migration.engine.ledger import handed_over, ownership, parts, tombstones
from poco_migration.model import Entity, KeySet, Part, Receipt, Run

log = logging.getLogger(__name__)


def copy(link: Link, entity: Entity, part: Part, run: Run, *, coming_back: bool = False) -> Receipt:
    """Make the target equal to the source for every key of the part, and account for every row that does not move.

    Rerun: safe at any time. Raises SourceError and TargetError (a rerun helps), DataRefused (a rule is missing),
    SchemaDrift (a table has changed), StageRefused once mi.com owns the entity.
    A single row that a database refuses is put in quarantine by name and does not stop the others. `coming_back` is for
    keys of rows that were made at mi.com: they may be copied while the entity is on its way back to POCO.
    """
    link.throttle.before(f"{entity.name} {part}")
    handed_over.remember(link, [entity])
    try:
        return _copy(link, entity, part, run, {}, coming_back)
    except RowsRefused:
        # Another copy may have deleted a parent between this one's look and its insert: no bad row, and gone the next time.
        log.info("%s %s: refused; once more before looking for the rows", entity.name, part)
    try:
        return _copy(link, entity, part, run, {}, coming_back)
    except RowsRefused as refusal:
        log.warning("%s %s: %s; looking for the rows", entity.name, part, refusal)
        poisoned = poisoned_rows.find_poisoned(
            lambda keys: poisoned_rows.try_out(link, lambda: _copy(link, entity, KeySet(keys), run, {}, coming_back)),
            staging.suspects(link, entity, part),
            refusal,
            link.poisoned_rows_limit,
        )
        return _copy(link, entity, part, run, poisoned, coming_back)


def _copy(link: Link, entity: Entity, part: Part, run: Run, poisoned: Mapping[int, RowsRefused], coming_back: bool = False) -> Receipt:
    started = time.monotonic()
    with (
        time_limit.bounded(link.longest_copy_s, link.source, link.target),
        postgres.translated_errors("target", f"{entity.name} {part}"),
        link.target.transaction(),
    ):
        theirs = ownership.require_writable(link.target, entity.name, coming_back=coming_back)
        # The lock comes before the snapshot: a snapshot taken first could bring back a row that another copy deleted.
        touched = parts.lock(link.target, entity, part)
        schema_drift.check(link, entity)
        workbench.lay(link.target, entity, part, theirs)
        dependents.read_changed(link, entity, part)
        covered = parts.covered(link.target, entity, part)
        tombstones.hide_erased(link.source, link.target)
        with postgres.snapshot(link.source, link.at) as snapshot:
            rows_read, size = staging.fill(link, entity, part, poisoned, theirs)
            dependents.find_kids(link, entity)
        staging.declare(link, entity, part)
        dependents.refuse_children_of_leaving(link, entity)
        keeper.give_back(link, entity)
        link.throttle.within()  # the last place at which waiting locks no row of mi.com's
        left = receipts.count_leaving(link.target, entity)
        changed, gone = _load(link, entity)
        keeper.keep(link, entity)
        for script in ("ask_parents.sql", "park.sql", "oblige.sql"):
            postgres.script(link.target, postgres.statement(SQL / script))
        parts.mark_copied(link.target, covered)
        parts.note_touched(link.target, entity, part)
        parts.count_copies(link.target, entity, part, touched)
        parts.queue_for_reverification(link.target, entity, part)
        kept, parked = receipts.count_kept_and_parked(link.target, entity)
        seconds = time.monotonic() - started
        receipt = Receipt(entity.name, part, rows_read, kept, changed, gone, parked, size, seconds, left)
        receipts.write_receipt(link.target, receipt, snapshot, run)
        # Once more: DDL may have slipped in after the first look and before the pipe, or the load, held a lock on the table.
        schema_drift.check(link, entity)
    return receipt


def _load(link: Link, entity: Entity) -> tuple[int, int]:
    """Run load.sql; returns the rows it inserted or changed in the entity's table, and those it deleted there."""
    changed = gone = 0
    for name, statements in postgres.sections(entity.load):
        if name == "delete":
            dependents.hold(link, entity)
        counts = postgres.script(link.target, workbench.read_as(entity, statements)) if statements.strip() else []
        if name == "upsert":
            changed += sum(counts)
        elif name == "delete":
            gone += sum(counts)
    return changed, gone
