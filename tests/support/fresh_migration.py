"""What the target should be: a second migration of the store as it is now, into a mi.com that nothing was moved to."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from support.workplaces import Servers, clone, copy_all, install

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards

# Keys that mi.com gives itself differ from one migration to the other; what they stand for must not.
_GIVEN = {"account_id", "listing_id", "changed_at"}
_PERSONS = """select encode(a.origin_person, 'hex') as source_key, a.status, a.created_at,
       (select array_agg(p.profile_id order by p.profile_id) from mi.profiles p where p.account_id = a.account_id) as profiles,
       (select array_agg((i.kind, i.value, i.verified_at)::text order by i.kind, i.value)
          from mi.account_identities i where i.account_id = a.account_id) as identities
  from mi.accounts a where a.origin = 'poco'"""
_LISTINGS = """select market || ' ' || sku_key as source_key, brand, status,
       (select array_agg(i.item_id order by i.item_id) from mi.brand_items i where i.listing_id = l.listing_id) as items
  from mi.listings l where l.origin = 'poco'"""
_PARKED = """select entity || ' ' || source_key as source_key, region, reason, detail from migration.quarantine where resolved_at is null
 union all select entity || ' ' || source_key, region, reason, outcome from migration.left_out"""


def differences(place: Workplace, servers: Servers, *milestones: str) -> list[tuple[str, Any, str]]:
    """(table, key, lost | extra | stale) of everything that is not as a fresh migration would make it."""
    fresh = clone(servers, source=str(conninfo_to_dict(place.source)["dbname"]))
    install(fresh)
    copy_all(fresh, *milestones)
    found = []
    for name, query in _queries().items():
        wanted, seen = _rows(fresh.target, query), _rows(place.target, query)
        for key in sorted(wanted.keys() | seen.keys(), key=str):
            if key not in seen or key not in wanted or wanted[key] != seen[key]:
                found.append((name, key, "lost" if key not in seen else "extra" if key not in wanted else "stale"))
    return found


def _queries() -> dict[str, sql.Composed | sql.SQL]:
    """Every table that migrated rows are in, whole, without the keys that mi.com gives."""
    queries: dict[str, sql.Composed | sql.SQL] = {"accounts": sql.SQL(_PERSONS), "listings": sql.SQL(_LISTINGS), "parked": sql.SQL(_PARKED)}
    for entity in cards.moving_at("cutover", "history", "reissue"):
        if entity.name != "stores":
            queries[entity.name] = sql.SQL("select {} as source_key, t.* from {} t where {} > mi.poco_key(-100000000000000)").format(
                sql.Identifier(entity.key), sql.Identifier(*entity.table.split(".")), sql.Identifier(entity.key)
            )
    return queries


def _rows(dsn: str, query: sql.Composed | sql.SQL) -> dict[Any, dict[str, Any]]:
    with psycopg.connect(dsn, row_factory=psycopg.rows.dict_row, options="-c timezone=UTC") as connection:
        rows = connection.execute(query).fetchall()
    return {row["source_key"]: {name: value for name, value in row.items() if name not in _GIVEN} for row in rows}
