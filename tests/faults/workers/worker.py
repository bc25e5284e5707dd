"""One process that copies: backfill, follower or repair, until it is killed. Told on standard input what to do.

It may be told to die at a boundary, by SIGKILL, so that nothing of Python's own tidying up runs; and it dawdles between
steps, so that what can happen there has time to happen.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from faults import boundaries, mutations

from poco_migration import settings
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier
from poco_migration.engine.follow import follower
from poco_migration.engine.ledger import parts
from poco_migration.errors import TransientError
from poco_migration.model import KeySet, Run
from poco_migration.stages import reconcile


@dataclass(frozen=True)
class Orders:
    """What one worker is told. `dies_at` is a boundary, `nth` how often it is passed before; `off` a rule that does not hold."""

    stage: str
    seed: int
    slot: str
    dsn: dict[str, str]
    dies_at: str = ""
    nth: int = 1
    off: str = ""
    dawdles: float = 0.1

    def place(self) -> Workplace:
        configured = settings.load()
        batch = random.Random(self.seed).choice((20, 200, 5000))
        follow = configured.follow.model_copy(update={"slot": self.slot, "batch_keys": batch, "idle_s": 0.05})
        return Workplace(
            configured.model_copy(
                update={"follow": follow, "reconcile": configured.reconcile.model_copy(update={"catch_up_s": 1, "rounds": 2})}
            ),
            **self.dsn,
            objects=ObjectStore(None, "", ""),
            voucher_key=b"",
        )


def main() -> None:
    orders = Orders(**json.load(sys.stdin))
    place, chance = orders.place(), random.Random(orders.seed)
    with mutations.off(orders.off or None, place, here_only=True), boundaries.watched(_hook(orders, chance)):
        work = {"backfill": _backfill, "follow": _follow, "repair": _repair, "reconcile": _reconcile}[orders.stage]
        while os.getppid() != 1:
            try:
                work(place, chance)
            except TransientError:
                time.sleep(0.02)


def _hook(orders: Orders, chance: random.Random) -> boundaries.Hook:
    passed = [0]

    def hook(name: str, entity: str) -> None:
        if name == orders.dies_at:
            passed[0] += 1
            if passed[0] >= orders.nth:
                os.kill(os.getpid(), signal.SIGKILL)
        if chance.random() < orders.dawdles:
            time.sleep(chance.random() * 0.03)

    return hook


def _with_link(step: Callable[[connection_pair.Link, random.Random], None]) -> Callable[[Workplace, random.Random], None]:
    """Some twenty steps on one pair of connections."""

    def work(place: Workplace, chance: random.Random) -> None:
        with connection_pair.connect(place, Run("faults")) as link:
            for _ in range(20):
                step(link, chance)

    return work


@_with_link
def _backfill(link: connection_pair.Link, chance: random.Random) -> None:
    """A part of the plan, in no order, again and again."""
    planned = parts.followed(link.target)
    entity = chance.choice([entity for entity in cards.moving_at("cutover", "history", "reissue") if entity.name in planned])
    copier.copy(link, entity, chance.choice(parts.plan(link.source, link.target, entity, 1)), Run("backfill"))


@_with_link
def _repair(link: connection_pair.Link, chance: random.Random) -> None:
    """Some keys, there or not, neighbours or far apart."""
    entity = chance.choice([entity for entity in cards.moving_at("cutover", "history", "reissue") if entity.name != "stores"])
    first = chance.randint(1, 1500)
    keys = {first + chance.randint(0, 60) for _ in range(chance.choice((1, 5, 40)))} | {chance.randint(1, 3000)}
    copier.copy(link, entity, KeySet(tuple(sorted(keys))), Run("repair"))


def _follow(place: Workplace, chance: random.Random) -> None:
    follower.catch_up(place, Run("follow"), chance.random() * 2)


def _reconcile(place: Workplace, chance: random.Random) -> None:
    """What poco_reconcile does, on a few parts at a time: compare, repair, look again."""
    run = Run(f"reconcile/{chance.random()}")
    reconcile.renew_slot(place, run)
    found = reconcile.parts_to_compare(place, run, "cutover", "history", "reissue")
    for part in chance.sample(found, min(6, len(found))):
        reconcile.compare_part(place, run, part)
    reconcile.repair(place, run)
    reconcile.verify(place, run)


if __name__ == "__main__":
    main()
