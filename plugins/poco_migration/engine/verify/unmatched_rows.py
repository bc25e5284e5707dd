"""Rows of the target that no row of the source stands for: marked as POCO's, or hanging on a POCO row, under another key."""

from __future__ import annotations

from collections.abc import Sequence

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.engine import entity_sql
from poco_migration.engine.entity_sql import POCO_KEYS
from poco_migration.model import Entity, Parent


def unmatched_keys(
    target: postgres.Connection, entity: Entity, *, everywhere: bool = False, among: Sequence[int] | None = None
) -> list[int]:
    """Target keys outside of POCO's that are marked as POCO's or hang on a POCO row, where nobody else may write yet.

    `among`: only these keys are looked at, which takes no longer however large the table is.
    """
    named = {name for name, _ in postgres.columns(target, f"select * from {entity.table}")}
    signs: list[postgres.Query] = [sql.SQL("t.origin = 'poco'")] if "origin" in named else []
    signs += [
        sql.SQL("t.{} {}{}").format(sql.Identifier(parent.target), sql.SQL(POCO_KEYS), sql.SQL("") if everywhere else _not_under(parent))
        for parent in entity.parents
    ]
    if not signs or among == []:
        return []
    inside = (
        sql.SQL("true")
        if among is None
        else sql.SQL("t.{} = any ({}::bigint[])").format(sql.Identifier(entity.key), sql.Literal(postgres.array(among)))
    )
    query = sql.SQL("select t.{key} from {table} t where {inside} and not (t.{key} {ours}) and ({signs}) order by 1").format(
        inside=inside,
        key=sql.Identifier(entity.key),
        table=sql.Identifier(*entity.table.split(".")),
        ours=sql.SQL(POCO_KEYS),
        signs=sql.SQL(" or ").join(signs),
    )
    return [row[0] for row in target.execute(query)]


def _not_under(parent: Parent) -> postgres.Query:
    """That the ledger does not have the parent for mi.com's: there customers add rows to what was moved."""
    return sql.SQL(" and {}").format(
        entity_sql.is_pocos(parent.entity, sql.SQL("t.{} - mi.poco_key(0)").format(sql.Identifier(parent.target)))
    )
