"""poco_rollback: by hand, after the switch and before the coupons. What changed at mi.com comes back, and POCO sells again."""

from airflow.sdk.bases.operator import chain

from poco_migration.orchestration.dag_parts import door, for_real, gate, regions, signatures, step
from poco_migration.stages import certification, rollback

ABOUT = """Take the cutover back for some regions, or for all: mi.com stops, what changed there comes back, POCO's store opens.

Until the coupons are reissued. What POCO's columns cannot say is listed by key (`migration.not_returned`), never dropped.
With `dry_run` it only counts what would come back and what would not.
"""
ASKED = "{{ params.regions | join(',') }}"

with door("rollback", ABOUT, params=regions(dry_run=True)):
    entered = step(certification.enter)("rollback")
    planned = step(rollback.plan)(ASKED)
    goes_on = for_real()
    drafted, asked = signatures("rollback", "Give these regions back to POCO?", planned)
    returned = step(rollback.give_back)([approval.output for approval in asked], ASKED)
    proof, accepted = gate("rollback", "returned")
    certified = step(certification.certify)("rollback", {"returned": accepted.output})
    chain(entered, planned, goes_on, drafted)
    chain(asked, returned, proof)
    chain(accepted, certified)
