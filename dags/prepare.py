"""poco_prepare: is everything ready, and what may leave POCO's database. Writes nothing to it before the gate is green."""

from airflow.sdk.bases.operator import chain

from poco_migration.orchestration.dag_parts import door, gate, step
from poco_migration.stages import certification, prepare

ABOUT = """Assess both sides, install what may leave POCO, and begin to keep its log.

A red readiness gate names each check that fails and what to do. Mend it, clear the task `assess`, and the DAG goes on.
"""

with door("prepare", ABOUT):
    entered = step(certification.enter)("prepare")
    ledger = step(prepare.open_ledger)()
    assessed = step(prepare.assess)()
    readiness, accepted = gate("prepare", "readiness")
    installed = step(prepare.install)()
    forecast = step(prepare.forecast)()
    following = step(prepare.begin_following)()
    certified = step(certification.certify)("prepare", {"readiness": accepted.output})
    chain(entered, ledger, assessed, readiness)
    chain(accepted, installed, forecast, following, certified)
