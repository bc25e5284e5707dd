"""mi.com's guard, the part that the catalogue decides: what hangs on POCO's rows, what several rows share, what is POCO's to give.

One pair of databases for all of it; the handover comes last.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from support.workplaces import RUN, Servers, clone, copy_all, install

from poco_migration import settings
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import handover

GUARDED = {entity.name: entity for entity in cards.moving_at("cutover", "history") if entity.name != "stores"}
CUTOVER = [entity.name for entity in cards.moving_at("cutover")]


@pytest.fixture(scope="module")
def copied(servers: Servers) -> Workplace:
    place = clone(servers)
    install(place)
    copy_all(place, "cutover", "history")
    return place


def signed_in(place: Workplace, role: str) -> psycopg.Connection:
    return psycopg.connect(make_conninfo(**{**conninfo_to_dict(place.target), "user": role, "password": f"test-{role}"}), autocommit=True)


@pytest.fixture
def app(copied: Workplace) -> Iterator[psycopg.Connection]:
    """mi.com's own program."""
    with signed_in(copied, "mi_app") as connection:
        yield connection


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
    with signed_in(copied, "mi_owner") as owner:
        owner.execute("create table mi.gift_notes (note_id bigint primary key, order_id bigint references mi.orders)")
        owner.execute("grant insert on mi.gift_notes to mi_app")
        checked = (settings.PACKAGE / "readiness" / "guard_on_target.sql").read_text("utf-8")
        assert owner.execute(checked).fetchone()[2] is False  # type: ignore[index]
        owner.execute((settings.PROJECT / "mi_platform" / "schema" / "03_guard.sql").read_text("utf-8"))
        assert owner.execute(checked).fetchone()[2] is True  # type: ignore[index]
    with signed_in(copied, "mi_app") as app, pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match="nothing may hang on them"):
        app.execute("insert into mi.gift_notes select 1, min(order_id) from mi.orders where origin = 'poco'")


@pytest.mark.parametrize("values", ["(mi.poco_key(5), 'mi')", "(5, 'poco')"])
def test_pocos_keys_and_mark_are_not_given_by_mi_com(copied: Workplace, app: psycopg.Connection, values: str) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        app.execute("insert into mi.consents (consent_id, origin, profile_id, purpose, granted, recorded_at)"
                    f" select v.key, v.origin, p.profile_id, 'sms', true, now() from (values {values}) v (key, origin),"
                    " (select min(profile_id) as profile_id from mi.profiles where origin = 'poco') p")  # fmt: skip


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
