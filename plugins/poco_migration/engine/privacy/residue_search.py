"""Looks for what a person has told: which values, and whether any of them still stands anywhere.

The values live in this process's memory only, and what is kept of a search is counts. A value in a row of somebody else is
theirs (two people of one household share a telephone); a value in the person's own rows, or where nobody's rows are, is a
leak. Where nobody's rows are, only what names a person by itself is looked for: a ticket's subject may be any text.

Everybody else's rows are searched before anything is locked, some pages at a time, each in a statement of its own, so that it ends
on a table of any size and nobody waits for it. Under the locks are left: the person's own rows, and what has changed since in tables
where nobody's rows are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from poco_migration.adapters import object_versions, postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.privacy import data_subject, inventory
from poco_migration.engine.privacy.data_subject import Databases, Person
from poco_migration.engine.privacy.inventory import Holding
from poco_migration.engine.privacy.told_values import Values, as_written, field_of, quoted

TEXTS = "text, character varying, json, jsonb, text[]"
Columns = list[tuple[str, str]]  # name and type
PAGES = 1_000  # of 8 kB, in one statement: some seconds, at 70 microseconds a row
LAST = 2**32 - 2  # page of a table


@dataclass(frozen=True)
class Finding:
    """How often a value was found in one table or bucket. `leaks` fail an erasure; `others` are somebody else's own."""

    place: str
    leaks: int
    others: int


def values(both: Databases, person: Person, found: Mapping[str, list[int]]) -> Values:
    """Everything personal that both databases hold of the person; `found` are their keys at mi.com."""
    return _told(both, person, found)


def grown(both: Databases, person: Person, found: Mapping[str, list[int]], searched: Values) -> bool:
    """Whether the databases hold more of the person by now than was looked for."""
    return not _told(both, person, found).within(searched)


def _told(both: Databases, person: Person, found: Mapping[str, list[int]]) -> Values:
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


def mark(target: postgres.Connection) -> str:
    """Where mi.com's database stands: what is written from here on is newer (`changed_since`)."""
    return str(postgres.value(target, "select pg_snapshot_xmin(pg_current_snapshot())::xid::text"))


def databases(both: Databases, person: Person, found: Mapping[str, list[int]], told: Values) -> Iterator[Finding]:
    """Look through every text of both databases but the person's own rows, some pages at a time. Holds nothing, writes nothing."""
    if both.source:
        yield from _source_pages(both.source, person, told)
    for name, columns, pages in _text_tables(both.target):
        holding = inventory.holdings().get(name)
        if holding and not holding.owned and not holding.telling:
            continue  # goods and prices
        with postgres.translated_errors("target", "search"):
            hits = sum(
                _hits(both.target, name, columns, told.anywhere, _others(holding, found.get(name, [])), _between(first, pages))
                for first in range(0, max(pages, 1), PAGES)
            )
        # In the ledger nobody may stand. An account of Xiaomi's own, with its addresses, is not the migration's to erase.
        yield Finding(f"mi.com {name}", 0, hits) if holding else Finding(f"mi.com {name}", hits, 0)


def own_rows(both: Databases, person: Person, found: Mapping[str, list[int]], told: Values) -> Iterator[Finding]:
    """Look through the person's own rows on both sides, in the transactions that are open. Costs what the person has."""
    if both.source:
        with postgres.translated_errors("source", "search"):
            query = "select entity, own from poco_export.person_search(%s::bigint[], %s::text[], %s::text[])"
            rows = both.source.execute(query, (list(person.customers), told.own, told.anywhere)).fetchall()
        yield from (Finding(f"POCO {entity}", own, 0) for entity, own in rows)
    for name, columns, _ in _text_tables(both.target):
        holding = inventory.holdings().get(name)
        if holding and holding.owned and found.get(name):
            mine = sql.SQL("t.{} = any ({}::bigint[])").format(sql.Identifier(holding.key), sql.Literal(postgres.array(found[name])))
            erased = [(column, kind) for column, kind in columns if column in holding.telling]
            rest = [(column, kind) for column, kind in columns if column not in holding.telling and column not in holding.kept]
            with postgres.translated_errors("target", "search"):
                left = _hits(both.target, name, erased, told.own, mine) + _hits(both.target, name, rest, told.anywhere, mine)
            yield Finding(f"mi.com {name}", left, 0)


def changed_since(both: Databases, since: str, told: Values) -> Iterator[Finding]:
    """Look through what was written since a mark in the tables of mi.com where nobody's rows are. Costs a look at each row's age."""
    newer = sql.SQL("age(t.xmin) <= age({}::xid)").format(sql.Literal(since))
    for name, columns, _ in _text_tables(both.target):
        if name not in inventory.holdings():
            with postgres.translated_errors("target", "search"):
                yield Finding(f"mi.com {name}", _hits(both.target, name, columns, told.anywhere, newer), 0)


def _source_pages(source: postgres.Connection, person: Person, told: Values) -> Iterator[Finding]:
    keys: dict[str, list[int]] = {holding.named: [] for holding in inventory.personal_tables(source=True)}
    with postgres.translated_errors("source", "search"):
        for entity, key in source.execute(
            "select entity, source_key from poco_export.person_keys(%s::bigint[])", (list(person.customers),)
        ):
            keys[entity].append(key)
        query = "select others, more from poco_export.search_pages(%s, %s, %s, %s::bigint[], %s::text[])"
        for entity, own in keys.items():
            others, first, more = 0, 0, True
            while more:
                some, more = source.execute(query, (entity, first, PAGES, own, told.anywhere)).fetchone() or (0, False)
                others, first = others + some, first + PAGES
            yield Finding(f"POCO {entity}", 0, others)


def _others(holding: Holding | None, own: list[int]) -> postgres.Query:
    if not holding or not holding.owned:
        return sql.SQL("true")
    return sql.SQL("t.{} <> all ({}::bigint[])").format(sql.Identifier(holding.key), sql.Literal(postgres.array(own)))


def _between(first: int, pages: int) -> postgres.Query:
    """These pages of a table; the last ones with all that have come since the table was measured."""
    last = first + PAGES if first + PAGES < pages else LAST
    return sql.SQL("t.ctid >= {}::tid and t.ctid < {}::tid").format(sql.Literal(f"({first},0)"), sql.Literal(f"({last},0)"))


def _hits(target: postgres.Connection, name: str, columns: Columns, wanted: list[str], *where: postgres.Query) -> int:
    """In how many rows of a table one of the values stands in one of these columns."""
    if not columns or not wanted:
        return 0
    texts = sql.SQL(", ").join(
        sql.SQL("array_to_string(t.{}, chr(10))" if kind == "text[]" else "btrim(t.{}::text)").format(sql.Identifier(column))
        for column, kind in columns
    )
    query = sql.SQL(
        "select count(*) from {table} t where {where} and exists (select from unnest({wanted}::text[]) w"
        " where position(w in chr(10) || lower(concat_ws(chr(10), {texts})) || chr(10)) > 0)"
    ).format(table=sql.Identifier(*name.split(".")), where=sql.SQL(" and ").join(where), wanted=sql.Literal(wanted), texts=texts)
    return int(postgres.value(target, query))


def named(holding: Holding, rows: Iterable[str]) -> Iterator[str]:
    """The keys of objects that these rows name."""
    for row in rows:
        for path in holding.objects:
            found = field_of(json.loads(row), path)
            yield from (key for key in (found if isinstance(found, list) else [found]) if isinstance(key, str) and key)


def objects(place: Workplace, told: Values, seen: set[str]) -> Iterator[Finding]:
    """Look through reports, certificates and what else lies in the bucket of evidence, but for what is `seen`; then it is seen.

    Older versions are looked through too.
    """
    bucket, leaks = place.settings.objects.evidence, 0
    wanted = [value.encode() for value in as_written(told.naming) + quoted(told.short_naming)]
    for key, version in object_versions.contents(place.objects, bucket):
        if wanted and f"{key}\0{version}" not in seen:
            body = object_versions.read_content(place.objects, bucket, key, version).lower()
            leaks += any(value in body for value in wanted)
        seen.add(f"{key}\0{version}")
    yield Finding(f"bucket {bucket}", leaks, 0)


def _text_tables(target: postgres.Connection) -> list[tuple[str, Columns, int]]:
    """Every table with its columns of text, (name, type), and how many pages it has."""
    rows = target.execute(
        "select n.nspname || '.' || c.relname,"
        "       array_agg(a.attname::text order by a.attnum), array_agg(format_type(a.atttypid, null) order by a.attnum),"
        "       coalesce((select max(pg_relation_size(l.relid)) from pg_partition_tree(c.oid) l), pg_relation_size(c.oid))"
        "         / current_setting('block_size')::integer"
        "  from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        "  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        "   and format_type(a.atttypid, null) = any (%s)"
        " where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
        "   and has_table_privilege(c.oid, 'select')"
        " group by c.oid, n.nspname, c.relname order by 1",
        (TEXTS.split(", "),),
    ).fetchall()
    return [(name, list(zip(columns, kinds, strict=True)), int(pages or 0)) for name, columns, kinds, pages in rows]
