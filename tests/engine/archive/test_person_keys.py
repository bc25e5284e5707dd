"""A person's key: made once, kept wrapped, never made again for somebody who was erased, and nothing opens without it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from poco_migration.adapters import sealing
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.archive import person_keys
from poco_migration.engine.ledger import tombstones
from poco_migration.errors import DataRefused, OperatorNeeded

GUEST = person_keys.guest(700)


def bury(place: Workplace, target: psycopg.Connection, customer: int) -> None:
    target.execute("insert into migration.tombstone (subject) values (%s)", (tombstones.subject(place, customer),))


def test_a_key_is_made_once_and_is_the_same_ever_after(place: Workplace, target: psycopg.Connection) -> None:
    first = person_keys.obtain(place, target, [1, 2, GUEST])
    assert first.keys() == {1, 2, GUEST} and len(set(first.values())) == 3
    assert person_keys.obtain(place, target, [1, 2, 3, GUEST]).items() >= first.items()
    assert person_keys.read(place, target, [2, 4]) == {2: first[2]}


def test_no_key_and_no_name_is_in_the_database(place: Workplace, target: psycopg.Connection) -> None:
    keys = person_keys.obtain(place, target, [1, 2])
    stored = target.execute("select wrapped from migration.person_key").fetchall()
    assert not any(key in bytes(row[0]) for key in keys.values() for row in stored)
    with psycopg.connect(place.target_auditor) as auditor, pytest.raises(psycopg.errors.InsufficientPrivilege):
        auditor.execute("select * from migration.person_key")


def test_who_was_erased_never_gets_a_key_again(place: Workplace, target: psycopg.Connection) -> None:
    person_keys.obtain(place, target, [1, 2])
    bury(place, target, 1)
    assert person_keys.forget(target, 1) and not person_keys.forget(target, 1)
    assert person_keys.obtain(place, target, [1, 2]).keys() == {2}
    assert person_keys.read(place, target, [1]) == {}


def test_a_key_that_is_asked_for_during_an_erasure_waits_for_it(place: Workplace, target: psycopg.Connection) -> None:
    found: dict[int, bytes] = {}

    def ask() -> None:
        with psycopg.connect(place.target, autocommit=True) as other:
            found.update(person_keys.obtain(place, other, [1, 2]))

    asking = threading.Thread(target=ask)
    with target.transaction():
        bury(place, target, 1)
        asking.start()
        asking.join(0.5)
        assert asking.is_alive(), "it did not wait for the erasure"
    asking.join(10)
    assert found.keys() == {2}


def test_two_who_ask_at_once_get_the_same_key(place: Workplace) -> None:
    found: list[dict[int, bytes]] = []

    def ask() -> None:
        with psycopg.connect(place.target, autocommit=True) as own:
            found.append(person_keys.obtain(place, own, range(1, 500)))

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(30)
    assert len(found) == 4 and all(keys == found[0] for keys in found)


@pytest.mark.parametrize("master", [b"", b"too short", b"another master key, as long as it must be"])
def test_without_its_master_key_nothing_opens(place: Workplace, target: psycopg.Connection, master: bytes) -> None:
    person_keys.obtain(place, target, [1])
    with pytest.raises(OperatorNeeded, match="archive_key"):
        person_keys.obtain(replace(place, archive_key=master), target, [1])
    assert "archive_key" not in repr(place) and place.archive_key.decode() not in repr(place)


def damaged(sealed: bytes) -> bytes:
    return sealed[:3] + bytes([sealed[3] ^ 1]) + sealed[4:]


@pytest.mark.parametrize("change", [damaged, lambda sealed: sealed[:-1], lambda sealed: b""])
def test_a_changed_byte_does_not_open(change: Callable[[bytes], bytes]) -> None:
    cipher = sealing.cipher(sealing.make())
    sealed = cipher.encrypt(b"twelve bytes", b"a street, a number", None)
    assert sealing.opened(cipher, b"twelve bytes", sealed, "orders 1") == b"a street, a number"
    with pytest.raises(DataRefused, match="orders 1 does not open"):
        sealing.opened(cipher, b"twelve bytes", change(sealed), "orders 1")
    with pytest.raises(DataRefused, match="orders 1 does not open"):
        sealing.opened(cipher, b"twelve Bytes", sealed, "orders 1")


def test_a_key_that_is_put_under_another_name_does_not_open(place: Workplace, target: psycopg.Connection) -> None:
    person_keys.obtain(place, target, [1, 2])
    target.execute(
        "update migration.person_key k set wrapped = o.wrapped from migration.person_key o where k.customer = 1 and o.customer = 2"
    )
    with pytest.raises(OperatorNeeded, match="the key of person 1"):
        person_keys.read(place, target, [1])
