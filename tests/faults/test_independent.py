"""The independent oracle agrees with a migration that is right, and sees one that is not."""

from __future__ import annotations

import psycopg
import pytest
from support.workplaces import copy_all

from faults import independent
from poco_migration.adapters.workplace import Workplace

WRONG = {
    "an order lost": ("delete from mi.order_discounts; delete from mi.refunds; delete from mi.payments", "payments .* lost"),
    "an amount": ("update mi.refunds set amount = amount + 0.001 where origin = 'poco'", "refunds .* another amount"),
    "an hour": ("update mi.orders set placed_at = placed_at + interval '1 hour' where origin = 'poco'", "orders .* another placed_at"),
    "a status": ("update mi.orders set status = 'packed' where origin = 'poco'", "orders .* another status"),
    "an address of nobody's": (
        "insert into mi.addresses select mi.poco_key(1234567), profile_id, kind, recipient, line1, line2, city, postcode, country, phone, is_default, origin,"
        " created_at from mi.addresses where origin = 'poco' limit 1",
        "addresses 1234567 extra",
    ),
}


def test_it_agrees_with_a_migration(migrated: Workplace) -> None:
    assert independent.differences(migrated) == []


@pytest.mark.parametrize("what", WRONG)
def test_it_sees_what_is_wrong(place: Workplace, what: str) -> None:
    statement, seen = WRONG[what]
    copy_all(place)
    with psycopg.connect(place.target, autocommit=True) as target:
        for part in statement.split(";"):
            target.execute(part.encode())
    import re

    assert any(re.match(seen, line) for line in independent.differences(place))
