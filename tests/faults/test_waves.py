"""A wave: mi.com's program does to its rows whatever it may, while POCO's regions go on being copied. Nothing of mi.com's is lost."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from support import waves
from support.workplaces import RUN, Servers

from faults import database_pairs, report
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.stages import backfill

MARKED = [entity for entity in cards.moving_at("cutover") if entity.name != "stores"]
CHANGED = 5  # rows of each table

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]


@pytest.fixture
def first_wave(servers: Servers) -> Iterator[Workplace]:
    with waves.first_wave(servers) as place:
        yield place


def test_mi_coms_program_changes_the_origin_of_rows_in_every_table(first_wave: Workplace) -> None:
    zero = "mi.poco_key(0)"
    with (
        psycopg.connect(database_pairs.as_customer(first_wave.target, "target"), autocommit=True) as app,
        psycopg.connect(first_wave.target, autocommit=True) as migrator,
    ):
        changed = {}
        for entity in MARKED:
            mine = sql.SQL(
                "select h.source_key + {zero} from migration.handed_over h join {table} t on t.{key} = h.source_key + {zero}"
                " where h.entity = {name} order by md5(h.source_key::text) limit {n}"
            ).format(
                zero=sql.SQL(zero),
                table=sql.Identifier(*entity.table.split(".")),
                key=sql.Identifier(entity.key),
                name=entity.name,
                n=CHANGED,
            )
            changed[entity.name] = [row[0] for row in migrator.execute(mine)]
            update = sql.SQL("update {} set origin = 'mi' where {} = any (%s)").format(
                sql.Identifier(*entity.table.split(".")), sql.Identifier(entity.key)
            )
            assert app.execute(update, (changed[entity.name],)).rowcount == len(changed[entity.name]) == CHANGED
        migrator.execute("update migration.part set wanted = wanted + 1")  # as a TRUNCATE at POCO does it
        assert waves.follow(first_wave, 300).keys == 0
        for entity in MARKED:
            backfill.copy_part(first_wave, RUN, {"entity": entity.name, "lo": None, "hi": None})
        assert waves.nightly(first_wave, *changed) == waves.NOTHING
        lost = {}
        for entity in MARKED:
            count = sql.SQL("select count(*) from {} where {} = any (%s) and origin = 'mi'").format(
                sql.Identifier(*entity.table.split(".")), sql.Identifier(entity.key)
            )
            row = app.execute(count, (changed[entity.name],)).fetchone()
            if row != (CHANGED,):
                lost[entity.name] = row
    report.cell(
        "cutover", "mi.com's program changing origin", f"{len(MARKED)} tables, {CHANGED} rows each; lost: {lost or 'none'}", not lost
    )
    assert not lost


def test_a_wave_with_a_shared_account(first_wave: Workplace) -> None:
    with (
        psycopg.connect(database_pairs.as_customer(first_wave.target, "target"), autocommit=True) as app,
        psycopg.connect(first_wave.source_owner, autocommit=True) as store,
    ):
        row = app.execute("select account_id from mi.profiles where profile_id = mi.poco_key(77000001)").fetchone()
        assert row
        said = "select a.status, (select array_agg(i.kind || ' ' || i.verified_at order by 1) from mi.account_identities i where i.account_id = a.account_id)"
        said += " from mi.accounts a where a.account_id = %s"
        app.execute("insert into mi.account_identities values ('phone', '+4915111111112', %s, now())", row)
        app.execute("update mi.account_identities set verified_at = now() where account_id = %s", row)
        app.execute("update mi.accounts set status = 'closed' where account_id = %s", row)
        before = app.execute(said, row).fetchone()
        store.execute("update poco.customers set note = 'hello' where id = 77000002")
        waves.follow(first_wave)
        store.execute("delete from poco.customers where id = 77000002")
        waves.follow(first_wave)
        backfill.copy_part(first_wave, RUN, {"entity": "customers", "lo": None, "hi": None})
        equal = app.execute(said, row).fetchone() == before
        night = waves.nightly(first_wave, "customers")
    report.cell(
        "cutover",
        "wave with a shared account",
        f"the account is {'as mi.com left it' if equal else 'changed'}; open at night: {night}",
        equal,
    )
    assert equal and night == waves.NOTHING
