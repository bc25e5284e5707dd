"""Learns from the source's log which keys changed, and makes them durable in the ledger before the log may forget them.

Only keys are taken from the log; the rows are read again by extract.sql. So neither the order of changes nor partial
images matter, but three rules do: a key counts once a fresh snapshot sees its transaction (else the re-read could miss
it), keys and position commit together, and the slot moves only after that commit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from poco_migration.adapters import pgoutput, postgres
from poco_migration.adapters.pgoutput import Changed, Committed, Described, Said, Truncated
from poco_migration.adapters.postgres import sql
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
    """What one read brought: keys, how far the log has been read, and whether a transaction stopped it that is not seen.

    `reached` is how far everything that is seen has been stored: with `stopped` it lies behind `position`. `said` are our own
    messages (source_log.say) that were read: whoever reads one has read all that was committed before it was written.
    """

    keys: int
    position: int
    stopped: bool
    reached: int
    said: frozenset[str]


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
) -> Captured:
    """Read about `limit` changes (a single transaction comes whole) into the ledger, then let the source forget them.

    `source` is in autocommit. With `seen_by`, a connection inside one snapshot of the source, exactly what that snapshot sees
    counts: a transaction that it sees may stand in the log behind one that it does not. Without, each transaction is waited
    for a little, and what stands behind one that is not seen then is left to the next read. Rerun: safe at any point; what was
    stored and not yet forgotten is read and stored again, which copies a key once more. Raises SlotLost when keys may be missing.
    """
    with postgres.translated_errors("target", "capture"), replication_slot.held(target, slot) as stored:
        # What the slot forgets must survive a crash of the target, whatever its default is.
        target.execute("set local synchronous_commit = on")
        confirmed, end = replication_slot.confirmed_position(source, slot, stored), replication_slot.end_of_log(source)
        assert stored  # or it would be lost
        read = _read(source, target, slot, end, limit)
        counts = _visible(source, read.commits, VISIBLE_SECONDS) if seen_by is None else len(read.commits)
        read.unseen = set() if seen_by is None else _unseen(seen_by, read.commits)
        keys = _store(target, read, counts)
        seen = min(read.unseen, default=counts)  # behind the first one that does not count the log is read again
        last = read.commits[seen - 1].end if seen else pgoutput.position(stored.captured)
        # Behind the last transaction there may be more, unless the read came to the end of the log.
        whole = read.rows < limit
        stopped = seen < len(read.commits)
        position = last if stopped or not whole else max(last, end)
        reached = position if seen_by is None else end if whole else read.commits[-1].end
        postgres.run(target, SQL / "capture_mark.sql", slot, pgoutput.written(position), stored.server or source_log.server(source))
    if position > confirmed:
        replication_slot.advance(source, slot, position)
    said = frozenset(text for number, text in read.said if number < seen)
    return Captured(keys, position, stopped, reached, said)


def _read(source: postgres.Connection, target: postgres.Connection, slot: str, end: int, limit: int) -> _Read:
    """Stream the slot's rows through the decoder into the temporary table seen; memory does not depend on their number.

    The source joins them to blocks first, each row with its length before it: a row of a COPY costs us more than what is in it.
    """
    postgres.script(target, postgres.statement(SQL / "capture_scratch.sql"))
    read = _Read([], [])
    query = sql.SQL(
        "copy (select string_agg(int4send(length(data)) || data, '' order by n)"
        " from pg_logical_slot_peek_binary_changes({}, {}, {}, 'proto_version', '1', 'messages', 'true', 'publication_names', {})"
        " with ordinality as log (lsn, xid, data, n) group by n / {block} order by n / {block}) to stdout (format binary)"
    ).format(*map(sql.Literal, (slot, pgoutput.written(end), limit, PUBLICATION)), block=sql.Literal(BLOCK))
    into = "copy seen (txn, entity, source_key, family) from stdin"
    with source.cursor() as reader, target.cursor() as writer, writer.copy(into) as sink:
        for lines in _lines(postgres.binary_column(reader, query), read):
            sink.write(lines)
    return read


def _lines(blocks: Iterator[bytes], read: _Read) -> Iterator[str]:
    """One line of COPY text per changed key, joined to blocks; a key cannot hold a tab."""
    decoder, waiting = pgoutput.Decoder(), list[str]()
    # Nearly every message is like an earlier one but for its key, and to read no more than that is a quarter of the work.
    plain: dict[bytes, tuple[str, str]] = {}
    for data in pgoutput.messages(blocks):
        read.rows += 1
        number = len(read.commits)
        if known := plain.get(pgoutput.like(data)):
            waiting.append(_LINE % (number, known[0], pgoutput.key(data), known[1]))
        else:
            event = decoder.feed(data)
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
