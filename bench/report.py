"""One measure with its goal, and the file that says what was measured where."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Measure:
    name: str
    value: float
    goal: str
    met: bool
    raw: dict[str, Any] = field(default_factory=dict)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def write(measures: Sequence[Measure], postgres: str, folder: Path = RESULTS, name: str = "latest") -> Path:
    """Write latest.json (or another name) and print the table."""
    document = {
        "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()},
        "versions": {"python": platform.python_version(), "psycopg": version("psycopg"), "postgres": postgres},
        "measures": [
            {"name": m.name, "value": round(m.value, 3), "goal": m.goal, "ratio": round(m.value, 3), "met": m.met} for m in measures
        ],
        "raw": {m.name: m.raw for m in measures},
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    for m in measures:
        print(f"{'met ' if m.met else 'MISS'}  {m.value:>12,.2f}  goal {m.goal:<10}  {m.name}")
    return path
