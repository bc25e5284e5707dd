"""What must be so before POCO is shut down for good: one name, one demand, one way to look, one thing to do about it.

The gate before the signatures judges what was found, and the step that cannot be undone looks again by itself, so that
nobody gets round the gate. Everything is asked of databases and of the ledger; nothing is taken from configuration but
the limits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from poco_migration import settings
from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.evidence import certificate, certificate_content
from poco_migration.engine.follow import follower, replication_slot
from poco_migration.engine.ledger import ownership, tombstones
from poco_migration.engine.milestones import stage_entry
from poco_migration.engine.prepare import readiness
from poco_migration.engine.shutdown import decommission, write_watch
from poco_migration.errors import MigrationError, StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
STAGE = "final_shutdown"
ARCHIVE, REDIRECTS = "archive", "redirects"
DRAIN_SECONDS = 120


@dataclass(frozen=True)
class Condition:
    """`lacking` says what is not so, in keys and counts; nothing when the condition is met. `of`: only where that stage exists."""

    name: str
    demanded: str
    next_action: str
    lacking: Callable[[Workplace, Run], str]
    of: str = STAGE


@dataclass(frozen=True)
class ConditionResult:
    """A condition and what it lacks."""

    condition: Condition
    lacking: str

    def __str__(self) -> str:
        return f"{self.condition.name}: {self.lacking or 'is so'} ({self.condition.demanded})"


def check_conditions(place: Workplace, run: Run) -> list[ConditionResult]:
    """Look at every condition. Rerun: looks again. A server that does not answer is a condition that is not met."""
    return [ConditionResult(condition, _lacking(condition, place, run)) for condition in CONDITIONS if condition.of in settings.STAGES]


def store_conditions(place: Workplace, run: Run, found: list[ConditionResult]) -> None:
    """Write down what was found, for the gate. Rerun: replaces what this run has kept."""
    lines = [(run.id, f.condition.name, f.condition.demanded, f.lacking, f.condition.next_action) for f in found]
    with postgres.connect(place.target, "target", name=f"conditions {run.id}") as target, target.transaction():
        target.execute("delete from migration.shutdown_condition where run = %s", (run.id,))
        postgres.run_many(target, SQL / "condition_store.sql", lines)


def require_met(found: list[ConditionResult]) -> None:
    """Raises StageRefused that names each condition that is not met."""
    if open_ := [f for f in found if f.lacking]:
        said = " ".join(f"[{f.condition.name}] {f.lacking}. Next: {f.condition.next_action}" for f in open_)
        raise StageRefused(f"final_shutdown: {len(open_)} conditions are not met, and nothing was shut down: {said} Then clear this task.")


def _lacking(condition: Condition, place: Workplace, run: Run) -> str:
    try:
        return condition.lacking(place, run)
    except MigrationError as error:
        return f"cannot be looked at: {error}"


# What each looks at ---------------------------------------------------------------------------------------------------


def _date(place: Workplace, _: Run) -> str:
    try:
        stage_entry.refuse_early(place, STAGE)
    except StageRefused as early:
        return str(early).split(";")[0]
    return ""


def _certificates(place: Workplace, _: Run) -> str:
    with postgres.connect(place.target, "target", name=STAGE) as target:
        return "; ".join(stage_entry.uncertified(target, STAGE))


def _handed_over(place: Workplace, _: Run) -> str:
    names = write_watch.watched()
    owners = ownership.read_ownership(place, names).owners
    pocos = [(name, region) for name in names for region in place.settings.moving() if owners.get((name, region)) != "Xiaomi"]
    return f"{len(pocos)} entities and regions are not mi.com's, first {'/'.join(pocos[0])}" if pocos else ""


def _equations(place: Workplace, run: Run) -> str:
    with postgres.connect(place.target, "target", name=STAGE) as target:
        counted = postgres.run(target, SQL / "measured.sql", run.id)[0]
        differences = certificate_content.open_differences(target, run)
    if not counted["equations"] or not counted["totals"]:
        return "nothing has been measured in this run"
    first = differences[0] if differences else None
    return f"{len(differences)} do not agree, first {first['kind']} {first['name']}/{first['region']}" if first else ""


def _quarantine(place: Workplace, _: Run) -> str:
    with postgres.connect(place.target, "target", name=STAGE) as target:
        postgres.run_many(target, SQL / "owner_of_reason.sql", list(cards.reason_owners().items()))
        target.execute("delete from migration.reason_owner where reason <> all (%s)", (list(cards.reason_owners()),))
        heaps = postgres.run(target, SQL / "quarantine_unowned.sql")
    said = ", ".join(f"{heap['entity']}/{heap['region']}/{heap['reason']} ({heap['rows']})" for heap in heaps[:5])
    return f"{sum(heap['rows'] for heap in heaps)} rows have no owner: {said}" if heaps else ""


def _erasures(place: Workplace, _: Run) -> str:
    with postgres.connect(place.target, "target", name=STAGE) as target:
        begun = sum(not done for done in tombstones.erasures(target).values())
    return f"{begun} persons are hidden, and not yet erased" if begun else ""


def _drill(place: Workplace, _: Run) -> str:
    with postgres.connect(place.target, "target", name=STAGE) as target:
        known = certificate.newest_certificate(target, ARCHIVE)
    if known is None:
        return "the archive was never restored and compared"
    age = datetime.now(UTC) - known.issued_at
    limit = timedelta(days=place.settings.shutdown.drill_days)
    return f"the archive was last restored and compared {age.days} days ago" if age > limit else ""


def _redirects(place: Workplace, _: Run) -> str:
    with postgres.connect(place.target, "target", name=STAGE) as target:
        known = certificate.newest_certificate(target, REDIRECTS)
    return "" if known else "no map of redirects was ever verified"


def _quiet(place: Workplace, run: Run) -> str:
    write_watch.fingerprint_tables(place, run)
    loud = write_watch.written_since(place)
    if not loud:
        return ""
    entity, region, since = loud[0]
    told = f"quiet since {since:%Y-%m-%d %H:%M} UTC on the calendar" if since else "never looked at"
    days = place.settings.shutdown.quiet_days
    return f"{len(loud)} tables and regions were written to, or not looked at, within {days} days; first {entity}/{region}, {told}"


def _transactions(place: Workplace, run: Run) -> str:
    found = readiness.ask_checks(place, run, ("long_transactions", "prepared_transactions"))
    return "; ".join(f"{finding.check}: {finding.measured}" for finding in found if not finding.ok)


def _drained(place: Workplace, run: Run) -> str:
    stream = replication_slot.find_slot(place)
    if stream is None:
        return "nothing follows the store: the ledger knows no replication slot"
    if stream.ended:
        return ""
    if left := ownership.read_ownership(place, write_watch.watched()).still_pocos(write_watch.watched(), place.settings.moving()):
        return f"the store still sells: {len(left)} entities are POCO's"
    if stream.lost:
        return f"changes may be missing: {stream.lost}"
    return "" if follower.catch_up(place, run, DRAIN_SECONDS) else f"not everything could be copied within {DRAIN_SECONDS} s"


def _witness(place: Workplace, _: Run) -> str:
    decommission.remains(place)
    return ""


def _retirement(place: Workplace, _: Run) -> str:
    return "" if decommission.may_retire(place) else "poco_owner may not disable the logins of the migration"


CONDITIONS: tuple[Condition, ...] = (
    Condition("date", "31 December has come", "Wait.", _date),
    Condition(
        "certificates",
        "every stage before is certified, and by no certificate that a rollback has made untrue",
        "Run the DAG of the named stage to its end.",
        _certificates,
    ),
    Condition(
        "handed over",
        "mi.com owns everything that moves, open returns and tickets among it",
        "Run the DAG that hands the named entity over.",
        _handed_over,
    ),
    Condition(
        "equations",
        "every equation closes in every region, and every control total is equal",
        "Find the named rows on both sides, then clear the task measure.",
        _equations,
    ),
    Condition(
        "quarantine",
        "every row in quarantine has an owner",
        "Have somebody take them (docs/runbook.md, 'Who owns a row in quarantine').",
        _quarantine,
    ),
    Condition(
        "erasures",
        "every erasure that was begun has ended, because it has to reach POCO's tables too",
        "Clear the failed task of poco_personal_data and let it end (docs/runbook.md, 'A person is erased').",
        _erasures,
    ),
    Condition("drill", "the archive was restored and compared, of late", "Run poco_archive to its end.", _drill, ARCHIVE),
    Condition("redirects", "every redirect was tried and leads where it should", "Run poco_redirects to its end.", _redirects, REDIRECTS),
    Condition(
        "quiet",
        "no row of a region that moves was written at POCO for shutdown.quiet_days",
        "Find out who writes (docs/runbook.md, 'Somebody still writes at POCO'), and wait.",
        _quiet,
    ),
    Condition(
        "transactions",
        "no long and no prepared transaction is open at POCO",
        "End it with its owner (docs/runbook.md, 'The fence does not close').",
        _transactions,
    ),
    Condition("drained", "the log of POCO is read to its end", "See why poco_follow is behind (docs/runbook.md, 'The backlog').", _drained),
    Condition("witness", "poco_witness can look at the store", "Make the role and its connection (docs/runbook.md, 'Roles').", _witness),
    Condition(
        "retirement",
        "the logins of the migration can be disabled",
        "Have POCO's administrator run legacy_store/schema/04_retire.sql (docs/runbook.md, 'Roles').",
        _retirement,
    ),
)
