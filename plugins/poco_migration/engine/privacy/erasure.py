"""Erases one person everywhere, for good, and proves it. Every step can be run again; who is killed in between runs it again.

1. Tombstones on both sides, and the key of the archive forgotten: from here on no copy brings the person along.
2. What lies in buckets: the photos and attachments, and copies of the person's data that were made for them.
3. Every text of both databases but the person's own rows is searched for what the person has told. Nothing is locked meanwhile.
4. Both databases, each in one transaction, under the locks of the parts that the person's rows lie in, as a copy holds them. Before
   either ends, the person's rows are searched, and what has changed since the search; a red one takes both back. mi.com's ends
   first: who is killed between the two finds everything at POCO still, and searches again. What a copy has brought while
   we searched is found here, and is erased too.
What the person has told is in memory only.
"""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.archive import person_keys
from poco_migration.engine.ledger import parts, tombstones
from poco_migration.engine.privacy import data_subject, erased_objects, inventory, personal_export, residue_search
from poco_migration.engine.privacy.data_subject import Databases, Person
from poco_migration.engine.privacy.residue_search import Finding
from poco_migration.engine.privacy.told_values import Values
from poco_migration.errors import GateStopped, StageRefused
from poco_migration.model import KeySet, Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
ERASED = "person_erased"
# How long an erasure waits for one part's lock while it holds others, and then with none: far below the patience of a follower.
LOCK_SECONDS = 2
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL manual, appendix A
PAUSE_SECONDS = 0.5
# What the proof says of POCO's own database behind the shutdown: nobody of the migration can log in there any more.
LEFT = "left as they are: the store is shut down"
Search = Callable[[Workplace, Databases, Person, Values], list[Finding]]


def erase(place: Workplace, run: Run, both: Databases, person: Person, search: Search = lambda *_: []) -> dict[str, int]:
    """Erase, and prove it. Returns counts. Rerun: safe at any point. Raises GateStopped when something is left.

    Behind the shutdown POCO's own tables are left as they are: the proof says so, and `left_at_poco` counts the customers in them.

    `search` looks where no key of the person's may open anything any more (archived_persons.search). Raises StageRefused when the
    person's parts are copied without a break for longer than a statement may take.

    IRREVERSIBLE: the caller has the confirmation.
    """
    write_tombstones(place, run, both, person)
    copies = personal_export.expire(place, both.target, person.customers)
    searched, give_up = Searched(), time.monotonic() + place.settings.copying.statement_timeout_s
    found: dict[str, list[int]] = {}
    while True:
        # A copy that hides the person takes rows off them; those were theirs, and are erased with the others.
        found = {table: sorted({*found.get(table, ()), *keys}) for table, keys in data_subject.target_keys(both.target, person).items()}
        searched.gone |= set(erased_objects.delete(place, both, person, found))
        _search(place, both, person, found, searched, search)
        try:
            rows, proof = _erased(place, both, person, found, searched)
        except _AgainError as why:
            if time.monotonic() > give_up:
                raise StageRefused(
                    f"personal_data: {why}, and it stayed so. Both databases are as they were, and the person stays hidden from "
                    "every copy. Wait until fewer copies run, then clear this task."
                ) from None
            time.sleep(PAUSE_SECONDS)
        else:
            return {
                "rows": rows, "objects": len(searched.gone), "copies": copies, "searched": proof["searched"],
                "values": proof["values"], "others": proof["others"], "left_at_poco": 0 if both.source else len(person.customers),
            }  # fmt: skip


class _AgainError(Exception):
    """The locks could not be had at once, or behind them is more than was looked for: let go, and begin anew."""


@dataclass
class Searched:
    """What was looked for everywhere, since when, what was found, and which objects were deleted or looked at."""

    values: Values = field(default_factory=Values)
    since: str = ""
    findings: list[Finding] = field(default_factory=list)
    gone: set[tuple[str, str]] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)


def _search(place: Workplace, both: Databases, person: Person, found: Mapping[str, list[int]], searched: Searched, search: Search) -> None:
    """Look everywhere but in the person's own rows, unless all that they have told was looked for already. Holds nothing."""
    told = residue_search.values(both, person, found)
    if searched.since and told.within(searched.values):
        return
    searched.since, searched.values, searched.seen = residue_search.mark(both.target), told, set()
    searched.findings = [
        *search(place, both, person, told),
        *residue_search.databases(both, person, found, told),
        *residue_search.objects(place, told, searched.seen),
    ]


def _erased(
    place: Workplace, both: Databases, person: Person, found: Mapping[str, list[int]], searched: Searched
) -> tuple[int, dict[str, Any]]:
    """Erase in both databases, and look at what was erased; rows that were written at mi.com, and the proof. Short."""
    with (
        postgres.translated_errors("source", "erase"),
        both.source.transaction() if both.source else nullcontext(),
        postgres.translated_errors("target", "erase"),
        both.target.transaction(),  # the inner one, so it ends first
    ):
        # Held before the source is written: a copy that has read the source has ended, and none reads it until this has.
        _hold_copies(both, person, found)
        told = searched.values
        come = any(set(keys) - set(found[table]) for table, keys in data_subject.target_keys(both.target, person).items())
        if come or residue_search.grown(both, person, found, told):
            raise _AgainError("rows of the person have come meanwhile")
        if both.source:
            both.source.execute("select poco_export.erase_persons(%s::bigint[])", (list(person.customers),))
        _account(both, person)
        # Behind the handover a way back has to look at these rows too (mi.com's own mi_platform/schema/04_changed.sql).
        both.target.execute("select set_config('migration.noted', 'on', true)")
        rows = sum(_table(both.target, holding, found[holding.table]) for holding in reversed(inventory.personal_tables(source=False)))
        postgres.run(both.target, SQL / "erase_accounts.sql", [person.account] if person.account else [])
        findings = [
            *searched.findings,
            *residue_search.own_rows(both, person, found, told),
            *residue_search.changed_since(both, searched.since, told),
            *residue_search.objects(place, told, set(searched.seen)),
            *erased_objects.objects_left(place, sorted(searched.gone)),
        ]
        proof = _proven(findings, len(told.told | told.short)) | {"poco_tables": "erased" if both.source else LEFT}
        postgres.run(both.target, SQL / "erasure_done.sql", list(person.customers), json.dumps(proof))
    return rows, proof | {"searched": len(proof["places"])}


def write_tombstones(place: Workplace, run: Run, both: Databases, person: Person) -> None:
    """Leave the tombstones that outlive everything, and forget the keys of the archive. Rerun: safe."""
    with postgres.translated_errors("target", "tombstone"), both.target.transaction():
        for customer in person.customers:
            postgres.run(both.target, SQL / "erasure_begun.sql", customer, person.account, run.id)
            postgres.run(both.target, SQL / "tombstone_store.sql", tombstones.subject(place, customer))
            # IRREVERSIBLE: guarded by the confirmation that stages/personal_data.py asks for.
            person_keys.forget(both.target, customer)
    if both.source:
        with postgres.translated_errors("source", "tombstone"):
            both.source.execute("select poco_export.bury(%s::bigint[])", (list(person.customers),))


def _hold_copies(both: Databases, person: Person, found: Mapping[str, Sequence[int]]) -> None:
    """Take the locks of the parts that the person's rows lie in, as a copy does, in one order.

    Raises _AgainError when one of them is not free for LOCK_SECONDS: strangers' copies would wait behind those that we have.
    """
    zero = int(postgres.value(both.target, "select mi.poco_key(0)"))
    keys = {table.split(".")[1]: {key - zero for key in found[table]} for table in found}
    if both.source:
        for entity, key in both.source.execute(
            "select entity, source_key from poco_export.person_keys(%s::bigint[])", (list(person.customers),)
        ):
            keys.setdefault(entity, set()).add(key)
    both.target.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(f"{LOCK_SECONDS}s")))
    try:
        for name, entity in cards.entities().items():
            if entity.table:
                there = keys.get(entity.table.split(".")[1], set()) | keys.get(name, set())
                parts.lock(both.target, entity, KeySet(tuple(sorted(there))))
    except postgres.Broken as error:
        if error.sqlstate == LOCK_NOT_AVAILABLE:
            raise _AgainError("a part that the person's rows lie in is being copied") from None
        raise
    both.target.execute("set local lock_timeout to default")


def _account(both: Databases, person: Person) -> None:
    """Say in the ledger that the person's rows are left out, so that the equations close: as a copy of them would."""
    if not both.source:
        return
    keys: dict[str, list[int]] = {}
    for entity, key in both.source.execute(
        "select entity, source_key from poco_export.person_keys(%s::bigint[])", (list(person.customers),)
    ):
        keys.setdefault(entity, []).append(key)
    for entity, theirs in keys.items():
        if cards.entities()[entity].moves == "never":
            continue
        query = sql.SQL(
            "select source_key, region from poco_export.parked where entity = {} and source_key = any ({}::bigint[]) and reason = {}"
        )
        gone = both.source.execute(query.format(sql.Literal(entity), sql.Literal(postgres.array(theirs)), sql.Literal(ERASED))).fetchall()
        postgres.run(both.target, SQL / "erasure_left_out.sql", entity, [key for key, _ in gone], [region for _, region in gone], ERASED)
        postgres.run(both.target, SQL / "erasure_resolved.sql", entity, [key for key, _ in gone])


def _table(target: postgres.Connection, holding: inventory.Holding, keys: Sequence[int]) -> int:
    """What an erasure does to these rows of one table of mi.com. Returns how many were written."""
    mine = sql.SQL("{} = any ({}::bigint[])").format(sql.Identifier(holding.key), sql.Literal(postgres.array(keys)))
    if holding.rows == "go":
        return target.execute(sql.SQL("delete from {} where {}").format(data_subject.table_identifier(holding), mine)).rowcount
    if not holding.erased:
        return 0
    becomes = [(sql.Identifier(name), sql.Literal(value)) for name, value in holding.erased.items()]
    query = sql.SQL("update {} set {} where {} and ({})").format(
        data_subject.table_identifier(holding), sql.SQL(", ").join(sql.SQL("{} = {}").format(*pair) for pair in becomes), mine,
        sql.SQL(" or ").join(sql.SQL("{}::text is distinct from {}").format(*pair) for pair in becomes),
    )  # fmt: skip
    return target.execute(query).rowcount


def _proven(findings: Sequence[Finding], values: int) -> dict[str, Any]:
    """What is kept of the search: counts. Raises GateStopped when something is left, and then nothing of this lasts."""
    left = [f"{found.place} ({found.leaks})" for found in findings if found.leaks]
    if left:
        raise GateStopped(
            f"personal_data: values of the person still stand in {len(left)} places after the erasure: {', '.join(left)}. Both databases "
            "are as they were; the person stays hidden from every copy. Say in entities/personal.toml what becomes of those columns, or "
            "remove the rows by hand, then clear this task (docs/runbook.md, 'A person is erased')."
        )
    places: Counter[str] = Counter()
    for found in findings:  # a place is looked at twice: everybody else's rows, and the person's own
        places[found.place] += found.others
    return {"values": values, "others": sum(places.values()), "places": dict(places)}
