"""poco_follow: what changes in the store is copied within seconds, from the backfill until the handover."""

from poco_migration.orchestration.dag_parts import door, step
from poco_migration.stages import follow

ABOUT = """Read which keys changed out of the source's log and copy those rows again, without end.

Each run lasts about a minute and the next one begins by itself. Unpause it when poco_prepare is certified, pause it after
the shutdown: its runs are skipped then. The result of `follow` is the lag: bytes of log, seconds and keys. A red run with
`SlotLost` means that changes may be missing: start poco_reconcile, which finds and copies them.
"""

with door("follow", ABOUT, endless=True):
    step(follow.follow)()
