"""Both ends of the pipe, opened with the limits that keep a stuck statement from holding a stage for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from poco_migration.adapters import phones, postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.model import Run

Derive = Callable[[Iterable[tuple[Any, ...]]], list[Any]]


@dataclass(frozen=True)
class Link:
    """The two connections, the functions that derive what SQL cannot, and how many bad rows a part may hold.

    With `at`, copies read the source as it was in that exported snapshot, and not as it is now.
    """

    source: postgres.Connection
    target: postgres.Connection
    derive: Mapping[str, Derive]
    poisoned_rows_limit: int
    at: str | None = None


@contextmanager
def opened(place: Workplace, run: Run) -> Iterator[Link]:
    """Connect both sides for one task try; both close at the end. Raises SourceError or TargetError."""
    copying = place.settings.copying
    options = f"-c statement_timeout={copying.statement_timeout_s}s -c lock_timeout={copying.lock_timeout_s}s"
    countries = {region.market: region.country for region in place.settings.regions.values() if region.market}
    with (
        postgres.connect(place.source, "source", name=str(run), options=options) as source,
        postgres.connect(place.target, "target", name=str(run), options=f"{options} -c temp_buffers=128MB") as target,
    ):
        yield Link(source, target, {"phone_e164": lambda given: phones.e164(given, countries)}, copying.poisoned_rows_limit)
