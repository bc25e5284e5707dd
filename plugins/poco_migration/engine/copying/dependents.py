"""Children follow their parents. A row that comes, goes or moves to another region concerns every row that hangs on it.

What is to be looked at again is decided by the change, not by what the target happens to hold: it becomes a dirty key in
the transaction that copies the change, so nothing is forgotten when somebody is killed. A parent that is gone waits on
the target until its children have gone; it does not wait for children that are mi.com's (keeper.py).
"""

from __future__ import annotations

from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.engine import cards, entity_sql
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.copying import keeper, workbench
from poco_migration.model import Entity, KeyRange, Part

SQL = Path(__file__).parent / "sql"


def read_changed(link: Link, entity: Entity, part: Part) -> None:
    """Note what is dirty of the part. The part's lock is held, and the source's snapshot not yet taken."""
    if isinstance(part, KeyRange):
        postgres.changed(link.target, SQL / "changed_range.sql", entity.name, part.lo, part.hi)
    else:
        postgres.changed(link.target, SQL / "changed_keys.sql", entity.name, postgres.array(part.keys))


def find_kids(link: Link, entity: Entity) -> None:
    """Collect the rows that hang on what came, went or moved: those of the source and those of the target."""
    concerned = workbench.read_as(entity, postgres.statement(SQL / "concerned.sql"))
    keys = [row["source_key"] for row in postgres.rows(link.target, concerned)]
    if not keys:
        return
    for child, parent in cards.children(entity.name):
        if child.moves == "never":
            continue
        postgres.pipe(
            link.source,
            sql.SQL("copy (select {}, id from poco_export.children({}, {}, {}) id) to stdout (format binary)").format(
                sql.Literal(child.name) + sql.SQL("::text"), sql.Literal(child.name), sql.Literal(parent.source), _array(keys)
            ),
            link.target,
            sql.SQL("copy kids (entity, source_key) from stdin (format binary)"),
        )
        link.target.execute(_hanging("insert into kids (entity, source_key) {}", child, parent.target, _array(keys)))


def hold(link: Link, entity: Entity) -> None:
    """Keep what is gone on the source while rows of the target hang on it, and have those of POCO's looked at again.

    The rows are locked first: whoever is adding a child this moment has to finish, or finds the parent gone.
    """
    gone = [row[0] for row in link.target.execute(workbench.read_as(entity, "select source_key from gone")).fetchall()]
    families = [(child, parent) for child, parent in cards.children(entity.name) if child.moves != "never"]
    if not gone:
        return
    table, key = sql.Identifier(*entity.table.split(".")), sql.Identifier(entity.key)
    link.target.execute(
        sql.SQL("select from {} where {} in (select mi.poco_key(k) from unnest({}) k) order by {} for update").format(
            table, key, _array(gone), key
        )
    )
    keeper.find(link, entity, _array(gone))
    for child, parent in families:
        link.target.execute(_hanging("insert into kids (entity, source_key) {}", child, parent.target, _array(gone)))
        link.target.execute(
            sql.SQL(
                "insert into staying select distinct {column} - mi.poco_key(0) from {table}"
                " where {column} in (select mi.poco_key(k) from unnest({keys}) k) and {ours}"
                " and {column} - mi.poco_key(0) not in (select source_key from keeping) on conflict do nothing"
            ).format(
                ours=entity_sql.poco_rows_of(child),
                column=sql.Identifier(parent.target),
                table=sql.Identifier(*child.table.split(".")),
                keys=_array(gone),
            )
        )


def refuse_children_of_leaving(link: Link, entity: Entity) -> None:
    """A parent that only waits for its children to go is no parent any more, nor is one that mi.com keeps for itself."""
    for parent in entity.parents:
        link.target.execute(
            sql.SQL(
                "insert into refused (source_key, region, reason, detail)"
                " select distinct a.source_key, a.region, 'parent_missing', {name} || ' ' || l.source_key"
                " from {accepted} a join (select entity, source_key from migration.leaving"
                " union select entity, source_key from migration.kept) l"
                " on l.entity = {name} and a.{column} = mi.poco_key(l.source_key)"
            ).format(accepted=workbench.table(entity, "accepted"), name=sql.Literal(parent.entity), column=sql.Identifier(parent.target))
        )


def _hanging(into: str, child: Entity, column: str, keys: postgres.Query) -> postgres.Query:
    return sql.SQL(into).format(
        sql.SQL(
            "select {name}, {key} - mi.poco_key(0) from {table} where {column} in (select mi.poco_key(k) from unnest({keys}) k) and {ours}"
        ).format(
            ours=entity_sql.poco_rows_of(child),
            name=sql.Literal(child.name),
            key=sql.Identifier(child.key),
            table=sql.Identifier(*child.table.split(".")),
            column=sql.Identifier(column),
            keys=keys,
        )
    )


def _array(keys: list[int]) -> sql.Composed:
    return sql.SQL("{}::bigint[]").format(sql.Literal(postgres.array(keys)))
