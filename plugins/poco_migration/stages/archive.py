"""By 16 December: everything of POCO's is in files that cannot be changed, and was restored out of them and compared."""

from __future__ import annotations

import logging
from typing import Any, TypedDict

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.archive import restore_drill, writer
from poco_migration.engine.evidence import facts
from poco_migration.model import Run

log = logging.getLogger(__name__)
# About a minute of work: much more than a task takes to start, and a rerun repeats little.
TASK_ROWS = 1_000_000


class Tables(TypedDict):
    """Tables that one task archives or restores: small ones together, because a task takes seconds to start."""

    tables: list[str]


def plan(place: Workplace, run: Run) -> list[Tables]:
    """The tables in batches of at most TASK_ROWS rows, by the last analyze; a larger table stands alone. Rerun: plans anew, safe."""
    batches: list[Tables] = []
    room = 0
    for name, rows in sorted(writer.table_sizes(place, cards.entities()).items(), key=lambda size: -size[1]):
        if not batches or rows > room:
            batches.append({"tables": []})
            room = TASK_ROWS
        batches[-1]["tables"].append(name)
        room -= rows
    log.info("%d tables in %d tasks", len(cards.entities()), len(batches))
    return batches


def write(place: Workplace, run: Run, part: Tables) -> list[dict[str, Any]]:
    """Archive these tables, a file per region. Rerun: safe; a file that is there with the right hash is not written again."""
    return [_write(place, run, name) for name in part["tables"]]


def _write(place: Workplace, run: Run, name: str) -> dict[str, Any]:
    with writer.open_session(place, run) as desk:
        files = writer.archive_table(desk, cards.entities()[name])
    rows, written = sum(file["rows"] for file in files), sum(file["written"] for file in files)
    seconds = sum(file["seconds"] for file in files)
    log.info("%s: %d rows in %d files, %d of them written now, %.1f MB", name, rows, len(files), written,
             sum(file["bytes"] for file in files) / 1e6)  # fmt: skip
    return {"entity": name, "rows": rows, "files": len(files), "written": written, "seconds": round(seconds, 2)}


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


def restore(place: Workplace, run: Run, part: Tables) -> list[dict[str, Any]]:
    """Restore these tables and compare each; what is wrong is for the gate to say. Rerun: restores again."""
    found = [restore_drill.restore_table(place, run, name) for name in part["tables"]]
    for name, restored in zip(part["tables"], found, strict=True):
        for problem in restored["wrong"]:
            log.error("%s, %s", name, problem)
    return found


def end_drill(place: Workplace, run: Run) -> None:
    """Throw the restored rows away, whatever became of them: they are people's data in clear. Rerun: safe."""
    restore_drill.drop_restored(place)
