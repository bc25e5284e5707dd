"""Rows that were made at mi.com since the switch and hang on rows that came from POCO: a new order, an answer in a case.

They come back under a key that says which row it was (inverse.BORN), so no rerun can make one twice. At
mi.com the row is then replaced by the copy of POCO's row, as any other row has one: what refers to it is pointed at the
copy, and mi.com's own is deleted. So the next cutover finds each of them once.

Half an order would be wrong money. So a row that cannot come keeps at mi.com everything that was made with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import RowsRefused, sql
from poco_migration.engine import entity_sql, isolation
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.copying import copier
from poco_migration.engine.entity_sql import POCO_KEYS
from poco_migration.engine.rollback import inverse_mapping
from poco_migration.engine.rollback.inverse_mapping import BORN, Batch, Refusal
from poco_migration.errors import DataRefused
from poco_migration.model import Entity, KeySet, Run

SQL = Path(__file__).parent / "sql"
BATCH = 2_000
Keys = Mapping[str, Sequence[int]]  # by entity, keys as mi.com gave them
Refusals = dict[str, dict[int, Refusal]]
Row = tuple[str, int]


class _Incomplete(Exception):
    """Leaves a transaction in which not every row could be written."""


def family(target: postgres.Connection, entity: Entity, foreign: Sequence[int], made: Keys) -> list[int]:
    """The rows of an entity that were made at mi.com: those that hang on POCO's rows, and on rows that were made there."""
    found = set(foreign)
    for parent in entity.parents:
        if made.get(parent.entity):
            query = sql.SQL("select t.{key} from {table} t where not (t.{key} {ours}) and t.{column} = any ({keys}::bigint[])").format(
                key=sql.Identifier(entity.key), table=entity_sql.table_of(entity), ours=sql.SQL(POCO_KEYS),
                column=sql.Identifier(parent.target), keys=entity_sql.keys_literal(made[parent.entity]),
            )  # fmt: skip
            found |= {row[0] for row in target.execute(query)}
    return sorted(found)


def pending_keys(link: Link, run: Run, entity: Entity) -> tuple[int, ...]:
    """What was made at mi.com and is to come back still."""
    return tuple(row["target_key"] for row in postgres.run(link.target, SQL / "return_made.sql", run.id, entity.name))


def there(target: postgres.Connection, entity: Entity, made: Sequence[int]) -> tuple[int, ...]:
    """Those of these keys that mi.com has."""
    query = sql.SQL("select t.{0} from {1} t where t.{0} = any ({2}::bigint[]) order by 1")
    return tuple(
        row[0]
        for row in target.execute(query.format(sql.Identifier(entity.key), entity_sql.table_of(entity), entity_sql.keys_literal(made)))
    )


def regions(target: postgres.Connection, entity: Entity, made: Sequence[int]) -> dict[int, str]:
    """The region of each of these rows; none where mi.com's market is no store of POCO's."""
    if not made:
        return {}
    query = sql.SQL("select e.{0}, e.region from ({1}\n) e where e.{0} = any ({2}::bigint[])")
    return dict(
        target.execute(
            query.format(sql.Identifier(entity.key), sql.SQL(inverse_mapping.unmarked(entity)), entity_sql.keys_literal(made))
        ).fetchall()
    )


def insert_at_source(link: Link, run: Run, entities: Sequence[Entity], made: Keys, *, rehearsal: bool) -> Refusals:
    """Write them into POCO's tables, all in one transaction; returns which could not come, by entity and key of mi.com.

    Rerun: safe; a row that is there already stays.
    """
    refused: Refusals = {entity.name: {} for entity in entities}
    if not any(made.values()):
        return refused
    above = _above(link.target, entities, made)
    while True:
        left = {name: [key for key in numbers if key not in refused[name]] for name, numbers in made.items()}
        try:
            with postgres.translated_errors("source", "rows made at mi.com"), link.source.transaction():
                found = _write(link, entities, left, rehearsal)
                if found:
                    raise _Incomplete
            return refused
        except _Incomplete:
            for name, key in _families(found, above):
                refused[name][key] = found.get((name, key), Refusal("family_incomplete"))


def _write(link: Link, entities: Sequence[Entity], left: Keys, rehearsal: bool) -> dict[Row, Refusal]:
    found: dict[Row, Refusal] = {}
    parents = {name: tuple(numbers) for name, numbers in left.items()}
    for entity in entities:
        numbers = left.get(entity.name, ())
        for start in range(0, len(numbers), BATCH):
            batch = {key: BORN - key for key in numbers[start : start + BATCH]}
            refusals = inverse_mapping.put(link, Batch(entity, batch, born=True, rehearsal=rehearsal, parents=parents))
            found |= {(entity.name, BORN - key): why for key, why in refusals.items()}
    return found


def _above(target: postgres.Connection, entities: Sequence[Entity], made: Keys) -> dict[Row, set[Row]]:
    """Of each row the rows above it that were made at mi.com too."""
    above: dict[Row, set[Row]] = {}
    for entity in entities:
        for parent in entity.parents if made.get(entity.name) else ():
            query = sql.SQL("select t.{}, t.{} from {} t where t.{} = any ({}::bigint[]) and t.{} = any ({}::bigint[])").format(
                sql.Identifier(entity.key), sql.Identifier(parent.target), entity_sql.table_of(entity), sql.Identifier(entity.key),
                entity_sql.keys_literal(made[entity.name]), sql.Identifier(parent.target),
                entity_sql.keys_literal(made.get(parent.entity, ())),
            )  # fmt: skip
            for key, number in target.execute(query):
                above.setdefault((entity.name, key), set()).add((parent.entity, number))
    return above


def _families(found: Mapping[Row, Refusal], above: Mapping[Row, set[Row]]) -> set[Row]:
    """These rows, all that is above them, and all that hangs on any of those."""
    family, waiting = set(found), list(found)
    while waiting:
        for row in above.get(waiting.pop(), set()) - family:
            family.add(row)
            waiting.append(row)
    while more := {row for row, parents in above.items() if row not in family and parents & family}:
        family |= more
    return family


def adopt(link: Link, run: Run, entities: Sequence[Entity], made: Keys, refused: Mapping[str, Mapping[int, Refusal]]) -> Refusals:
    """Put in the place of mi.com's own row the copy of the row that came back; returns which could not be replaced.

    Rerun: safe; who is killed between the copy and the deletion leaves both, on two sides that nobody writes to.
    """
    left = {entity.name: [key for key in made.get(entity.name, ()) if key not in refused.get(entity.name, {})] for entity in entities}
    for entity in entities:
        for start in range(0, len(left[entity.name]), BATCH):
            part = KeySet(tuple(sorted(BORN - key for key in left[entity.name][start : start + BATCH])))
            copier.copy(link, entity, part, run, coming_back=True)
    with postgres.translated_errors("target", "rows made at mi.com"), link.target.transaction():
        for entity in entities:
            for reference in postgres.run(link.target, SQL / "references.sql", entity.table) if left[entity.name] else ():
                _point(link.target, entity, reference["schema"], reference["table_name"], reference["column_name"], left[entity.name])
        return {entity.name: _replace(link.target, entity, left[entity.name]) for entity in reversed(entities)}


def _point(target: postgres.Connection, entity: Entity, schema: str, table: str, column: str, made: Sequence[int]) -> None:
    """Let what refers to mi.com's row refer to the copy; where we may not write, mi.com's row stays and is listed."""
    query = sql.SQL(
        "update {0} t set {1} = mi.poco_key({2} - t.{1}) where t.{1} = any ({3}::bigint[])"
        " and exists (select from {4} n where n.{5} = mi.poco_key({2} - t.{1}))"
    ).format(
        sql.Identifier(schema, table),
        sql.Identifier(column),
        sql.Literal(BORN),
        entity_sql.keys_literal(made),
        entity_sql.table_of(entity),
        sql.Identifier(entity.key),
    )
    try:
        with postgres.translated_errors("target", "references"), target.transaction():
            target.execute(query)
    except (RowsRefused, DataRefused):
        return


def _replace(target: postgres.Connection, entity: Entity, made: Sequence[int]) -> dict[int, Refusal]:
    """Delete mi.com's rows whose copy is there; returns those that must stay."""
    query = sql.SQL(
        "delete from {0} t where t.{1} = any ({2}::bigint[]) and exists (select from {0} n where n.{1} = mi.poco_key({3} - t.{1}))"
    )

    def refusal(numbers: Sequence[int]) -> Exception | None:
        try:
            with postgres.translated_errors("target", "references"), target.transaction():
                target.execute(
                    query.format(
                        entity_sql.table_of(entity), sql.Identifier(entity.key), entity_sql.keys_literal(numbers), sql.Literal(BORN)
                    )
                )
        except (RowsRefused, DataRefused) as refused:
            return refused
        return None

    if made:
        for _ in isolation.isolate(made, refusal):
            pass  # a row that must stay is listed below
        return {key: Refusal("held_at_mi") for key in there(target, entity, made)}
    return {}
