"""May this stage start now? Its milestone must have come, and the stages before it must be certified."""

from __future__ import annotations

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.evidence import certificate
from poco_migration.engine.ledger import ownership
from poco_migration.errors import StageRefused
from poco_migration.model import Run

# Which certificates a stage needs. Coupons and history follow the cutover; the redirects need the catalogue, the archive all
# that moves; the shutdown follows all there are.
NEEDS = {
    "prepare": (),
    "backfill": ("prepare",),
    "reconcile": ("backfill",),
    "cutover": ("reconcile",),
    "coupon_reissue": ("cutover",),
    "history": ("cutover",),
    "archive": ("coupon_reissue", "history"),
    "redirects": ("cutover",),
    "final_shutdown": settings.STAGES[: settings.STAGES.index("final_shutdown")],
    settings.AFTER: ("final_shutdown",),
    # The way back is needed most where the cutover has failed behind its switch, without a certificate.
    "rollback": (),
}
# Stages that copy what the cutover hands over: after it they would write over what customers did at mi.com.
BEFORE_CUTOVER = ("prepare", "backfill")
AFTER_CUTOVER = ("coupon_reissue", "history", "archive", "redirects", "final_shutdown")
# Stages for which a certificate from before a rollback proves nothing any more.
AFTER_ROLLBACK = ("cutover", "coupon_reissue", "history", "archive", "redirects", "final_shutdown")


def enter(place: Workplace, stage: str) -> dict[str, str]:
    """Refuse unless the stage is due and in order; returns the certificates it stands on. Rerun: safe, reads only.

    Raises StageRefused, which says what to wait for or what to run first.
    """
    refuse_early(place, stage)
    with postgres.connect(place.target, "target", name=f"enter {stage}") as target:
        if not postgres.value(target, "select to_regclass('migration.certificate') is not null"):
            if NEEDS[stage]:
                raise StageRefused(
                    f"{stage} needs the certificate of {NEEDS[stage][0]}, and nothing is certified yet: run poco_{NEEDS[stage][0]} first."
                )
            return {}
        names = [entity.name for entity in cards.moving_at("cutover")]
        owners = ownership.read_ownership(place, names)
        left = sorted(set(place.settings.moving()) - owners.regions_away)
        away = sorted(set(place.settings.moving()) - owners.handed_over(names))
        back = certificate.newest_certificate(target, settings.ROLLBACK)
        # Behind a rollback a backfill would write over what nobody has decided about.
        if stage in BEFORE_CUTOVER and (not left or (stage == "backfill" and back)):
            raise StageRefused(
                f"{stage} would write over what customers have done at mi.com since the cutover. "
                "poco_reconcile shows what differs; poco_rollback is the way back, until the coupons are reissued."
            )
        found = {}
        for needed in NEEDS[stage]:
            known = certificate.newest_certificate(target, needed)
            if known is None:
                raise StageRefused(
                    f"{stage} needs the certificate of {needed}, which is not there: run poco_{needed} first, then clear this task."
                )
            if stage in AFTER_ROLLBACK and superseded(known, back):
                raise StageRefused(
                    f"{stage} needs a certificate of {needed} from after the rollback, which has made the one before it untrue: run "
                    f"poco_{needed} first, then clear this task."
                )
            found[needed] = known.sha256
        if stage in AFTER_CUTOVER and away:
            raise StageRefused(
                f"{stage} needs the cutover of every region, and {', '.join(away)} are not switched yet: run poco_cutover for them first, "
                "then clear this task."
            )
        return found


def refuse_early(place: Workplace, stage: str) -> None:
    """Raises StageRefused before the milestone of a stage has come."""
    calendar = place.settings.calendar
    if (milestone := getattr(calendar, stage, None)) and calendar.today() < milestone:
        raise StageRefused(
            f"{stage} is not due before {milestone:%Y-%m-%d %H:%M} UTC; on the migration's calendar it is "
            f"{calendar.today():%Y-%m-%d %H:%M}. Wait, or move the whole calendar for a rehearsal (docs/runbook.md, 'Rehearsal')."
        )


def uncertified(target: postgres.Connection, stage: str) -> list[str]:
    """What a stage needs and has not: stages without a certificate, or with one that a rollback has made untrue. Reads only."""
    back = certificate.newest_certificate(target, settings.ROLLBACK)
    found = []
    for needed in NEEDS[stage]:
        known = certificate.newest_certificate(target, needed)
        if known is None:
            found.append(f"{needed} is not certified")
        elif superseded(known, back):
            found.append(f"{needed} was certified before the rollback")
    return found


def superseded(known: certificate.Certificate, back: certificate.Certificate | None) -> bool:
    """Whether a rollback came after it; what is only ever done before the first cutover stays true."""
    return back is not None and known.sequence < back.sequence and known.stage not in BEFORE_CUTOVER


def asked_regions(place: Workplace, run: Run) -> list[str]:
    """All regions that move, or those the run was started for. Raises StageRefused for any other."""
    wanted, moving = run.asked.get("regions") or [], place.settings.moving()
    if unknown := sorted(set(wanted) - set(moving)):
        raise StageRefused(f"cutover: {', '.join(unknown)} do not move (migration.toml). Start a run for regions that do.")
    return [region for region in moving if region in wanted or not wanted]
