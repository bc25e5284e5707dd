"""poco_cutover: 21 October. Two people sign, the store closes for seconds, and mi.com owns it."""

from airflow.sdk.bases.operator import chain

from poco_migration.orchestration.dag_parts import door, for_real, gate, regions, signatures, step
from poco_migration.stages import certification, cutover, reconcile, rollback

ABOUT = """Close the store for the regions that move, prove what changed, and hand over to mi.com. India goes on.

Nothing is closed before two different approvers have signed. All regions at once, or those that `regions` names (a wave).
With `dry_run` it prints its plan and how long the store would be closed, and ends. A region that fails opens again.
"""

with door("cutover", ABOUT, params=regions(dry_run=True)):
    planned = step(cutover.plan)()
    goes_on = for_real()
    entered = step(certification.enter)("cutover")
    rehearsed = step(rollback.rehearse)()
    measured = step(reconcile.measure, task_id="measure_before")("cutover", "never")
    entry, entry_accepted = gate("cutover", "entry")
    drafted, asked = signatures("cutover", "Hand the store over to mi.com?", planned, {"entry": entry_accepted.output})
    switched = step(cutover.switch)([approval.output for approval in asked])
    proof, proof_accepted = gate("cutover", "switched")
    certified = step(certification.certify)("cutover", {"entry": entry_accepted.output, "switched": proof_accepted.output})
    chain(planned, goes_on, entered, rehearsed, measured, entry)
    chain(entry_accepted, drafted)
    chain(asked, switched, proof)
    chain(proof_accepted, certified)
