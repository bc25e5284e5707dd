"""Everything the cockpit shows: dates, stages, owners, readiness, lag. Read by a role that sees nothing else, and cannot write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.engine import cards
from poco_migration.engine.evidence import approvals, certificate, lateness
from poco_migration.engine.milestones import countdown
from poco_migration.settings import STAGES, Settings

SQL = Path(__file__).parent / "sql"
OPTIONS = "-c default_transaction_read_only=on -c statement_timeout=10s"
MB = 1e6
# What a card calls the milestone of a stage, where it is another word.
MOVES = {"coupon_reissue": "reissue"}


@dataclass(frozen=True)
class Watched:
    """What the overview needs: the configuration on the calendar of today, and the board's own way to the ledger."""

    settings: Settings
    ledger: str


def board(place: Watched) -> dict[str, Any]:
    """The document of templates/board.html. Reads only. Raises TargetError when the ledger does not answer."""
    now = datetime.now(UTC)
    with (
        postgres.connect(place.ledger, "target", name="cockpit", options=OPTIONS) as target,
        postgres.translated_errors("target", "cockpit"),
    ):
        installed = bool(postgres.value(target, "select to_regclass('migration.readiness') is not null"))
        done = certificate.certified(target) if installed else {}
        readiness = postgres.run(target, SQL / "overview_readiness.sql") if installed else []
        owners = postgres.run(target, SQL / "overview_owners.sql") if installed else []
        streams = postgres.run(target, SQL / "overview_lag.sql") if installed else []
    return {
        "now": now,
        "rehearsal": bool(place.settings.calendar.shift),
        "installed": installed,
        "moments": [_moment(moment, done, now) for moment in countdown.moments(place.settings.calendar)],
        "stages": [_stage(place, stage, done.get(stage)) for stage in STAGES],
        "owners": [_owner(row) for row in owners],
        "readiness": [row for row in readiness if not row["ok"]],
        "checks": len(readiness),
        "assessed": readiness[0] if readiness else None,
        "streams": [_stream(row, now) for row in streams],
    }


def to_sign(place: Watched, stage: str) -> dict[str, Any]:
    """The document of templates/sign.html: what is to be signed of a stage now, read anew. Raises TargetError as board does."""
    with (
        postgres.connect(place.ledger, "target", name="cockpit", options=OPTIONS) as target,
        postgres.translated_errors("target", "cockpit"),
    ):
        installed = bool(postgres.value(target, "select to_regclass('migration.draft') is not null"))
        rows = postgres.run(target, SQL / "overview_to_sign.sql", stage) if installed else []
    return {"stage": stage, "asked": [_question(stage, row) for row in rows]}


def _question(stage: str, row: dict[str, Any]) -> dict[str, Any]:
    happens = json.loads(row["document"]).get("happens", []) if row["document"] else []
    return row | {"happens": happens, "statement": approvals.statement(stage, row["run"], row["subject"], row["shown"])}


def _moment(moment: countdown.Moment, done: dict[str, Any], now: datetime) -> dict[str, Any]:
    lacking = countdown.missing(moment, done)
    over = moment.at < now
    begun = (moment.kind == "milestone" and moment.stage in done) or (moment.kind == "deadline" and not lacking)
    return {
        "what": moment.what(now), "moves": [entity.name for entity in cards.moving_at(MOVES.get(moment.stage, moment.stage))],
        "kind": moment.kind, "at": moment.at, "left": countdown.left(moment.at, now), "missing": lacking,
        "next_action": "" if begun else countdown.next_action(moment, lacking),
        "verdict": "pass" if begun or not lacking else "fail" if over else "warn",
    }  # fmt: skip


def _stage(place: Watched, stage: str, done: dict[str, Any] | None) -> dict[str, Any]:
    late = place.settings.calendar.late_by(stage, done["issued_at"]) if done else None
    return {"stage": stage, "late": lateness.span(late) if late else "", **(done or {"issued_at": None, "run": "", "report": ""})}


def _owner(row: dict[str, Any]) -> dict[str, Any]:
    entities = len([entity for entity in cards.entities().values() if entity.moves != "never"])
    owner = "POCO" if not row["at_xiaomi"] else "Xiaomi" if row["at_xiaomi"] >= entities else "Xiaomi in part"
    return {**row, "owner": owner, "entities": entities}


def _stream(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    said = "lost: run poco_reconcile" if row["lost"] else "ended by the shutdown" if row["ended_at"] else "follows"
    looked = countdown.left(row["measured_at"], now) if row["measured_at"] else "never"
    return {**row, "said": said, "looked": looked, "lag_mb": (row["lag_bytes"] or 0) / MB, "retained_mb": (row["retained_bytes"] or 0) / MB}
