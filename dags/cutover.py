"""poco_cutover: 21 October. Two people sign, the store closes, is proven, and mi.com owns it."""

from airflow.sdk.bases.operator import chain

from poco_migration.doors import door, gate, shown, signatures, step
from poco_migration.stages import checks, cutover, reconcile, rollback

ABOUT = """Close the store for the regions that move, prove once more, and hand over to mi.com. India goes on.

Nothing is closed before two different approvers have signed. A difference found with the store closed opens it again.
"""

with door("cutover", ABOUT):
    entered = step(checks.enter)("cutover")
    rehearsed = step(rollback.rehearse)()
    measured = step(reconcile.measure, task_id="measure_before")("cutover", "never")
    entry, entry_accepted = gate("cutover", "entry")
    asked = signatures("Hand the store over to mi.com?", shown("entry"))
    switched = step(cutover.switch)([approval.output for approval in asked])
    proof, proof_accepted = gate("cutover", "switched")
    certified = step(checks.certify)("cutover", {"entry": entry_accepted.output, "switched": proof_accepted.output})
    chain(entered, rehearsed, measured, entry)
    chain(entry_accepted, asked, switched, proof)
    chain(proof_accepted, certified)
