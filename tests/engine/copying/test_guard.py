"""mi.com's own database refuses writes to what is still POCO's, and asks nobody about what never was."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from support.workplaces import RUN, copy_all

from poco_migration import settings
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import handover

GUARDED = {entity.name: entity for entity in cards.moving_at("cutover", "history") if entity.name != "stores"}
CUTOVER = [entity.name for entity in cards.moving_at("cutover")]


@pytest.fixture
def copied(place: Workplace) -> Workplace:
    copy_all(place, "cutover", "history")
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


# What POCO's rows have under them, and what several rows share --------------------------------------------------------

# Every foreign key to a table that takes POCO's rows, as the catalogue has it.
REFERENCES = """
    select c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, k.attname
      from pg_constraint c
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
      join pg_attribute k on k.attrelid = c.confrelid and k.attnum = c.confkey[1]
     where c.contype = 'f' and c.confrelid::regclass::text = any (%s)
     order by 1, 2"""


def test_no_foreign_key_leads_to_a_row_that_is_pocos_still(copied: Workplace, app: psycopg.Connection) -> None:
    tables = {card.table: name for name, card in GUARDED.items()} | {"mi.accounts": "account", "mi.listings": "listing"}
    with psycopg.connect(copied.target) as migrator:
        references = migrator.execute(REFERENCES, (list(tables),)).fetchall()
        lowest = {table: migrator.execute(f"select min({key}) from {table} where origin = 'poco'").fetchone()[0]  # type: ignore[index]
                  for _, _, table, key in references}  # fmt: skip
        keys = dict(
            migrator.execute(
                "select conrelid::regclass::text, attname from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]"
                " where contype = 'p' and cardinality(conkey) = 1"
            ).fetchall()
        )
    assert len(references) > 20 and {table for _, _, table, _ in references} == set(lowest)
    for child, column, table, _ in references:
        # A row of mi.com's own is hung on POCO's; the table that holds only POCO's is asked by an insert of nothing else.
        own = "account_id is not null" if child == "mi.account_identities" else f"{keys[child]} < mi.poco_key(-100000000000000)"
        if app.execute(f"select 1 from {child} where {own} limit 1").fetchone() is None:
            with app.transaction(force_rollback=True), psycopg.connect(copied.target) as migrator:
                guards = "select 1 from pg_trigger where tgrelid = %s::regclass and tgname = %s and tgenabled = 'O'"
                assert migrator.execute(guards, (child, f"aa_migration_guard_on_{column}")).fetchone(), f"{child}.{column}"
            continue
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            app.execute(f"update {child} set {column} = {lowest[table]} where {own}")


def test_a_table_that_mi_com_adds_is_guarded_once_the_guard_is_installed_again(copied: Workplace) -> None:
    owner_dsn = make_conninfo(**{**conninfo_to_dict(copied.target), "user": "mi_owner", "password": "test-mi_owner"})
    with psycopg.connect(owner_dsn, autocommit=True) as owner:
        owner.execute("create table mi.gift_notes (note_id bigint primary key, order_id bigint references mi.orders)")
        owner.execute("grant insert on mi.gift_notes to mi_app")
        checked = (settings.PACKAGE / "readiness" / "guard_on_target.sql").read_text("utf-8")
        assert owner.execute(checked).fetchone()[2] is False  # type: ignore[index]
        owner.execute((settings.PROJECT / "mi_platform" / "schema" / "03_guard.sql").read_text("utf-8"))
        assert owner.execute(checked).fetchone()[2] is True  # type: ignore[index]
    with as_app(copied) as app, pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match="nothing may hang on them"):
        app.execute("insert into mi.gift_notes select 1, min(order_id) from mi.orders where origin = 'poco'")


def test_mi_com_sees_pocos_accounts_and_listings_after_the_handover_and_not_before(copied: Workplace, app: psycopg.Connection) -> None:
    shared = {
        "accounts": "select count(*) from mi.accounts where origin = 'poco'",
        "identities": "select count(*) from mi.account_identities i where account_id in (select account_id from mi.profiles where joined_by = 'created')",
        "listings": "select count(*) from mi.listings where origin = 'poco'",
    }
    assert {name: app.execute(query).fetchone() for name, query in shared.items()} == dict.fromkeys(shared, (0,))
    assert app.execute("select count(*) > 10 from mi.accounts").fetchone() == (True,)
    handover.to_xiaomi(copied, CUTOVER, ["DE"], RUN)
    assert all(app.execute(query).fetchone() > (0,) for query in shared.values())
    assert app.execute("select distinct market from mi.listings where origin = 'poco'").fetchall() == [("de",)]


@pytest.mark.parametrize("values", ["(mi.poco_key(5), 'mi')", "(5, 'poco')"])
def test_pocos_keys_and_mark_are_not_given_by_mi_com(copied: Workplace, app: psycopg.Connection, values: str) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        app.execute("insert into mi.consents (consent_id, origin, profile_id, purpose, granted, recorded_at)"
                    f" select v.key, v.origin, p.profile_id, 'sms', true, now() from (values {values}) v (key, origin),"
                    " (select min(profile_id) as profile_id from mi.profiles where origin = 'poco') p")  # fmt: skip
