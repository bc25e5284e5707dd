"""The gate of 12 December, judged by Great Expectations: green when all history is there, and each planted fault red by its name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg
import pytest
from engine.verify.test_proof import key, owner
from support.certificates import certified, signed
from support.workplaces import Servers, buckets_of_its_own, clone_of, copy_again

from legacy_store import generator, media
from poco_migration.adapters import gate_suites
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import handover
from poco_migration.errors import GateStopped
from poco_migration.model import Run
from poco_migration.stages import certification, history, reconcile

CUTOVER, HISTORY = Run("poco_cutover/test"), Run("poco_history/test", "gate_complete")
PHOTOS, RECEIPT = ["reviews/fr/1.jpg", "reviews/fr/2.jpg"], "tickets/de/receipt.txt"


def prepared(servers: Servers, migrated: Workplace, objects: ObjectStore, name: str) -> Workplace:
    """After the cutover: its entities are mi.com's and certified, history is copied; a review with two photos, a message with a receipt."""
    place = buckets_of_its_own(clone_of(servers, migrated, objects), name)
    with psycopg.connect(place.source_owner, autocommit=True) as store:
        store.execute("update poco.reviews set photo_keys = %s, photo_sha256 = %s where id in (900019001, 900019002)",
                      (PHOTOS, [media.sha256(photo) for photo in PHOTOS]))  # fmt: skip
        store.execute("update poco.ticket_messages set attachments = %s where id = (select min(id) from poco.ticket_messages where region = 'DE')",
                      (json.dumps([{"key": RECEIPT, "name": "r", "bytes": len(media.body(RECEIPT))}]),))  # fmt: skip
        for photo in generator.media_keys(store):
            objects.put(place.settings.objects.media_source, photo, media.body(photo))
    copy_again(place, "ticket_messages", "reviews")
    reconcile.measure(place, CUTOVER, "cutover", "never")
    handover.to_xiaomi(place, [entity.name for entity in cards.moving_at("cutover")], place.settings.moving(), CUTOVER)
    certified(place, "cutover", CUTOVER)
    history.close(place, HISTORY, signed(place, "history", HISTORY))
    return place


def compared(place: Workplace, run: Run = HISTORY) -> dict[str, int]:
    for part in reconcile.parts_to_compare(place, run, "history"):
        reconcile.compare_part(place, run, part)
    reconcile.repair(place, run)
    return reconcile.verify(place, run)


def measured(place: Workplace, run: Run = HISTORY) -> None:
    history.prove_objects(place, run)
    reconcile.measure(place, run, "history", "cutover")


def objects_copied(place: Workplace, run: Run = HISTORY) -> None:
    for part in history.plan_objects(place, run):
        history.copy_objects(place, run, part)


@pytest.fixture(scope="module")
def whole(servers: Servers, migrated: Workplace, objects: ObjectStore) -> Workplace:
    place = prepared(servers, migrated, objects, "history")
    assert not any(compared(place).values())
    objects_copied(place)
    measured(place)
    return place


@dataclass(frozen=True)
class Fault:
    """SQL that plants it at mi.com and SQL that mends it, or what swaps objects; and what the gate must name: suite and key."""

    plant: str
    mend: str
    seen: tuple[str, str]


SCAN, REVIEW, REFUND = f"event_id = {key(900004001)}", f"review_id = {key(900019001)}", f"refund_id = {key(900022001)}"
LATE = "event_id = (select min(e.event_id) from mi.shipment_events e join mi.shipments s using (shipment_id) join mi.orders o using (order_id) where e.origin = 'poco' and o.market = 'uk')"
MESSAGE = "message_id = (select max(message_id) from mi.case_messages where origin = 'poco' and attachments = '[]')"
WITH_RECEIPT = (
    "message_id = (select message_id from mi.case_messages where origin = 'poco' and attachments::text like '%de/tickets/de/receipt%')"
)
ARTICLES = "select item_id from mi.brand_items i where i.model = (select model from mi.brand_items where item_id = r.item_id) and i.market = 'de' and i.item_id <> r.item_id"
ANY_REVIEW = "r.review_id = (select min(x.review_id) from mi.reviews x join mi.brand_items j on j.item_id = x.item_id where x.origin = 'poco' and j.market = 'de')"
# The second scan of a parcel comes before the first; above the other numbers, because no two may have one.
REORDER = """update mi.shipment_events e set sequence_no = 903 - sequence_no where sequence_no < 3 and shipment_id = (
 select min(s.shipment_id) from mi.shipments s join mi.orders o using (order_id) where s.origin = 'poco' and s.status = 'delivered' and o.market = 'it')"""
FAULTS = {
    "a lost scan event": Fault(f"delete from mi.shipment_events where {SCAN}", "shipment_events", ("equations", "shipment_events/DE")),
    "a reordered scan event": Fault(REORDER, "shipment_events", ("control_totals", "scans_of_parcels/IT/scan times place in the order")),
    "a shifted time zone of a scan": Fault(f"update mi.shipment_events set occurred_at = occurred_at + interval '1 hour' where {LATE}",
                                           "shipment_events", ("control_totals", "scans_of_parcels/UK/scan times second since 1970")),
    "a review under the wrong product": Fault(f"update mi.reviews r set item_id = ({ARTICLES} limit 1) where {ANY_REVIEW}", "reviews",
                                              ("control_totals", "photos_of_reviews/DE/review times article")),
    "two photo keys swapped on a review": Fault(f"update mi.reviews set photos = array[photos[2], photos[1]] where {REVIEW}", "reviews",
                                                ("control_totals", "photos_of_reviews/FR/review times place times name of the photo")),
    "one cent of a refund": Fault(f"update mi.refunds set amount = amount + 0.01 where {REFUND}", "refunds", ("control_totals", "kept_refunds/")),
    "a lost ticket message": Fault(f"delete from mi.case_messages where {MESSAGE}", "case_messages", ("handed_over_before", "ticket_messages/")),
    "an attachment gone from its message": Fault(f"update mi.case_messages set attachments = '[]' where {WITH_RECEIPT}", "case_messages",
                                                 ("object_equations", "DE")),
}  # fmt: skip


@contextmanager
def planted(place: Workplace, faults: list[Fault]) -> Iterator[None]:
    """The tables as they were, kept in a copy of each and put back row by row."""
    tables = sorted({fault.mend for fault in faults})
    with psycopg.connect(owner(place), autocommit=True) as target:
        for table in tables:
            target.execute(f"create temp table kept_{table} as table mi.{table}")
        for fault in faults:
            assert target.execute(fault.plant).rowcount in (1, 2), fault
        try:
            yield
        finally:
            for table in tables:
                with target.transaction():
                    target.execute(f"delete from mi.{table}")
                    target.execute(f"insert into mi.{table} overriding system value table kept_{table}")


def failing(place: Workplace, name: str = "complete", attempt: list[int] = [1]) -> dict[str, set[str]]:  # noqa: B006
    """What a red gate names, by suite. Every try has a report of its own."""
    attempt[0] += 1
    run = replace(HISTORY, task=f"gate_{name}", try_number=attempt[0])
    with pytest.raises(GateStopped):
        certification.judge(place, run, "history", name)
    with psycopg.connect(place.target) as target:
        report = target.execute("select report from migration.gate order by gate_id desc limit 1").fetchone()
    assert report
    result = json.loads(
        place.objects.get(place.settings.objects.evidence, report[0].split("/", 1)[1].replace("report.html", "result.json"))
    )
    found: dict[str, set[str]] = {}
    columns = {suite.name: suite.keys for suite in gate_suites.read("history", name).suites}
    for judged in result["judgements"]:
        assert not judged["error"], judged
        if not judged["success"] and judged["severity"] == "critical":
            keys = ("/".join(str(key[column]) for column in columns.get(judged["suite"], key)) for key in judged["details"]["keys"])
            found.setdefault(judged["suite"], set()).update(keys)
    return found


def named(found: dict[str, set[str]], fault: Fault) -> bool:
    suite, begins = fault.seen
    return any(one.startswith(begins) for one in found.get(suite, ()))


def test_when_all_history_is_there_both_gates_are_green_and_say_what_they_stand_on(whole: Workplace) -> None:
    for name in ("rows", "complete"):
        assert certification.judge(whole, replace(HISTORY, task=f"gate_{name}"), "history", name)["verdict"] == "pass"
    with psycopg.connect(whole.target) as target:
        entities = {
            row[0] for row in target.execute("select distinct entity from migration.recon where run = %s and source > 0", (HISTORY.id,))
        }
        stood_on = target.execute(
            "select count(*), min(was - present), max(was - present), min(handed_over), max(handed_over) from migration.presence where run = %s",
            (HISTORY.id,),
        ).fetchone()
        buckets = dict(
            target.execute("select total, count(*) from migration.control_total where run = %s group by total", (HISTORY.id,)).fetchall()
        )
    assert entities >= {"orders", "order_items", "payments", "refunds", "shipments", "shipment_events", "reviews", "tickets",
                        "ticket_messages", "warranty_claims", "addresses", "returns"}  # fmt: skip
    assert stood_on == (14 * 7, 0, 0, CUTOVER.id, CUTOVER.id)
    assert all(buckets[total] >= 7 for total in ("items_of_orders", "scans_of_parcels", "messages_of_tickets", "photos_of_reviews",
                                                  "order_money", "payment_money", "refund_money", "returns", "warranties", "addresses"))  # fmt: skip


GROUPS = [list(FAULTS)[start : start + 3] for start in range(0, len(FAULTS), 3)]


@pytest.mark.parametrize("names", GROUPS, ids=", ".join)
def test_planted_faults_are_named_by_the_gate(whole: Workplace, names: list[str]) -> None:
    """Several at once, each in a place of its own: the gate names every one."""
    with planted(whole, [FAULTS[name] for name in names]):
        measured(whole)
        found = failing(whole)
    assert [name for name in names if not named(found, FAULTS[name])] == []
    measured(whole)


def test_bytes_of_two_photos_exchanged_at_mi_com_are_named_and_copied_again(whole: Workplace) -> None:
    store, bucket = whole.objects, whole.settings.objects.media_target
    one, two = (f"poco/fr/{photo}" for photo in PHOTOS)
    bodies = store.get(bucket, one), store.get(bucket, two)
    store.put(bucket, one, bodies[1])
    store.put(bucket, two, bodies[0])
    measured(whole)
    with psycopg.connect(whole.target) as target:
        numbers = [
            row[0]
            for row in target.execute("select object_no from migration.object where target_object in (%s, %s) order by 1", (one, two))
        ]
    assert failing(whole) == {"objects": {f"{number}/FR/changed_at_target" for number in numbers}}
    objects_copied(whole)
    measured(whole)
    assert (store.get(bucket, one), store.get(bucket, two)) == bodies
    assert certification.judge(whole, replace(HISTORY, task="gate_mended"), "history", "complete")["verdict"] == "pass"


def test_a_missing_photo_is_a_warning_that_somebody_accepts(whole: Workplace) -> None:
    store, buckets = whole.objects, whole.settings.objects
    for bucket, photo in ((buckets.media_source, PHOTOS[1]), (buckets.media_target, f"poco/fr/{PHOTOS[1]}")):
        store.client().delete_object(Bucket=bucket, Key=photo)
    objects_copied(whole)
    measured(whole)
    judged = certification.judge(whole, replace(HISTORY, task="gate_missing"), "history", "complete")
    assert (judged["verdict"], judged["failed"]) == ("warn", 1)
    with psycopg.connect(whole.target) as target:
        said = target.execute("select region, named, copied, quarantined, missing from migration.object_recon where run = %s and quarantined > 0",
                              (HISTORY.id,)).fetchall()  # fmt: skip
    assert len(said) == 1 and said[0][0] == "FR" and said[0][1] == said[0][2] + 1 and said[0][3:] == (1, 0)
    store.put(buckets.media_source, PHOTOS[1], media.body(PHOTOS[1]))
    objects_copied(whole)
    measured(whole)


def test_a_difference_in_a_review_is_red_repaired_by_key_and_ends_at_zero(
    servers: Servers, migrated: Workplace, objects: ObjectStore
) -> None:
    """The rows' gate: a letter in a review's text differs, which no count and no sum sees."""
    place = prepared(servers, migrated, objects, "history-rows")
    with psycopg.connect(owner(place), autocommit=True) as target:
        target.execute(f"update mi.reviews set body = 'X' || substr(body, 2) where {REVIEW}")
        target.execute(
            "update mi.shipments set carrier = 'XXX' where shipment_id = (select min(shipment_id) from mi.shipments where origin = 'poco')"
        )
        for part in reconcile.parts_to_compare(place, HISTORY, "history"):
            reconcile.compare_part(place, HISTORY, part)
        reconcile.measure(place, HISTORY, "history", "cutover")
        suspected = failing(place, "rows")["differences"]
        assert {one for one in suspected if "held" not in one} == {"reviews/900019001/stale", f"shipments/{least(target)}/stale"}
        assert reconcile.repair(place, HISTORY)["copied"] == len(suspected)
        assert reconcile.verify(place, HISTORY) == {"different": 0, "undecided": 0, "foreign": 0}
    assert certification.judge(place, replace(HISTORY, task="gate_rows_mended"), "history", "rows")["verdict"] == "pass"

    # Rows that come after the comparison, and a part that was not compared, are red.
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute(
            "update migration.difference_part set rows_source = rows_source - 1, set_aside = set_aside + 1 where entity = 'reviews'"
        )
        assert failing(place, "rows")["ledger"] == {"reviews"}
        target.execute("delete from migration.difference_part where entity = 'reviews'")
        assert "reviews/0" in failing(place, "rows")["coverage"]
    assert not any(compared(place).values())

    # After the handover the proof stands, and nothing forgets it.
    history.hand_over(place, HISTORY)
    assert reconcile.parts_to_compare(place, HISTORY, "history") == []
    reconcile.verify(place, HISTORY)  # as the DAG does it: a comparison of nothing has its end too
    reconcile.measure(place, HISTORY, "history", "cutover")
    assert certification.judge(place, replace(HISTORY, task="gate_rows_after"), "history", "rows")["verdict"] == "pass"


def least(target: psycopg.Connection) -> int:
    found = target.execute("select min(shipment_id) - mi.poco_key(0) from mi.shipments where origin = 'poco'").fetchone()
    return int(found[0]) if found else 0
