"""Finds the single items that a database refuses, so that one bad row does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Refused = TypeVar("Refused")


def isolate(items: Sequence[Item], attempt: Callable[[Sequence[Item]], Refused | None]) -> Iterator[tuple[Item, Refused]]:
    """Halve the items until each refused one stands alone; yields (item, what refused it), in the order of the items.

    `attempt` tries some items and returns None when all were taken. It must leave nothing behind when it returns a refusal. For one bad
    item of n it is called about 2 log n times, with about 2 n items in all.
    """
    waiting = [items]
    while waiting:
        some = waiting.pop()
        refused = attempt(some) if some else None
        if refused is None:
            continue
        if len(some) == 1:
            yield some[0], refused
        else:
            middle = len(some) // 2
            waiting += [some[middle:], some[:middle]]
