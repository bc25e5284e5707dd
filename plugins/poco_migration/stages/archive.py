"""By 16 December: everything of POCO's is in files that cannot be changed, and was restored out of them and compared."""

from __future__ import annotations

import logging
from typing import Any

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, facts
from poco_migration.engine.archive import restore_drill, writer
from poco_migration.model import Run

log = logging.getLogger(__name__)


def plan(place: Workplace, run: Run) -> list[dict[str, str]]:
    """A part per table; it holds a file per region. Largest tables are no special case: memory is flat."""
    return [{"entity": name} for name in cards.entities()]


def write(place: Workplace, run: Run, part: dict[str, str]) -> dict[str, Any]:
    """Archive one table. Rerun: safe; a file that is there with the right hash is not written again."""
    with writer.open_session(place, run) as desk:
        files = writer.archive_table(desk, cards.entities()[part["entity"]])
    rows, written = sum(file["rows"] for file in files), sum(file["written"] for file in files)
    seconds = sum(file["seconds"] for file in files)
    log.info("%s: %d rows in %d files, %d of them written now, %.1f MB", part["entity"], rows, len(files), written,
             sum(file["bytes"] for file in files) / 1e6)  # fmt: skip
    return {"entity": part["entity"], "rows": rows, "files": len(files), "written": written, "seconds": round(seconds, 2)}


def settle(place: Workplace, run: Run) -> dict[str, str]:
    """Prove the files equal to POCO's tables at one position, and write the manifest. Rerun: a new manifest, the same files."""
    with writer.open_session(place, run) as desk:
        key = writer.finish_archive(desk, cards.entities())
        locked = place.settings.archive.lock_mode if desk.locks else "none: the bucket has no object lock"
    log.info("the archive is complete: manifest %s; lock %s", key, locked)
    return {"manifest": key, "lock": locked}


@facts.measures("drill")
def begin_drill(place: Workplace, run: Run) -> int:
    """Empty the drill's database, and see that the manifest names every table and region. Rerun: begins again."""
    files = restore_drill.begin_drill(place)
    restore_drill.note_manifest(place, run, {(name, region) for name in cards.entities() for region in place.settings.moving()})
    return files


def restore(place: Workplace, run: Run, part: dict[str, str]) -> dict[str, Any]:
    """Restore one table and compare it; what is wrong is for the gate to say. Rerun: restores again."""
    found = restore_drill.restore_table(place, run, part["entity"])
    for problem in found["wrong"]:
        log.error("%s, %s", part["entity"], problem)
    return found


def end_drill(place: Workplace, run: Run) -> None:
    """Throw the restored rows away, whatever became of them: they are people's data in clear. Rerun: safe."""
    restore_drill.drop_restored(place)
