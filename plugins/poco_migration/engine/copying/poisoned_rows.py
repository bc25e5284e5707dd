"""Finds the single rows that a database refuses, so that one bad row does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable

from poco_migration.adapters.postgres import RowsRefused
from poco_migration.engine import isolation
from poco_migration.errors import DataRefused


def find_poisoned(
    rehearse: Callable[[tuple[int, ...]], RowsRefused | None],
    keys: tuple[int, ...],
    refusal: RowsRefused,
    limit: int,
) -> dict[int, RowsRefused]:
    """The keys whose rows a database refuses, each with its refusal. `rehearse` copies keys, takes it back and says what refused.

    Raises DataRefused above `limit` bad rows, because then a rule is
    missing; and when no single row is to blame.
    """
    found: dict[int, RowsRefused] = {}
    for key, refused in isolation.isolate(keys, lambda some: rehearse(tuple(some))):
        found[key] = refused
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
