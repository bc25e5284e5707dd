"""What each step of the shutdown does, and how it is seen that it is done. Their order is the PLAN of stages/final_shutdown.py: read that
first. Whoever is killed in a step is run again: each of them can be taken twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.cutover import fence
from poco_migration.engine.follow import replication_slot
from poco_migration.engine.redirect_map import publication
from poco_migration.engine.shutdown import decommission
from poco_migration.model import Run


@dataclass
class Shutdown:
    """One try: what it works on, and what has been made so by it."""

    place: Workplace
    run: Run
    redirects: dict[str, Any] | None = None

    @property
    def regions(self) -> tuple[str, ...]:
        return self.place.settings.moving()

    def gone(self, *whats: str) -> bool:
        """Whether the witness sees none of these in any region."""
        return not any(number for (what, _), number in decommission.remains(self.place).items() if what in whats)


def end_logins(shutdown: Shutdown) -> int:
    """Nobody can sign in to POCO's app any more."""
    # IRREVERSIBLE: no customer can sign in to POCO's app again; guarded by the two approvals and every condition.
    return decommission.end_logins(shutdown.place, shutdown.regions)


def raise_fence(shutdown: Shutdown) -> None:
    """No table takes writes of the regions that moved."""
    # IRREVERSIBLE: nobody is left who opens it; guarded by the two approvals.
    fence.raise_(shutdown.place, list(cards.entities()), shutdown.regions, for_good=True)


def disarm(shutdown: Shutdown) -> None:
    """The migration cannot write to POCO any more."""
    # IRREVERSIBLE: from here on the migration cannot write to POCO, not even to mend; guarded by the two approvals.
    decommission.take_ways_to_write(shutdown.place)


def stop_following(shutdown: Shutdown) -> None:
    """The slot and the publication are dropped."""
    # IRREVERSIBLE: a slot that is dropped has forgotten; guarded by the two approvals, and drained before.
    replication_slot.drop_slot(shutdown.place)


def has_stopped_following(shutdown: Shutdown) -> bool:
    """Whether neither the ledger nor the witness knows of a slot."""
    stream = replication_slot.find_slot(shutdown.place)
    return bool(stream and stream.ended) and shutdown.gone("publications", "slots")


def retire(shutdown: Shutdown) -> None:
    """The migration's roles at POCO lose their rights and logins."""
    # IRREVERSIBLE for the migration: only POCO's administrator lets it in again; guarded by the two approvals.
    decommission.retire_roles(shutdown.place)


def forget(shutdown: Shutdown) -> int:
    """Delete the secrets that are left from Airflow; returns how many."""
    # IRREVERSIBLE: the secrets are nowhere else; guarded by the two approvals. The last one is the key to Airflow itself.
    assert shutdown.place.keyring
    names = list(shutdown.place.keyring.left())
    for name in names:
        shutdown.place.keyring.forget(name)
    return len(names)


def has_forgotten(shutdown: Shutdown) -> bool:
    """Whether no secret is left."""
    return shutdown.place.keyring is None or not shutdown.place.keyring.left()


def redirect(shutdown: Shutdown) -> int:
    """Switch on the certified version of the redirects; returns how many."""
    shutdown.redirects = publication.switch_on(shutdown.place, shutdown.run)
    return int(shutdown.redirects["redirects"])
