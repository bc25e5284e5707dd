"""Yields to the stores. A copy waits while a signal of either server is above its limit, and goes on by itself.

The signals are measured on connections of their own (those of a copy are busy within COPY), every few seconds at most.
Before a copy a wait holds nothing. Within its pipe it holds a part's lock, which only other copies want, and the source's
snapshot, which keeps the store from cleaning up; so it is bounded there, and the copy is given up and tried again later.
Once rows of mi.com's tables are written the copy comes to its end: to wait with them locked would make things worse.
"""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from dataclasses import dataclass

from poco_migration.adapters import postgres, time_limit
from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import SourceError, TargetError
from poco_migration.model import Run

log = logging.getLogger(__name__)
# A server that cannot say within this how it feels does not feel well; the copy fails and is tried again.
OPTIONS = "-c statement_timeout=5s -c lock_timeout=1s"
LONGEST_LOOK_S = 10
HEALTH: dict[postgres.Side, str] = {
    "source": "select signal, measured from poco_export.health(%s)",
    "target": "select signal, measured from migration.health(%s)",
}


@dataclass(frozen=True)
class Signal:
    """One number of one server that is above its limit, in the unit that its name ends with."""

    side: postgres.Side
    name: str
    measured: float
    limit: float

    def __str__(self) -> str:
        return f"{self.name} of the {self.side} is {self.measured:,.1f}, above {self.limit:,.0f}"


class Throttle:
    """Makes the copies of one task wait for both servers. Not to be shared between threads."""

    def __init__(self, place: Workplace, run: Run, stack: ExitStack, yielding: bool = True) -> None:
        """`stack` closes the connections, which are opened when they are first needed."""
        self.place, self.run, self.stack, self.yielding = place, run, stack, yielding
        self.limits = place.settings.health
        self.connections: dict[postgres.Side, postgres.Connection] = {}
        self.looked = float("-inf")
        self.what = "a copy"
        self.paused = 0.0  # seconds that the copy at work has spent waiting within its pipe

    def before(self, what: str) -> None:
        """Wait until both servers are well; called before a copy begins. Raises SourceError, TargetError after longest_wait_s."""
        self._wait(what, self.limits.longest_wait_s)
        self.what, self.paused = what, 0.0

    def within(self) -> None:
        """The same between the blocks of a pipe, for longest_pause_s in one copy altogether. Cheap when it is too early to look."""
        self.paused += self._wait(self.what, self.limits.longest_pause_s - self.paused)

    def unwell(self) -> list[Signal]:
        """Every signal that is above its limit now."""
        found = []
        for side, query in HEALTH.items():
            connection = self._connection(side)
            with time_limit.bounded(LONGEST_LOOK_S, connection), postgres.translated_errors(side, "health"):
                for name, measured in connection.execute(query, (self.place.settings.follow.slot,)).fetchall():
                    limit = getattr(self.limits, name)
                    if measured > limit:
                        found.append(Signal(side, name, float(measured), limit))
        self.looked = time.monotonic()
        return found

    def _wait(self, what: str, longest: float) -> float:
        """Returns the seconds waited. What was measured a moment ago and was well is well."""
        began = time.monotonic()
        if not self.yielding or began < self.looked + self.limits.check_every_s:
            return 0.0
        signals = self.unwell()
        if signals:
            log.warning("%s is paused: %s", what, "; ".join(map(str, signals)))
        while signals:
            waited = time.monotonic() - began
            if waited >= longest:
                kind = SourceError if signals[0].side == "source" else TargetError
                raise kind(
                    f"{what}: paused for {waited:.0f} s, because {'; '.join(map(str, signals))}. Nothing was half done. It is tried again; "
                    "see docs/runbook.md, 'Copies are paused'."
                )
            time.sleep(min(self.limits.check_every_s, longest - waited))
            signals = self.unwell()
            if not signals:
                log.warning("%s goes on after %.0f s", what, time.monotonic() - began)
        return time.monotonic() - began

    def _connection(self, side: postgres.Side) -> postgres.Connection:
        if side not in self.connections:
            dsn = self.place.source if side == "source" else self.place.target
            opening = postgres.connect(dsn, side, name=f"health {self.run}", options=OPTIONS)
            self.connections[side] = self.stack.enter_context(opening)
        return self.connections[side]
