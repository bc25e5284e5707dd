"""poco_history: by 12 December. Shipments, scans, reviews, redemptions, and every photo."""

from airflow.sdk.bases.operator import chain

from poco_migration.adapters.doors import POOL, door, gate, step
from poco_migration.engine import cards
from poco_migration.stages import backfill, checks, history, reconcile

ABOUT = """Complete the history at mi.com: logistics, reviews with their photos, redemptions.

Objects are copied one by one and verified by checksum; a rerun copies only what is not there yet.
"""

with door("history", ABOUT):
    entered = step(checks.enter)("history")
    closed = step(history.take_over)()
    parts = step(backfill.plan, multiple_outputs=True)("history")
    chain(entered, closed, parts)
    copied = {}
    for entity in cards.of("history"):
        copied[entity.name] = step(backfill.copy_part, task_id=f"copy_{entity.name}", pool=POOL).expand(part=parts[entity.name])
        [copied[parent] for parent in entity.parents if parent in copied] >> copied[entity.name]
    objects = step(history.copy_objects)()
    measured = step(reconcile.measure)("history")
    complete, accepted = gate("history", "complete")
    certified = step(checks.certify)("history", {"complete": accepted.output})
    list(copied.values()) >> objects >> measured
    chain(measured, complete)
    chain(accepted, certified)
