"""poco_history: by 12 December. Shipments, scans, reviews, every photo and every attachment."""

from airflow.sdk.bases.operator import chain

from poco_migration.orchestration.dag_parts import POOL, compared, copied, door, gate, signatures, step
from poco_migration.stages import certification, history, reconcile

ABOUT = """Complete the history at mi.com: logistics, reviews with their photos; and show what moved before is there.

Every row is compared before it is handed over. Objects are copied by part and verified by checksum; any part can be cleared and
run again, and writes only what is not there yet.
"""
HAPPENS = [
    "POCO's shipments and reviews close for good in every region that moves, and are copied with their photos.",
    "When every row and every object is proven, mi.com owns them. Nothing has been measured yet in this run: that comes after they close.",
]

with door("history", ABOUT):
    entered = step(certification.enter)("history")
    drafted, asked = signatures("history", "Close POCO's shipments and reviews for good and copy them?", HAPPENS)
    closed = step(history.close)([approval.output for approval in asked])
    copies = copied("history", after=closed)
    parts = step(reconcile.parts_to_compare)("history")
    verified = compared(parts)
    planned = step(history.plan_objects)()
    objects = step(history.copy_objects, pool=POOL, map_index_template="{{ part_name }}").expand(part=planned)
    proven = step(history.prove_objects, trigger_rule="none_failed")()
    measured = step(reconcile.measure)("history", "cutover")
    rows, rows_accepted = gate("history", "rows")
    complete, accepted = gate("history", "complete")
    owned = step(history.hand_over)()
    certified = step(certification.certify)("history", {"rows": rows_accepted.output, "complete": accepted.output})
    chain(entered, drafted)
    chain(asked, closed)
    chain(copies, parts)
    chain(verified, planned)
    chain(objects, proven, measured, [rows, complete])
    chain([rows_accepted, accepted], owned, certified)
