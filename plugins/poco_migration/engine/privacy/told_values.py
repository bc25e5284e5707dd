"""What a person has told: the values that are looked for after an erasure, and how each may be written where it stands.

In memory only. Refuses nothing: a value that names nobody is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from poco_migration.engine.privacy.inventory import Holding

SHORTEST = 6  # letters; a shorter text ("Rome", "size 5") stands everywhere and names nobody, unless it is a whole field
SHORTEST_FIELD = 2


@dataclass
class Values:
    """What a person has told, in lower case; `naming` names a person wherever it stands.

    What is too short for that is looked for as a whole field: in the person's own rows all of `short`, elsewhere `short_naming`. A
    name of two or three letters in Chinese or Korean is a whole name, and "alice" alone is not.
    """

    told: set[str] = field(default_factory=set, repr=False)
    naming: set[str] = field(default_factory=set, repr=False)
    short: set[str] = field(default_factory=set, repr=False)
    short_naming: set[str] = field(default_factory=set, repr=False)

    def take(self, holding: Holding, row: Mapping[str, Any]) -> None:
        """The personal values of a row that an erasure is to remove."""
        for column in holding.telling:
            self._add(_texts(row.get(column)), self.told, self.short)
        for path in holding.identifies:
            if path.split(".")[0] in holding.telling:
                self._add(_texts(field_of(row, path)), self.naming, self.short_naming)
        self.short_naming = {value for value in self.short_naming if not value.isascii() or " " in value}

    def _add(self, texts: Iterable[str], long: set[str], short: set[str]) -> None:
        for text in texts:
            (long if len(text) >= SHORTEST else short).add(text)

    def within(self, other: Values) -> bool:
        """Whether whoever has looked for `other` has looked for all of this."""
        return all(mine <= theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True))

    @property
    def own(self) -> list[str]:
        """What is looked for in the columns of the person's rows that were to be erased."""
        return as_written(self.told) + _whole(self.short)

    @property
    def anywhere(self) -> list[str]:
        """What is looked for everywhere else."""
        return as_written(self.naming) + _whole(self.short_naming)


def as_written(values: set[str]) -> list[str]:
    """Each value as text columns have it, and as JSON may write it."""
    escaped = {json.dumps(value, ensure_ascii=ascii_only)[1:-1] for value in values for ascii_only in (True, False)}
    return sorted(values | escaped)


def _whole(values: set[str]) -> list[str]:
    """Each value as a whole field: a line of its own in a row's text, or a text within JSON."""
    return sorted({f"\n{value}\n" for value in values}) + quoted(values)


def quoted(values: set[str]) -> list[str]:
    return sorted({json.dumps(value, ensure_ascii=ascii_only) for value in values for ascii_only in (True, False)})


def _texts(value: Any) -> Iterator[str]:
    """The texts within a value that say something."""
    if isinstance(value, str):
        text = value.strip().lower()
        if len(text) >= SHORTEST_FIELD and "\x00" not in text and text.isprintable() | ("\n" in text):
            yield text
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def field_of(row: Any, path: str) -> Any:
    """The value of a column, or of a field of its JSON behind a dot; of a list, that of each."""
    name, _, rest = path.partition(".")
    found = row.get(name) if isinstance(row, Mapping) else None
    if not rest:
        return found
    return [field_of(part, rest) for part in found] if isinstance(found, list) else field_of(found, rest)
