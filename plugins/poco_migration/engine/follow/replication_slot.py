"""The bookmark in the source's log: made before the backfill, advanced after each commit, watched for what it retains."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poco_migration import settings as paths
from poco_migration.adapters import log_stream, pgoutput, postgres
from poco_migration.adapters.log_stream import LogStream
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.follow import published_tables, source_log
from poco_migration.engine.follow.source_log import Bookmark
from poco_migration.errors import SlotLost, SourceReplaced, StageRefused

SQL = Path(__file__).parent / "sql"
CAPTURE = paths.SCHEMA / "capture"
_OPEN_TRANSACTIONS_SECONDS = 60.0
# Asked in every pass: so many rows are counted in some hundredths of a second, and nobody decides on the exact number of more.
COUNTED_KEYS = 100_000


@dataclass(frozen=True)
class Stream:
    """How far the log is read, why keys may be missing (None: none are), and whether following has ended for good."""

    captured: str
    lost: str | None
    ended: bool


def create_publication(place: Workplace, but: Collection[str] = ()) -> None:
    """Have the source write into its log what following needs: identities of every table, then the publication.

    Rerun: safe; an index that an interrupted try left half built is built anew, and `but` stays withdrawn. Run as the owner of the tables.
    """
    with postgres.connect(place.source_owner, "source", name="identities") as source, postgres.translated_errors("source", "identities"):
        for row in postgres.run(source, SQL / "invalid_indexes.sql"):
            source.execute(postgres.sql.SQL("drop index concurrently poco.{}").format(postgres.sql.Identifier(row["name"])))
        # One by one, because an index that is built beside its writers cannot be built in a transaction.
        for name, statement in postgres.sections(postgres.statement(CAPTURE / "01_identity.sql")):
            if name:
                postgres.script(source, statement)
        # In one transaction: the reissue's own marks must not be heard of for a moment.
        with source.transaction():
            postgres.script(source, postgres.statement(CAPTURE / "02_publication.sql"))
            published_tables.drop(source, but)


def create(place: Workplace) -> None:
    """Make the slot and note where it begins, once. Comes before the first row is copied, so that no change falls between.

    Rerun: safe. Raises SlotLost when the ledger knows a slot that the source does not have.
    """
    slot = place.settings.follow.slot
    try:
        with _both(place) as (source, target), held(target, slot) as known:
            if known is None:
                postgres.run(target, SQL / "stream_begin.sql", slot, _make(source, slot), source_log.server(source))
            else:
                confirmed_position(source, slot, known)
    except SlotLost as lost:  # noted behind that transaction, which is taken back
        with postgres.connect(place.target, "target", name="slot") as target:
            note_loss(target, slot, str(lost))
        raise


def renew(place: Workplace) -> bool:
    """Make a slot that was lost anew; returns whether it was. What changed in between is found by comparing all rows.

    Rerun: safe. The loss stays noted until that comparison has ended (stages/reconcile.py). Raises StageRefused before
    there was a slot.
    """
    slot = place.settings.follow.slot
    if require_slot(place).ended:
        return False
    with _both(place) as (source, target), held(target, slot) as read:
        try:
            confirmed_position(source, slot, read)
        except SlotLost as lost:
            note_loss(target, slot, str(lost))
            postgres.run(target, SQL / "stream_renew.sql", slot, _make(source, slot), source_log.server(source))
            return True
    return False


@contextmanager
def held(target: postgres.Connection, slot: str) -> Iterator[Bookmark | None]:
    """How far the ledger has read the slot; inside, nobody moves it or makes it anew. None when the ledger knows no slot.

    Read without holding it, a slot that another reader advances in between would look as if it had forgotten something.
    """
    with postgres.translated_errors("target", "slot"), target.transaction():
        found = postgres.run(target, SQL / "stream_held.sql", slot)
        yield Bookmark(**found[0]) if found else None


def note_loss(target: postgres.Connection, slot: str, why: str) -> None:
    """Remember that keys may be missing. Rerun: the first reason stays."""
    target.execute("update migration.stream set lost = coalesce(lost, %s) where slot = %s and ended_at is null", (why, slot))


def find_slot(place: Workplace) -> Stream | None:
    """What the ledger says of the slot; None when it knows none."""
    with postgres.connect(place.target, "target", name="slot") as target:
        found = postgres.run(target, SQL / "stream.sql", place.settings.follow.slot)
    return Stream(**found[0]) if found else None


def require_slot(place: Workplace) -> Stream:
    """What the ledger says of the slot. Raises StageRefused when it knows none."""
    found = find_slot(place)
    if found is None:
        raise StageRefused("nothing follows the store yet: the ledger knows no replication slot. Run poco_prepare, then clear this task.")
    return found


def behind(target: postgres.Connection, slot: str) -> dict[str, Any]:
    """How far the log is read (captured), how many keys wait to be copied, and for how many seconds the oldest does.

    The keys are exact up to COUNTED_KEYS; of more the server's statistic tells how many rows there are.
    """
    return postgres.run(target, SQL / "lag.sql", slot, COUNTED_KEYS)[0]


def require_whole(place: Workplace) -> None:
    """Refuse while keys may be missing. Raises SlotLost, or StageRefused when there is no slot yet."""
    if lost := require_slot(place).lost:
        raise SlotLost(f"all rows must be compared before this can go on: {lost}")


def drop_slot(place: Workplace) -> None:
    """Drop the slot and the publication: nothing is followed any more, and the source's log is not kept. Rerun: safe."""
    slot = place.settings.follow.slot
    with _both(place) as (source, target), held(target, slot):
        target.execute("update migration.stream set ended_at = coalesce(ended_at, now()) where slot = %s", (slot,))
        _drop(source, slot)
    with postgres.connect(place.source_owner, "source", name="publication") as source, postgres.translated_errors("source", "publication"):
        source.execute("drop publication if exists poco_migration")


@contextmanager
def _both(place: Workplace) -> Iterator[tuple[postgres.Connection, postgres.Connection]]:
    with (
        postgres.connect(place.source_follower, "source", name="slot") as source,
        postgres.connect(place.target, "target", name="slot") as target,
    ):
        yield source, target


def _make(source: postgres.Connection, slot: str) -> str:
    """A new slot; returns where it begins. What an interrupted try made is of no use: nobody knows whether copying had begun."""
    _drop(source, slot)
    with postgres.translated_errors("source", "slot"):
        begins = postgres.value(
            source, "select lsn::text from pg_create_logical_replication_slot(%s, 'pgoutput', failover => true)", (slot,)
        )
        _settle(source)
    return str(begins)


def _drop(source: postgres.Connection, slot: str) -> None:
    with postgres.translated_errors("source", "slot"):
        log_stream.take(source, slot)
        source.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %s", (slot,))


def _settle(source: postgres.Connection) -> None:
    """Wait until every transaction that was open when the slot began has ended and is seen by new snapshots.

    One that committed just before the slot's first position is in no change, and must be in the first snapshot.
    """
    now, give_up = postgres.value(source, "select pg_current_snapshot()::text"), time.monotonic() + _OPEN_TRANSACTIONS_SECONDS
    while not postgres.value(source, "select pg_snapshot_xmin(pg_current_snapshot()) >= pg_snapshot_xmax(%s::pg_snapshot)", (now,)):
        if time.monotonic() > give_up:
            raise StageRefused("a transaction has been open on the source for a minute (pg_stat_activity). End it, then clear this task.")
        time.sleep(0.02)


def confirmed_position(source: postgres.Connection, slot: str, read: Bookmark | None) -> int:
    """How far the slot has forgotten the log. `read` is how far the ledger has read it, and is held.

    Raises SlotLost when the slot cannot be read, or has forgotten what lies behind `read`; SourceReplaced when this is not the
    server, or not the history, of which the ledger has read.
    """
    if read is None:
        raise SlotLost(_lost(slot, "the ledger does not know it"))
    if read.server and read.server != (now := source_log.server(source)):
        raise SourceReplaced(_replaced(slot, f"the log was read from server {read.server}, and POCO is {now} now"))
    with postgres.translated_errors("source", "slot"):
        found = postgres.run(source, SQL / "slot.sql", slot)
    if not found:
        raise SlotLost(_lost(slot, "the source does not have it"))
    if found[0]["wal_status"] == "lost":
        raise SlotLost(_lost(slot, "it retained more log than max_slot_wal_keep_size allows"))
    if found[0]["confirmed"] is None:
        raise SlotLost(_lost(slot, "it was never finished"))
    confirmed, captured = pgoutput.position(found[0]["confirmed"]), pgoutput.position(read.captured)
    if confirmed > captured:
        raise SlotLost(_lost(slot, f"it has forgotten the log up to {found[0]['confirmed']}, and {read.captured} is read"))
    if captured > written(source):
        raise SourceReplaced(_replaced(slot, f"the log was read up to {read.captured}, and POCO's ends before that"))
    return confirmed


def end_of_log(source: postgres.Connection) -> int:
    """A position behind everything that is committed now; the log is on disk up to it, and a record ends there.

    What is written may not be on disk yet (synchronous_commit = off, or a transaction under way), and what is on disk may
    end inside a record: then whoever reads the slot waits until the rest comes, which can take many seconds. So a message
    of our own is written behind it and flushed.
    """
    with postgres.translated_errors("source", "log"):
        log = postgres.run(source, SQL / "log_ends.sql")[0]
        if log["flushed"] == log["inserted"]:
            return pgoutput.position(log["flushed"])
        with source.transaction():
            source.execute("set local synchronous_commit = local")
            return pgoutput.position(str(postgres.value(source, "select pg_logical_emit_message(true, %s, '')", (source_log.PREFIX,))))


def written(source: postgres.Connection) -> int:
    """How far the log is written, on disk or not yet."""
    with postgres.translated_errors("source", "log"):
        return pgoutput.position(postgres.run(source, SQL / "log_ends.sql")[0]["inserted"])


def advance(source: postgres.Connection, slot: str, position: int, stream: LogStream | None = None) -> None:
    """Let the source forget its log up to here. Called only after the keys of that far are committed on the target.

    While a stream has the slot, only the stream can say so.
    """
    if stream:
        stream.confirm(position)
        return
    with postgres.translated_errors("source", "slot"):
        source.execute("select pg_replication_slot_advance(%s, %s::pg_lsn)", (slot, pgoutput.written(position)))


def _lost(slot: str, why: str) -> str:
    return (
        f"replication slot {slot}: {why}. Changes may be missing on the target. Run poco_reconcile: it makes a new slot, compares every "
        "row and copies only what differs (docs/runbook.md, 'The slot is lost')."
    )


def _replaced(slot: str, why: str) -> str:
    return (
        f"POCO's server is not the one that was followed with slot {slot}: {why}. It may lack transactions that are at mi.com already. Run "
        "poco_reconcile: it makes a new slot, compares every row and takes back what POCO does not have "
        "(docs/runbook.md, 'POCO was replaced by a standby')."
    )
