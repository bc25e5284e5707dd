"""The steps of capturing and copying, named once. A test may stop, wait, die or do something else between two of them.

Nothing of this is in the product: the functions that make a step are wrapped from outside, in the process that tests.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

from poco_migration.adapters import postgres
from poco_migration.engine.copying import copier, dependents, receipts, staging
from poco_migration.engine.follow import applier, change_capture, replication_slot
from poco_migration.engine.ledger import parts
from poco_migration.engine.verify import recheck, row_diff
from poco_migration.model import Entity
from poco_migration.settings import PACKAGE

# Called at a boundary with its name and the entity that is being copied, where there is one.
Hook = Callable[[str, str], None]


@dataclass(frozen=True)
class Boundary:
    """The instant before or after a function of the engine, or after one of its SQL files."""

    module: ModuleType
    function: str
    before: bool = False
    file: str = ""


COPY = {
    "copy begins": Boundary(parts, "lock", before=True),
    "copy locked": Boundary(parts, "lock"),
    "copy read what is dirty": Boundary(dependents, "read_changed"),
    "copy has its snapshot": Boundary(staging, "fill", before=True),
    "copy staged": Boundary(staging, "fill"),
    "copy found the children": Boundary(dependents, "find_kids"),
    "copy declared": Boundary(staging, "declare"),
    "copy refused children of what leaves": Boundary(dependents, "refuse_children_of_leaving"),
    "copy holds what is gone": Boundary(dependents, "hold"),
    "copy loaded": Boundary(copier, "_load"),
    "copy asked for parents": Boundary(postgres, "script", file="ask_parents.sql"),
    "copy parked": Boundary(postgres, "script", file="park.sql"),
    "copy obliged": Boundary(postgres, "script", file="oblige.sql"),
    "copy marked its parts": Boundary(parts, "mark_copied"),
    "copy wrote its receipt": Boundary(receipts, "write_receipt"),
    "copy committed": Boundary(copier, "_copy"),
}
CAPTURE = {
    "capture begins": Boundary(change_capture, "capture", before=True),
    "capture knows where it stands": Boundary(replication_slot, "confirmed_position"),
    "capture read": Boundary(change_capture, "_read"),
    "capture sees all": Boundary(change_capture, "_visible"),
    "capture stored": Boundary(change_capture, "_store"),
    "capture marked": Boundary(postgres, "run", file="capture_mark.sql"),
    "capture committed": Boundary(replication_slot, "advance", before=True),
    "capture forgotten": Boundary(replication_slot, "advance"),
    "pass captured": Boundary(change_capture, "capture"),
    "pass applied": Boundary(applier, "apply"),
}
COMPARE = {
    "slot looked at": Boundary(replication_slot, "renew"),
    "compare begins": Boundary(row_diff, "compare_part", before=True),
    "compare hashed both sides": Boundary(row_diff, "_compare"),
    "compare stored what it found": Boundary(row_diff, "store"),
    "compare committed": Boundary(row_diff, "compare_part"),
    "settle caught up": Boundary(recheck, "_catch_up"),
    "settle begins": Boundary(recheck, "recheck", before=True),
    "settle ended": Boundary(recheck, "recheck"),
    "repair begins": Boundary(recheck, "repair", before=True),
    "repair ended": Boundary(recheck, "repair"),
}
BOUNDARIES = CAPTURE | COPY | COMPARE
OF_STAGE = {"backfill": tuple(COPY), "follow": (*CAPTURE, *COPY), "repair": tuple(COPY), "reconcile": tuple(COMPARE)}


@contextmanager
def watched(hook: Hook) -> Iterator[None]:
    """While this is open, `hook` is called at every boundary. Rules that are switched off must be off already."""
    by_function: dict[tuple[ModuleType, str], list[str]] = {}
    for name, boundary in BOUNDARIES.items():
        by_function.setdefault((boundary.module, boundary.function), []).append(name)
    with ExitStack() as stack:
        for (module, function), names in by_function.items():
            stack.enter_context(mock.patch.object(module, function, _wrapped(getattr(module, function), names, hook)))
        yield


def _wrapped(real: Callable[..., Any], names: list[str], hook: Hook) -> Callable[..., Any]:
    @functools.wraps(real)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        entity = next((argument.name for argument in args if isinstance(argument, Entity)), "")
        for name in names:
            if BOUNDARIES[name].before:
                hook(name, entity)
        result = real(*args, **kwargs)
        for name in names:
            if not BOUNDARIES[name].before and _is(BOUNDARIES[name].file, args):
                hook(name, entity)
        return result

    return wrapper


def _is(file: str, args: tuple[Any, ...]) -> bool:
    """Whether this call runs that SQL file: by its path, or by its text."""
    if not file:
        return True
    path = _path(file)
    return len(args) > 1 and args[1] in (path, postgres.statement(path))


@functools.cache
def _path(file: str) -> Path:
    """Where an SQL file of the engine lies: beside the module that runs it."""
    return next((PACKAGE / "engine").rglob(file))
