"""The one data path: all or nothing, safe to repeat, and one bad row does not stop the others."""

from __future__ import annotations

import dataclasses
from typing import Any

import psycopg
import pytest
from support.workplaces import RUN, copy_all

from local_stack.outcome import fingerprint
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier, schema_drift
from poco_migration.errors import ConfigurationError, DataRefused, SourceError, TargetError
from poco_migration.model import KeyRange, KeySet, Receipt

ALL = KeyRange(None, None)


def copy(place: Workplace, name: str, part: Any = ALL, **change: Any) -> Receipt:
    with connection_pair.connect(place, RUN) as opened:
        return copier.copy(opened, dataclasses.replace(cards.entities()[name], **change), part, RUN)


def one(target: psycopg.Connection, query: str, *parameters: Any) -> Any:
    row = target.execute(query, parameters or None).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.copied("cutover", "history", "reissue")
def test_copying_again_changes_nothing(place: Workplace, target: psycopg.Connection) -> None:
    before = fingerprint(target)
    versions = one(target, "select sum(xmin::text::bigint) from mi.orders")
    for entity in cards.moving_at("cutover", "history", "reissue"):
        receipt = copy(place, entity.name)
        assert (receipt.rows_changed, receipt.rows_gone) == (0, 0), entity.name
    assert fingerprint(target) == before
    assert one(target, "select sum(xmin::text::bigint) from mi.orders") == versions, "rows were rewritten though nothing had changed"


def test_the_order_of_parts_does_not_matter(place: Workplace, migrated: Workplace, target: psycopg.Connection) -> None:
    copy(place, "stores")
    copy(place, "products")
    for part in (KeyRange(900_000_000, None), KeyRange(None, 300), KeyRange(300, 900_000_000)):
        copy(place, "customers", part)
    query = """select count(*), sum(hashtextextended(concat_ws('|', p.profile_id, p.joined_by, p.email, p.phone, a.origin, a.status, a.created_at,
                      case a.origin when 'mi' then a.account_id end, a.origin_person), 0)::numeric)
                 from mi.profiles p join mi.accounts a using (account_id) where p.origin = 'poco'"""
    with psycopg.connect(migrated.target, options="-c timezone=UTC") as whole:
        assert target.execute(query).fetchone() == whole.execute(query).fetchone()


@pytest.mark.copied("cutover", "history", "reissue")
def test_a_row_that_is_gone_or_no_longer_fits_leaves_the_target(
    place: Workplace, source: psycopg.Connection, target: psycopg.Connection
) -> None:
    source.execute("delete from poco.refunds where id = 900022001")
    source.execute("update poco.refunds set status = 66 where id = 900022002")
    receipt = copy(place, "refunds", KeySet((900022001, 900022002)))
    assert (receipt.rows_kept, receipt.rows_gone, receipt.rows_parked) == (0, 2, 1)
    assert one(target, "select reason from migration.quarantine where entity = 'refunds' and source_key = 900022002") == "status_unknown"
    source.execute("update poco.refunds set status = 2 where id = 900022002")
    assert copy(place, "refunds", KeySet((900022001, 900022002))).rows_changed == 1
    resolved = "select resolved_at is not null from migration.quarantine where entity = 'refunds' and source_key = 900022002"
    assert one(target, resolved) is True


@pytest.mark.copied("cutover")
def test_a_part_touches_no_row_outside_it_and_none_of_xiaomis(place: Workplace, target: psycopg.Connection) -> None:
    own = "select md5(string_agg(o::text, '' order by order_id)) from mi.orders o where origin = 'mi'"
    others = "select count(*) from mi.refunds where refund_id < 7000000900000000 and origin = 'poco'"
    before = one(target, own), one(target, others)
    target.execute(
        "update mi.refunds set reason = 'changed here' where refund_id = (select min(refund_id) from mi.refunds where origin = 'poco')"
    )
    copy(place, "refunds", KeyRange(900_000_000, None))
    assert (one(target, own), one(target, others)) == before
    assert one(target, "select count(*) from mi.refunds where reason = 'changed here'") == 1
    copy(place, "orders")
    assert one(target, own) == before[0]


def test_an_open_range_never_deletes_a_row_of_xiaomis_own(place: Workplace, source: psycopg.Connection, target: psycopg.Connection) -> None:
    own = one(target, "select count(*) from mi.consents where origin = 'mi'")
    target.execute("insert into mi.consents (profile_id, purpose, granted, recorded_at) values (1, 'sms', true, now())")
    source.execute("truncate poco.consents")
    copy(place, "consents")
    assert one(target, "select count(*) from mi.consents where origin = 'mi'") == own + 1


def test_an_odd_key_never_deletes_a_row_of_xiaomis_own(place: Workplace, target: psycopg.Connection) -> None:
    """A key of POCO's far below zero falls on a number that mi.com has given out itself."""
    target.execute("insert into mi.consents (profile_id, purpose, granted, recorded_at) values (1, 'sms', true, now())")
    own = one(target, "select max(consent_id) from mi.consents where origin = 'mi'")
    copy(place, "consents", KeySet((own - one(target, "select mi.poco_key(0)"),)))
    assert one(target, "select count(*) from mi.consents where consent_id = %s", own) == 1


class TestARowThatTheTargetRefuses:
    """A trigger at mi.com refuses what no rule of ours foresees."""

    def test_is_parked_by_name_and_the_others_arrive(self, place: Workplace, target: psycopg.Connection) -> None:
        copy_all(place, "cutover")
        target.execute("delete from mi.returns where origin = 'poco'")
        _refuse(place, "return_id = mi.poco_key(900022001)")
        receipt = copy(place, "returns")
        row = target.execute(
            "select reason, detail, next_action from migration.quarantine where entity = 'returns' and source_key = 900022001"
        ).fetchone()
        assert row is not None and row[:2] == ("refused_by_target", "CheckViolation returns_planted returns") and row[2]
        assert one(target, "select count(*) from mi.returns where origin = 'poco'") == receipt.rows_kept == receipt.rows_changed > 10

    def test_is_found_among_several(self, place: Workplace, target: psycopg.Connection) -> None:
        copy_all(place, "cutover")
        target.execute("delete from mi.returns where origin = 'poco'")
        _refuse(place, "return_id % 7 = 3")
        copy(place, "returns")
        parked = one(target, "select count(*) from migration.quarantine where reason = 'refused_by_target'")
        with psycopg.connect(place.source) as source:
            expected = one(source, "select count(*) from poco_export.returns where poco_export.mi_key(id) % 7 = 3 and id <> 900005001")
        assert parked == expected > 1

    def test_is_a_missing_rule_when_there_are_many(self, place: Workplace, target: psycopg.Connection) -> None:
        copy_all(place, "cutover")
        target.execute("delete from mi.returns where origin = 'poco'")
        _refuse(place, "return_id > 0")
        with connection_pair.connect(place, RUN) as opened, pytest.raises(DataRefused, match="rule missing from extract.sql"):
            copier.copy(dataclasses.replace(opened, poisoned_rows_limit=3), cards.entities()["returns"], ALL, RUN)
        assert one(target, "select count(*) from mi.returns where origin = 'poco'") == 0


def _refuse(place: Workplace, condition: str) -> None:
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    owner = make_conninfo(**{**conninfo_to_dict(place.target), "user": "mi_owner", "password": "test-mi_owner"})
    with psycopg.connect(owner, autocommit=True) as target:
        target.execute(f"alter table mi.returns add constraint returns_planted check (not ({condition})) not valid")
    schema_drift.pin(place)  # it has been there all along


@pytest.mark.copied("cutover")
def test_a_row_that_the_source_cannot_read_is_parked_by_name(place: Workplace, target: psycopg.Connection) -> None:
    extract = cards.entities()["refunds"].extract.replace("r.reason,", "(r.reason || 9 / (r.id - 900022001))::text as reason,")
    copy(place, "refunds", extract=extract)
    row = target.execute("select reason, detail from migration.quarantine where entity = 'refunds' and source_key = 900022001").fetchone()
    assert row == ("refused_by_source", "DivisionByZero")
    assert one(target, "select count(*) from mi.refunds where refund_id = mi.poco_key(900022001)") == 0
    assert one(target, "select count(*) from mi.refunds where refund_id = mi.poco_key(900022002)") == 1


@pytest.mark.copied("cutover")
def test_a_reason_nobody_declared_is_an_error_and_nothing_is_written(place: Workplace, target: psycopg.Connection) -> None:
    receipts = one(target, "select count(*) from migration.receipt")
    extract = cards.entities()["refunds"].extract.replace("'status_unknown'", "'made_up'")
    with pytest.raises(ConfigurationError, match="does not declare the reasons made_up"):
        copy(place, "refunds", extract=extract)
    assert one(target, "select count(*) from migration.receipt") == receipts


def test_a_crash_before_the_commit_leaves_nothing_behind(place: Workplace, target: psycopg.Connection) -> None:
    copy(place, "stores")
    load = cards.entities()["products"].load + "\nselect pg_terminate_backend(pg_backend_pid());\n"
    with pytest.raises(TargetError, match="rerun the task"):
        copy(place, "products", load=load)
    counts = [one(target, f"select count(*) from {table}") for table in ("migration.quarantine", "mi.brand_items where origin = 'poco'")]
    assert counts == [0, 0]
    assert one(target, "select count(*) from migration.receipt where entity = 'products'") == 0
    assert copy(place, "products").rows_changed > 300


def test_a_lost_source_is_told_with_what_to_do(place: Workplace) -> None:
    gone = dataclasses.replace(place, source=place.source.replace("dbname=", "dbname=no_such_"))
    with pytest.raises(SourceError, match="Nothing was half done; rerun the task"):
        copy(gone, "stores")


@pytest.mark.copied("cutover")
def test_an_error_tells_no_value_of_a_row(place: Workplace, caplog: pytest.LogCaptureFixture) -> None:
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute("delete from mi.returns where origin = 'poco'")
    _refuse(place, "reason = 'too big'")
    copy(place, "returns")
    assert "CheckViolation" in caplog.text and "too big" not in caplog.text
