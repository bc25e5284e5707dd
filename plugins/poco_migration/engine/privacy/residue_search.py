"""Looks for what a person has told: which values, and whether any of them still stands anywhere.

The values live in this process's memory only, and what is kept of a search is counts. A value in a row of somebody else is
theirs (two people of one household share a telephone); a value in the person's own rows, or where nobody's rows are, is a
leak. Where nobody's rows are, only what names a person by itself is looked for: a ticket's subject may be any text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.privacy import data_subject, inventory
from poco_migration.engine.privacy.data_subject import Databases, Person
from poco_migration.engine.privacy.inventory import Holding

SHORTEST = 6  # letters; a shorter text ("Rome", "size 5") stands everywhere and names nobody
TEXTS = "text, character varying, json, jsonb, text[]"


@dataclass
class Values:
    """What a person has told, in lower case; `naming` names a person wherever it stands."""

    told: set[str] = field(default_factory=set, repr=False)
    naming: set[str] = field(default_factory=set, repr=False)

    def take(self, holding: Holding, row: Mapping[str, Any]) -> None:
        """The personal values of a row that an erasure is to remove."""
        for column in holding.telling:
            self.told |= set(_texts(row.get(column)))
        for path in holding.identifies:
            if path.split(".")[0] in holding.telling:
                self.naming |= set(_texts(_field(row, path)))


@dataclass(frozen=True)
class Finding:
    """How often a value was found in one table or bucket. `leaks` fail an erasure; `others` are somebody else's own."""

    place: str
    leaks: int
    others: int


def values(both: Databases, person: Person, found: Mapping[str, list[int]]) -> Values:
    """Everything personal that both databases hold of the person; `found` are their keys at mi.com."""
    told = Values()
    known = inventory.holdings()
    for holding in inventory.personal_tables(source=False):
        for row in data_subject.rows(both.target, holding, found[holding.table]):
            told.take(holding, json.loads(row))
    if both.source:
        for entity, row in data_subject.source_rows(both.source, person):
            holding = known[f"{inventory.SOURCE}.{entity}"]
            told.take(holding, json.loads(row))
    return told


def databases(both: Databases, person: Person, found: Mapping[str, list[int]], told: Values) -> Iterator[Finding]:
    """Look through every text of both databases, table by table, in the transactions that are open. Writes nothing."""
    if both.source:
        with postgres.translated_errors("source", "search"):
            query = "select entity, own, others from poco_export.person_search(%s::bigint[], %s::text[], %s::text[])"
            rows = both.source.execute(query, (list(person.customers), _written(told.told), _written(told.naming))).fetchall()
        yield from (Finding(f"POCO {entity}", own, others) for entity, own, others in rows)
    known = inventory.holdings()
    with postgres.translated_errors("target", "search"):
        for name, columns in _text_columns(both.target).items():
            holding = known.get(name)
            if holding and not holding.owned and not holding.telling:
                continue  # goods and prices
            yield _table(both.target, name, columns, holding, found.get(name, []), told)


def _table(target: postgres.Connection, name: str, columns: list[str], holding: Holding | None, own: list[int], told: Values) -> Finding:
    """One pass: the person's own rows, in the columns that were to be erased and in all others, and everybody else's."""
    telling = holding.telling if holding else ()
    kept = holding.kept if holding else {}
    query = sql.SQL(
        "select count(*) filter (where own and ({told} or {rest})), count(*) filter (where not own and {all})"
        " from (select t.*, coalesce({key} = any ({keys}::bigint[]), false) as own from {table} t) t"
    ).format(
        told=_hit([column for column in columns if column in telling], told.told),
        rest=_hit([column for column in columns if column not in telling and column not in kept], told.naming),
        all=_hit(columns, told.naming),
        key=sql.Identifier(holding.key) if holding and holding.owned else sql.SQL("null::bigint"),
        keys=sql.Literal(postgres.array(own)),
        table=sql.Identifier(*name.split(".")),
    )
    mine, rest = target.execute(query).fetchone() or (0, 0)
    # In the ledger nobody may stand. An account of Xiaomi's own, with its addresses, is not the migration's to erase.
    return Finding(f"mi.com {name}", mine, rest) if holding else Finding(f"mi.com {name}", mine + rest, 0)


def named(holding: Holding, rows: Iterable[str]) -> Iterator[str]:
    """The keys of objects that these rows name."""
    for row in rows:
        for path in holding.objects:
            found = _field(json.loads(row), path)
            yield from (key for key in (found if isinstance(found, list) else [found]) if isinstance(key, str) and key)


def objects(place: Workplace, told: Values) -> Iterator[Finding]:
    """Look through reports, certificates and what else lies in the bucket of evidence."""
    bucket, leaks = place.settings.objects.evidence, 0
    wanted = [value.encode() for value in _written(told.naming)]
    for key in place.objects.keys(bucket):
        body = place.objects.get(bucket, key).lower()
        leaks += any(value in body for value in wanted)
    yield Finding(f"bucket {bucket}", leaks, 0)


def _text_columns(target: postgres.Connection) -> dict[str, list[str]]:
    rows = target.execute(
        "select n.nspname || '.' || c.relname, array_agg(a.attname::text order by a.attnum)"
        "  from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        "  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        "   and format_type(a.atttypid, null) = any (%s)"
        " where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
        "   and has_table_privilege(c.oid, 'select')"
        " group by 1 order by 1",
        (TEXTS.split(", "),),
    )
    return dict(rows.fetchall())


def _hit(columns: list[str], wanted: set[str]) -> postgres.Query:
    """The SQL condition that one of the values stands in one of these columns."""
    if not columns or not wanted:
        return sql.SQL("false")
    texts = sql.SQL(", ").join(sql.SQL("t.{}::text").format(sql.Identifier(column)) for column in columns)
    return sql.SQL("exists (select from unnest({}::text[]) w where position(w in lower(concat_ws(chr(10), {}))) > 0)").format(
        sql.Literal(_written(wanted)), texts
    )


def _written(values: set[str]) -> list[str]:
    """Each value as text columns have it, and as JSON may write it."""
    escaped = {json.dumps(value, ensure_ascii=ascii_only)[1:-1] for value in values for ascii_only in (True, False)}
    return sorted(values | escaped)


def _texts(value: Any) -> Iterator[str]:
    """The texts within a value that are long enough to say something."""
    if isinstance(value, str):
        text = value.strip().lower()
        if len(text) >= SHORTEST and "\x00" not in text and text.isprintable() | ("\n" in text):
            yield text
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _field(row: Any, path: str) -> Any:
    """The value of a column, or of a field of its JSON behind a dot; of a list, that of each."""
    name, _, rest = path.partition(".")
    found = row.get(name) if isinstance(row, Mapping) else None
    if not rest:
        return found
    return [_field(part, rest) for part in found] if isinstance(found, list) else _field(found, rest)
