"""Keeps the proof of the rows up to date, so that the closed store need not wait for a comparison of everything.

poco_reconcile proves every row of every part. What is copied by single keys after that is owed a look: each copy notes
its keys in its own transaction. So all rows are proven when no part was copied whole since it was compared, and what is
owed has been looked at; and that takes as long as the store's changes are many, however large its tables.

A comparison of every part settles what was owed before it began (begin_comparison, proven): else weeks of following would owe every key
that ever changed. What is left is read by the database in the order of its keys and looked at a page at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.engine import entity_sql
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.ledger import handed_over, parts
from poco_migration.engine.verify import row_diff, row_hash
from poco_migration.errors import FenceFailed, StageRefused
from poco_migration.model import Entity, KeySet, Run, Unequal

SQL = Path(__file__).parent / "sql"
# Keys looked at in one go: enough that round trips do not count, few enough that their list stays small.
BATCH = 5_000


def require_compared(target: postgres.Connection, entities: Iterable[Entity]) -> None:
    """Refuse where rows were copied whole and never compared since. Raises StageRefused naming the entities."""
    open_ = postgres.run(target, SQL / "unproven_parts.sql", [entity.name for entity in entities])
    if open_:
        named = ", ".join(f"{row['entity']} ({row['parts']})" for row in open_)
        raise StageRefused(
            f"cutover: parts have been copied and not compared row by row since: {named}. The store is open. Run poco_reconcile to its "
            "end, then clear this task."
        )


def require_proven(target: postgres.Connection, entities: Sequence[Entity], left: Collection[Unequal]) -> None:
    """Refuse where a copy has committed since the proof; `left` is what the proof left over: it concerns nobody who hands over now.

    Inside the transaction that hands over, behind its locks: no copy is in flight there. Raises FenceFailed.
    """
    known = {(unequal.entity, unequal.key) for unequal in left}
    owed = {(entity.name, row["k"]) for entity in entities for row in postgres.run(target, SQL / "unproven.sql", entity.name)}
    parts = postgres.run(target, SQL / "unproven_parts.sql", [entity.name for entity in entities])
    if late := len(owed - known) + sum(row["parts"] for row in parts):
        raise FenceFailed(
            f"cutover: {late} keys or parts were copied while the proof was made, and what was written is not compared. Nothing was handed "
            "over, the store is open. Wait until no other run copies any more (docs/runbook.md, 'A copy ended after the proof'), then "
            "clear this task."
        )


def reverify(link: Link, entities: Iterable[Entity]) -> tuple[int, list[Unequal]]:
    """Look at every key that is owed, both sides at one instant (consistent_point.still); equal ones are owed no more.

    Returns how many keys were looked at, and those that differ. Rerun: safe; what differs stays owed.
    """
    looked, found = 0, list[Unequal]()
    for entity in entities:
        handed_over.remember(link, [entity])
        with postgres.translated_errors("target", f"prove {entity.name}"), link.target.transaction():
            # What is owed anew meanwhile is in no snapshot of ours: it is neither looked at nor forgotten.
            link.target.execute("set transaction isolation level repeatable read")
            keys, differing = 0, list[Unequal]()
            with postgres.snapshot(link.source, link.at):
                for page in _owed(link.target, entity):
                    keys, differing = keys + len(page), [*differing, *_differing(link, entity, page)]
            if keys:
                postgres.run(link.target, SQL / "unproven_settled.sql", entity.name)
            if differing:
                parts.queue_for_reverification(link.target, entity, KeySet(tuple(sorted(unequal.key for unequal in differing))))
        looked, found = looked + keys, found + differing
    return looked, found


def begin_comparison(target: postgres.Connection, entities: Sequence[str], run: Run) -> None:
    """Note what had been copied when this run began to compare these entities. Comes before its first comparison. Rerun: anew."""
    postgres.run(target, SQL / "comparison_begin.sql", run.id, list(entities))


def proven(target: postgres.Connection, run: Run) -> int:
    """Forget what was owed before this run began, of every entity whose parts it has compared all; returns how many lines.

    Called when nothing of the run is open. Rerun: safe.
    """
    return postgres.changed(target, SQL / "unproven_compared.sql", run.id)


def _owed(target: postgres.Connection, entity: Entity) -> Iterator[list[int]]:
    """The keys that are owed, each once and ascending, a page at a time: sorted and kept by the server, however many they are."""
    with postgres.paged(target, SQL / "unproven.sql", entity.name) as cursor:
        while page := cursor.fetchmany(BATCH):
            yield [row[0] for row in page]


def _differing(link: Link, entity: Entity, keys: list[int]) -> Iterator[Unequal]:
    kinds = row_diff.of_keys(link, entity, keys)
    # Set aside for a reason that only a copy can find: a copy has found it, or the key would not be owed.
    kinds = {key: kind for key, kind in kinds.items() if kind != "held"}
    regions = _regions(link, entity, sorted(kinds)) if kinds else {}
    for key, kind in kinds.items():
        yield Unequal(entity.name, regions.get(key, "UNKNOWN"), key, kind)


def _regions(link: Link, entity: Entity, keys: Sequence[int]) -> dict[int, str]:
    """The region of each key: as the source says; where it has the row no more, as the target does."""
    part, regions = KeySet(tuple(keys)), dict[int, str]()
    _, right = row_hash.sides(link.source, link.target, entity)
    query = postgres.sql.SQL("select e.source_key, e.region from ({}\n) e where {}").format(
        postgres.sql.SQL(right.query), right.within(part)
    )
    regions |= dict(link.target.execute(query).fetchall())
    with postgres.translated_errors("source", entity.name):
        for handed_out in (
            entity_sql.wrapped(entity, part, "e.source_key, e.region"),
            entity_sql.parked(entity, part, "source_key, region"),
        ):
            regions |= dict(link.source.execute(handed_out).fetchall())
    return regions


def note_all_compared(target: postgres.Connection, slot: str, run: Run, withdrawn: Sequence[str] = ()) -> None:
    """Note that every part is proven and the log is whole again. The SQL refuses by itself when a part is missing, or was compared
    before the slot was made anew; of what is withdrawn nothing can be missing. Rerun: safe."""
    postgres.run(target, SQL / "stream_whole.sql", slot, run.id, list(withdrawn))
    postgres.run(target, SQL / "parts_proven.sql", run.id)
