"""Looks at suspected keys again while the store goes on, repairs what differs, and looks once more.

Why a key that is confirmed here is a difference and not a change on its way. With the locks of the key's parts held, no
copy of it is running and none can begin. The source is read (S), then its log is captured up to where it ended after S.
A change of the key that S has seen is therefore in migration.dirty, or it was there and a copy has cleared it. A copy
clears what it read before it took its own snapshot of the source, and it was done before the locks were taken: so that
copy, too, has seen the change. If nothing of the key is dirty now, the last copy has read the same row as S, and what
the target has instead came from elsewhere. The same holds for the rows above it (an order's currency decides about its
items), whose changes reach the key through their own copies: so nothing of its ancestors may be dirty either. A key
that fails this test is on its way, and is looked at again after the next catching up.

Without a slot nothing is captured, and a key that changes all the time cannot be told from one that differs: it is
copied and looked at again, and counts as different if it never comes out equal.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.copying import copier
from poco_migration.engine.follow import applier, change_capture, follower, replication_slot
from poco_migration.engine.ledger import locks, ownership, parts
from poco_migration.engine.verify import row_diff, row_hash, unmatched_rows
from poco_migration.model import Entity, KeySet, Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
# Keys looked at under one lock: copies of the same parts wait for so long.
BATCH = 500
CAPTURE_SECONDS = 30.0
State = Literal["equal", "different", "on its way"]


def recheck(link: Link, place: Workplace, run: Run) -> dict[str, int]:
    """Look at every open key of this run again, in rounds, until each is equal or different. Rerun: safe.

    Shape: how many keys are different, undecided (on their way in every round) and foreign.
    """
    for _ in range(place.settings.reconcile.rounds):
        _catch_up(link, place, run)
        waiting = 0
        for entity in _mine(place):
            for keys in _open(link, entity, run):
                waiting += _look(link, place, entity, keys, run)
        if not waiting:
            break
    for row in postgres.run(link.target, SQL / "difference_foreign.sql", run.id):
        there = unmatched_rows.unmatched_keys(link.target, cards.entities()[row["entity"]])
        postgres.run(link.target, SQL / "difference_foreign_gone.sql", run.id, row["entity"], there)
    return postgres.run(link.target, SQL / "difference_counts.sql", run.id)[0]


def repair(link: Link, place: Workplace, run: Run) -> int:
    """Copy every open key of this run, and what comes to hang on it, parents first; returns how many keys.

    Rerun: safe. What mi.com owns is left alone; a foreign row has no key to copy, and nothing of it is deleted. What could
    not return to POCO waits for somebody's decision: a copy would write over what only mi.com has.
    """
    copied = 0
    for entity in _mine(place):
        for keys in _open(link, entity, run, place.settings.follow.batch_keys):
            if not ownership.read_ownership(place, [entity.name]).still_pocos([entity.name], place.settings.moving()):
                break
            undecided = {row["source_key"] for row in postgres.run(link.target, SQL / "not_returned_of.sql", entity.name, keys)}
            if not (keys := [key for key in keys if key not in undecided]):
                continue
            with locks.turn(link.target):
                copier.copy(link, entity, KeySet(tuple(keys)), run)
            postgres.run(link.target, SQL / "difference_copied.sql", run.id, entity.name, keys)
            copied += len(keys)
    for _ in range(place.settings.reconcile.rounds):
        with locks.turn(link.target):
            if not applier.apply(link, place, run):
                break
    return copied


def _mine(place: Workplace) -> list[Entity]:
    """The entities that POCO still owns in some region, parents first: once handed over, customers change them at mi.com."""
    entities = [entity for entity in cards.entities().values() if entity.moves != "never"]
    pocos = ownership.read_ownership(place, [entity.name for entity in entities]).still_pocos(
        [entity.name for entity in entities], place.settings.moving()
    )
    return [entity for entity in entities if entity.name in pocos]


def _catch_up(link: Link, place: Workplace, run: Run) -> None:
    if _follows(link, place):
        give_up = time.monotonic() + place.settings.reconcile.catch_up_s
        follower.follow(place, run, lambda _, left: not left.keys or time.monotonic() > give_up)
    else:
        applier.apply(link, place, run)


def _follows(link: Link, place: Workplace) -> bool:
    known = "select exists (select from migration.stream where slot = %s and ended_at is null)"
    return bool(postgres.value(link.target, known, (place.settings.follow.slot,)))


def _open(link: Link, entity: Entity, run: Run, batch: int = BATCH) -> Iterator[list[int]]:
    for page in postgres.pages(link.target, SQL / "difference_open.sql", run.id, entity.name, key="source_key", size=batch):
        yield [row["source_key"] for row in page]


def _look(link: Link, place: Workplace, entity: Entity, keys: list[int], run: Run) -> int:
    """Look at some keys under the locks of their parts and write down what they are; returns how many are on their way."""
    # The turn first: who has it may be waiting for these parts. Read committed: what a copy committed before it gave up
    # the lock must be seen, and an older snapshot would not.
    with locks.turn(link.target), postgres.translated_errors("target", f"settle {entity.name}"), link.target.transaction():
        parts.lock(link.target, entity, KeySet(tuple(keys)))
        with postgres.snapshot(link.source):
            kinds = row_diff.of_keys(link, entity, keys)
            above = _ancestors(link, entity, sorted(kinds)) if kinds else {}
        moving: set[int] = set()
        if kinds and _follows(link, place):
            moving = set(kinds) if not _captured(link, place) or _above_moves(link, above) else _moving(link, entity, kinds)
        states: dict[int, State] = {key: "equal" if key not in kinds else "on its way" if key in moving else "different" for key in keys}
        said = [(run.id, entity.name, key, state, kinds.get(key)) for key, state in states.items()]
        postgres.run_many(link.target, SQL / "difference_settle.sql", said)
    return sum(state == "on its way" for state in states.values())


def _captured(link: Link, place: Workplace) -> bool:
    """Whether the log has been read up to here. On a connection of its own: the keys must be committed at once."""
    goal, give_up = replication_slot.end_of_log(link.source), time.monotonic() + CAPTURE_SECONDS
    with postgres.connect(place.target, "target", name="settle") as target:
        while change_capture.capture(link.source, target, place.settings.follow.slot).position < goal:
            if time.monotonic() > give_up:
                return False
            time.sleep(0.02)
    return True


def _moving(link: Link, entity: Entity, keys: Collection[int]) -> set[int]:
    """Which of these keys have changed and have not been copied since."""
    return {row["source_key"] for row in postgres.run(link.target, SQL / "difference_dirty.sql", entity.name, list(keys), False)}


def _above_moves(link: Link, above: dict[str, set[int]]) -> bool:
    """Whether an ancestor came, went or changed in what its children depend on, and has not been copied since."""
    return any(postgres.run(link.target, SQL / "difference_dirty.sql", name, sorted(keys), True) for name, keys in above.items())


def _ancestors(link: Link, entity: Entity, keys: list[int]) -> dict[str, set[int]]:
    """The keys of the rows above these, as the source and as the target have them."""
    found: dict[str, set[int]] = {}
    for parent in entity.parents if keys else ():
        column = (
            sql.SQL("select distinct e.{} - {{}} from ({{}}\n) e where {{}} and e.{} is not null")
            .format(sql.Identifier(parent.target), sql.Identifier(parent.target))
            .as_string(link.target)
        )
        above: set[int] = set()
        for side, zero in zip(row_hash.sides(link.source, link.target, entity), ("poco_export.mi_key(0)", "mi.poco_key(0)"), strict=True):
            query = sql.SQL(column).format(sql.SQL(zero), sql.SQL(side.query), side.within(KeySet(tuple(keys))))
            with postgres.translated_errors(side.name, "ancestors"):
                above |= {row[0] for row in side.connection.execute(query)}
        found.setdefault(parent.entity, set()).update(above)
        for name, more in _ancestors(link, cards.entities()[parent.entity], sorted(above)).items():
            found.setdefault(name, set()).update(more)
    return found
