"""How long will it take, and was that right? Rows are counted, rates come from receipts, and after the backfill both are compared.

A copy's time is a constant for each part and a time for each row, both taken from the receipts of first loads: those in this
ledger, else those that the newest rehearsal has left in the evidence bucket, else the configuration's. What is forecast is
work: the seconds of all copies together. How long one waits for it depends on how many run at once and on everything else that
the machines do, so that is told beside it and not held against anybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poco_migration.adapters import pgoutput, postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.prepare import copy_costs
from poco_migration.model import Entity, Run

SQL = Path(__file__).parent / "sql"
MILESTONES = ("cutover", "history", "reissue")


@dataclass(frozen=True)
class EntityForecast:
    """The forecast of one entity's backfill. `regions`: rows of each region that moves."""

    entity: str
    moves: str
    rows: int
    rows_from: str
    regions: Mapping[str, int]
    parts: int
    bytes: int
    seconds: float
    rate_from: str


@dataclass(frozen=True)
class Forecast:
    """All of it. Times in seconds, rates in a second; None where nothing was ever measured."""

    entities: tuple[EntityForecast, ...]
    work_s: float
    wall_s: float
    bytes: int
    changed_per_s: float | None
    copied_per_s: float
    freeze_s: float
    freeze_from: str
    wal_bytes_per_s: float
    wal_from: str

    def demands(self) -> dict[str, str]:
        """What readiness/wal_forecast.sql compares with."""
        return {"backfill_s": f"{self.wall_s:.0f}", "wal_bytes_per_s": f"{self.wal_bytes_per_s:.0f}", "wal_from": self.wal_from}


def make_forecast(place: Workplace, run: Run) -> Forecast:
    """Count, and multiply by what is known. Reads only, on both sides. Rerun: counts again."""
    said = place.settings.forecast
    options = f"-c default_transaction_read_only=on -c statement_timeout={place.settings.assess.statement_timeout_s}s"
    with (
        postgres.connect(place.source_owner, "source", name=f"forecast {run.id}", options=options) as source,
        postgres.connect(place.target, "target", name=f"forecast {run.id}", options=options) as target,
        postgres.translated_errors("target", "forecast"),
    ):
        began = _log_end(source)
        known = copy_costs.known_rates(place, target)
        entities = tuple(_expected(place, source, entity, known) for entity in cards.moving_at(*MILESTONES))
        samples = postgres.run(target, SQL / "forecast_log.sql", place.settings.follow.slot)[0]
        follow = postgres.run(target, SQL / "forecast_follow.sql")[0]
        ended = _log_end(source)
    work = sum(entity.seconds for entity in entities)
    parts = sum(entity.parts for entity in entities)
    copied = follow["copied_per_s"] or said.keys_per_s
    changed = follow["changed_per_s"]
    return Forecast(
        entities=entities,
        work_s=work,
        wall_s=(work + parts * said.task_overhead_s) / place.settings.copying.parts_at_once,
        bytes=sum(entity.bytes for entity in entities),
        changed_per_s=changed,
        copied_per_s=copied,
        # What changes while the fence is raised, and what that takes: the window follows the change rate, not the tables.
        freeze_s=said.freeze_fixed_s + (changed or 0.0) * said.freeze_fixed_s / copied,
        freeze_from=f"receipts of {follow['keys']} followed keys" if follow["copied_per_s"] else "migration.toml; nothing was followed yet",
        wal_bytes_per_s=samples["bytes_per_s"] if samples["samples"] else (ended[1] - began[1]) / max(ended[0] - began[0], 0.001),
        wal_from=f"busiest of {samples['samples']} samples"
        if samples["samples"]
        else f"the {ended[0] - began[0]:.1f} s of this assessment",
    )


def store_forecast(place: Workplace, run: Run, forecast: Forecast) -> None:
    """Store it under this run. Rerun: replaces the run's own."""
    with postgres.connect(place.target, "target", name=f"forecast {run.id}") as target, target.transaction():
        postgres.run_many(
            target,
            SQL / "forecast_store.sql",
            [(run.id, e.entity, e.moves, e.rows, e.rows_from, e.parts, e.bytes, e.seconds, e.rate_from) for e in forecast.entities],
        )


def close_forecast(place: Workplace, run: Run) -> dict[str, Any]:
    """Compare the newest forecast with what was loaded since, and keep the measured rates for the next one.

    Returns forecast and actual seconds, the share by which they differ, and whether that is within forecast.tolerance.
    Rerun: compares again.
    """
    with postgres.connect(place.target, "target", name=f"forecast {run.id}") as target, postgres.translated_errors("target", "forecast"):
        expected = {row["entity"]: row for row in postgres.run(target, SQL / "forecast_newest.sql")}
        if not expected:
            return {"said": "nothing was forecast: run poco_prepare before the next backfill"}
        made = next(iter(expected.values()))["made_at"]
        loads = [copy_costs.Load(**row) for row in postgres.run(target, SQL / "forecast_receipts.sql", made)]
        took: dict[str, list[copy_costs.Load]] = defaultdict(list)
        for load in loads:
            took[load.entity].append(load)
        with target.transaction():
            postgres.run_many(target, SQL / "forecast_settle.sql", [
                (run.id, expected[name]["run"], name, sum(load.rows for load in some), sum(load.seconds for load in some),
                 expected[name]["rows"], expected[name]["seconds"]) for name, some in took.items() if name in expected])  # fmt: skip
    if not loads:
        return {"said": "nothing was loaded anew since it was forecast"}
    copy_costs.store_rates(place, run, loads)
    return told(place, sum(expected[name]["seconds"] for name in took if name in expected), sum(load.seconds for load in loads))


def told(place: Workplace, forecast_s: float, actual_s: float) -> dict[str, Any]:
    """Both numbers, and in words whether they agree."""
    off = abs(forecast_s - actual_s) / actual_s if actual_s else 0.0
    within = off <= place.settings.forecast.tolerance
    said = (
        f"copying took {actual_s:.1f} s of work, forecast {forecast_s:.1f} s: {off:.0%} off, "
        f"{'within' if within else 'NOT within'} {place.settings.forecast.tolerance:.0%}"
    )
    return {"forecast_s": round(forecast_s, 2), "actual_s": round(actual_s, 2), "off": round(off, 4), "within": within, "said": said}


def last_outcome(place: Workplace, target: postgres.Connection) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """The comparison that the newest backfill has left in this ledger, in sum and entity by entity."""
    rows = postgres.run(target, SQL / "forecast_outcomes.sql")
    if not rows:
        return None
    return told(place, sum(row["forecast_s"] for row in rows), sum(row["seconds"] for row in rows)), rows


def _expected(place: Workplace, source: postgres.Connection, entity: Entity, known: copy_costs.Rates) -> EntityForecast:
    rows, counted = _rows(place, source, entity)
    moving = {region: rows.get(region, 0) for region in place.settings.moving()}
    number = sum(moving.values())
    parts = max(1, -(-sum(rows.values()) // place.settings.copying.part_rows))
    seconds = parts * known.part_s + number * known.row_s.get(entity.name, known.any_row_s)
    size = round(number * known.row_bytes.get(entity.name, known.any_row_bytes))
    origin = known.origin if entity.name in known.row_s or known.origin == copy_costs.CONFIGURED else f"{known.origin}, of other entities"
    return EntityForecast(entity.name, entity.moves, number, "counted" if counted else "estimated", moving, parts, size, seconds, origin)


def _rows(place: Workplace, source: postgres.Connection, entity: Entity) -> tuple[dict[str, int], bool]:
    """Rows by region: counted, or for a very large table taken from the statistics of its last analyze."""
    with postgres.translated_errors("source", f"{entity.name}, rows"):
        estimate = postgres.run(source, SQL / "table_estimate.sql", entity.name)[0]
        if estimate["rows"] > place.settings.forecast.count_up_to_rows and estimate["shares"]:
            return {r: round(estimate["rows"] * share) for r, share in zip(estimate["regions"], estimate["shares"], strict=True)}, False
        query = sql.SQL("select region, count(*) from {} group by region").format(sql.Identifier("poco", entity.name))
        return dict(source.execute(query).fetchall()), True


def _log_end(source: postgres.Connection) -> tuple[float, int]:
    with postgres.translated_errors("source", "log"):
        row = source.execute("select extract(epoch from clock_timestamp())::float8, pg_current_wal_insert_lsn()::text").fetchone()
    assert row is not None
    return row[0], pgoutput.position(row[1])
