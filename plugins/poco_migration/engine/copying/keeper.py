"""What POCO has deleted and mi.com cannot do without stays there, as mi.com's own row, and is told to a person.

A row of the target goes only when nothing of mi.com's hangs on it: no row of its own, and none that was handed over. One
that stays loses POCO's mark and is put in quarantine with what hangs on it, so it holds up nobody: neither the other rows
of its copy, nor following, nor a comparison.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.engine import cards, entity_sql
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.copying import workbench
from poco_migration.engine.entity_sql import POCO_KEYS
from poco_migration.engine.ledger import parts
from poco_migration.engine.ledger.handed_over import KEPT
from poco_migration.model import Entity

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
ZERO = sql.SQL("mi.poco_key(0)")


def find(link: Link, entity: Entity, gone: postgres.Query) -> None:
    """Note in `keeping` which of these source keys a row of mi.com's hangs on. The rows are locked already.

    All tables are asked that refer to the entity's, by the catalogue: mi.com may have made new ones.
    """
    followed = parts.followed(link.target)
    for referring in postgres.run(link.target, SQL / "referring.sql", entity.table):
        names = zip(referring["refers_to"], referring["columns"], strict=True)
        pairs = [sql.SQL("{} = {}").format(sql.Identifier("p", up), sql.Identifier("c", down)) for up, down in names]
        link.target.execute(
            sql.SQL(
                "insert into keeping (source_key, detail)"
                " select distinct p.{key} - {zero}, {table} from {parent} p join {child} c on {pairs}"
                " where p.{key} in (select mi.poco_key(k) from unnest({gone}) k) and {theirs}"
            ).format(
                key=sql.Identifier(entity.key), zero=ZERO, table=sql.Literal(referring["table_name"]), gone=gone,
                parent=sql.Identifier(*entity.table.split(".")), child=sql.Identifier(referring["schema"], referring["name"]),
                pairs=sql.SQL(" and ").join(pairs), theirs=_mi_coms(referring, followed),
            )
        )  # fmt: skip


def _mi_coms(referring: dict[str, Any], followed: set[str]) -> postgres.Query:
    """That a row of a table that refers is mi.com's: not one of POCO's that goes or stays by itself when it is copied."""
    table = f"{referring['schema']}.{referring['name']}"
    child = next((entity for entity in cards.entities().values() if entity.table == table), None)
    if child is None or child.name not in followed:
        return sql.SQL("true")
    key = sql.Identifier("c", child.key)
    ledger = entity_sql.is_pocos(child.name, sql.SQL("{} - {}").format(key, ZERO))
    return sql.SQL("not ({} {} and {})").format(key, sql.SQL(POCO_KEYS), ledger)


def keep(link: Link, entity: Entity) -> int:
    """Give mi.com what stays: quarantine with reason and next action, and no mark of POCO's. Returns how many rows."""
    if not postgres.value(link.target, "select exists (select from keeping)"):
        return 0
    inside = sql.SQL("in (select mi.poco_key(y.source_key) from keeping y)")
    regions = link.target.execute(
        sql.SQL("select t.{key} - {zero}, coalesce(max(o.region), 'UNKNOWN') from {table} t left join ({readback}\n) o on o.{key} = t.{key}"
                " where t.{key} {inside} group by 1 order by 1").format(
            key=sql.Identifier(entity.key), zero=ZERO, table=sql.Identifier(*entity.table.split(".")),
            readback=sql.SQL(entity.readback), inside=inside,
        )
    ).fetchall()  # fmt: skip
    if not regions:
        return 0
    next_action = entity.reasons[KEPT].next_action
    keys, found = [row[0] for row in regions], [row[1] for row in regions]
    postgres.run(link.target, SQL / "keep.sql", entity.name, KEPT, next_action, postgres.array(keys), found)
    _mark(link, entity, "mi", keys)
    log.warning("%s: POCO has deleted %d rows that something of mi.com's hangs on; mi.com keeps them", entity.name, len(keys))
    return len(keys)


def give_back(link: Link, entity: Entity) -> None:
    """What POCO has again bears its mark again, before load.sql writes it."""
    if not postgres.value(link.target, "select exists (select from migration.kept where entity = %s)", (entity.name,)):
        return
    text = workbench.read_as(entity, postgres.statement(SQL / "kept_back.sql"))
    back = [row["source_key"] for row in postgres.rows(link.target, text)]
    if back:
        _mark(link, entity, "poco", back)


def _mark(link: Link, entity: Entity, origin: str, keys: list[int]) -> None:
    if "origin" in {name for name, _ in postgres.columns(link.target, f"select * from {entity.table}")}:
        link.target.execute(
            sql.SQL("update {} t set origin = {} where t.{} in (select mi.poco_key(k) from unnest({}::bigint[]) k)").format(
                sql.Identifier(*entity.table.split(".")), sql.Literal(origin), sql.Identifier(entity.key), sql.Literal(postgres.array(keys))
            )
        )
