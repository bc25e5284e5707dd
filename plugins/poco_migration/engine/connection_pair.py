"""Both ends of the pipe, opened with the limits that keep a stuck statement from holding a stage for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from poco_migration.adapters import phones, postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.throttle import Throttle
from poco_migration.model import Run

Derive = Callable[[Iterable[tuple[Any, ...]]], list[Any]]


@dataclass(frozen=True)
class Link:
    """The two connections, the functions that derive what SQL cannot, what one part may hold and take, and who makes it wait.

    With `at`, copies read the source as it was in that exported snapshot, and not as it is now. `set_aside` says which
    entities the last passes could not copy: since when, by this process's clock, and why (applying.py).
    """

    source: postgres.Connection
    target: postgres.Connection
    derive: Mapping[str, Derive]
    poisoned_rows_limit: int
    throttle: Throttle
    longest_copy_s: float
    at: str | None = None
    set_aside: dict[str, tuple[float, str]] = field(default_factory=dict)


@contextmanager
def connect(place: Workplace, run: Run, *, yielding: bool = True) -> Iterator[Link]:
    """Connect both sides for one task try; both close at the end. Raises SourceError or TargetError.

    Copies yield to a server that is unwell, unless `yielding` is false: while the store is closed a wait helps nobody.
    """
    copying = place.settings.copying
    # A COPY that is paused goes on being one statement, so the pause is added to what a statement may take.
    longest_s = copying.statement_timeout_s + place.settings.health.longest_pause_s
    options = f"-c statement_timeout={longest_s}s -c lock_timeout={copying.lock_timeout_s}s"
    countries = {region.market: region.country for region in place.settings.regions.values() if region.market}
    with (
        ExitStack() as stack,
        postgres.connect(place.source, "source", name=str(run), options=options) as source,
        postgres.connect(place.target, "target", name=str(run), options=f"{options} -c temp_buffers=128MB") as target,
    ):
        derive = {"phone_e164": lambda given: phones.e164(given, countries)}
        yield Link(source, target, derive, copying.poisoned_rows_limit, Throttle(place, run, stack, yielding), copying.longest_s)
