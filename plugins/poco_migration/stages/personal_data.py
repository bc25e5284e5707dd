"""What a person may ask for: a copy of everything, or to be erased. By key only: a run's parameters are shown to everybody."""

from __future__ import annotations

import logging
from typing import Any

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.evidence import approvals, canonical_json
from poco_migration.engine.ledger import locks, ownership
from poco_migration.engine.privacy import archived_data, data_subject, erasure, personal_export
from poco_migration.errors import NothingToDo, StageRefused
from poco_migration.model import Run

log = logging.getLogger(__name__)
STAGE = "personal_data"


def identify(place: Workplace, run: Run) -> dict[str, Any]:
    """Who it is about, by key; deletes copies whose link is over. Rerun: safe. Raises StageRefused when there is nobody."""
    with data_subject.open_databases(place, run) as both:
        personal_export.expire(place, both.target)
        person = data_subject.identify(both, run.asked)
    log.info("%d customers of POCO's, %d profiles", len(person.customers), len(person.profiles))
    return _keys(person) | {"what": run.asked["what"], "sha256": _shown(person)}


def export(place: Workplace, run: Run) -> dict[str, int]:
    """Make a copy of everything that is held of the person; the link is in `migration.personal_export` and nowhere else.

    Rerun: makes another one. Raises StageRefused for somebody who is erased.
    """
    with data_subject.open_databases(place, run) as both:
        person = data_subject.identify(both, run.asked)
        if erased := data_subject.erased_among(both, person):
            raise StageRefused(
                f"personal_data: {len(erased)} of the customers asked about are erased or about to be, so there is nothing to hand out. "
                "Answer the person with the date in `migration.erasure`."
            )
        return personal_export.export(place, run, both, person, archived_data.exported)


def erase(place: Workplace, run: Run, answer: approvals.Answer) -> dict[str, Any]:
    """Erase the person for good, everywhere that the migration still reaches, and prove it. Rerun: safe, goes on from what is true.

    Raises ApprovalMissing before anything has changed, GateStopped when something of the person is left.
    """
    with data_subject.open_databases(place, run) as both:
        shown = _shown(data_subject.identify(both, run.asked))
    signed = approvals.require_signatures(place, STAGE, run, approvals.ERASE, [answer], 1, shown)
    if names := ownership.read_ownership(place, [entity.name for entity in cards.moving_at("cutover")]).returning:
        raise StageRefused(
            f"personal_data: {len(names)} entities and regions are on their way back to POCO, and an erasure would look like a change that "
            "mi.com has made. Let poco_rollback end, then clear this task."
        )
    with locks.erasing(place), data_subject.open_databases(place, run) as both:
        # IRREVERSIBLE: guarded by the confirmation above.
        counts = erasure.erase(place, run, both, data_subject.identify(both, run.asked), archived_data.search)
    log.info("erased: %s", ", ".join(f"{count} {name}" for name, count in counts.items()))
    if counts["left_at_poco"]:
        log.warning(
            "the store is shut down: POCO's own tables are left as they are, with %d customers of this person. Whoever runs POCO's "
            "database erases them there (docs/runbook.md, 'An erasure after the shutdown')",
            counts["left_at_poco"],
        )
    return {"signed": signed, **counts}


def _keys(person: data_subject.Person) -> dict[str, Any]:
    return {"customers": list(person.customers), "profiles": list(person.profiles), "account": person.account}


def _shown(person: data_subject.Person) -> str:
    """The SHA-256 of whom a page names: who signs for these keys has signed for no others."""
    return canonical_json.digest(canonical_json.encode(_keys(person)))


def expire(place: Workplace, run: Run) -> int:
    """Delete the copies whose link is over; returns how many. Part of every round of poco_deadlines. Rerun: safe.

    Skips the run before there is a ledger. Raises GateStopped when the bucket keeps a version of one.
    """
    if not data_subject.ledger_is_there(place):
        raise NothingToDo("there is no ledger yet, so there is no copy of anybody's data. The next round looks again.")
    copies = personal_export.expire_copies(place, str(run))
    log.info("%d copies are deleted, because their link is over", copies)
    return copies
