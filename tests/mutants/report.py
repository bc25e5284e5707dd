"""What became of every mutant: build/mutants.json, and the table entity.column: killed by which expectation."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

from poco_migration.settings import PROJECT

# A constraint of a table on mi.com's side, as adapters/postgres.py names it: neither extract.sql nor load.sql has a say in it.
REFUSED = re.compile(r"by the target \((\w+Violation \w[^)]*)\)")
REPORT = PROJECT / "build" / "mutants.json"


@dataclass(frozen=True)
class Line:
    """One mutant: killed by these expectations, or accepted for this reason, or neither: then it has survived.

    `stopped`: the copy itself stops with this error, so that there is no result to judge. Where it is a constraint of mi.com's tables
    that refuses, the mutant is killed by it; any other is told in the table, and neither counted nor written.
    """

    entity: str
    column: str
    mutation: str
    killed_by: list[str]
    accepted: str | None
    stopped: str = ""

    @property
    def killers(self) -> list[str]:
        """What has killed it: expectations, or the constraint that stops the copy."""
        refused = REFUSED.search(self.stopped)
        return [*self.killed_by, *([f"the copy stops: {refused[1]}"] if refused else [])]

    @property
    def counted(self) -> bool:
        """Whether it stands in the report: all but those that stop the copy in a way that is no constraint's."""
        return not self.stopped or bool(self.killers)

    @property
    def survived(self) -> bool:
        return not (self.killers or self.accepted or self.stopped)

    def __str__(self) -> str:
        return f"{self.entity}.{self.column}, {self.mutation}"


def write(lines: list[Line], path: Path = REPORT) -> None:
    """Write the report anew."""
    path.parent.mkdir(exist_ok=True)
    names = ("entity", "column", "mutation", "accepted")
    told = [
        {name: value for name, value in asdict(line).items() if name in names} | {"killed_by": line.killers}
        for line in lines
        if line.counted
    ]
    path.write_text(json.dumps({"mutants": told}, indent=1) + "\n", "utf-8")


def table(lines: list[Line]) -> str:
    """One line a column: how many mutants, and the shortest list of expectations that kills them."""
    columns: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        columns[f"{line.entity}.{line.column}"].append(line)
    told = []
    for name, mutants in columns.items():
        killers = sorted({line.killers[0] for line in mutants if line.killers})
        killers += sorted({f"accepted: {line.accepted}" for line in mutants if line.accepted and not line.killers})
        killers += [f"SURVIVED: {line.mutation}" for line in mutants if line.survived]
        killers += sorted({f"stops the copy: {line.stopped.partition(':')[0]}" for line in mutants if not line.counted})
        told.append(f"{name} ({len(mutants)}): {'; '.join(killers)}")
    killed, accepted = sum(bool(line.killers) for line in lines), sum(bool(line.accepted) for line in lines)
    survived, stopped = sum(line.survived for line in lines), sum(not line.counted for line in lines)
    return "\n".join(
        [
            *told,
            f"{killed + accepted + survived} mutants: {killed} killed, {accepted} accepted, {survived} survived; {stopped} more stop the copy by no constraint",
        ]
    )
