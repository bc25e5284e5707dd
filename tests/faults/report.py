"""What was broken and what became of it: printed at the end of the run, and written to build/faults.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from poco_migration.settings import PROJECT

FILE = PROJECT / "build" / "faults.json"


@dataclass(frozen=True)
class Cell:
    """One fault in one stage. `ok`: it happened, and the target was right after catching up (or, for a rule that was
    switched off, was not)."""

    stage: str
    fault: str
    outcome: str
    ok: bool


CELLS: list[Cell] = []
LINES: list[str] = []


def cell(stage: str, fault: str, outcome: str, ok: bool) -> None:
    CELLS.append(Cell(stage, fault, outcome, ok))


def rule(name: str, seen: str) -> None:
    cell("rules", name, seen, seen != "equal")


def say(line: str) -> None:
    """A line for the end of the run: a seed, a measurement."""
    LINES.append(line)


def handed_over() -> dict[str, Any]:
    """What one of several test processes has noted, for the one that prints it."""
    return {"cells": [asdict(cell) for cell in CELLS], "lines": LINES}


def taken_over(told: dict[str, Any]) -> None:
    CELLS.extend(Cell(**cell) for cell in told["cells"])
    LINES.extend(told["lines"])


def table() -> list[str]:
    """The rules first, then each stage's faults, then what else was measured."""
    rules = [cell for cell in CELLS if cell.stage == "rules"]
    width = max((len(cell.fault) for cell in CELLS), default=0)
    lines = (
        [
            f"{'rule, switched off':{width}}  failed as it should",
            *(f"{c.fault:{width}}  {'yes' if c.ok else 'NO'}, {c.outcome}" for c in rules),
        ]
        if rules
        else []
    )
    for stage in sorted({cell.stage for cell in CELLS} - {"rules"}):
        mine = [cell for cell in CELLS if cell.stage == stage]
        lines += [
            "",
            f"{stage + ': fault':{width}}  outcome",
            *(f"{c.fault:{width}}  {'ok' if c.ok else 'NOT OK'}, {c.outcome}" for c in mine),
        ]
    return lines + ([""] if LINES else []) + LINES


def write() -> None:
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps({"cells": [asdict(cell) for cell in CELLS]}, indent=1) + "\n", "utf-8")
