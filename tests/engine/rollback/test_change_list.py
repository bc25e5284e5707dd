"""What changes at mi.com is known by key; who hides a change from that list is noticed, and then every row is compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from faults import database_pairs
from stages.test_rollback import BACK, give_back, handed_over
from support.workplaces import Servers, clone, install

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.rollback import change_list, changed_rows
from poco_migration.model import Run
from poco_migration.settings import PROJECT
from poco_migration.stages import rollback

KEPT = PROJECT / "mi_platform" / "schema" / "04_changed.sql"
POCO = "between mi.poco_key(0) and mi.poco_key(800000000)"
ORDER = f"(select order_id from mi.orders where origin = 'poco' and market = 'de' and order_id {POCO} order by 1 desc limit 1)"


@pytest.fixture(scope="module")
def moved(servers: Servers) -> tuple[str, str]:
    """The databases of a store that was handed over, and where nothing has changed since."""
    fresh = clone(servers)
    install(fresh)
    for _ in handed_over(servers, fresh):
        pass
    return database_pairs.names(fresh)


@pytest.fixture
def place(servers: Servers, moved: tuple[str, str]) -> Workplace:
    return clone(servers, *moved)


@pytest.fixture
def mi(servers: Servers, place: Workplace) -> Iterator[psycopg.Connection[Any]]:
    """mi.com's own program."""
    with psycopg.connect(database_pairs.as_customer(place.target, "target"), autocommit=True) as program:
        yield program


@pytest.fixture
def owner(servers: Servers, place: Workplace) -> Iterator[psycopg.Connection[Any]]:
    """Whoever administers mi.com's tables."""
    name = database_pairs.names(place)[1]
    with psycopg.connect(servers.target.dsn(name, "mi_owner", servers.passwords["mi_owner"]), autocommit=True) as connection:
        yield connection


@pytest.fixture
def migrator(place: Workplace) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(place.target, autocommit=True) as connection:
        yield connection


def noted(migrator: psycopg.Connection[Any]) -> set[tuple[str, int | None]]:
    return {tuple(row) for row in migrator.execute("select table_name, key from migration.changed_at_mi")}


def notes_at_poco(place: Workplace) -> set[str]:
    with psycopg.connect(place.source_owner) as poco:
        return {row[0] for row in poco.execute("select note from poco.orders where note is not null")}


# -- What is on the list -----------------------------------------------------------------------------------------------

ACTS = {
    "an order is changed": ("update mi.orders set note = 'x' where order_id = {order}", "orders", "order_id = {order}"),
    "an order is sold to a customer of POCO's": (
        "insert into mi.orders (order_number, market, profile_id, buyer, status, currency, subtotal, discount, shipping, tax, total, adds_up, placed_at, "
        "placed_at_local, time_quality, updated_at) select 'new-1', market, profile_id, buyer, status, currency, subtotal, discount, shipping, tax, total, "
        "adds_up, placed_at, placed_at_local, time_quality, updated_at from mi.orders where order_id = {order}",
        "orders", "order_number = 'new-1'"),
    "a consent is withdrawn": (f"delete from mi.consents where consent_id = (select min(consent_id) from mi.consents where consent_id {POCO})", "consents", ""),
    "an account is closed": ("update mi.accounts set status = 'closed' where account_id = (select account_id from mi.profiles where profile_id = {profile})",
                             "profiles", "profile_id = {profile}"),
    "an identity is taken away": ("delete from mi.account_identities where account_id = (select account_id from mi.profiles where profile_id = {profile})",
                                  "profiles", "profile_id = {profile}"),
    "a listing is hidden": ("update mi.listings set status = 'hidden' where listing_id = (select listing_id from mi.brand_items where item_id = {item})",
                            "brand_items", "item_id = {item}"),
}  # fmt: skip
NAMED = {
    "order": ORDER,
    "profile": f"(select p.profile_id from mi.profiles p join mi.account_identities i using (account_id) where p.origin = 'poco' and p.profile_id {POCO} order by 1 limit 1)",
    "item": f"(select min(item_id) from mi.brand_items where item_id {POCO})",
}


@pytest.mark.parametrize("what", ACTS)
def test_what_mi_com_does_is_noted_by_key(mi: psycopg.Connection[Any], migrator: psycopg.Connection[Any], what: str) -> None:
    act, table, row = ACTS[what]
    keys = {name: migrator.execute(f"select {query}").fetchone()[0] for name, query in NAMED.items()}  # type: ignore[index]
    assert noted(migrator) == set()
    mi.execute(act.format(**keys))
    key = next(entity.key for entity in cards.moving_at("cutover") if entity.table == f"mi.{table}")
    found = {number for name, number in noted(migrator) if name == table}
    wanted = {one[0] for one in migrator.execute(f"select {key} from mi.{table} where {row.format(**keys)}")} if row else set()
    assert len(found) >= 1 and wanted <= found and None not in found


def test_what_mi_com_does_with_its_own_rows_and_what_the_migration_copies_is_not_noted(
    mi: psycopg.Connection[Any], migrator: psycopg.Connection[Any]
) -> None:
    mi.execute("update mi.orders set note = 'own' where order_id < mi.poco_key(-100000000000000)")
    migrator.execute(f"update mi.orders set note = 'copied' where order_id = {ORDER}")
    assert noted(migrator) == set()


def test_every_table_that_says_what_a_row_is_is_watched(servers: Servers, migrator: psycopg.Connection[Any]) -> None:
    assert change_list.gaps(migrator) == []
    own = {entity.table for entity in cards.moving_at("cutover")}
    assert own | {"mi.accounts", "mi.account_identities", "mi.listings"} == change_list._tables()
    parents = {
        (entity.table.removeprefix("mi."), parent.target) for entity in cards.moving_at("cutover") for parent in entity.parents
    }  # a row that hangs on POCO's is noted by each of its parents
    said = KEPT.read_text("utf-8")
    for table, column in parents:
        line = next(line for line in said.splitlines() if line.strip().startswith(f"('{table}',"))
        assert column in line, (table, column)


# -- Who hides a change ------------------------------------------------------------------------------------------------

HIDE = f"update mi.orders set note = 'hidden' where order_id = {ORDER}"
HIDDEN = {
    "the triggers are switched off and on": [
        "alter table mi.orders disable trigger user", HIDE, "alter table mi.orders enable trigger user",
        *(f"alter table mi.orders enable always trigger zz_migration_changed_{kind}" for kind in ("all", "new", "gone", "moved"))],
    "a trigger is left asleep": ["alter table mi.orders disable trigger zz_migration_changed_new", HIDE],
    "a trigger is dropped and made anew": ["drop trigger zz_migration_changed_new on mi.orders", HIDE, KEPT.read_text("utf-8")],
    "the function is replaced for a moment": [
        "create or replace function mi.note_change() returns trigger language plpgsql as $$ begin return null; end $$", HIDE, KEPT.read_text("utf-8")],
    "the table is rewritten": [
        f"alter table mi.orders alter column note type text using case when order_id = {ORDER} then 'hidden' else note end"],
    "a column is exchanged": ["alter table mi.orders rename column note to old_note", "alter table mi.orders add column note text default 'hidden'"],
}  # fmt: skip


@pytest.mark.parametrize("how", HIDDEN)
def test_a_change_that_is_hidden_from_the_list_is_noticed_and_found(
    place: Workplace, owner: psycopg.Connection[Any], migrator: psycopg.Connection[Any], how: str
) -> None:
    order = str(migrator.execute(f"select {ORDER}").fetchone()[0])  # type: ignore[index]
    for statement in HIDDEN[how]:
        owner.execute(statement.replace(ORDER, order))
    assert not any(table == "orders" for table, _ in noted(migrator))
    assert [why for why in change_list.gaps(migrator) if "mi.orders" in why or "note_change" in why or "is not as it was noted" in why]
    give_back(place, BACK)
    assert "hidden" in notes_at_poco(place)


def test_no_setting_of_a_session_switches_the_list_off(place: Workplace, servers: Servers, migrator: psycopg.Connection[Any]) -> None:
    with psycopg.connect(servers.target.dsn(database_pairs.names(place)[1]), autocommit=True) as superuser:
        superuser.execute("set session_replication_role = replica")
        superuser.execute(HIDE)
    assert {name for name, _ in noted(migrator)} == {"orders"} and change_list.gaps(migrator) == []


def test_a_table_that_is_emptied_is_noticed(place: Workplace, owner: psycopg.Connection[Any], migrator: psycopg.Connection[Any]) -> None:
    before = migrator.execute("select count(*) from mi.case_messages where origin = 'poco'").fetchone()[0]  # type: ignore[index]
    owner.execute("truncate mi.case_messages")
    assert any("mi.case_messages" in why for why in change_list.gaps(migrator))
    found = give_back(place, BACK)
    assert found["found"] >= before > 0


@pytest.mark.parametrize("statement", [
    "delete from migration.changed_at_mi", "truncate migration.changed_at_mi", "update migration.changed_at_mi set key = 1", "update migration.watched set whole = true",
])  # fmt: skip
@pytest.mark.parametrize("who", ["mi", "owner"])
def test_nobody_at_mi_com_can_take_a_line_out_of_the_list(request: pytest.FixtureRequest, who: str, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        request.getfixturevalue(who).execute(statement)


# -- What follows from it ----------------------------------------------------------------------------------------------


def every_row_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any) -> Any:
        raise AssertionError("every row is compared while nobody sells")

    monkeypatch.setattr(changed_rows, "_every_row", forbidden)


def test_while_nobody_sells_only_what_has_changed_is_looked_at(
    place: Workplace, mi: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    every_row_forbidden(monkeypatch)
    mi.execute(HIDE)
    assert "1 rows have changed" in rollback.plan(place, BACK)[0]
    assert give_back(place, BACK)["back"] == 1
    assert "hidden" in notes_at_poco(place)


def test_after_a_plan_that_has_compared_every_row_the_list_counts_again(
    place: Workplace, owner: psycopg.Connection[Any], migrator: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for statement in HIDDEN["the triggers are switched off and on"]:
        owner.execute(statement)
    assert change_list.gaps(migrator)
    rollback.plan(place, Run("poco_rollback/plan"))
    assert change_list.gaps(migrator) == []
    every_row_forbidden(monkeypatch)
    give_back(place, BACK)
    assert "hidden" in notes_at_poco(place)


def test_without_triggers_every_row_is_compared_and_the_plan_says_so(place: Workplace, owner: psycopg.Connection[Any]) -> None:
    owner.execute("drop function mi.note_change() cascade")
    owner.execute(HIDE)
    assert "Nobody sells while every row is compared" in rollback.plan(place, BACK)[-1]
    give_back(place, BACK)
    assert "hidden" in notes_at_poco(place)


def test_the_installation_can_be_run_again_and_leaves_what_is_awake(
    owner: psycopg.Connection[Any], migrator: psycopg.Connection[Any]
) -> None:
    triggers = "select oid, xmin::text from pg_trigger where tgname like 'zz\\_migration\\_changed%' order by 1"
    before = owner.execute(triggers).fetchall()
    owner.execute(KEPT.read_text("utf-8"))
    assert owner.execute(triggers).fetchall() == before and len(before) > 50
