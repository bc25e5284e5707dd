"""One process that shuts the store down. Told on standard input behind which step to die, by SIGKILL, before it can note
that it was taken; or behind the last one."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from support import shutdown_day
from support.workplaces import APPROVERS, rehearsed

from poco_migration import settings
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.stages import final_shutdown

DSN = ("source", "source_owner", "source_auditor", "target", "target_auditor", "source_witness", "source_follower")
STORE = ("endpoint", "access_key", "secret_key")


def orders(place: Workplace, keyring: Path, dies: str, of: str) -> str:
    """What a shutter is told: dies `in` a step (it is so, and not noted) or `behind` it (it is noted)."""
    return json.dumps({
        "dsn": {name: getattr(place, name) for name in DSN}, "slot": place.settings.follow.slot, "keyring": str(keyring),
        "buckets": {name: getattr(place.settings.objects, name) for name in ("evidence", "redirects")}, "store": [getattr(place.objects, name) for name in STORE],
        "shift": place.settings.calendar.shift.total_seconds(), "dies": dies, "of": of,
    })  # fmt: skip


class Half(shutdown_day.FileKeyring):
    """One that dies when some of it is gone."""

    def forget(self, name: str) -> None:
        super().forget(name)
        if len(self.left()) < 4:
            _die()


def main() -> None:
    told = json.load(sys.stdin)
    configured = rehearsed(settings.load(), timedelta(seconds=told["shift"]))
    follow = configured.follow.model_copy(update={"slot": told["slot"], "idle_s": 0.05})
    objects = configured.objects.model_copy(update=told["buckets"])
    # A connection whose secret was deleted is not there any more for a new process.
    keyring = shutdown_day.FileKeyring(Path(told["keyring"]))
    there = {
        **told["dsn"],
        **{name: "" for name in ("source", "source_owner", "source_auditor", "source_follower") if f"poco_{name}" not in keyring.left()},
    }
    place = Workplace(
        configured.model_copy(update={"follow": follow, "objects": objects}), objects=ObjectStore(*told["store"]), voucher_key=b"", approvers=APPROVERS,
        keyring=keyring, **there,
    )  # fmt: skip
    if told["dies"] == "half of":
        place = replace(place, keyring=Half(keyring.folder))
    names = [step.name for step in final_shutdown.PLAN]
    if told["of"] in names and told["dies"] in ("in", "behind"):
        at = names.index(told["of"]) + (told["dies"] == "behind")
        steps = list(final_shutdown.PLAN)
        if told["dies"] == "in":
            steps[at] = replace(steps[at], so=_then_die(steps[at].so))
        elif at < len(steps):
            steps[at] = replace(steps[at], so=_die)
        final_shutdown.PLAN = tuple(steps)
    shutdown_day.close(place)
    if told["dies"] == "behind":
        _die()


def _then_die(so: Any) -> Any:
    """Die as soon as it is so, whoever has made it so."""
    return lambda work: so(work) and _die()


def _die(*_: Any) -> bool:
    os.kill(os.getpid(), signal.SIGKILL)
    return False


if __name__ == "__main__":
    main()
