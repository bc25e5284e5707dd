"""poco_coupon_reissue: every coupon that can be spent becomes a voucher, once; its earlier uses and points move."""

from airflow.sdk.bases.operator import chain

from poco_migration.orchestration.dag_parts import POOL, compared, copied, door, gate, signatures, step
from poco_migration.stages import certification, coupon_reissue

ABOUT = """Plan, reserve, issue and void: no coupon is ever spendable on both sides, none is lost.

Due by 12 December. Any batch can be cleared and run again: each coupon goes on from where it stands. Every planned coupon and
every entry of points is compared before the first coupon leaves POCO.
"""

with door("coupon_reissue", ABOUT):
    entered = step(certification.enter)("coupon_reissue")
    copies = copied("reissue", after=entered)
    planned = step(coupon_reissue.planned)()
    drafted, asked = signatures("coupon_reissue", "Reissue the coupons and void them at POCO?", planned)
    closed = step(coupon_reissue.close)([approval.output for approval in asked])
    parts = step(coupon_reissue.parts_to_compare)()
    verified = compared(parts)
    rows, rows_accepted = gate("coupon_reissue", "rows")
    batches = step(coupon_reissue.batches)([approval.output for approval in asked])
    moved = step(coupon_reissue.move_batch, pool=POOL, map_index_template="{{ part_name }}").expand(part=batches)
    settled = step(coupon_reissue.settle, trigger_rule="none_failed")()
    measured = step(coupon_reissue.measure)()
    liability, accepted = gate("coupon_reissue", "liability")
    noticed = step(coupon_reissue.write_notices)()
    certified = step(certification.certify)("coupon_reissue", {"rows": rows_accepted.output, "liability": accepted.output})
    chain(copies, planned, drafted)
    chain(asked, closed, parts)
    chain(verified, rows)
    chain(rows_accepted, batches)
    chain(moved, settled, measured, liability)
    chain(accepted, noticed, certified)
