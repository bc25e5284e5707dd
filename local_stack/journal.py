"""Asks mi.com for every write that the store acknowledged while it was moving: none may be lost, and none come back."""

from __future__ import annotations

from collections import defaultdict

import psycopg
from psycopg import sql

from legacy_store.traffic import Journal
from poco_migration.engine import cards

Missing = tuple[str, int]  # entity, source key


def missing(source: str, target: str, moving: tuple[str, ...], journal: Journal) -> list[Missing]:
    """The acknowledged writes of entities that have moved whose row is on one side only; none when all is well.

    A row counts as arrived when it is at mi.com, or set aside with its reason. Both connections are administrators'.
    """
    written: defaultdict[str, set[int]] = defaultdict(set)
    for name, key, region in journal.acknowledged:
        if region in moving and cards.entities()[name].moves == "cutover":
            written[name].add(key)
    wrong: list[Missing] = []
    with psycopg.connect(source) as poco, psycopg.connect(target) as mi:
        for name, keys in written.items():
            entity, asked = cards.entities()[name], sorted(keys)
            there = _keys(poco, sql.SQL("select id from poco.{} where id = any (%s)").format(sql.Identifier(name)), asked)
            arrived = _keys(
                mi,
                sql.SQL(
                    "select k from unnest(%s::bigint[]) k where exists (select from {table} where {key} = mi.poco_key(k))"
                    " or exists (select from migration.quarantine q where q.entity = {name} and q.source_key = k and q.resolved_at is null)"
                    " or exists (select from migration.left_out l where l.entity = {name} and l.source_key = k)"
                ).format(
                    table=sql.Identifier(*entity.table.split(".")), key=sql.Identifier(entity.key), name=sql.Literal(name)
                ),
                asked,
            )  # fmt: skip
            wrong.extend((name, key) for key in sorted(there ^ arrived))
    return wrong


def _keys(connection: psycopg.Connection[tuple[int]], query: sql.Composed, keys: list[int]) -> set[int]:
    return {row[0] for row in connection.execute(query, (keys,))}
