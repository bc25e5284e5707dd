"""poco_history: by 12 December. Shipments, scans, reviews, redemptions, and every photo."""

from airflow.sdk.bases.operator import chain

from poco_migration.doors import copied, door, gate, signatures, step
from poco_migration.stages import checks, history, reconcile

ABOUT = """Complete the history at mi.com: logistics, reviews with their photos, redemptions.

Objects are copied one by one and verified by checksum; a rerun copies only what is not there yet.
"""
HAPPENS = [
    "POCO's shipments, reviews and redemptions close for good in every region that moves, and are copied with their photos.",
    "When the proof holds, mi.com owns them. Nothing has been measured yet in this run: that comes after they are closed.",
]

with door("history", ABOUT):
    entered = step(checks.enter)("history")
    drafted, asked = signatures("history", "Close POCO's shipments, reviews and redemptions for good and copy them?", HAPPENS)
    closed = step(history.close)([approval.output for approval in asked])
    copies = copied("history", after=closed)
    objects = step(history.copy_objects)()
    measured = step(reconcile.measure)("history")
    complete, accepted = gate("history", "complete")
    owned = step(history.hand_over)()
    certified = step(checks.certify)("history", {"complete": accepted.output})
    chain(entered, drafted)
    chain(asked, closed)
    chain(copies, objects, measured, complete)
    chain(accepted, owned, certified)
