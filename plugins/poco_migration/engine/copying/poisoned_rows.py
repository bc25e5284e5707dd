"""Finds the single rows that a database refuses, so that one bad row does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable

from poco_migration.adapters.postgres import RowsRefused
from poco_migration.errors import DataRefused


def isolate(
    rehearse: Callable[[tuple[int, ...]], RowsRefused | None],
    keys: tuple[int, ...],
    refusal: RowsRefused,
    limit: int,
) -> dict[int, RowsRefused]:
    """Halve the keys until each refused one stands alone. `rehearse` copies keys, takes it back and says what refused.

    For one bad row of n it rehearses about 2n rows. Raises DataRefused above `limit` bad rows, because then a rule is
    missing; and when no single row is to blame.
    """
    found: dict[int, RowsRefused] = {}
    waiting = [keys]
    while waiting:
        some = waiting.pop()
        refused = rehearse(some) if some else None
        if refused is None:
            continue
        if len(some) > 1:
            middle = len(some) // 2
            waiting += [some[middle:], some[:middle]]
            continue
        found[some[0]] = refused
        if len(found) > limit:
            raise DataRefused(
                f"more than {limit} rows of one part are refused by the {refused.side} ({refused.detail}). That is a rule "
                "missing from extract.sql, not a bad row: add it with a reason, then rerun the part."
            )
    if not found:
        raise DataRefused(
            f"the {refusal.side} refuses the part as a whole ({refusal.detail}), though it takes each of its {len(keys)} rows. "
            "Most likely rows that are gone on the source still have children on the target: rerun the children's parts first."
        )
    return found
