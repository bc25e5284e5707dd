"""What would mi.com refuse, or quietly change? Its constraints, out of its own catalog, are asked of POCO's rows.

Every extract is read once, on the source and in its own shape, and nothing is sent but counts: rows that a rule of the
extract refuses, by reason, and rows that a constraint of the table would refuse. What only the load can tell (whose parent is
missing, whose account is in doubt, a check that is more than PostgreSQL's own immutable functions) is not in here; after a
rehearsal the ledger knows it (engine/prepare/forecast.py).

Single rows go to quarantine when they are copied; more than assess.single_rows of one kind is a rule that is missing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import RowsRefused, sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, entity_sql
from poco_migration.engine.copying import poisoned_rows
from poco_migration.errors import DataRefused
from poco_migration.model import Entity, Finding, KeyRange, KeySet, Part, Reject, Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
EVERYTHING = KeyRange(None, None)
MILESTONES = ("cutover", "history", "reissue")
# A referenced list (markets, currencies) or a set of Xiaomi's own values that may collide; above it they are not compared.
LONGEST_LIST = 10_000
UNREADABLE = "refused_by_source"
NEXT = (
    "Agree with mi.com's owner on another constraint, or give these rows a rule with a reason in the entity's extract.sql, "
    "then clear this task (docs/runbook.md, 'What readiness asks')."
)

Count = Counter[tuple[str, str]]  # (region, what): rows


@dataclass(frozen=True)
class Rule:
    """One demand of a target's table, as a condition that is true for a row that breaks it."""

    name: str
    broken: postgres.Query


@dataclass(frozen=True)
class ReadOnlySides:
    source: postgres.Connection
    target: postgres.Connection
    single_rows: int


def find_conflicts(place: Workplace, run: Run) -> list[Finding]:
    """One finding per entity and region that a constraint would refuse rows of, or one green one. Rerun: asks again."""
    with open_sides(place, run) as sides:
        if sides is None:
            demanded = "the constraints of mi.com are asked of POCO's rows before the backfill"
            later = "the views of poco_export are not installed yet; the task forecast asks again after the install"
            return [Finding("ALL", "constraints of mi.com", later, demanded, True, NEXT, "info")]
        found: list[Finding] = []
        for entity in cards.moving_at(*MILESTONES):
            try:
                found += _of(sides, entity)
            except DataRefused as error:
                # A view of an older prepare stage is made anew by the install that follows; mi.com's side nothing mends by itself.
                severity: Literal["critical", "warning"] = "warning" if "the source refuses" in str(error) else "critical"
                found.append(Finding("ALL", f"constraints of {entity.table}", str(error), "they can be asked", False, NEXT, severity))
        return found


def rejects(place: Workplace, run: Run) -> list[Reject] | None:
    """What the source alone can say of the rows that will not move: by its extracts and by poco_export.parked.

    None before the export views are installed. Rerun: counts again.
    """
    with open_sides(place, run) as sides:
        if sides is None:
            return None
        found = [
            Reject(entity.name, region, reason, entity.reasons[reason].outcome, rows)
            for entity in cards.moving_at(*MILESTONES)
            for (region, reason), rows in sorted(_ask(sides, entity, []).items())
        ]
        with postgres.translated_errors("source", "rows that do not leave"):
            parked = postgres.run(sides.source, SQL / "parked_counts.sql")
    known = cards.entities()
    for row in parked:
        reason = known[row["entity"]].reasons.get(row["reason"])
        if reason:
            found.append(Reject(row["entity"], row["region"], reason.name, reason.outcome, row["rows"]))
    return found


@contextmanager
def open_sides(place: Workplace, run: Run) -> Iterator[ReadOnlySides | None]:
    """Both sides, unable to write; None while there is nothing on the source that an extract could read."""
    options = f"-c default_transaction_read_only=on -c statement_timeout={place.settings.assess.statement_timeout_s}s"
    with (
        postgres.connect(place.source, "source", name=f"conflicts {run.id}", options=options) as source,
        postgres.connect(place.target, "target", name=f"conflicts {run.id}", options=options) as target,
    ):
        installed = postgres.value(source, "select to_regclass('poco_export.parked') is not null")
        yield ReadOnlySides(source, target, place.settings.assess.single_rows) if installed else None


def _of(sides: ReadOnlySides, entity: Entity) -> list[Finding]:
    rules, left = _rules(sides, entity)
    ruled = entity.reasons.keys() - {UNREADABLE}
    counted = Counter({key: rows for key, rows in _ask(sides, entity, rules).items() if key[1] not in ruled})
    counted += _taken(sides, entity)
    check = f"constraints of {entity.table}"
    demanded = (
        f"no rule of {entity.table} would refuse or change more than {sides.single_rows} rows of a region; single ones go to quarantine"
    )
    if not counted:
        return [Finding("ALL", check, f"{len(rules)} asked, {left} that the load alone can tell; none broken", demanded, True, NEXT)]
    found = []
    for region in sorted({region for region, _ in counted}):
        broken = {what: rows for (where, what), rows in counted.items() if where == region}
        told = ", ".join(f"{rows} rows: {what}" for what, rows in sorted(broken.items()))
        found.append(Finding(region, check, told, demanded, max(broken.values()) <= sides.single_rows, NEXT))
    return found


def _rules(sides: ReadOnlySides, entity: Entity) -> tuple[list[Rule], int]:
    """The rules whose columns the extract has under the same names, and how many it has not."""
    with postgres.translated_errors("source", f"{entity.name}, extract.sql"):
        there = {name for name, _ in postgres.columns(sides.source, entity.extract)}
    tables = {known.table for known in cards.entities().values()}
    with postgres.translated_errors("target", f"constraints of {entity.table}"):
        catalog = postgres.run(sides.target, SQL / "rules_of_table.sql", entity.table)
        named = [row for row in catalog if row["kind"] != "unique" and row["referenced"] not in tables]
        asked = [row for row in named if row["asks"] and set(row["columns"] or ()) <= there]
        return [Rule(row["name"], _broken(sides, row)) for row in asked], len(named) - len(asked)


def _broken(sides: ReadOnlySides, row: dict[str, Any]) -> postgres.Query:
    if row["kind"] == "check":
        # The expression as mi.com's catalog prints it: its columns are those of the extract, and rules_of_table.sql has looked at it.
        return sql.SQL("({}) is false").format(sql.SQL(row["expression"]))
    column = sql.Identifier("e", row["columns"][0])
    if row["kind"] == "not null":
        return sql.SQL("{} is null").format(column)
    if row["kind"] == "length":
        return sql.SQL("char_length({}::text) > {}").format(column, sql.Literal(row["size"]))
    if row["kind"] == "scale":
        return sql.SQL("abs({c}::numeric) >= 10::numeric ^ {n} or {c}::numeric <> round({c}::numeric, {s})").format(
            c=column, n=sql.Literal(row["size"]), s=sql.Literal(row["scale"])
        )
    known = sides.target.execute(
        sql.SQL("select {}::text from {} limit {}").format(
            sql.Identifier(row["referenced_column"]), sql.Identifier(*row["referenced"].split(".")), sql.Literal(LONGEST_LIST)
        )
    ).fetchall()
    return sql.SQL("{c} is not null and {c}::text <> all ({k}::text[])").format(c=column, k=sql.Literal([key for (key,) in known]))


def _ask(sides: ReadOnlySides, entity: Entity, rules: Sequence[Rule]) -> Count:
    """One pass over the extract: rows by region and by what becomes of them, without those that nothing is wrong with."""
    try:
        return _count(sides, entity, rules, EVERYTHING, ())
    except RowsRefused as refusal:
        log.info("%s: %s; looking for the rows", entity.name, refusal)
        with postgres.translated_errors("source", entity.name):
            keys = [row[0] for row in sides.source.execute(entity_sql.wrapped(entity, EVERYTHING, "e.source_key")).fetchall()]
        first = refusal

    def tried(some: tuple[int, ...]) -> RowsRefused | None:
        try:
            _count(sides, entity, rules, KeySet(some), ())
        except RowsRefused as error:
            return error
        return None

    unreadable = poisoned_rows.find_poisoned(tried, tuple(sorted(keys)), first, sides.single_rows)
    counted = _count(sides, entity, rules, EVERYTHING, sorted(unreadable))
    with postgres.translated_errors("source", entity.name):
        regions = sides.source.execute(entity_sql.wrapped(entity, KeySet(tuple(sorted(unreadable))), "e.region")).fetchall()
    return counted + Counter((region, UNREADABLE) for (region,) in regions)


def _count(sides: ReadOnlySides, entity: Entity, rules: Sequence[Rule], part: Part, without: Sequence[int]) -> Count:
    values = [sql.SQL("({}, {})").format(sql.Literal(rule.name), rule.broken) for rule in rules or [Rule("", sql.SQL("false"))]]
    query = sql.SQL(
        "select e.region, coalesce(e.refused, v.name), count(*) from ({extract}\n) e"
        " left join lateral (values {rules}) v (name, broken) on e.refused is null and v.broken"
        " where (e.refused is not null or v.name is not null) and {inside} and e.source_key <> all ({without}::bigint[]) group by 1, 2"
    ).format(
        extract=sql.SQL(entity.extract), rules=sql.SQL(", ").join(values), without=sql.Literal(list(without)),
        inside=entity_sql.condition(part, sql.Identifier("e", "source_key")),
    )  # fmt: skip
    # Read only as a transaction, and not by a default of the session: that one an expression could change for the next statement.
    with postgres.translated_errors("source", f"{entity.name}, constraints of {entity.table}"), postgres.snapshot(sides.source):
        return Counter({(region, what): rows for region, what, rows in sides.source.execute(query).fetchall()})


def _taken(sides: ReadOnlySides, entity: Entity) -> Count:
    """Values that must be unique and are there twice, among POCO's rows or with a row of Xiaomi's own."""
    there = {name for name, _ in postgres.columns(sides.source, entity.extract)}
    counted: Count = Counter()
    for row in postgres.run(sides.target, SQL / "rules_of_table.sql", entity.table):
        if row["kind"] == "unique" and set(row["columns"] or ()) <= there:
            columns = [sql.Identifier("e", name) for name in row["columns"]]
            for region, rows in _twice(sides, entity, columns) + _others(sides, entity, row["columns"], columns):
                counted[region, f"{row['name']}, taken"] += rows
    return counted


def _twice(sides: ReadOnlySides, entity: Entity, columns: Sequence[sql.Identifier]) -> list[tuple[str, int]]:
    query = sql.SQL(
        "select region, count(*) from (select e.region, count(*) over (partition by {columns}) as n from ({extract}\n) e"
        " where e.refused is null and num_nulls({columns}) = 0) u where n > 1 group by region"
    ).format(columns=sql.SQL(", ").join(columns), extract=sql.SQL(entity.extract))
    with postgres.translated_errors("source", f"{entity.name}, unique values"):
        return sides.source.execute(query).fetchall()


def _others(sides: ReadOnlySides, entity: Entity, names: Sequence[str], columns: Sequence[sql.Identifier]) -> list[tuple[str, int]]:
    """Most of Xiaomi's values lie outside of what POCO's span, so few or none are carried over to be compared."""
    text = sql.SQL("concat_ws(chr(31), {})")
    with postgres.translated_errors("source", f"{entity.name}, unique values"):
        span = sides.source.execute(
            sql.SQL('select min({c}::text collate "C"), max({c}::text collate "C") from ({e}\n) e where e.refused is null').format(
                c=columns[0], e=sql.SQL(entity.extract)
            )
        ).fetchone()
    mine = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier("t", name)) for name in names)
    with postgres.translated_errors("target", f"{entity.name}, unique values"):
        theirs = sides.target.execute(
            sql.SQL(
                'select {text} from {table} t where {first}::text collate "C" between %s and %s and {key} not between'
                " mi.poco_key(-100000000000000) and mi.poco_key(900000000000000) limit {limit}"
            ).format(
                text=text.format(mine), table=sql.Identifier(*entity.table.split(".")), first=sql.Identifier("t", names[0]),
                key=sql.Identifier("t", entity.key), limit=sql.Literal(LONGEST_LIST),
            ),
            span,
        ).fetchall()  # fmt: skip
    if not theirs:
        return []
    ours = sql.SQL(", ").join(sql.SQL("{}::text").format(column) for column in columns)
    with postgres.translated_errors("source", f"{entity.name}, unique values"):
        return sides.source.execute(
            sql.SQL("select e.region, count(*) from ({}\n) e where e.refused is null and {} = any (%s) group by 1").format(
                sql.SQL(entity.extract), text.format(ours)
            ),
            ([value for (value,) in theirs],),
        ).fetchall()
