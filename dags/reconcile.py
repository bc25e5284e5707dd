"""poco_reconcile: compare both sides row by row, repair what differs, count and sum; every night and on demand."""

from airflow.sdk.bases.operator import chain

from poco_migration.orchestration.dag_parts import compared, door, gate, step
from poco_migration.stages import certification, reconcile

ABOUT = """Compare every row of both sides by its hash, list the keys that differ, copy them, and compare them again.

Then count every entity and region and compare control totals. The cutover needs this certificate. To compare everything
anew in the same run clear `parts_to_compare`; to look again at the keys that are open clear `repair`. What mi.com owns is
left out; behind the cutover of every region a run is skipped, and looks whether POCO's closed tables are quiet, unless the slot was
lost: then it is made good.
"""

with door("reconcile", ABOUT, nightly=True):
    entered = step(certification.enter)("reconcile")
    left = step(reconcile.anything_left)()
    renewed = step(reconcile.renew_slot)()
    parts = step(reconcile.all_parts, task_id="parts_to_compare")()
    verified = compared(parts)
    certifying = step(reconcile.to_certify)()
    measured = step(reconcile.measure)("cutover", "never")
    rows, rows_accepted = gate("reconcile", "rows")
    counts, counts_accepted = gate("reconcile", "counts")
    totals, totals_accepted = gate("reconcile", "control_totals")
    accepted = {"rows": rows_accepted.output, "counts": counts_accepted.output, "control_totals": totals_accepted.output}
    certified = step(certification.certify)("reconcile", accepted)
    chain(entered, left, renewed, parts)
    chain(verified, certifying, measured, [rows, counts, totals])
    chain([rows_accepted, counts_accepted, totals_accepted], certified)
