"""Plays mutants on a store, entity by entity, parents before children."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from mutants import mutating, statements
from mutants.accepted import ACCEPTED
from mutants.bench import RUN, Bench
from mutants.mutating import Mutant
from mutants.report import Line
from poco_migration.adapters import postgres
from poco_migration.engine import cards
from poco_migration.engine.copying import copier
from poco_migration.model import Entity, KeyRange

# Makes the mutants of one column.
Maker = Callable[[], Iterator[Mutant]]


def played(bench: Bench, chance: random.Random | None = None, only: Collection[str] = ()) -> Iterator[Line]:
    """Copy every entity of the store, each after its mutants were tried. Yields a line for each mutant that changes something.

    `only` names the entities whose mutants are played; none means all. With `chance` one mutant of each entity is played: of its extract.sql, of what load.sql inserts, or of what it sets.
    """
    for entity in cards.entities().values():
        if entity.moves != "never":
            makers = [_of_extract(bench, entity), _of_load(bench, entity), _of_upsert(bench, entity)]
            if only and entity.name not in only:
                makers = [[], [], []]
            elif chance:
                kept = chance.randrange(3)
                makers = [[chance.choice(some)] if number == kept else [] for number, some in enumerate(makers)]
            yield from _tried(bench, entity, [*makers[0], *makers[1]], chance)
            copier.copy(bench.link, entity, KeyRange(None, None), RUN)
            yield from _tried(bench, entity, makers[2], chance)


def _of_extract(bench: Bench, entity: Entity) -> list[Maker]:
    named = postgres.columns(bench.link.source, entity.extract)
    return [partial(mutating.of_extract, bench, entity, name) for name, _ in named if name != "source_key"]


def _of_load(bench: Bench, entity: Entity) -> list[Maker]:
    return [partial(mutating.of_load, bench, entity, written) for written in statements.inserted(entity)]


def _of_upsert(bench: Bench, entity: Entity) -> list[Maker]:
    return [partial(mutating.of_upsert, bench, entity, written) for written in statements.assigned(entity)]


def _tried(bench: Bench, entity: Entity, makers: Sequence[Maker], chance: random.Random | None) -> Iterator[Line]:
    if not makers:
        return
    sound = bench.tried(entity)
    assert not sound.red and not sound.stopped, f"{entity.name} is red without a mutant: {sound}"
    for maker in makers:
        mutants = list(maker())
        if chance:
            chance.shuffle(mutants)
        for mutant in mutants:
            outcome = mutating.tried(bench, mutant, sound)
            if outcome is not None:
                accepted = None if outcome.red or outcome.stopped else ACCEPTED.get((mutant.entity, mutant.column, mutant.mutation))
                yield Line(mutant.entity, mutant.column, mutant.mutation, list(outcome.red), accepted, outcome.stopped)
                if chance:
                    break
