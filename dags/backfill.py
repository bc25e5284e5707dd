"""poco_backfill: copy what moves on 21 October, part by part, parents before children."""

from airflow.sdk.bases.operator import chain

from poco_migration.orchestration.dag_parts import copied, door, gate, step
from poco_migration.stages import backfill, certification, reconcile

ABOUT = """Copy people, catalogue, purchases and after-sales in parts of some hundred thousand rows.

Any part can be cleared and run again at any time: what is right already is not touched. A row that cannot be converted
is in the quarantine with its reason and what to do (`migration.quarantine` on mi.com's side).
"""

with door("backfill", ABOUT):
    entered = step(certification.enter)("backfill")
    copies = copied("cutover", after=entered)
    compared = step(backfill.compare_forecast)()
    measured = step(reconcile.measure)("cutover", "never")
    loaded, accepted = gate("backfill", "loaded")
    certified = step(certification.certify)("backfill", {"loaded": accepted.output})
    chain(copies, compared, measured, loaded)
    chain(accepted, certified)
