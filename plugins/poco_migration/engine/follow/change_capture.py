"""Learns from the source's log which keys changed, and makes them durable in the ledger before the log may forget them.

Only keys are taken from the log; the rows are read again by extract.sql. So neither the order of changes nor partial
images matter, but three rules do: a key counts once a fresh snapshot sees its transaction (else the re-read could miss
it), keys and position commit together, and the slot moves only after that commit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from poco_migration.adapters import log_stream, pgoutput, postgres
from poco_migration.adapters.log_stream import LogStream
from poco_migration.adapters.pgoutput import Changed, Committed, Described, Said, Truncated
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.follow import replication_slot, source_log

SQL = Path(__file__).parent / "sql"
PUBLICATION = "poco_migration"
LIMIT = 50_000
LINES = 2_000
BLOCK = 500
_LINE = "%d\t%s\t%s\t%s\n"
VISIBLE_SECONDS = 5.0


@dataclass(frozen=True)
class Captured:
    """What one read brought: keys, how far the log has been read, whether a transaction stopped it that is not seen, how long it took.

    `reached` is how far everything that is seen has been stored: with `stopped` it lies behind `position`. `said` are our own
    messages (source_log.say) that were read: whoever reads one has read all that was committed before it was written.
    """

    keys: int
    position: int
    stopped: bool
    reached: int
    said: frozenset[str] = frozenset()
    seconds: float = 0.0


@dataclass
class _Read:
    """The transactions of one read in the order of their commits; `rows` is what the slot sent, keys or not."""

    commits: list[Committed]
    truncated: list[tuple[int, str]]
    said: list[tuple[int, str]] = field(default_factory=list)
    unseen: set[int] = field(default_factory=set)  # by a snapshot, if one was asked
    rows: int = 0


def capture(
    source: postgres.Connection,
    target: postgres.Connection,
    slot: str,
    limit: int = LIMIT,
    seen_by: postgres.Connection | None = None,
    stream: LogStream | None = None,
) -> Captured:
    """Read about `limit` changes (a single transaction comes whole) into the ledger, then let the source forget them.

    `source` is in autocommit. With `seen_by`, a connection inside one snapshot of the source, exactly what that snapshot sees
    counts: a transaction that it sees may stand in the log behind one that it does not. Without, each transaction is waited
    for a little, and what stands behind one that is not seen then is left to the next read.
    With `stream` the log is read on where the last read ended; without it the server decodes it anew, from where the oldest
    open transaction began, and `source` must be of the role that follows. Rerun: safe at any point; what was stored and not
    yet forgotten is read and stored again, which copies a key once more. Raises SlotLost when keys may be missing.
    """
    if stream and stream.passed_over and seen_by is None:
        stream.close()  # what the snapshot of an earlier read did not see is to be sent again
    try:
        return _capture(source, target, slot, limit, seen_by, stream)
    except BaseException:
        if stream:
            stream.close()  # what it has sent may not be stored, and is sent again to the next one
        raise


def streamed(place: Workplace, name: str, patience_s: float = log_stream.PATIENCE_S) -> LogStream:
    """The stream of the slot, opened when it is first read. Whoever has it closes it. A read waits for its sender for so long."""
    return LogStream(place.source_follower, name, place.settings.follow.slot, PUBLICATION, patience_s)


def _capture(
    source: postgres.Connection,
    target: postgres.Connection,
    slot: str,
    limit: int,
    seen_by: postgres.Connection | None,
    stream: LogStream | None,
) -> Captured:
    began = time.monotonic()
    with postgres.translated_errors("target", "capture"), replication_slot.held(target, slot) as stored:
        # What the slot forgets must survive a crash of the target, whatever its default is.
        target.execute("set local synchronous_commit = on")
        confirmed, end = replication_slot.confirmed_position(source, slot, stored), replication_slot.end_of_log(source)
        assert stored  # or it would be lost
        begin = pgoutput.position(stored.captured)
        if end <= begin:
            return Captured(0, end, stopped=False, reached=end)  # to look would decode what has been read, once more
        read = _read(source, target, slot, begin, end, limit, stream)
        counts = _visible(source, read.commits, VISIBLE_SECONDS) if seen_by is None else len(read.commits)
        read.unseen = set() if seen_by is None else _unseen(seen_by, read.commits)
        keys = _store(target, read, counts)
        # Behind the first one that does not count the log is read again, whichever read of this stream has met it.
        seen = 0 if stream and stream.passed_over else min(read.unseen, default=counts)
        last, stopped = read.commits[seen - 1].end if seen else begin, seen < len(read.commits) or bool(stream and stream.passed_over)
        # Behind the last transaction there may be more, unless the read came to the end of the log.
        whole = stream.reached >= end if stream else read.rows < limit
        position = last if stopped or not whole else max(last, end)
        reached = position if seen_by is None else end if whole else read.commits[-1].end if read.commits else begin
        postgres.run(target, SQL / "capture_mark.sql", slot, pgoutput.written(position), stored.server or source_log.server(source))
    if position > confirmed:
        replication_slot.advance(source, slot, position, stream)
    if stopped and stream and seen_by:
        stream.passed_over = True  # it is read on, to what the snapshot does see
    elif stopped and stream:
        stream.close()  # the transactions behind it are to be sent again
    said = frozenset(text for number, text in read.said if number < seen)
    return Captured(keys, position, stopped, reached, said, time.monotonic() - began)


def _read(
    source: postgres.Connection, target: postgres.Connection, slot: str, begin: int, end: int, limit: int, stream: LogStream | None
) -> _Read:
    """Pass the slot's messages through the decoder into the temporary table seen; memory does not depend on their number."""
    postgres.script(target, postgres.statement(SQL / "capture_scratch.sql"))
    read, decoder = _Read([], []), pgoutput.Decoder()
    into = "copy seen (txn, entity, source_key, family) from stdin"
    with target.cursor() as writer, writer.copy(into) as sink:
        if stream:
            lines = _lines(stream.messages(source, begin, end, limit), stream.feed, read)
        else:
            lines = _lines(_peeked(source, slot, end, limit), decoder.feed, read)
        for block in lines:
            sink.write(block)
    return read


def _peeked(source: postgres.Connection, slot: str, end: int, limit: int) -> Iterator[bytes]:
    """What the slot has not forgotten, asked for by SQL.

    The source joins the rows to blocks, each row with its length before it: a row of a COPY costs us more than what is in it.
    """
    log_stream.take(source, slot)
    query = sql.SQL(
        "copy (select string_agg(int4send(length(data)) || data, '' order by n)"
        " from pg_logical_slot_peek_binary_changes({}, {}, {}, 'proto_version', '1', 'messages', 'true', 'publication_names', {})"
        " with ordinality as log (lsn, xid, data, n) group by n / {block} order by n / {block}) to stdout (format binary)"
    ).format(*map(sql.Literal, (slot, pgoutput.written(end), limit, PUBLICATION)), block=sql.Literal(BLOCK))
    with source.cursor() as reader:
        yield from pgoutput.messages(postgres.binary_column(reader, query))


def _lines(messages: Iterator[bytes], feed: Callable[[bytes], pgoutput.Event | None], read: _Read) -> Iterator[str]:
    """One line of COPY text per changed key, joined to blocks; a key cannot hold a tab."""
    waiting = list[str]()
    # Nearly every message is like an earlier one but for its key, and to read no more than that is a quarter of the work.
    plain: dict[bytes, tuple[str, str]] = {}
    for data in messages:
        read.rows += 1
        number = len(read.commits)
        if known := plain.get(pgoutput.like(data)):
            waiting.append(_LINE % (number, known[0], pgoutput.key(data), known[1]))
        else:
            event = feed(data)
            if isinstance(event, Changed):
                keys = _keys(event)
                waiting += [_LINE % (number, *key) for key in keys]
                if event.alike and event.columns[0] == "id" and len(keys) == 1:
                    plain[event.alike] = keys[0][0], keys[0][2]
            elif isinstance(event, Committed):
                read.commits.append(event)
            elif isinstance(event, Said):
                if event.prefix == source_log.PREFIX and event.text:
                    read.said.append((number, event.text))
            elif isinstance(event, Truncated):
                read.truncated += [(number, _entity(table)) for table in event.tables]
            elif isinstance(event, Described):
                plain.clear()
        if len(waiting) >= LINES:
            yield "".join(waiting)
            waiting = []
    yield "".join(waiting)


def _keys(event: Changed) -> list[tuple[str, str, str]]:
    """The keys that this change makes dirty. A changed identity is a change of both keys, and concerns the children."""
    entity, at = _entity(event.table), event.columns.index("id")
    family = "t" if event.kind != "update" or event.old else "f"
    rows = [row for row in (event.old, event.new) if row]
    keys = [(entity, row[at] or "0", family) for row in rows]
    card = cards.entities()[entity]
    if card.siblings and family == "t":
        column = event.columns.index(next(parent.source for parent in card.parents if parent.entity == card.siblings))
        keys += [(card.siblings, row[column] or "0", "t") for row in rows]
    return keys


def _entity(table: str) -> str:
    return table.removeprefix("poco.")


def _visible(source: postgres.Connection, commits: list[Committed], seconds: float) -> int:
    """How many of the transactions, from the first on, the connection's snapshots see. Waits a little for the rest."""
    waiting, give_up = {commit.xid for commit in commits}, time.monotonic() + seconds
    while waiting:
        with postgres.translated_errors("source", "capture"):
            waiting = {row["xid"] for row in postgres.run(source, SQL / "unseen.sql", sorted(waiting))}
        if waiting and time.monotonic() >= give_up:
            return next(n for n, commit in enumerate(commits) if commit.xid in waiting)
        if waiting:
            time.sleep(0.002)
    return len(commits)


def _unseen(snapshot: postgres.Connection, commits: list[Committed]) -> set[int]:
    """The numbers of the transactions that this one snapshot does not see."""
    with postgres.translated_errors("source", "capture"):
        xids = {row["xid"] for row in postgres.run(snapshot, SQL / "unseen.sql", sorted({commit.xid for commit in commits}))}
    return {number for number, commit in enumerate(commits) if commit.xid in xids}


def _store(target: postgres.Connection, read: _Read, seen: int) -> int:
    keys = postgres.changed(target, SQL / "capture_store.sql", seen, postgres.array(read.unseen))
    truncated = sorted({entity for number, entity in read.truncated if number < seen and number not in read.unseen})
    if truncated:
        target.execute("update migration.part set wanted = wanted + 1 where entity = any (%s)", (truncated,))
    return keys
