"""May this stage start now? Its milestone must have come, and the stages before it must be certified."""

from __future__ import annotations

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, certificate, handover
from poco_migration.errors import StageRefused

# Which certificates a stage needs. Coupons and history both follow the cutover; the archive follows both, the shutdown all.
NEEDS = {
    "prepare": (),
    "backfill": ("prepare",),
    "reconcile": ("backfill",),
    "cutover": ("reconcile",),
    "coupon_reissue": ("cutover",),
    "history": ("cutover",),
    "archive": ("coupon_reissue", "history"),
    "final_shutdown": ("coupon_reissue", "history", "archive"),
    # The way back is needed most where the cutover has failed behind its switch, without a certificate.
    "rollback": (),
}
# Stages that copy what the cutover hands over: after it they would write over what customers did at mi.com.
BEFORE_CUTOVER = ("prepare", "backfill")
AFTER_CUTOVER = ("coupon_reissue", "history", "archive", "final_shutdown")
# Stages for which a certificate from before a rollback proves nothing any more.
AFTER_ROLLBACK = ("cutover", "coupon_reissue", "history", "archive", "final_shutdown")


def enter(place: Workplace, stage: str) -> dict[str, str]:
    """Refuse unless the stage is due and in order; returns the certificates it stands on. Rerun: safe, reads only.

    Raises StageRefused, which says what to wait for or what to run first.
    """
    calendar = place.settings.calendar
    if (milestone := getattr(calendar, stage, None)) and calendar.today() < milestone:
        raise StageRefused(
            f"{stage} is not due before {milestone:%Y-%m-%d %H:%M} UTC; on the migration's calendar it is "
            f"{calendar.today():%Y-%m-%d %H:%M}. Wait, or move the whole calendar for a rehearsal (docs/runbook.md, 'Rehearsal')."
        )
    with postgres.connect(place.target, "target", name=f"enter {stage}") as target:
        if not postgres.value(target, "select to_regclass('migration.certificate') is not null"):
            if NEEDS[stage]:
                raise StageRefused(
                    f"{stage} needs the certificate of {NEEDS[stage][0]}, and nothing is certified yet: run poco_{NEEDS[stage][0]} first."
                )
            return {}
        left = sorted(set(place.settings.moving()) - handover.not_pocos(place, [entity.name for entity in cards.of("cutover")]))
        away = sorted(set(place.settings.moving()) - handover.done(place, [entity.name for entity in cards.of("cutover")]))
        back = certificate.newest(target, "rollback")
        # Behind a rollback a backfill would write over what nobody has decided about.
        if stage in BEFORE_CUTOVER and (not left or (stage == "backfill" and back)):
            raise StageRefused(
                f"{stage} would write over what customers have done at mi.com since the cutover. "
                "poco_reconcile shows what differs; poco_rollback is the way back, until the coupons are reissued."
            )
        found = {}
        for needed in NEEDS[stage]:
            known = certificate.newest(target, needed)
            if known is None:
                raise StageRefused(
                    f"{stage} needs the certificate of {needed}, which is not there: run poco_{needed} first, then clear this task."
                )
            if stage in AFTER_ROLLBACK and back and known.sequence < back.sequence:
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
