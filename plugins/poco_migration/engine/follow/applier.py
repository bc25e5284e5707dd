"""Copies what is dirty: parents first, and two entities at once where there is much to do.

A copy reads on one server and then writes on the other, so two of them keep both busy. A child that is copied beside its
parent could miss it and be copied again for that; so it waits where a row of the parent's came, went or moved, and
goes along where rows only changed in themselves. Both orders are right, one is quicker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.copying import copier
from poco_migration.model import Entity, KeyRange, KeySet, Run

SQL = Path(__file__).parent / "sql"
# Below this a second pair of connections costs more time than it saves.
MANY_KEYS = 5_000


def apply(link: Link, place: Workplace, run: Run) -> int:
    """Copy every part that is wanted and every key that is dirty now; returns how many keys.

    What becomes dirty meanwhile waits for the next pass. What mi.com owns is never copied. Rerun: safe at any point.

    No commit of a copy waits for the disk, as none of native replication does: in one transaction a copy writes rows and
    takes their keys out of what is dirty, and a server that crashes forgets the newest transactions and no older one. The
    capture before has waited, for the slot advances behind it, and so does every certificate and handover after.
    """
    work = {row["entity"]: row for row in postgres.run(link.target, SQL / "apply_work.sql")}
    entities = [entity for entity in cards.entities().values() if entity.name in work]

    def copy(by: Link, entity: Entity) -> int:
        return _copy(by, entity, work[entity.name]["newest"], place.settings.follow.batch_keys, run)

    if not entities:
        return 0
    if len(entities) < 2 or sum(row["keys"] for row in work.values()) < MANY_KEYS:
        with _asynchronous_commit(link.target):
            return sum(copy(link, entity) for entity in entities)
    with (
        connection_pair.connect(place, run, yielding=link.throttle.yielding) as second,
        _asynchronous_commit(link.target),
        _asynchronous_commit(second.target),
    ):
        return _side_by_side([link, replace(second, at=link.at)], entities, {name: row["family"] for name, row in work.items()}, copy)


@contextmanager
def _asynchronous_commit(target: postgres.Connection) -> Iterator[None]:
    """No commit inside waits for the disk. Whatever commits behind it in the usual way makes these last too."""
    target.execute("set synchronous_commit = off")
    try:
        yield
    finally:
        if not target.closed:
            with postgres.translated_errors("target", "follow"):  # it may have gone meanwhile, without anybody having noticed
                target.execute("reset synchronous_commit")


def _copy(link: Link, entity: Entity, newest: int, batch_keys: int, run: Run) -> int:
    copied = 0
    for row in postgres.run(link.target, SQL / "parts_open.sql", entity.name):
        copied += copier.copy(link, entity, KeyRange(row["lo"], row["hi"]), run).rows_read + 1
    for page in postgres.pages(link.target, SQL / "dirty_next.sql", entity.name, newest, key="source_key", size=batch_keys):
        copier.copy(link, entity, KeySet(tuple(row["source_key"] for row in page)), run)
        copied += len(page)
    return copied


def _side_by_side(free: list[Link], waiting: Sequence[Entity], family: Mapping[str, bool], copy: Callable[[Link, Entity], int]) -> int:
    """Copy the entities, each on a link of its own, none beside a parent of which rows come, go or move."""
    waiting, at_work, copied = list(waiting), dict[Future[int], tuple[Link, Entity]](), 0
    with ThreadPoolExecutor(len(free)) as pool:
        while waiting or at_work:
            moving = {entity.name for entity in (*waiting, *(other for _, other in at_work.values())) if family[entity.name]}
            ready = [entity for entity in waiting if not moving & {parent.entity for parent in entity.parents}]
            for entity in ready[: len(free)]:
                waiting.remove(entity)
                link = free.pop()
                at_work[pool.submit(copy, link, entity)] = link, entity
            for done in wait(at_work, return_when=FIRST_COMPLETED).done:
                free.append(at_work.pop(done)[0])
                copied += done.result()
    return copied
