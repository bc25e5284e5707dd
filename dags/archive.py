"""poco_archive: 16 December. Every table of POCO's in files that are never changed, restored and compared."""

from airflow.sdk import TriggerRule
from airflow.sdk.bases.operator import chain

from poco_migration.orchestration.dag_parts import POOL, door, gate, step
from poco_migration.stages import archive, certification

ABOUT = """Archive POCO's tables as Parquet, then restore them into an empty database and compare every row.

Personal columns open with their person's key only. India and secret columns are not in it. The shutdown needs its certificate.
"""
NAMED = {"pool": POOL, "map_index_template": "{{ part_name }}"}

with door("archive", ABOUT):
    entered = step(certification.enter)("archive")
    tables = step(archive.plan)()
    written = step(archive.write, **NAMED).expand(part=tables)
    settled = step(archive.settle)()
    begun = step(archive.begin_drill)()
    restored = step(archive.restore, **NAMED).expand(part=tables)
    ended = step(archive.end_drill, trigger_rule=TriggerRule.ALL_DONE)()
    judged, accepted = gate("archive", "restored")
    certified = step(certification.certify)("archive", {"restored": accepted.output})
    chain(entered, tables, written, settled, begun, restored, ended)
    chain(restored, judged)
    chain([accepted, ended], certified)
