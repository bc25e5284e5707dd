"""mi.com's own database refuses writes to what is still POCO's, and asks nobody about what never was."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from support.workplaces import RUN

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import handover

pytestmark = pytest.mark.copied("cutover", "history")

GUARDED = {entity.name: entity for entity in cards.moving_at("cutover", "history") if entity.name != "stores"}
CUTOVER = [entity.name for entity in cards.moving_at("cutover")]


@pytest.fixture
def copied(place: Workplace) -> Workplace:
    return place


def as_app(place: Workplace, **options: str) -> psycopg.Connection:
    return psycopg.connect(
        make_conninfo(**{**conninfo_to_dict(place.target), "user": "mi_app", "password": "test-mi_app"}), autocommit=True, **options
    )


@pytest.fixture
def app(copied: Workplace) -> Iterator[psycopg.Connection]:
    with as_app(copied) as connection:
        yield connection


def touch(entity: str, region: str) -> sql.Composed:
    """An update that changes nothing, of one row of POCO's of this region."""
    card = GUARDED[entity]
    table, key = sql.Identifier(*card.table.split(".")), sql.Identifier(card.key)
    return sql.SQL(
        "update {table} set origin = origin where {key} = (select min({key}) from ({readback}\n) r where r.region = {region})"
    ).format(table=table, key=key, readback=sql.SQL(card.readback), region=sql.Literal(region))


@pytest.mark.parametrize("entity", sorted(GUARDED))
def test_a_row_of_pocos_is_refused_until_its_region_is_handed_over(copied: Workplace, app: psycopg.Connection, entity: str) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match=f"{entity} of this region are not handed over"):
        app.execute(touch(entity, "DE"))
    handover.to_xiaomi(copied, [entity], ["DE"], RUN)
    assert app.execute(touch(entity, "DE")).rowcount == 1
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        app.execute(touch(entity, "FR"))


def test_a_row_can_neither_be_deleted_nor_put_among_pocos(copied: Workplace, app: psycopg.Connection) -> None:
    for statement in (
        "delete from mi.consents where consent_id = (select min(consent_id) from mi.consents where origin = 'poco')",
        "insert into mi.consents (consent_id, profile_id, purpose, granted, recorded_at)"
        " select mi.poco_key(1), profile_id, 'sms', true, now() from mi.profiles where origin = 'poco' limit 1",
    ):
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            app.execute(statement)


def test_nothing_is_hung_on_a_row_that_is_pocos_still(copied: Workplace, app: psycopg.Connection) -> None:
    new = "insert into mi.consents (profile_id, purpose, granted, recorded_at) select profile_id, 'sms', true, now() from mi.profiles p where {} limit 1"
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match="consents of this region"):
        app.execute(new.format("origin = 'poco' and market = 'de'"))
    assert app.execute(new.format("origin = 'mi'")).rowcount == 1
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match="consents of this region"):
        app.execute(
            "update mi.consents set profile_id = (select min(profile_id) from mi.profiles where origin = 'poco') where origin = 'mi'"
        )
    handover.to_xiaomi(copied, CUTOVER, ["DE"], RUN)
    assert app.execute(new.format("origin = 'poco' and market = 'de'")).rowcount == 1


def test_xiaomis_own_rows_are_nobodys_business(copied: Workplace, app: psycopg.Connection) -> None:
    assert app.execute("update mi.orders set note = 'own' where origin = 'mi'").rowcount > 10
    assert app.execute("update mi.profiles set note = 'own' where origin = 'mi'").rowcount > 10


def test_who_takes_the_ownership_back_waits_for_the_writers_under_way(copied: Workplace) -> None:
    handover.to_xiaomi(copied, CUTOVER, ["DE"], RUN)
    taken = threading.Event()

    def take_back() -> None:
        with psycopg.connect(copied.target, autocommit=True) as connection:
            connection.execute("update migration.system_of_record set owner = 'POCO' where region = 'DE'")
        taken.set()

    with as_app(copied) as writer:
        with writer.transaction():
            writer.execute(touch("orders", "DE"))
            other = threading.Thread(target=take_back)
            other.start()
            assert not taken.wait(0.5)
        other.join(10)
        assert taken.is_set()
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            writer.execute(touch("orders", "DE"))


def test_one_who_began_before_the_ownership_went_cannot_write_after_it(copied: Workplace) -> None:
    handover.to_xiaomi(copied, CUTOVER, ["DE"], RUN)
    with as_app(copied) as writer, psycopg.connect(copied.target, autocommit=True) as owner:
        writer.execute("begin isolation level repeatable read")
        writer.execute("select count(*) from mi.markets")
        owner.execute("update migration.system_of_record set owner = 'POCO' where region = 'DE'")
        with pytest.raises((psycopg.errors.SerializationFailure, psycopg.errors.ReadOnlySqlTransaction)):
            writer.execute(touch("orders", "DE"))
