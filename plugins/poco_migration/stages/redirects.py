"""Where POCO's pages lead: built out of mi.com's catalogue, published as what is staged, and asked of the running service."""

from __future__ import annotations

import logging
from typing import Any

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import facts
from poco_migration.engine.redirect_map import builder, publication, verifier
from poco_migration.model import Run

log = logging.getLogger(__name__)


def build(place: Workplace, run: Run) -> dict[str, Any]:
    """Build and publish a version, and point `staged` to it. Nobody is answered with it yet. Rerun: the same catalogue, the same version.

    Raises OperatorNeeded when the rules and mi.com disagree about a region's front.
    """
    published = publication.publish_map(place, run, builder.build(place))
    log.info("version %s is staged: %d pages lead to a page of their own", published["version"], published["pages"])
    return published


@facts.measures("answers")
def verify(place: Workplace, run: Run) -> dict[str, int]:
    """Ask the running service for every known address and write down what it answered. Rerun: asks again.

    Raises ServiceError when it does not answer; a wrong answer is no error, the gate judges it.
    """
    found = verifier.verify(place, run)
    log.info("%d addresses asked: %s", sum(found.values()), ", ".join(f"{count} {outcome}" for outcome, count in sorted(found.items())))
    return found
