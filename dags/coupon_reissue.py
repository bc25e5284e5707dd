"""poco_coupon_reissue: every coupon that can be spent becomes a voucher, once; points become loyalty entries."""

from airflow.sdk.bases.operator import chain

from poco_migration.adapters.doors import POOL, door, gate, signatures, step
from poco_migration.engine import cards
from poco_migration.stages import backfill, checks, reconcile, reissue

ABOUT = """Plan, reserve, issue and void: no coupon is ever spendable on both sides, none is lost.

Due by 12 December. Any batch can be cleared and run again: each coupon goes on from where it stands.
"""

with door("coupon_reissue", ABOUT):
    entered = step(checks.enter)("coupon_reissue")
    parts = step(backfill.plan, multiple_outputs=True)("reissue")
    entered >> parts
    copied = [
        step(backfill.copy_part, task_id=f"copy_{entity.name}", pool=POOL).expand(part=parts[entity.name]) for entity in cards.of("reissue")
    ]
    asked = signatures("coupon_reissue", "Reissue the coupons and void them at POCO?", "Planned: {{ ti.xcom_pull(task_ids='copy_coupons') }}")
    batches = step(reissue.batches)([approval.output for approval in asked])
    moved = step(reissue.move_batch, pool=POOL).expand(batch=batches)
    settled = step(reissue.settle, trigger_rule="none_failed")()
    measured = step(reconcile.measure)("reissue")
    liability, accepted = gate("coupon_reissue", "liability")
    certified = step(checks.certify)("coupon_reissue", {"liability": accepted.output})
    chain(copied, asked, batches)
    chain(moved, settled, measured, liability)
    chain(accepted, certified)
