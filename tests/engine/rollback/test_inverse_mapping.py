"""The inverse of each mapping, on every row of the store and its traps: what POCO says comes back as POCO said it."""

from __future__ import annotations

from collections import Counter

import psycopg
import pytest
from support.workplaces import RUN

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.rollback import inverse_mapping
from poco_migration.engine.rollback.inverse_mapping import Batch
from poco_migration.model import Entity

ENTITIES = cards.moving_at("cutover")


def keys(place: Workplace, entity: Entity) -> dict[int, int]:
    with psycopg.connect(place.target) as target:
        return dict(target.execute(f"select {entity.key}, source_key from ({entity.readback}\n) e").fetchall())


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_row_survives_the_way_there_and_back(migrated: Workplace, entity: Entity) -> None:
    """Every column that the inverse gives is written over POCO's; extract.sql must then give the same rows again."""
    with connection_pair.connect(migrated, RUN) as opened:
        with postgres.translated_errors("source", "test"), opened.source.transaction(force_rollback=True):
            refused = inverse_mapping.put(opened, Batch(entity, keys(migrated, entity), whole=True, rehearsal=True))
        assert Counter(refusal.reason for refusal in refused.values()) == {}


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_what_mi_com_did_not_change_is_not_written(migrated: Workplace, entity: Entity) -> None:
    """The store is open, so a single row that was handed to POCO would be refused."""
    with connection_pair.connect(migrated, RUN) as opened, opened.source.transaction():
        assert inverse_mapping.put(opened, Batch(entity, keys(migrated, entity))) == {}


def test_a_rehearsal_cannot_be_committed_and_a_return_needs_a_closed_store(migrated: Workplace) -> None:
    row = """[{"id": 1, "region": "DE", "note": "x"}]"""
    with psycopg.connect(migrated.source) as migrator:
        migrator.execute("select poco_export.put_back('orders', %s, true)", (row,))
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            migrator.commit()
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="not closed for good"):
            migrator.execute("select poco_export.put_back('orders', %s, false)", (row,))


@pytest.mark.parametrize(("entity", "column"), [("customers", "password_hash"), ("payments", "card_token"), ("orders", "coupon_id")])
def test_what_never_left_poco_cannot_be_written(migrated: Workplace, entity: str, column: str) -> None:
    with psycopg.connect(migrated.source) as migrator, pytest.raises(psycopg.errors.InsufficientPrivilege, match="never comes back"):
        migrator.execute("select poco_export.put_back(%s, %s, true)", (entity, f'[{{"id": 1, "region": "DE", "{column}": "1"}}]'))
