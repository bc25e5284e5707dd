"""poco_cutover: 21 October. Two people sign, the store closes, is proven, and mi.com owns it."""

from airflow.sdk.bases.operator import chain

from poco_migration.doors import door, gate, signatures, step
from poco_migration.stages import checks, cutover, reconcile

ABOUT = """Close the store for the regions that move, prove once more, and hand over to mi.com. India goes on.

Nothing is closed before two different approvers have signed. A difference found with the store closed opens it again.
"""
HAPPENS = [
    "The POCO store refuses every write in the regions that move, for seconds; what is still on its way is copied and proven.",
    "If that proof holds, mi.com owns these writes from then on. If it does not, the store opens again and nothing has changed.",
]

with door("cutover", ABOUT):
    entered = step(checks.enter)("cutover")
    measured = step(reconcile.measure, task_id="measure_before")("cutover", "never")
    entry, entry_accepted = gate("cutover", "entry")
    drafted, asked = signatures("cutover", "Hand the store over to mi.com?", HAPPENS)
    switched = step(cutover.switch)([approval.output for approval in asked])
    proof, proof_accepted = gate("cutover", "switched")
    certified = step(checks.certify)("cutover", {"entry": entry_accepted.output, "switched": proof_accepted.output})
    chain(entered, measured, entry)
    chain(entry_accepted, drafted)
    chain(asked, switched, proof)
    chain(proof_accepted, certified)
