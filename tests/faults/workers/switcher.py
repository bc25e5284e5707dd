"""One process that switches. Told on standard input where to die, by SIGKILL, so that nothing of its own tidies up."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from typing import Any

from support.certificates import signed
from support.workplaces import APPROVERS

from poco_migration import settings
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.model import Run
from poco_migration.stages import cutover

RUN = Run("faults/switch")


def with_freeze(place: Workplace, **limits: Any) -> Workplace:
    """The same workplace with other limits of the freeze."""
    freeze = place.settings.freeze.model_copy(update=limits)
    # The writers of these tests delete addresses all the time, of a store that has some hundred of them.
    single = place.settings.quarantine.model_copy(update={"single_rows": 1_000})
    return replace(place, settings=place.settings.model_copy(update={"freeze": freeze, "quarantine": single}))


def switch(place: Workplace) -> dict[str, Any]:
    """One try of the switch, signed by two people."""
    return cutover.switch(place, RUN, signed(place, "cutover", RUN))


def orders(place: Workplace, dies_before: str) -> str:
    """What a switcher is told."""
    names = ("source", "source_owner", "source_auditor", "target", "target_auditor", "source_follower")
    return json.dumps({
        "dsn": {name: getattr(place, name) for name in names}, "slot": place.settings.follow.slot,
        "budget": place.settings.freeze.budget_s, "dies_before": dies_before,
    })  # fmt: skip


def main() -> None:
    told = json.load(sys.stdin)
    configured = settings.load()
    follow = configured.follow.model_copy(update={"slot": told["slot"], "idle_s": 0.05})
    place = Workplace(configured.model_copy(update={"follow": follow}), **told["dsn"], objects=ObjectStore(None, "", ""), voucher_key=b"",
                      approvers=APPROVERS)  # fmt: skip
    steps = []
    for step in cutover.PLAN:
        steps.append(replace(step, do=_die if step.name == told["dies_before"] else step.do))
    cutover.PLAN = tuple(steps)
    switch(with_freeze(place, budget_s=told["budget"]))
    if told["dies_before"] == "the end":
        _die()


def _die(*_: Any) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


if __name__ == "__main__":
    main()
