"""Stages run in calendar order: not before their date, not before the stage they stand on, not after it is too late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from support.certificates import certified
from support.workplaces import clone, rehearsed

from poco_migration import settings
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import handover
from poco_migration.engine.milestones import stage_entry
from poco_migration.engine.rollback import way_back
from poco_migration.errors import StageRefused
from poco_migration.model import Run


def on(place: Workplace, day: str) -> Workplace:
    """The same workplace while the calendar stands on this day."""
    shift = datetime.now(UTC) - datetime.fromisoformat(day).replace(tzinfo=UTC)
    return replace(place, settings=rehearsed(place.settings, shift))


CUTOVER = [entity.name for entity in cards.moving_at("cutover")]


def certify(place: Workplace, *stages: str, regions: tuple[str, ...] = ()) -> None:
    for stage in stages:
        run = Run(f"poco_{stage}/{stage}")
        certified(place, stage, run)
        if stage == "cutover":
            handover.to_xiaomi(place, CUTOVER, regions or place.settings.moving(), run)
        if stage == "rollback":
            way_back.begin_return(place, CUTOVER, place.settings.moving(), run)
            way_back.to_poco(place, CUTOVER, place.settings.moving(), run)


def test_each_stage_refuses_until_the_one_before_is_certified(site: Workplace) -> None:
    late = on(site, "2025-01-02")
    for stage in settings.STAGES:
        for later in settings.STAGES[1:]:
            if set(stage_entry.NEEDS[later]) - set(settings.STAGES[: settings.STAGES.index(stage)]):
                with pytest.raises(StageRefused, match="needs the certificate of"):
                    stage_entry.enter(late, later)
        stage_entry.enter(late, stage)
        certify(site, stage)


def test_a_milestone_refuses_before_its_date(site: Workplace) -> None:
    certify(site, "prepare", "backfill", "reconcile")
    with pytest.raises(StageRefused, match=r"cutover is not due before 2024-10-21 00:00 UTC; .* it is 2024-10-20 23:5"):
        stage_entry.enter(on(site, "2024-10-20 23:58"), "cutover")
    stage_entry.enter(on(site, "2024-10-21 00:01"), "cutover")


def test_a_rehearsal_moves_every_date_by_the_same_time(site: Workplace) -> None:
    real, moved = site.settings.calendar, rehearsed(site.settings, timedelta(days=-30)).calendar
    for milestone in ("cutover", "coupon_reissue", "history", "redirects", "final_shutdown"):
        assert moved.scheduled(milestone) == real.scheduled(milestone) - timedelta(days=30)


def test_copying_again_after_the_cutover_is_refused(site: Workplace) -> None:
    certify(site, "prepare", "backfill", "reconcile", "cutover")
    with pytest.raises(StageRefused, match="write over what customers have done"):
        stage_entry.enter(site, "backfill")


def test_what_is_accepted_and_decided_may_be_prepared_at_any_time(site: Workplace) -> None:
    """It copies nothing: a table changes, a region gets its decision, a role comes late, also behind the cutover."""
    late = on(site, "2025-01-02")
    for stage in settings.STAGES:
        stage_entry.enter(late, "prepare")
        certify(site, stage)


def test_a_lost_slot_opens_the_reconciliation_before_the_backfill_is_certified(site: Workplace) -> None:
    certify(site, "prepare")
    with pytest.raises(StageRefused, match="reconcile needs the certificate of backfill"):
        stage_entry.enter(site, "reconcile")
    with psycopg.connect(site.target, autocommit=True) as target:
        target.execute("insert into migration.stream (slot, captured, lost) values ('s', '0/0', 'the source does not have it')")
    stage_entry.enter(site, "reconcile")


def test_after_a_first_wave_the_others_go_on_and_what_needs_all_of_them_waits(site: Workplace) -> None:
    certify(site, "prepare", "backfill", "reconcile", "cutover", regions=("DE", "FR"))
    for stage in ("prepare", "backfill", "reconcile", "cutover"):
        stage_entry.enter(on(site, "2024-12-03"), stage)
    for stage in ("coupon_reissue", "history"):
        with pytest.raises(StageRefused, match="ES, GLOBAL, ID, IT, UK are not switched yet"):
            stage_entry.enter(on(site, "2024-12-03"), stage)


def test_before_anything_is_installed_only_prepare_may_start(servers) -> None:
    bare = clone(servers)
    assert stage_entry.enter(bare, "prepare") == {}
    with pytest.raises(StageRefused, match="run poco_prepare first"):
        stage_entry.enter(bare, "backfill")
    with psycopg.connect(bare.target) as target:
        assert target.execute("select to_regclass('migration.certificate')").fetchone() == (None,)


def test_a_rollback_makes_the_certificates_before_it_untrue(site: Workplace) -> None:
    late = on(site, "2024-12-03")
    certify(site, "prepare", "backfill", "reconcile", "cutover", "rollback")
    stage_entry.enter(late, "prepare")
    with pytest.raises(StageRefused, match="write over what customers have done"):
        stage_entry.enter(late, "backfill")
    for stage, needed in (("cutover", "reconcile"), ("coupon_reissue", "cutover"), ("history", "cutover")):
        with pytest.raises(StageRefused, match=f"{stage} needs a certificate of {needed} from after the rollback"):
            stage_entry.enter(late, stage)
    for stage, allowed in (("reconcile", "cutover"), ("cutover", "coupon_reissue")):
        run = Run(f"poco_{stage}/again")
        certified(site, stage, run)
        if stage == "cutover":
            handover.to_xiaomi(site, CUTOVER, site.settings.moving(), run)
        stage_entry.enter(late, allowed)
    with pytest.raises(StageRefused, match="write over what customers have done"):
        stage_entry.enter(late, "backfill")


def test_the_way_back_needs_no_certificate(site: Workplace) -> None:
    stage_entry.enter(site, "rollback")
