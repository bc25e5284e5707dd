"""Finds the single rows that a database refuses, so that one bad row does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable

from poco_migration.adapters.postgres import RowsRefused
from poco_migration.engine import isolation
from poco_migration.engine.connection_pair import Link
from poco_migration.errors import DataRefused


class _Rehearsed(Exception):
    """Leaves a transaction that must not last."""


def try_out(link: Link, copy: Callable[[], object]) -> RowsRefused | None:
    """Copy and take it back; returns what was refused, or None."""
    try:
        with link.target.transaction():
            copy()
            raise _Rehearsed
    except _Rehearsed:
        return None
    except RowsRefused as refusal:
        return refusal


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
            "Two of them want the same unique value. Ask the data team's lead with the constraint's name; the other parts go on."
        )
    return found
