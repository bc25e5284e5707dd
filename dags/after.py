"""poco_after: every day behind the shutdown, whether redirects, exports and the archive work and the store stays closed."""

from airflow.sdk.bases.operator import chain

from poco_migration.orchestration.dag_parts import door, gate, step
from poco_migration.stages import after, certification

ABOUT = """Try, every day until `after.until`, what the shutdown has left behind: redirects, signed links, kept files by their hash,
and, through `poco_witness`, that POCO's store takes no login and no write in the regions that moved.

Unpause it when poco_final_shutdown is certified. A red gate is told by `poco_alerts` too. Behind `after.until` a run is
skipped and says so: then pause it.
"""

with door("after", ABOUT, daily=True):
    entered = step(after.enter)()
    looked = step(after.look)()
    works, accepted = gate("after", "works")
    certified = step(certification.certify)("after", {"works": accepted.output})
    chain(entered, looked, works)
    chain(accepted, certified)
