"""poco_reconcile: count and sum both sides; changes nothing."""

from airflow.sdk.bases.operator import chain

from poco_migration.doors import door, gate, step
from poco_migration.stages import checks, reconcile

ABOUT = """Count every entity and region on both sides and compare control totals.

The cutover needs this certificate. Control totals are sums over the original tables, written by the auditors.
"""

with door("reconcile", ABOUT):
    entered = step(checks.enter)("reconcile")
    measured = step(reconcile.measure)("cutover", "never")
    counts, counts_accepted = gate("reconcile", "counts")
    totals, totals_accepted = gate("reconcile", "control_totals")
    certified = step(checks.certify)("reconcile", {"counts": counts_accepted.output, "control_totals": totals_accepted.output})
    chain(entered, measured, [counts, totals])
    chain([counts_accepted, totals_accepted], certified)
