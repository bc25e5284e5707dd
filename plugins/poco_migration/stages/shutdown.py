"""31 December: logins end, the store stays closed for good, and every page has somewhere to lead."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import approvals, cards, closing, fence, redirecting, slots
from poco_migration.model import Run

log = logging.getLogger(__name__)


def close(place: Workplace, run: Run, answers: Sequence[approvals.Answer]) -> dict[str, Any]:
    """Close every table of the regions that moved, end their app logins and the following, switch the redirects on; measure it.

    Rerun: safe; each step is true afterwards whoever did it. India's store is not touched. Raises ApprovalMissing first.
    """
    signed = approvals.require(place, "final_shutdown", run, "final_shutdown", answers, 2)
    regions = place.settings.moving()
    # IRREVERSIBLE: guarded by the two approvals above.
    fence.raise_(place, list(cards.entities()), regions, for_good=True)
    tokens = closing.revoke_tokens(place, regions)
    slots.end(place)
    published = redirecting.switch_on(place, run)
    closing.measure(place, run)
    log.info("%d logins ended, everybody is redirected by version %s", tokens, published["version"])
    return {"signed": signed, "tokens": tokens, **published}
