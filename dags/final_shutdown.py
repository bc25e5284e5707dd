"""poco_final_shutdown: 31 December. The store closes for good in every region that moved."""

from airflow.sdk.bases.operator import chain

from poco_migration.doors import door, gate, signatures, step
from poco_migration.stages import checks, reconcile, shutdown

ABOUT = """End the app's logins, close every table for good, answer for every address of POCO's. India is not touched.

Refuses before its date and without the certificates of coupons, history and redirects. Cannot be undone.
"""
HAPPENS = [
    "The store closes for good in every region that moved, and the app's logins there end. This cannot be undone.",
    "Every address of POCO's leads to mi.com from then on; the log of POCO's database is followed no more.",
]

with door("final_shutdown", ABOUT):
    entered = step(checks.enter)("final_shutdown")
    measured = step(reconcile.measure)("cutover", "history", "reissue", "never")
    entry, entry_accepted = gate("final_shutdown", "entry")
    drafted, asked = signatures("final_shutdown", "Shut the POCO store down for good?", HAPPENS)
    closed = step(shutdown.close)([approval.output for approval in asked])
    proof, proof_accepted = gate("final_shutdown", "closed")
    certified = step(checks.certify)("final_shutdown", {"entry": entry_accepted.output, "closed": proof_accepted.output})
    chain(entered, measured, entry)
    chain(entry_accepted, drafted)
    chain(asked, closed, proof)
    chain(proof_accepted, certified)
