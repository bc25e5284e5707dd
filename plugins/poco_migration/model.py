"""The vocabulary: frozen values that every room shares. No input, no output, no library.

Keys are source keys unless named otherwise; ranges are half-open; counts are rows; times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["quarantined", "excluded", "merged"]
Verdict = Literal["pass", "warn", "fail"]
Decision = Literal["move", "stay", "hold"]

# Columns of an archived file: whose row it is, the row's key at POCO, and its personal columns in one ciphertext.
PERSON, KEY, SEALED = "person", "id", "sealed"


@dataclass(frozen=True)
class Reason:
    """Why a row does not move by itself, what becomes of it, and what to do next."""

    name: str
    outcome: Outcome
    next_action: str
    decided: bool = False  # by somebody and for each of its rows: its share is shown, and it has no limit


@dataclass(frozen=True)
class Derivation:
    """A column that SQL cannot compute: `column` = function(*inputs), joined to the staged rows."""

    column: str
    function: str
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Parent:
    """Another entity whose row must be at mi.com first. `source` and `target` are the columns that name it."""

    entity: str
    source: str
    target: str


@dataclass(frozen=True)
class Entity:
    """One kind of thing that moves, as its folder in entities/ describes it. Its name is its POCO table's name."""

    name: str
    about: str
    moves: Literal["cutover", "history", "reissue", "never"]
    parents: tuple[Parent, ...] = ()
    siblings: str = ""  # the parent within which rows compete for a place, so that a change of one concerns them all
    table: str = ""
    key: str = ""
    derivations: tuple[Derivation, ...] = ()
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    extract: str = ""
    load: str = ""
    readback: str = ""
    inverse: str = ""  # from readback.sql's shape to POCO's columns; only what a cutover hands over can come back
    shared: str = ""  # the keys whose row hangs on something shared that is not what the rows under it say; often none


@dataclass(frozen=True)
class KeyRange:
    """Keys from lo up to but not including hi; None is open."""

    lo: int | None
    hi: int | None

    def __post_init__(self) -> None:
        if self.lo is not None and self.hi is not None and self.lo >= self.hi:
            raise ValueError(f"empty key range {self}")

    def __str__(self) -> str:
        return f"[{'' if self.lo is None else self.lo}..{'' if self.hi is None else self.hi})"


@dataclass(frozen=True)
class KeySet:
    """Single keys, in ascending order and each once."""

    keys: tuple[int, ...]

    def __post_init__(self) -> None:
        if list(self.keys) != sorted(set(self.keys)):
            raise ValueError("the keys of a key set are ascending and each there once")

    def __str__(self) -> str:
        return f"{len(self.keys)} keys"


Part = KeyRange | KeySet


@dataclass(frozen=True)
class Receipt:
    """What copying one part did. `rows_kept` are on the target after it, `rows_changed` of them were written by it."""

    entity: str
    part: Part
    rows_read: int
    rows_kept: int
    rows_changed: int
    rows_gone: int
    rows_parked: int
    bytes: int
    seconds: float
    rows_left: int = 0  # of those parked, in quarantine now, and at mi.com before


@dataclass(frozen=True)
class Equation:
    """source = migrated + merged + excluded + quarantined, for one entity and region. Closed when nothing remains."""

    entity: str
    region: str
    decision: Decision | Literal["unknown"]
    source: int
    migrated: int
    merged: int
    excluded: int
    quarantined: int

    @property
    def remainder(self) -> int:
        return self.source - self.migrated - self.merged - self.excluded - self.quarantined

    @property
    def missing(self) -> int:
        return max(0, self.remainder)

    @property
    def extra(self) -> int:
        return max(0, -self.remainder)


@dataclass(frozen=True)
class Unequal:
    """A key at which the target is not what the source says."""

    entity: str
    region: str
    key: int
    kind: str


@dataclass(frozen=True)
class Run:
    """Who is at work: one try of one task. `id` ("dag/run") names the measurements that belong together.

    `asked` is what whoever started the run asked for (the DAG's params).
    """

    id: str
    task: str = ""
    map_index: int = -1
    try_number: int = 1
    asked: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        mapped = f"[{self.map_index}]" if self.map_index >= 0 else ""
        return f"{self.id}/{self.task}{mapped} try {self.try_number}"


@dataclass(frozen=True)
class Judgement:
    """One expectation and what became of it. `observed` holds counts and keys, never values of a row."""

    suite: str
    type: str
    about: str
    requirement: str
    severity: Literal["critical", "warning", "info"]
    success: bool
    error: str
    observed: Any
    details: Mapping[str, Any]
    next_action: str


@dataclass(frozen=True)
class GateResult:
    """A gate's verdict. `expected` expectations stood in the suites, `evaluated` of them gave a result."""

    stage: str
    gate: str
    verdict: Verdict
    expected: int
    evaluated: int
    judgements: tuple[Judgement, ...]
    report: str = ""
    sha256: str = ""  # of the result as it lies in the evidence bucket


@dataclass(frozen=True)
class Finding:
    """One line of the readiness report: what was measured for one region (ALL: the whole), and what to do when it is not ok."""

    region: str
    check: str
    measured: str
    demanded: str
    ok: bool
    next_action: str
    severity: Literal["critical", "warning", "info"] = "critical"


@dataclass(frozen=True)
class Reject:
    """Rows of one entity and region that will not move by themselves, and why. `rows` is a forecast."""

    entity: str
    region: str
    reason: str
    outcome: Outcome
    rows: int


PartOf = dict[str, Any]  # {"entity", "lo", "hi"}: what crosses XCom; with "parts" it stands for several neighbours
