"""poco_final_shutdown: 31 December. The store closes for good in every region that moved."""

from airflow.sdk.bases.operator import chain

from poco_migration.orchestration.dag_parts import door, dry, for_real, gate, signatures, step
from poco_migration.stages import certification, final_shutdown, reconcile

ABOUT = f"""Prove that the store may be shut down, then shut it down for good in every region that moved. India goes on.

Refuses before its date, and while a condition is not met: the gate before the signatures names it, and the step behind them
asks again. With `dry_run` it prints its plan and the conditions, at any time, and ends. Points of no return, none of which
can be taken back: {", ".join(step.name for step in final_shutdown.PLAN if step.irreversible)}. Afterwards unpause `poco_after`.
"""

with door("final_shutdown", ABOUT, params=dry("Print the plan and what is not met yet; then end.")):
    planned = step(final_shutdown.plan)()
    goes_on = for_real()
    entered = step(certification.enter)("final_shutdown")
    measured = step(reconcile.measure)("cutover", "history", "reissue", "never")
    conditions = step(final_shutdown.ask, task_id="ask_conditions")()
    entry, entry_accepted = gate("final_shutdown", "entry")
    drafted, asked = signatures("final_shutdown", "Shut the POCO store down for good?", planned, {"entry": entry_accepted.output})
    closed = step(final_shutdown.close)([approval.output for approval in asked])
    proof, proof_accepted = gate("final_shutdown", "closed")
    certified = step(certification.certify)("final_shutdown", {"entry": entry_accepted.output, "closed": proof_accepted.output})
    chain(planned, goes_on, entered, measured, conditions, entry)
    chain(entry_accepted, drafted)
    chain(asked, closed, proof)
    chain(proof_accepted, certified)
