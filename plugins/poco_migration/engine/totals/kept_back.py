"""What is excused must have an excuse: each row that is set aside is asked anew why, by the auditors' rules on POCO's own tables.

Rows in quarantine and left out are taken off the source's side of every control total, so a fault that parks rows would hide what
it does. expectations/kept_back/<entity>.sql counts the rows whose reason POCO's table bears out; the ledger says how many there are.
A missing parent counts only if mi.com does not have it in that region. What a database refused is judged by a gate of its own. The
same rules name the rows that are not kept back though they must be ('not kept back: <reason>'), of which there are none.
"""

from __future__ import annotations

from decimal import Decimal

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.engine import cards
from poco_migration.model import Entity

FOLDER = settings.EXPECTATIONS / "kept_back"
Counts = dict[tuple[str, str], Decimal]  # by region and reason


def name(entity: str) -> str:
    """What this total is called in the ledger."""
    return f"kept_back_of_{entity}"


def set_aside_keys(entity: Entity) -> postgres.Query:
    """The rows of an entity that are set aside, out of mi.com's ledger: source_key, region, reason, detail."""
    parents = cards.entities()
    there = [
        sql.SQL(
            "(split_part(q.detail, ' ', 1) = {name} and exists (select from ({readback}\n) p"
            " where {key} = mi.poco_key(split_part(q.detail, ' ', 2)::bigint) and p.region = q.region))"
        ).format(
            name=sql.Literal(parent.entity),
            readback=sql.SQL(parents[parent.entity].readback),
            key=sql.Identifier("p", parents[parent.entity].key),
        )
        for parent in entity.parents
    ]
    return sql.SQL(
        "select q.source_key, q.region,"
        " case when q.reason = 'parent_missing' and ({there}) then 'parent_missing, but it is there' else q.reason end as reason, q.detail"
        " from migration.quarantine q where q.entity = {entity} and q.resolved_at is null"
        " union all select source_key, region, reason, '' from migration.left_out where entity = {entity}"
    ).format(there=sql.SQL(" or ").join(there) if there else sql.SQL("false"), entity=sql.Literal(entity.name))


def compare_kept_back(source: postgres.Connection, entity: str, moving: tuple[str, ...]) -> tuple[Counts, Counts]:
    """How many rows POCO's table says are rightly kept back, and how many are, by region and reason.

    The source is the auditor's session, with its table aside: a copy of what the ledger holds.
    """
    with postgres.translated_errors("source", f"kept back of {entity}"):
        borne_out = source.execute(postgres.statement(FOLDER / f"{entity}.sql")).fetchall()
        kept = source.execute(
            "select region, reason, count(*) from aside where reason !~ '^refused_by_' group by region, reason"
        ).fetchall()
    left, right = ({(region, reason): Decimal(rows) for region, reason, rows in found if region in moving} for found in (borne_out, kept))
    return left, right
