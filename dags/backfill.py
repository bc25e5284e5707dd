"""poco_backfill: copy what moves on 21 October, part by part, parents before children."""

from airflow.sdk.bases.operator import chain

from poco_migration.adapters.doors import POOL, door, gate, step
from poco_migration.engine import cards
from poco_migration.stages import backfill, checks, reconcile

ABOUT = """Copy people, catalogue, purchases and after-sales in parts of some hundred thousand rows.

Any part can be cleared and run again at any time: what is right already is not touched. A row that cannot be converted
is in the quarantine with its reason and what to do (`migration.quarantine` on mi.com's side).
"""

with door("backfill", ABOUT):
    entered = step(checks.enter)("backfill")
    parts = step(backfill.plan, multiple_outputs=True)("cutover")
    entered >> parts
    copied = {}
    for entity in cards.of("cutover"):
        copy = step(backfill.copy_part, task_id=f"copy_{entity.name}", pool=POOL, map_index_template="{{ task.op_kwargs['part'] }}")
        copied[entity.name] = copy.expand(part=parts[entity.name])
        [copied[parent] for parent in entity.parents] >> copied[entity.name]
    measured = step(reconcile.measure)("cutover", "never")
    list(copied.values()) >> measured
    loaded, accepted = gate("backfill", "loaded")
    certified = step(checks.certify)("backfill", {"loaded": accepted.output})
    chain(measured, loaded)
    chain(accepted, certified)
