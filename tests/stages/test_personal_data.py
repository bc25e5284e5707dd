"""A person gets everything that is held of them and nothing of anybody else, and once erased stays erased whatever runs next."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from support.archives import archived, vault
from support.certificates import answer, confirmed
from support.population import ANNA, BERTA, CARLA, EXPORTS, People, asked, bundle, copied, copies, erase
from support.whole_person import ZERO, Somebody, arrive, everywhere, found
from support.workplaces import RUN, Servers, compare_all, copy_all, copy_objects, followed

from poco_migration.adapters import postgres
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.archive import person_keys
from poco_migration.engine.copying import copier
from poco_migration.engine.coupons import liability, reissue
from poco_migration.engine.cutover import fence, handover
from poco_migration.engine.follow import follower
from poco_migration.engine.ledger import tombstones
from poco_migration.engine.privacy import erasure, inventory, residue_search
from poco_migration.engine.verify import row_equations
from poco_migration.errors import ApprovalMissing, GateStopped, StageRefused
from poco_migration.model import KeySet
from poco_migration.stages import personal_data


@pytest.fixture(scope="module")
def asking(servers: Servers, crowd: Workplace, objects: ObjectStore) -> Iterator[People]:
    """For those who only ask for a copy: they share the databases."""
    with copied(servers, crowd, objects) as made:
        yield made


class TestAnExport:
    def test_it_holds_every_field_of_the_inventory_and_nothing_of_anybody_else(self, asking: People) -> None:
        personal_data.export(asking.place, asked("export", customer_id=ANNA))
        data, tables, page = bundle(asking.place)
        expected = {(system, holding.named, column) for system, source in (("mi.com", False), ("POCO", True))
                    for holding in inventory.personal_tables(source=source) for column in holding.exported}  # fmt: skip
        # There is no voucher before the reissue; what becomes one stands in the ledger's table.
        expected = {field for field in expected if field[1] != "vouchers"}
        assert {
            (system, table, column) for system, of in data.items() for table, rows in of.items() for row in rows for column in row
        } == expected
        assert {(*name[:-4].split("/"), column) for name, rows in tables.items() for row in rows for column in row} == expected
        text = json.dumps(data, ensure_ascii=False)
        for part in (
            " Name",
            " street 1",
            " note",
            " order note",
            " refund",
            " return",
            "-TRACK",
            " hallway",
            " title",
            " subject",
            " asks",
            " broke",
            " phone",
        ):
            assert asking.anna.mark + part in text and asking.anna.mark + part in page, part
        assert f"An answer to {asking.anna.mark}" in text  # what the staff wrote to her is hers too
        for secret in ("-hash", "-card", f"CODE-{ANNA}", f"TOKEN-{ANNA}"):
            assert secret not in text
        for other in (asking.berta, asking.carla):
            assert [value for value in other.wanted if value in text.lower()] == []

    def test_an_account_is_one_persons_with_all_profiles_and_a_customer_is_that_one_alone(self, asking: People) -> None:
        personal_data.export(asking.place, asked("export", account_id=asking.account()))
        both = json.dumps(bundle(asking.place)[0])
        assert asking.anna.mark in both and asking.berta.mark in both and asking.carla.mark not in both
        personal_data.export(asking.place, asked("export", 2, customer_id=BERTA))
        alone = json.dumps(bundle(asking.place)[0])
        assert asking.anna.mark not in alone and asking.berta.mark in alone
        query = "select profile_id from migration.personal_export order by made_at desc limit 2"
        with psycopg.connect(asking.place.target) as target:
            assert target.execute(query).fetchall() == [(ZERO + BERTA,), (None,)]

    def test_what_stands_under_somebody_elses_name_is_withheld(self, asking: People) -> None:
        gift = json.dumps(
            {"name": "Dora Giftcanary", "line1": "Giftcanary lane 5", "city": "Giftcanary", "country": "DE", "phone": "0301234567"}
        )
        asking.store(f"update poco.orders set shipping_address = '{gift}' where id = {ANNA}",
                     f"update poco.addresses set payload = '{gift}' where id = {ANNA}")  # fmt: skip
        copy_hers(asking.place)
        personal_data.export(asking.place, asked("export", customer_id=ANNA))
        data, _, page = bundle(asking.place)
        assert "giftcanary" not in (json.dumps(data) + page).lower()
        assert (
            data["POCO"]["orders"][0]["shipping_address"]
            == data["mi.com"]["orders"][0]["ship_to"]
            == "withheld: it may be about somebody else"
        )
        assert data["mi.com"]["orders"][0]["total"] == 10

    def test_the_same_rows_make_the_same_bytes_under_a_key_that_nobody_can_guess(self, asking: People) -> None:
        for number in (1, 2):
            told = personal_data.export(asking.place, asked("export", number, customer_id=ANNA))
            assert not any(isinstance(value, str) for value in told.values())  # no link in XCom
        (one, _), (two, _) = copies(asking.place)[-2:]
        assert one != two and len(one) > 40
        assert asking.place.objects.get(EXPORTS, one) == asking.place.objects.get(EXPORTS, two)

    def test_a_copy_goes_when_its_link_is_over(self, asking: People) -> None:
        personal_data.export(asking.place, asked("export", customer_id=ANNA))
        name, address = copies(asking.place)[-1]
        with psycopg.connect(asking.place.target, autocommit=True) as target:
            target.execute("update migration.personal_export set expires_at = now()")
        personal_data.identify(asking.place, asked("export", 2, customer_id=CARLA))
        assert not asking.place.objects.exists(EXPORTS, name) and copies(asking.place) == []
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(address)

    def test_only_the_account_settings_see_the_link(self, asking: People, servers: Servers) -> None:
        personal_data.export(asking.place, asked("export", customer_id=ANNA))
        name = str(conninfo_to_dict(asking.place.target)["dbname"])
        with psycopg.connect(servers.target.dsn(name, "mi_app", servers.passwords["mi_app"]), autocommit=True) as app:
            query = "select link like 'http%%', expires_at > now() from migration.personal_export where profile_id = %s"
            assert (True, True) in app.execute(query, (ZERO + ANNA,)).fetchall()
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("select customers from migration.personal_export")
        with psycopg.connect(asking.place.target_auditor) as auditor, pytest.raises(psycopg.errors.InsufficientPrivilege):
            auditor.execute("select link from migration.personal_export")

    @pytest.mark.parametrize("key", [{}, {"account_id": 1, "customer_id": ANNA}])
    def test_who_it_is_about_is_said_once(self, asking: People, key: dict[str, int]) -> None:
        with pytest.raises(StageRefused, match="by account_id or by customer_id"):
            personal_data.export(asking.place, asked("export", **key))

    @pytest.mark.parametrize("key", [{"customer_id": 999_999_999}, {"account_id": 999_999_999}])
    def test_nobody_is_refused(self, asking: People, key: dict[str, int]) -> None:
        with pytest.raises(StageRefused, match="nobody of POCO's"):
            personal_data.export(asking.place, asked("export", **key))

    def test_india_is_out_of_reach(self, asking: People) -> None:
        indian = asking.value("select min(id) from poco.customers where region = 'IN'", side="poco")
        with pytest.raises(StageRefused, match="nobody of POCO's"):
            personal_data.export(asking.place, asked("export", customer_id=indian))


class TestAnErasure:
    def test_nothing_is_left_and_nothing_comes_back_with_a_rerun_and_a_repair(self, people: People) -> None:
        place, anna = people.place, people.anna
        personal_data.export(place, asked("export", customer_id=ANNA))
        before = {one.mark: everywhere(place, one) for one in (people.berta, people.carla)}
        seen = everywhere(place, anna)
        assert len(seen) > 25 and {"poco-media", "mi-media", EXPORTS} <= seen.keys() | {EXPORTS}
        told = erase(place)
        assert everywhere(place, anna) == {} and copies(place) == []
        assert told["values"] > 20 and told["others"] > 0  # the address that she shares with Berta, who keeps hers
        assert {one.mark: everywhere(place, one) for one in (people.berta, people.carla)} == before
        assert people.equations() == {} and people.differences() == {}
        copy_all(place)
        compare_all(place, "cutover", "history")
        copy_objects(place)
        assert everywhere(place, anna) == {} and people.equations() == {}

    def test_an_erased_person_is_handed_nothing(self, people: People) -> None:
        erase(people.place)
        with pytest.raises(StageRefused, match="1 of the customers asked about are erased"):
            personal_data.export(people.place, asked("export", customer_id=ANNA))

    def test_a_copy_that_runs_meanwhile_hides_her_and_erases_nothing_before_it_is_read(
        self, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        values = residue_search.values

        def meanwhile(*given: Any) -> Any:
            copy_hers(people.place)
            return values(*given)

        monkeypatch.setattr(residue_search, "values", meanwhile)
        people.store(f"update poco.customers set note = 'Annacanary is at POCO only' where id = {ANNA}")
        assert erase(people.place)["values"] > 20
        assert people.value("select (proof ->> 'values')::int from migration.erasure") > 20
        assert everywhere(people.place, people.anna) == {}

    def test_what_the_law_keeps_stays_without_the_person(self, people: People) -> None:
        erase(people.place)
        with psycopg.connect(people.place.target) as target:
            query = "select buyer, profile_id, total, original_number, guest_email, ship_to from mi.orders where order_id = %s"
            assert target.execute(query, (ZERO + ANNA,)).fetchone() == ("erased", None, 10, f"DE-N{ANNA}", None, None)
            assert target.execute("select count(*) from mi.payments where payment_id = %s", (ZERO + ANNA,)).fetchone() == (1,)
            assert target.execute("select rating, status, body from mi.reviews where review_id = %s", (ZERO + ANNA,)).fetchone() == (
                4,
                "hidden",
                "",
            )
            # Her coupon is never reissued, and her account is Berta's still.
            assert target.execute(
                "select state, profile_id from migration.coupon_reissue where coupon_id = %s", (ZERO + ANNA,)
            ).fetchone() == ("refused", None)
            assert target.execute("select count(*) from mi.profiles where profile_id = %s", (ZERO + BERTA,)).fetchone() == (1,)
            proof = target.execute("select proof from migration.erasure where erased_at is not null").fetchone()
            assert proof and len(proof[0]["places"]) > 40

    def test_an_account_that_was_made_for_her_goes_with_her(self, people: People) -> None:
        account = people.account()
        run = asked("erase", account_id=account)
        personal_data.erase(people.place, run, confirmed(people.place, run))
        assert people.value("select count(*) from mi.accounts where account_id = %s", account) == 0
        for one in (people.anna, people.berta):
            assert everywhere(people.place, one) == {}

    def test_a_store_that_was_restored_from_a_backup_brings_nobody_back(self, people: People) -> None:
        erase(people.place)
        restored(people)
        copy_hers(people.place)
        assert everywhere(people.place, people.anna) == {} and people.equations() == {}

    def test_without_the_tombstones_she_would_come_back(self, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
        erase(people.place)
        restored(people)
        monkeypatch.setattr(tombstones, "hide_erased", lambda source, target: None)
        copy_hers(people.place)
        assert found(people.place.target, people.anna.wanted, "mi").keys() >= {"mi.profiles", "mi.addresses", "mi.orders"}

    def test_what_the_store_writes_for_her_again_is_seen_by_no_copy(self, people: People) -> None:
        erase(people.place)
        people.store(f"update poco.customers set status = 1, full_name = 'Annacanary Name' where id = {ANNA}",
                     f"update poco.reviews set body = 'Annacanary body' where id = {ANNA}")  # fmt: skip
        copy_hers(people.place)
        assert everywhere(people.place, people.anna) == {}

    def test_a_rollback_brings_nobody_back(self, people: People) -> None:
        erase(people.place)
        fence.raise_(people.place, ["customers", "orders"], ["DE"], for_good=True)
        rows = {"customers": {"full_name": "Annacanary Name", "status": 1}, "orders": {"note": "Annacanary order note", "status": 60}}
        with psycopg.connect(people.place.source, autocommit=True) as migrator:
            for entity, row in rows.items():
                migrator.execute("select poco_export.put_back(%s, %s, false)", (entity, json.dumps([{"id": ANNA, "region": "DE"} | row])))
        assert everywhere(people.place, people.anna) == {}
        assert people.value("select status from poco.orders where id = %s", ANNA, side="poco") == 60  # the sale itself does come back

    def test_following_brings_nobody_back_and_is_not_held_up_by_the_fence(self, people: People) -> None:
        with followed(people.place) as place:
            fence.raise_(place, ["customers", "orders"], ["DE"], for_good=True)
            erase(place)
            assert follower.catch_up(place, RUN, 60)
            people.store("delete from poco_export.tombstones", f"update poco.tickets set subject = 'Annacanary subject' where id = {ANNA}")
            assert follower.catch_up(place, RUN, 60)
            assert found(place.target, people.anna.wanted, "mi", "migration") == {} and people.equations() == {}

    def test_who_is_erased_between_the_stages_stays_erased_through_the_later_ones(self, servers: Servers, site: Workplace) -> None:
        with psycopg.connect(site.source_owner, autocommit=True) as store:
            anna = arrive(store, Somebody(ANNA, "Annacanary"))
        site.objects.put("poco-media", f"reviews/{anna.mark}.jpg", b"Annacanary")
        copy_all(site, "cutover")
        erase(site)
        copy_all(site, "history", "reissue")
        copy_objects(site)
        assert everywhere(site, anna) == {}
        with psycopg.connect(site.target) as target:
            reason = "select reason from migration.left_out where entity = 'coupons' and source_key = %s"
            assert target.execute(reason, (ANNA,)).fetchone() == ("person_erased",)  # refused, and it says why
            assert target.execute("select count(*) from migration.coupon_reissue where coupon_id = %s", (ZERO + ANNA,)).fetchone() == (0,)

    def test_after_the_shutdown_there_is_only_mi_com_to_erase(self, people: People) -> None:
        with psycopg.connect(people.place.target, autocommit=True) as target:
            target.execute("insert into migration.certificate (sequence, stage, run, document, sha256, report)"
                           " values (1, 'final_shutdown', 'x', '{}', 'x', 'x')")  # fmt: skip
        assert erase(replace(people.place, source="host=127.0.0.1 port=1"))["left_at_poco"] == 1
        assert people.value("select proof ->> 'poco_tables' from migration.erasure where customer = %s", ANNA) == erasure.LEFT
        assert found(people.place.target, people.anna.wanted, "mi", "migration") == {}

    def test_after_the_handover_both_sides_are_still_equal(self, people: People) -> None:
        names = [entity.name for entity in cards.moving_at("cutover", "history")]
        handover.to_xiaomi(people.place, names, people.place.settings.moving(), RUN)
        with psycopg.connect(people.place.target, autocommit=True) as target:  # what she did at mi.com since
            target.execute("insert into mi.addresses (profile_id, kind, recipient, line1, city, country, is_default, created_at)"
                           " values (%s, 'billing', 'Annacanary Name', 'Annacanary street 1', 'Annacanary city', 'DE', false, now())", (ZERO + ANNA,))  # fmt: skip
        erase(people.place)
        assert everywhere(people.place, people.anna) == {}
        assert people.equations() == {} and people.differences() == {}

    def test_what_is_gone_of_her_at_mi_com_is_told_from_what_somebody_deleted(self, people: People) -> None:
        """The history gate asks whether what was handed over is still there, less what the law took away."""
        people.equations()
        handover.to_xiaomi(people.place, [entity.name for entity in cards.moving_at("cutover")], people.place.settings.moving(), RUN)
        erase(people.place)
        with psycopg.connect(people.place.target, autocommit=True) as target, connection_pair.connect(people.place, RUN) as opened:
            target.execute("delete from mi.case_messages where case_id = %s", (ZERO + CARLA,))
            deleted = target.execute("delete from mi.service_cases where case_id = %s", (ZERO + CARLA,)).rowcount
            row_equations.measure_equations(opened, cards.moving_at("cutover"), replace(RUN, id="test/later"))
            query = "select entity, region, was - present, erased from migration.presence where run = 'test/later' and was <> present"
            gone = {(entity, region): (rows, erased) for entity, region, rows, erased in target.execute(query)}
        assert deleted == 1 and gone["tickets", people.anna.region] == (2, 1)
        assert gone["warranty_claims", people.anna.region] == (1, 1)
        assert {key for key, (rows, erased) in gone.items() if rows != erased} == {
            (name, people.carla.region) for name in ("tickets", "ticket_messages")
        }

    @pytest.mark.parametrize("before", ["reissue_reserve_source", "reissue_voucher", "reissue_void_source", "reissue_release", ""])
    def test_her_coupon_is_accounted_for_wherever_its_reissue_was(
        self, people: People, monkeypatch: pytest.MonkeyPatch, before: str
    ) -> None:
        whole, place = postgres.run, people.place
        liability.freeze(place, RUN)

        def stopped(connection: Any, path: Path, *given: Any) -> Any:
            if path.stem == before:
                raise TimeoutError
            return whole(connection, path, *given)

        with monkeypatch.context() as patched, pytest.raises(TimeoutError) if before else nullcontext():
            patched.setattr(postgres, "run", stopped)
            reissue.move(place, 0, ZERO * 2, RUN)
        erase(place)
        reissue.move(place, 0, ZERO * 2, RUN)
        assert everywhere(place, people.anna) == {} and liability.measure_liability(place, RUN) == 0
        assert people.value("select status from poco.coupons where id = %s", ANNA, side="poco") == 4
        spendable = "select count(*) from mi.vouchers where coupon_ref = %s and state <> 'cancelled'"
        assert [people.value(spendable, ZERO + one) for one in (ANNA, CARLA)] == [0, 1]

    def test_her_key_of_the_archive_is_forgotten_and_her_tombstone_names_nobody(self, people: People) -> None:
        with postgres.connect(people.place.target, "target", name="test") as target:
            person_keys.obtain(people.place, target, [ANNA, CARLA])
        erase(people.place)
        with postgres.connect(people.place.target, "target", name="test") as target:
            assert person_keys.obtain(people.place, target, [ANNA, CARLA]).keys() == {CARLA}
            assert tombstones.tombstoned(people.place, target, [ANNA, CARLA]) == {ANNA}
        assert found(people.place.target, [str(ANNA)], "migration").keys() >= {"migration.erasure"}
        assert people.value("select count(*) from migration.tombstone where position(%s in subject::text) > 0", str(ANNA)) == 0

    def test_what_mi_coms_rules_leave_out_is_found_before_it_lasts(self, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = inventory.holdings()
        forgetful = whole | {"mi.orders": replace(whole["mi.orders"], nulled=("profile_id", "guest_email", "guest_phone", "ship_to"))}
        with monkeypatch.context() as patched:
            patched.setattr(inventory, "holdings", lambda: forgetful)
            with pytest.raises(GateStopped, match=r"in 1 places after the erasure: mi.com mi.orders \(1\)"):
                erase(people.place)
        assert people.value("select note from mi.orders where order_id = %s", ZERO + ANNA) == "Annacanary order note"
        assert people.value("select full_name from poco.customers where id = %s", ANNA, side="poco") == "Annacanary Name"
        erase(people.place)
        assert everywhere(people.place, people.anna) == {}

    def test_what_pocos_rules_leave_out_is_found_too(self, people: People) -> None:
        people.store("update poco_export.holding set erases = erases - 'location' where entity = 'shipment_events'")
        with pytest.raises(GateStopped, match=r"POCO shipment_events \(1\)"):
            erase(people.place)

    @pytest.mark.parametrize("where", ["ledger", "report"])
    def test_a_value_where_nobodys_values_may_be_is_found(self, people: People, where: str) -> None:
        if where == "ledger":
            with psycopg.connect(people.place.target, autocommit=True) as target:
                target.execute("insert into migration.quarantine (entity, source_key, region, reason, next_action, detail)"
                               " values ('orders', 1, 'DE', 'parent_missing', 'x', 'Annacanary Name')")  # fmt: skip
        else:
            people.place.objects.put(people.place.settings.objects.evidence, "reports/leak.html", b"<td>Annacanary Name</td>")
        with pytest.raises(GateStopped, match="migration.quarantine" if where == "ledger" else "bucket people-"):
            erase(people.place)

    def test_nobody_is_erased_without_a_confirmation(self, people: People) -> None:
        run, other = asked("erase", customer_id=ANNA), asked("erase", customer_id=BERTA)
        for said, why in (
            (None, "never answered"),
            (answer("alice", option="Reject"), "rejected"),
            (answer("alice"), "no signature by the key of an approver"),
            (confirmed(people.place, run, "mallory"), "no signature by the key of an approver"),
            (confirmed(people.place, run, "dana"), "no signature by the key of an approver"),
            (confirmed(people.place, other), "no signature by the key of an approver"),
        ):
            with pytest.raises(ApprovalMissing, match=why):
                personal_data.erase(people.place, run, said)
        assert people.value("select count(*) from migration.tombstone") == 0 and people.anna.mark in str(bundle_of(people))

    def test_a_key_of_the_archive_that_was_not_forgotten_is_found(
        self, people: People, servers: Servers, objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place = vault(people.place, servers, objects)
        archived(place, RUN, "customers")
        monkeypatch.setattr(person_keys, "forget", lambda target, customer: False)
        with pytest.raises(GateStopped, match=r"bucket archive-\d+ \(1\)"):
            erase(place)


def bundle_of(people: People) -> dict[str, Any]:
    personal_data.export(people.place, asked("export", customer_id=ANNA))
    return bundle(people.place)[0]


def copy_hers(place: Workplace) -> None:
    with connection_pair.connect(place, RUN) as opened:
        for name in ("customers", "addresses", "orders", "reviews"):
            copier.copy(opened, cards.entities()[name], KeySet((ANNA,)), RUN)


def restored(people: People) -> None:
    """POCO's database as a backup from before the erasure has it: her rows as they were, and no tombstone."""
    address = json.dumps({"name": "Annacanary Name", "line1": "Annacanary street 1", "city": "Annacanary city", "country": "DE"})
    people.store(
        "delete from poco_export.tombstones",
        f"update poco.customers set status = 1, erased_at = null, full_name = 'Annacanary Name', email = 'house@example.com' where id = {ANNA}",
        f"update poco.addresses set payload = '{address}' where id = {ANNA}",
        f"update poco.orders set shipping_address = '{address}', note = 'Annacanary order note' where id = {ANNA}",
    )
