"""The inverse of each mapping, on every row of the store and its traps: what POCO says comes back as POCO said it."""

from __future__ import annotations

from collections import Counter

import psycopg
import pytest
from workplaces import RUN

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, inverse, link
from poco_migration.engine.inverse import Batch
from poco_migration.model import Entity

ENTITIES = cards.of("cutover")


def keys(place: Workplace, entity: Entity) -> dict[int, int]:
    with psycopg.connect(place.target) as target:
        return dict(target.execute(f"select {entity.key}, source_key from ({entity.readback}\n) e").fetchall())


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_row_survives_the_way_there_and_back(migrated: Workplace, entity: Entity) -> None:
    """Every column that the inverse gives is written over POCO's; extract.sql must then give the same rows again."""
    with link.opened(migrated, RUN) as opened:
        with postgres.telling("source", "test"), opened.source.transaction(force_rollback=True):
            refused = inverse.put(opened, Batch(entity, keys(migrated, entity), whole=True, rehearsal=True))
        assert Counter(refusal.reason for refusal in refused.values()) == {}


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_what_mi_com_did_not_change_is_not_written(migrated: Workplace, entity: Entity) -> None:
    with psycopg.connect(migrated.source_owner) as owner:
        before = owner.execute(f"select md5(string_agg(t::text, '' order by id)) from poco.{entity.name} t").fetchone()
        with link.opened(migrated, RUN) as opened:
            with opened.source.transaction(force_rollback=True):
                inverse.put(opened, Batch(entity, keys(migrated, entity), rehearsal=True))
                after = opened.source.execute("select count(*) from pg_locks where locktype = 'transactionid' and pid = pg_backend_pid()").fetchone()
        assert after == (0,), "the transaction wrote something"
        assert owner.execute(f"select md5(string_agg(t::text, '' order by id)) from poco.{entity.name} t").fetchone() == before
