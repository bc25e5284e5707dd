"""The restore drill: what comes back is what the store had, a changed byte is named, and who was erased stays erased."""

from __future__ import annotations

import re
from dataclasses import replace

import psycopg
import pytest
from support.archives import archived, drilled, objects_of, restored, vault
from support.workplaces import RUN, Servers

from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.archive import archive_manifest, person_keys, restore_drill
from poco_migration.engine.cutover import fence
from poco_migration.engine.evidence import gate
from poco_migration.engine.ledger import tombstones
from poco_migration.errors import GateStopped, StageRefused
from poco_migration.model import Run

HOSTILE = [
    "",
    " ",
    "\\N",
    "NULL",
    'a "quoted" word',
    "a, comma",
    "two\nlines\r\n",
    "back\\slash",
    "\x1f\x02",
    "emoji \U0001f600",
    "[1, null]",
    "{}",
    "'",
]


@pytest.fixture
def kept(site: Workplace, servers: Servers, objects: ObjectStore) -> Workplace:
    return vault(site, servers, objects, 200)


def damage(place: Workplace, key: str, at: int) -> None:
    bucket = place.settings.objects.archive
    body = bytearray(place.objects.get(bucket, key))
    body[at] ^= 1
    place.objects.put(bucket, key, bytes(body))


def test_all_tables_come_back_as_they_were(kept: Workplace) -> None:
    with psycopg.connect(kept.source_owner, autocommit=True) as source:
        for number, text in enumerate(HOSTILE):
            source.execute("update poco.reviews set title = %s where id = (select id from poco.reviews where region = 'DE' order by id offset %s limit 1)", (text, number))  # fmt: skip
        source.execute(
            "update poco.reviews set photo_keys = %s where id = (select min(id) from poco.reviews where region = 'DE')", (HOSTILE,)
        )
        # What POCO has erased does not come into the archive, wherever it was left.
        titles = source.execute("select r.id, r.title, r.photo_keys from poco.reviews r left join poco.customers c on c.id = r.customer_id"
                                " where r.region = 'DE' and c.status is distinct from 3 order by r.id").fetchall()  # fmt: skip
        counts = {name: source.execute(f"select count(*) from poco.{name} where region = any (%s)", (list(kept.settings.moving()),)).fetchone()
                  for name in cards.entities()}  # fmt: skip
    archived(kept)
    assert drilled(kept) == {}
    assert (
        restored(kept, "select id, title, photo_keys from restored.reviews where region = 'DE' and body is not null order by id") == titles
    )
    assert {name: restored(kept, f"select count(*) from restored.{name}")[0] for name in cards.entities()} == counts
    with psycopg.connect(kept.target) as target:
        seen = target.execute(
            "select count(*), count(source), sum(listed - restored), sum(listed - source) from migration.archive_restored where entity <> 'manifest'"
        )
        assert seen.fetchone() == (147, 147, 0, 0)
    restore_drill.drop_restored(kept)
    assert restored(kept, "select count(*) from pg_namespace where nspname = 'restored'") == [(0,)]


def test_a_changed_byte_anywhere_is_found_and_named(kept: Workplace) -> None:
    archived(kept, RUN, "orders", "consents")
    whole = objects_of(kept)
    keys = [next(key for key in whole if f"/orders/{region}/" in key) for region in ("DE", "FR", "ES")]
    for key, at in zip(keys, (5, len(whole[keys[1]]) // 2, -1), strict=True):
        damage(kept, key, at)
    gone = next(key for key in whole if "/consents/IT/" in key)
    kept.objects.client().delete_object(Bucket=kept.settings.objects.archive, Key=gone)
    found = drilled(kept, RUN, "orders", "consents")
    assert found.keys() == {("orders", "DE"), ("orders", "FR"), ("orders", "ES"), ("consents", "IT")}
    for key, region in zip(keys, ("DE", "FR", "ES"), strict=True):
        assert found["orders", region] == f"{key} has another SHA-256 than the manifest says"
    assert found["consents", "IT"] == f"{gone} is not there"
    (manifest,) = objects_of(kept, "manifests/")
    damage(kept, manifest, 100)
    with pytest.raises(StageRefused, match=f"{manifest} is not what was written"):
        restore_drill.begin_drill(kept)


def test_a_file_that_was_forged_together_with_its_hash_does_not_pass(kept: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another region's file in the place of this one, and a manifest that agrees: the rows are not the store's."""
    archived(kept, RUN, "customers", "consents")
    told = archive_manifest.newest_manifest(kept)
    file, other = (next(f for f in told["files"] if (f["entity"], f["region"]) == ("consents", region)) for region in ("DE", "FR"))
    file["key"], file["sha256"] = other["key"], other["sha256"]
    monkeypatch.setattr(archive_manifest, "newest_manifest", lambda place: told)
    assert drilled(kept, RUN, "consents")["consents", "DE"].startswith("the plain columns of the restored rows are not those")


def test_who_is_erased_after_the_archive_comes_back_without_what_is_personal(kept: Workplace) -> None:
    archived(kept, RUN, "customers", "orders", "consents")
    with psycopg.connect(kept.target, autocommit=True) as target, psycopg.connect(kept.source_owner) as source:
        query = "select id from poco.customers c where region = 'DE' and status = 1 and exists (select from poco.orders o where o.customer_id = c.id) order by id limit 2"
        person, other = (row[0] for row in source.execute(query))
        with target.transaction():
            target.execute("insert into migration.tombstone (subject) values (%s)", (tombstones.subject(kept, person),))
            person_keys.forget(target, person)
        assert drilled(kept, RUN, "customers", "orders", "consents") == {}
        erased = target.execute("select entity, region from migration.archive_restored where erased > 0 order by 1").fetchall()
    assert ("customers", "DE") in erased and ("orders", "DE") in erased and {region for _, region in erased} == {"DE"}
    assert restored(kept, f"select email, full_name, mi_account_id, phone from restored.customers where id = {person}") == [(None,) * 4]
    assert restored(kept, f"select count(*), count(shipping_address), count(total_minor) > 0 from restored.orders where customer_id = {person} group by ()")[0][1:] == (0, True)  # fmt: skip
    assert restored(kept, f"select full_name is not null from restored.customers where id = {other}") == [(True,)]
    # Archived again, nothing of the person comes in, and no key is made.
    archived(kept, RUN, "customers")
    assert drilled(kept, RUN, "customers") == {}


def test_a_persons_key_that_was_exchanged_is_named(kept: Workplace) -> None:
    archived(kept, RUN, "customers")
    with psycopg.connect(kept.target, autocommit=True) as target, psycopg.connect(kept.source_owner) as source:
        person = (
            source.execute(
                "select id from poco.customers where region = 'DE' and status = 1 and full_name is not null order by id limit 1"
            ).fetchone()
            or ()
        )[0]
        person_keys.forget(target, person)
        person_keys.obtain(kept, target, [person])
    assert f"customers {person} does not open with its person's key" in drilled(kept, RUN, "customers")["customers", "DE"]


def test_what_moves_on_is_no_fault_unless_it_is_closed_for_good(kept: Workplace, source: psycopg.Connection) -> None:
    archived(kept, RUN, "app_tokens", "refunds")
    fence.raise_(kept, ["refunds"], ["DE"], for_good=True)
    assert drilled(kept, RUN, "app_tokens", "refunds") == {}
    source.execute("update poco.app_tokens set last_seen_at = now() where id = (select min(id) from poco.app_tokens where region = 'DE')")
    source.execute("alter table poco.refunds disable trigger user")
    source.execute(
        "update poco.refunds set amount_minor = amount_minor + 1 where id = (select min(id) from poco.refunds where region = 'DE')"
    )
    assert drilled(kept, RUN, "app_tokens", "refunds") == {
        ("refunds", "DE"): "POCO's rows have changed since they were archived, although they are closed for good"
    }


def test_a_database_that_is_somebodys_is_not_touched(kept: Workplace) -> None:
    with pytest.raises(StageRefused, match="there is no archive to restore"):
        restore_drill.begin_drill(kept)
    archived(kept, RUN, "stores")
    with psycopg.connect(kept.restore) as drill:
        drill.execute("create schema theirs; create table theirs.ledger (n int); insert into theirs.ledger values (7)")
    with pytest.raises(StageRefused, match=r"it holds theirs\.ledger"):
        restore_drill.begin_drill(kept)
    assert restored(kept, "select n from theirs.ledger") == [(7,)]
    with pytest.raises(StageRefused, match="not empty"):
        restore_drill.begin_drill(replace(kept, restore=kept.target))


def test_a_table_that_is_in_no_file_is_named(kept: Workplace) -> None:
    archived(kept, RUN, "stores")
    drilled(kept, RUN, "stores")
    with psycopg.connect(kept.target) as target:
        (problem,) = target.execute("select problem from migration.archive_restored where entity = 'manifest'").fetchone() or ()
    assert problem.startswith("no file of addresses/DE, ")


def test_keys_that_are_lost_are_no_erasures(kept: Workplace) -> None:
    """Nobody was erased, and the key store was put back from a backup of before the archive: nothing opens, and nothing is green."""
    archived(kept)
    assert drilled(kept) == {}
    with psycopg.connect(kept.target, autocommit=True) as target:
        persons, opened, erased = target.execute(
            "select sum(persons), sum(opened), sum(erased) from migration.archive_restored where run = %s", (RUN.id,)
        ).fetchone() or (0, 0, 0)
        assert persons == opened > 1_000 and erased == 0
        target.execute("delete from migration.person_key")
        found = drilled(kept)
        assert re.fullmatch(
            r"\d+ of \d+ persons do not open and have no tombstone, first -?\d+: their keys are lost\..*", found["customers", "DE"]
        )
        again = target.execute("select sum(persons), sum(opened), sum(erased) from migration.archive_restored where run = %s", (RUN.id,))
        assert again.fetchone() == (persons, 0, 0)
    with pytest.raises(GateStopped, match="Every person in the archive opened, or was erased and has a tombstone"):
        gate.judge(kept, "archive", "restored", RUN)
    # As long as POCO is there, the same rows are sealed with new keys.
    again = Run("poco_archive/again")
    archived(kept, again)
    assert drilled(kept, again) == {}


def test_one_persons_key_that_is_lost_is_named_among_those_who_are_erased(kept: Workplace) -> None:
    archived(kept, RUN, "customers")
    with psycopg.connect(kept.target, autocommit=True) as target, psycopg.connect(kept.source_owner) as source:
        query = "select id from poco.customers where region = 'DE' and status = 1 and full_name is not null order by id limit 2"
        erased, lost = (row[0] for row in source.execute(query))
        target.execute("insert into migration.tombstone (subject) values (%s)", (tombstones.subject(kept, erased),))
        person_keys.forget(target, erased)
        assert drilled(kept, RUN, "customers") == {} and person_keys.wrong(target) == ""
        target.execute("delete from migration.person_key where customer = %s", (lost,))
        assert "1 of " in (found := drilled(kept, RUN, "customers")["customers", "DE"]) and f"first {lost}:" in found
        seen = "select persons - opened, erased from migration.archive_restored where entity = 'customers' and region = 'DE'"
        assert target.execute(seen).fetchone() == (2, 1)
        # A key that is made anew opens nothing of the old, and does not stand for the lost one.
        person_keys.obtain(kept, target, [lost])
        assert person_keys.wrong(target).startswith("1 keys that the newest archive was sealed with are not there")


def test_a_key_that_comes_back_after_an_erasure_is_told(kept: Workplace) -> None:
    archived(kept, RUN, "customers")
    with psycopg.connect(kept.target, autocommit=True) as target:
        target.execute(
            "insert into migration.erasure (customer, run) select customer, 'test' from migration.person_key where customer > 0 limit 1"
        )
        assert person_keys.wrong(target).startswith("1 persons who were erased have a key again")
        restore_drill.begin_drill(kept)
        restore_drill.note_manifest(kept, RUN, set())
        (problem,) = target.execute("select problem from migration.archive_restored where entity = 'manifest'").fetchone() or ()
    assert "have a key again" in problem
