"""poco_rollback: by hand, after the switch and before the coupons. What changed at mi.com comes back, and POCO sells again."""

from airflow.sdk import Param, task
from airflow.sdk.bases.operator import chain

from poco_migration.doors import door, gate, signatures, step
from poco_migration.stages import checks, rollback

ABOUT = """Take the cutover back for some regions, or for all: mi.com stops, what changed there comes back, POCO's store opens.

Until the coupons are reissued. What POCO's columns cannot say is listed by key (`migration.not_returned`), never dropped.
With `dry_run` it only counts what would come back and what would not.
"""
OPTIONS = {
    "regions": Param("", type="string", description="Regions with commas between, such as DE,FR. None: all that were handed over."),
    "dry_run": Param(False, type="boolean", description="Only print the plan."),
}
PLANNED = "{% for line in ti.xcom_pull(task_ids='plan') %}\n- {{ line }}{% endfor %}"


@task.short_circuit
def unless_dry_run(only_plan: str) -> bool:
    """Everything behind this is skipped where only the plan was wanted."""
    return only_plan != "True"


with door("rollback", ABOUT, params=OPTIONS):
    entered = step(checks.enter)("rollback")
    planned = step(rollback.plan)("{{ params.regions }}")
    real = unless_dry_run("{{ params.dry_run }}")
    asked = signatures("Give these regions back to POCO?", PLANNED)
    returned = step(rollback.give_back)([approval.output for approval in asked], "{{ params.regions }}")
    proof, accepted = gate("rollback", "returned")
    certified = step(checks.certify)("rollback", {"returned": accepted.output})
    chain(entered, planned, real, asked, returned, proof)
    chain(accepted, certified)
