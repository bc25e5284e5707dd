"""What a recount cannot count any more: the worker of a switch died after it had handed over, and customers write at mi.com since then.

POCO's tables are closed, so what is there is counted exactly. At mi.com nobody may change what a lasting total sums up, and no row may
come under POCO's keys: if such a thing differs, it was lost. Anything else that differs may be a customer's doing; of that the figures
from right before the switch stand, and it is told by name that they were not counted again.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.totals import control_totals
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"


def set_uncounted_aside(place: Workplace, run: Run, before: Run, regions: Collection[str]) -> int:
    """Note what differs in these regions and may be a customer's doing; returns how many figures. Rerun: notes the run's own anew."""
    lasting = [path for path in control_totals.FOLDER.iterdir() if path.is_dir() and control_totals.lasting(path)]
    kept, lasts = sorted({control_totals.entity_of(path) for path in lasting}), [path.name for path in lasting]
    with postgres.connect(place.target, "target", name=f"uncounted {run.id}") as target, target.transaction():
        target.execute("delete from migration.uncounted where run = %s", (run.id,))
        equations = postgres.changed(target, SQL / "uncounted_equations.sql", run.id, before.id, list(regions), kept)
        sums = postgres.changed(target, SQL / "uncounted_totals.sql", run.id, before.id, list(regions), lasts)
    return equations + sums


def regions_handed_over_by(place: Workplace, run: Run) -> set[str]:
    """The regions of which this run has handed something over, in whichever try."""
    with postgres.connect(place.target, "target", name=f"uncounted {run.id}") as target:
        query = "select distinct region from migration.system_of_record where run = %s and owner = 'Xiaomi'"
        return {row[0] for row in target.execute(query, (run.id,)).fetchall()}
