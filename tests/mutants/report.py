"""What became of every mutant: build/mutants.json, and the table entity.column: killed by which expectation."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

from poco_migration.settings import PROJECT

REPORT = PROJECT / "build" / "mutants.json"


@dataclass(frozen=True)
class Line:
    """One mutant: killed by these expectations, or accepted for this reason, or neither: then it has survived.

    `stopped`: the copy itself stops with this error, so that there is no result to judge. It is told and not counted.
    """

    entity: str
    column: str
    mutation: str
    killed_by: list[str]
    accepted: str | None
    stopped: str = ""

    @property
    def survived(self) -> bool:
        return not (self.killed_by or self.accepted or self.stopped)

    def __str__(self) -> str:
        return f"{self.entity}.{self.column}, {self.mutation}"


def write(lines: list[Line], path: Path = REPORT) -> None:
    """Write the report anew."""
    path.parent.mkdir(exist_ok=True)
    told = [{name: value for name, value in asdict(line).items() if name != "stopped"} for line in lines if not line.stopped]
    path.write_text(json.dumps({"mutants": told}, indent=1) + "\n", "utf-8")


def table(lines: list[Line]) -> str:
    """One line a column: how many mutants, and the shortest list of expectations that kills them."""
    columns: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        columns[f"{line.entity}.{line.column}"].append(line)
    told = []
    for name, mutants in columns.items():
        killers = sorted({line.killed_by[0] for line in mutants if line.killed_by})
        killers += sorted({f"accepted: {line.accepted}" for line in mutants if line.accepted and not line.killed_by})
        killers += [f"SURVIVED: {line.mutation}" for line in mutants if line.survived]
        killers += sorted({f"stops the copy: {line.stopped.partition(':')[0]}" for line in mutants if line.stopped})
        told.append(f"{name} ({len(mutants)}): {'; '.join(killers)}")
    killed, accepted = sum(bool(line.killed_by) for line in lines), sum(bool(line.accepted) for line in lines)
    survived, stopped = sum(line.survived for line in lines), sum(bool(line.stopped) for line in lines)
    return "\n".join(
        [
            *told,
            f"{killed + accepted + survived} mutants: {killed} killed, {accepted} accepted, {survived} survived; {stopped} more stop the copy",
        ]
    )
