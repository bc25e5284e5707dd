"""Rows of the target that no row of the source stands for: marked as POCO's, or hanging on a POCO row, under another key."""

from __future__ import annotations

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.engine import cards
from poco_migration.engine.entity_sql import POCO_KEYS
from poco_migration.engine.ledger import ownership
from poco_migration.model import Entity, Parent


def unmatched_keys(target: postgres.Connection, entity: Entity, *, everywhere: bool = False) -> list[int]:
    """Target keys outside of POCO's that are marked as POCO's or hang on a POCO row, where nobody else may write yet."""
    named = {name for name, _ in postgres.columns(target, f"select * from {entity.table}")}
    signs: list[postgres.Query] = [sql.SQL("t.origin = 'poco'")] if "origin" in named else []
    signs += [
        sql.SQL("t.{} {}{}").format(
            sql.Identifier(parent.target), sql.SQL(POCO_KEYS), sql.SQL("") if everywhere else _not_under(target, parent)
        )
        for parent in entity.parents
    ]
    if not signs:
        return []
    query = sql.SQL("select t.{key} from {table} t where not (t.{key} {ours}) and ({signs}) order by 1").format(
        key=sql.Identifier(entity.key),
        table=sql.Identifier(*entity.table.split(".")),
        ours=sql.SQL(POCO_KEYS),
        signs=sql.SQL(" or ").join(signs),
    )
    return [row[0] for row in target.execute(query)]


def _not_under(target: postgres.Connection, parent: Parent) -> postgres.Query:
    """That the parent is not of a region that mi.com owns: there customers add rows to what was moved."""
    above = cards.entities()[parent.entity]
    theirs = ownership.owned_regions(target, above.name)
    if not theirs:
        return sql.SQL("")
    return sql.SQL(" and not exists (select from ({readback}\n) o where o.{key} = t.{column} and o.region = any ({theirs}))").format(
        readback=sql.SQL(above.readback), key=sql.Identifier(above.key), column=sql.Identifier(parent.target), theirs=sql.Literal(theirs)
    )
