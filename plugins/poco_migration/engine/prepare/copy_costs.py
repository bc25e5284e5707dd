"""What a part and a row cost when they were copied for the first time, as the receipts tell it: this ledger's, else those that the
newest rehearsals have left in the evidence bucket, because a new target has no ledger, else what the configuration says.
"""

from __future__ import annotations

import json
import logging
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import canonical_json, evidence_files
from poco_migration.errors import ObjectStoreError
from poco_migration.model import Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
CONFIGURED = "migration.toml"
RATES = "reports/backfill/rates/"
REHEARSALS = 3
# A part below this many rows tells what a part costs by itself; one above it what its rows cost.
FEW_ROWS = 1000


@dataclass(frozen=True)
class Load:
    """What one part took when it was copied for the first time."""

    entity: str
    rows: int
    bytes: int
    seconds: float


@dataclass(frozen=True)
class Rates:
    """Seconds for each part, and for each row of an entity; `origin` says where they come from."""

    origin: str
    part_s: float
    row_s: Mapping[str, float]
    row_bytes: Mapping[str, float]
    any_row_s: float
    any_row_bytes: float


def known_rates(place: Workplace, target: postgres.Connection) -> Rates:
    """What a part and a row cost, out of the best there is: this ledger, the newest rehearsals', the configuration."""
    loads = [Load(**row) for row in postgres.run(target, SQL / "forecast_receipts.sql", None)]
    if loads:
        return fitted(place, loads, "receipts of this ledger")
    bucket = place.settings.objects.evidence
    try:
        # Their keys begin with the time. Three together are off by less than the last one: no two hours of a machine are alike.
        kept = [json.loads(place.objects.get(bucket, key)) for key in sorted(place.objects.keys(bucket, RATES))[-REHEARSALS:]]
    except ObjectStoreError as error:  # a readiness check of its own tells it
        log.warning("no rehearsal's rates: %s", error)
        kept = []
    if not kept:
        return fitted(place, [], CONFIGURED)
    before = f", and {len(kept) - 1} before it" if len(kept) > 1 else ""
    return fitted(place, [Load(**load) for document in kept for load in document["loads"]], f"receipts of {kept[-1]['run']}{before}")


def fitted(place: Workplace, loads: Sequence[Load], origin: str) -> Rates:
    """The constant of a part is the median of small ones; what is left of the others is divided by their rows."""
    said = place.settings.forecast
    small = [load.seconds for load in loads if load.rows < FEW_ROWS]
    part_s = statistics.median(small) if small else said.part_overhead_s if not loads else 0.0
    by_entity: dict[str, list[Load]] = defaultdict(list)
    for load in loads:
        by_entity[load.entity].append(load)
    known = {name: some for name, some in by_entity.items() if sum(load.rows for load in some) >= FEW_ROWS}
    row_s = {name: _per_row(some, part_s) for name, some in known.items()}
    row_bytes = {name: sum(load.bytes for load in some) / sum(load.rows for load in some) for name, some in known.items()}
    big = [load for some in known.values() for load in some]
    rows = sum(load.rows for load in big)
    return Rates(
        origin, part_s, row_s, row_bytes,
        _per_row(big, part_s) if rows else 1 / said.rows_per_s,
        sum(load.bytes for load in big) / rows if rows else said.row_bytes,
    )  # fmt: skip


def _per_row(loads: Sequence[Load], part_s: float) -> float:
    return max(0.0, sum(load.seconds for load in loads) - part_s * len(loads)) / sum(load.rows for load in loads)


def store_rates(place: Workplace, run: Run, loads: Sequence[Load]) -> None:
    """For a target that has no ledger yet. Counts and seconds only."""
    now = datetime.now(UTC)
    document = {"run": run.id, "measured_at": now.isoformat(), "loads": [asdict(load) for load in loads]}
    key = f"{RATES}{now:%Y%m%dT%H%M%S%f}-{evidence_files.slug(run.id)}/rates.json"
    place.objects.put_once(place.settings.objects.evidence, key, canonical_json.encode(document), "application/json")
