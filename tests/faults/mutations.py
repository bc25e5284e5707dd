"""The rules of capturing and copying, and how each is switched off from outside. A rule that can be off without anybody
noticing is not a rule, or the test is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg

from poco_migration.adapters import pgoutput, postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.copying import copier, dependents, schema_drift
from poco_migration.engine.follow import change_capture, replication_slot
from poco_migration.engine.ledger import parts
from poco_migration.model import Entity


@dataclass(frozen=True)
class Rule:
    """What holds, and what breaks it: patches of this process, or statements on the source's database."""

    name: str
    patches: Callable[[ExitStack], None] = lambda stack: None
    source: str = ""


def _patch(module: Any, name: str, new: Any) -> Callable[[ExitStack], None]:
    return lambda stack: stack.enter_context(mock.patch.object(module, name, new))


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _snapshot_first(stack: ExitStack) -> None:
    real = copier._copy

    def copy(link: Any, *rest: Any) -> Any:
        link.source.execute("begin isolation level repeatable read read only")
        link.source.execute("select pg_current_snapshot()")
        try:
            return real(link, *rest)
        finally:
            link.source.execute("rollback")

    stack.enter_context(mock.patch.object(copier, "_copy", copy))


def _dirty_read_late(stack: ExitStack) -> None:
    read, find, at = dependents.read_changed, dependents.find_kids, dict[int, Any]()
    stack.enter_context(mock.patch.object(dependents, "read_changed", lambda link, entity, part: at.update({id(link): part})))

    def late(link: Any, entity: Entity) -> None:
        read(link, entity, at[id(link)])
        find(link, entity)

    stack.enter_context(mock.patch.object(dependents, "find_kids", late))


def _text(file: str, old: str, new: str) -> Callable[[ExitStack], None]:
    """One of the engine's SQL files with other words in it."""

    def patches(stack: ExitStack) -> None:
        real = postgres.statement

        def statement(path: Path) -> str:
            text = real(path)
            if path.name != file:
                return text
            assert old in text, f"{file} does not say {old!r} any more"
            return text.replace(old, new)

        stack.enter_context(mock.patch.object(postgres, "statement", statement))

    return patches


def _load(entity: str, old: str, new: str) -> Callable[[ExitStack], None]:
    """An entity's load.sql with other words in it."""

    def patches(stack: ExitStack) -> None:
        card = cards.entities()[entity]
        assert old in card.load, f"{entity}/load.sql does not say {old!r} any more"
        stack.enter_context(mock.patch.dict(cards.entities(), {entity: replace(card, load=card.load.replace(old, new))}))

    return patches


def _no_siblings(stack: ExitStack) -> None:
    changed = {name: replace(card, siblings="") for name, card in cards.entities().items() if card.siblings}
    stack.enter_context(mock.patch.dict(cards.entities(), changed))


def _advance_first(stack: ExitStack) -> None:
    capture, run, at = change_capture.capture, postgres.run, list[Any]()

    def started(source: Any, target: Any, slot: str, *rest: Any, **named: Any) -> Any:
        at[:] = [source, slot, named.get("stream")]
        return capture(source, target, slot, *rest, **named)

    def mark(connection: Any, path: Path, *parameters: Any) -> Any:
        if path.name == "capture_mark.sql":
            replication_slot.advance(at[0], at[1], pgoutput.position(parameters[1]), at[2])
        return run(connection, path, *parameters)

    stack.enter_context(mock.patch.object(change_capture, "capture", started))
    stack.enter_context(mock.patch.object(postgres, "run", mark))


def _keys_after_the_position(stack: ExitStack) -> None:
    """The position is committed (and the slot advanced) in one transaction, the keys in the next."""
    advance, later = replication_slot.advance, list[Any]()

    def store(target: Any, read: Any, seen: int) -> int:
        rows = target.execute("select entity, source_key, bool_or(family) from seen where txn < %s group by 1, 2", (seen,)).fetchall()
        later[:] = [target, rows]
        return len(rows)

    capture = change_capture.capture

    def both(*args: Any, **named: Any) -> Any:
        later.clear()
        captured = capture(*args, **named)
        for row in later[1] if later else ():
            later[0].execute("insert into migration.dirty (entity, source_key, family) values (%s, %s, %s)", row)
        return captured

    stack.enter_context(mock.patch.object(change_capture, "_store", store))
    stack.enter_context(mock.patch.object(change_capture, "capture", both))
    stack.enter_context(mock.patch.object(replication_slot, "advance", advance))


def _no_family(stack: ExitStack) -> None:
    keys = change_capture._keys
    stack.enter_context(mock.patch.object(change_capture, "_keys", lambda event: [(entity, key, "f") for entity, key, _ in keys(event)]))


def _truncate_ignored(stack: ExitStack) -> None:
    store = change_capture._store

    def without(target: Any, read: Any, seen: int) -> int:
        read.truncated.clear()
        return store(target, read, seen)

    stack.enter_context(mock.patch.object(change_capture, "_store", without))


def _done_as_wanted_at_the_end(stack: ExitStack) -> None:
    done, covered, at = parts.mark_copied, parts.covered, dict[int, Any]()

    def read(target: Any, entity: Entity, part: Any) -> Any:
        at[id(target)] = (entity, part)
        return covered(target, entity, part)

    stack.enter_context(mock.patch.object(parts, "covered", read))
    stack.enter_context(mock.patch.object(parts, "mark_copied", lambda target, _: done(target, covered(target, *at[id(target)]))))


def _old_identity_forgotten(stack: ExitStack) -> None:
    keys = change_capture._keys

    def only_new(event: pgoutput.Changed) -> list[tuple[str, str, str]]:
        return keys(replace(event, old=None) if event.kind == "update" else event)

    stack.enter_context(mock.patch.object(change_capture, "_keys", only_new))


RULES = {
    "lock": Rule("copies of one row wait for each other", _patch(parts, "lock", _nothing)),
    "lock first": Rule("the lock comes before the snapshot", _snapshot_first),
    "dirty first": Rule("what is dirty is read before the snapshot", _dirty_read_late),
    "clear by sequence": Rule(
        "dirty keys are cleared by sequence number, never by key",
        _text("oblige.sql", " and d.seq = c.seq", ""),
    ),
    "visible": Rule("a key counts once a fresh snapshot sees its transaction", _patch(change_capture, "_visible", lambda source, commits, seconds: len(commits))),
    "slot last": Rule("the slot advances after the keys are committed", _advance_first),
    "keys with position": Rule("keys and position commit together", _keys_after_the_position),
    "identity": Rule(
        "the log names what other rows' extracts depend on",
        source="create unique index orders_narrow on poco.orders (id, region); alter table poco.orders replica identity using index orders_narrow;"
        " select poco_export.publish()",
    ),
    "old identity": Rule("a changed identity is a change of both keys", _old_identity_forgotten),
    "family": Rule("what comes, goes or moves concerns its children", _no_family),
    "children": Rule("the children of what changed become dirty with it", _patch(dependents, "find_kids", _nothing)),
    "set aside": Rule("what leaves quarantine concerns its children", _text("concerned.sql", "where not exists", "where false and not exists")),
    "children of the target": Rule(
        "children are looked for on the target too, not only on the source", _patch(dependents, "_hanging", lambda *_: postgres.sql.SQL("select")),
    ),
    "ask": Rule("a child without its parent asks for the parent once more", _text("ask_parents.sql", "where r.reason", "where false and r.reason")),
    "hold": Rule("a parent that is gone waits until its children have gone", _patch(dependents, "hold", _nothing)),
    "leaving": Rule("a parent that waits for its children is no parent any more", _patch(dependents, "refuse_children_of_leaving", _nothing)),
    "parking": Rule("a unique value is free before another row takes it", _load("shipment_events", "t.event_id <> a.event_id", "false")),
    "siblings": Rule("a change among siblings concerns them all", _no_siblings),
    "truncate": Rule("a truncated table is copied whole again", _truncate_ignored),
    "wanted again": Rule("a part wanted again while it is copied stays wanted", _done_as_wanted_at_the_end),
    "shared row": Rule(
        "an account is locked before one decides that nobody is left under it",
        _load("customers", "select from mi.accounts where account_id in (select account_id from touched_account) order by account_id for update", "select"),
    ),
}  # fmt: skip


@contextmanager
def off(name: str | None, place: Workplace, here_only: bool = False) -> Iterator[None]:
    """While this is open, the rule does not hold in this process; nor, unless `here_only`, on this source."""
    with ExitStack() as stack:
        if name:
            RULES[name].patches(stack)
            if RULES[name].source and not here_only:
                with psycopg.connect(place.source_owner, autocommit=True) as source:
                    for statement in RULES[name].source.split(";"):
                        source.execute(statement.encode())
                schema_drift.pin(place)  # else the copies would stop for the changed table before the rule is missed
        yield
