"""Rehearses the way back while the store is open: real rows of mi.com go through the inverse into POCO's tables, are read
again, and everything is rolled back.

Taken are rows of every region, and of every value that a constraint of mi.com enumerates (each status, kind, currency,
method), up to `rollback.rehearsal_keys` of an entity and region. All columns are written, so that a mapping that does
nothing cannot pass. The rows are locked for as long as one batch takes; a customer who changes one of them waits for it.
A rehearsal that meets a customer's lock gives up and is run again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.rollback import inverse_mapping
from poco_migration.engine.rollback.inverse_mapping import Batch
from poco_migration.errors import StageRefused
from poco_migration.model import Entity, Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
BATCH = 200  # rows that are locked at POCO at once
# Below PostgreSQL's deadlock_timeout, so that it is always the rehearsal that gives way, and never a customer.
PATIENCE = "500ms"


@dataclass(frozen=True)
class Rehearsed:
    """How many keys of an entity and region went there and back, and how many of them came out equal."""

    entity: str
    region: str
    keys: int
    equal: int


def rehearse(link: Link, place: Workplace, run: Run) -> list[Rehearsed]:
    """Rehearse every entity that can come back, and note the result under this run. Rerun: safe, changes no row.

    A key that has changed at POCO and is not copied yet is not taken: nothing follows from its difference.
    """
    found: list[Rehearsed] = []
    for entity in cards.moving_at("cutover"):
        sample = _sample(link.target, entity, place.settings.rollback.rehearsal_keys)
        unequal: dict[int, str] = {}
        keys = sorted((key, source) for chosen in sample.values() for key, source in chosen.items())
        for start in range(0, len(keys), BATCH):
            with postgres.translated_errors("source", f"rehearse {entity.name}"), link.source.transaction(force_rollback=True):
                link.source.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(PATIENCE)))
                batch = Batch(entity, dict(keys[start : start + BATCH]), whole=True, rehearsal=True)
                unequal |= {key: why.reason for key, why in inverse_mapping.put(link, batch).items()}
        for region in place.settings.moving():
            chosen = set(sample.get(region, {}).values())
            wrong = chosen & unequal.keys()
            found.append(Rehearsed(entity.name, region, len(chosen), len(chosen) - len(wrong)))
            if wrong:
                log.warning("%s, %s: %d of %d keys do not come back (first %d: %s)", entity.name, region, len(wrong), len(chosen),
                            min(wrong), unequal[min(wrong)])  # fmt: skip
    postgres.run_many(link.target, SQL / "rehearsal_store.sql", [(run.id, one.entity, one.region, one.keys, one.equal) for one in found])
    return found


def require_rehearsal(place: Workplace) -> None:
    """Raises StageRefused unless the newest rehearsal covers every entity and region, is recent, and came out equal.

    Rerun: safe, reads only.
    """
    entities, regions = [entity.name for entity in cards.moving_at("cutover")], list(place.settings.moving())
    with postgres.connect(place.target, "target", name="rehearsal") as target:
        rows = postgres.run(target, SQL / "rehearsal_newest.sql", entities, regions)
    if not rows:
        raise StageRefused("cutover: the way back was never rehearsed. Run the task rehearse of poco_cutover, then clear this task.")
    newest, hours = rows[0], place.settings.rollback.rehearsal_hours
    if newest["unequal"] or newest["missing"] or not newest["keys"]:
        raise StageRefused(
            f"cutover: the rehearsal of the way back failed: {newest['unequal']} of {newest['keys']} keys did not come back equal, "
            f"{newest['missing']} entities and regions were not rehearsed. The log of the task rehearse names the first key of each; "
            "mend its inverse.sql, then clear that task."
        )
    if newest["hours"] > hours:
        raise StageRefused(
            f"cutover: the way back was rehearsed {newest['hours']:.0f} hours ago, and mappings or tables may have changed in the "
            f"{hours} hours that count (rollback.rehearsal_hours). Clear the task rehearse, then this task."
        )


def _sample(target: postgres.Connection, entity: Entity, most: int) -> dict[str, dict[int, int]]:
    """{region: {target key: source key}}: the same every time, one row of every combination of values before a second one."""
    named = {name for name, _ in postgres.columns(target, entity.readback)}
    values: Sequence[str] = [
        row["column_name"] for row in postgres.run(target, SQL / "enumerated.sql", entity.table) if row["column_name"] in named
    ]
    split = sql.SQL(", ").join([sql.Identifier("e", "region"), *(sql.Identifier("e", name) for name in values)])
    query = sql.SQL(
        "select region, key, source_key from ("
        "select region, key, source_key, row_number() over (partition by region order by turn, source_key) as place from ("
        "select e.region, e.{key} as key, e.source_key,"
        " row_number() over (partition by {split} order by md5(e.source_key::text)) as turn from ({readback}\n) e"
        " where not exists (select from migration.dirty d where d.entity = {name} and d.source_key = e.source_key)) t) p"
        " where place <= {most}"
    ).format(
        key=sql.Identifier(entity.key),
        split=split,
        readback=sql.SQL(entity.readback),
        name=sql.Literal(entity.name),
        most=sql.Literal(most),
    )
    sample: dict[str, dict[int, int]] = {}
    with postgres.translated_errors("target", f"rehearse {entity.name}"):
        for region, key, source in target.execute(query):
            sample.setdefault(region, {})[key] = source
    return sample
