"""Shuts and opens what one person's rows hold, with the person's key. The same rows, the same bytes.

A person's rows in a row group are sealed together (adapters/parquet.py says how they stand there). The nonce is where they
begin (which table, which key), so it needs no room in the file and no two runs of a person share one. The keys of all of them
are authenticated with the content: what is moved to another row does not open there, and neither does a run that lost one.
GCM-SIV stays safe if a run is sealed again after a change.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from poco_migration.adapters import sealing

Keys = Callable[[Sequence[int]], dict[int, bytes]]
ERASED = b""  # in the file, for somebody who may have no key: it tells an erased person's rows from those that hold nothing personal
KEY_BYTES = 8  # of a row's key in a place


@dataclass
class Sealer:
    """Of one file; a person is 0 where no row names one. `keys` gives some persons' keys, once per batch for those new in it.

    Files are sorted by person, so `persons` counts each of those with content once, and memory does not grow with them.
    """

    entity: str
    keys: Keys
    persons: int = 0  # that have content in the file, those included whose content is not there or does not open
    closed: set[int] = field(default_factory=set)  # persons whose content was there and for whom there is no key
    _counted: int | None = None
    _last: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._prefix = hashlib.sha256(self.entity.encode()).digest()[:4]

    def seal(self, persons: list[int], places: list[bytes], contents: list[bytes]) -> list[bytes]:
        """Each content under its person's key, bound to its place (the keys of its rows); ERASED for a person who may have none."""
        self._count(persons)
        ciphers, prefix = self._ciphers(persons), self._prefix
        return [
            cipher.encrypt(prefix + place[:KEY_BYTES], content, place) if (cipher := ciphers[person]) else ERASED
            for person, place, content in zip(persons, places, contents, strict=True)
        ]

    def open(self, persons: list[int], places: list[bytes], contents: list[bytes]) -> list[bytes | None]:
        """What was sealed; None for a person without a key, who is then in `closed`. Whether that is an erasure, a tombstone tells.

        Raises DataRefused naming table and first key when a content does not open with its person's key at its place.
        """
        self._count(persons)
        ciphers = self._ciphers([person for person, content in zip(persons, contents, strict=True) if content != ERASED])
        found: list[bytes | None] = []
        for person, place, content in zip(persons, places, contents, strict=True):
            if content == ERASED or (cipher := ciphers[person]) is None:
                self.closed.add(person)
                found.append(None)
            else:
                what = f"{self.entity} {struct.unpack('<q', place[:KEY_BYTES])[0]}"
                found.append(sealing.opened(cipher, self._prefix + place[:KEY_BYTES], content, what, place))
        return found

    def _count(self, persons: list[int]) -> None:
        for person in persons:
            self.persons += person != self._counted
            self._counted = person

    def _ciphers(self, persons: list[int]) -> dict[int, Any]:
        """A cipher for each person of a batch. A batch begins with the person the last one ended with."""
        wanted = dict.fromkeys(persons)
        new = [person for person in wanted if person not in self._last]
        found = self.keys(new) if new else {}
        self._last = {
            person: self._last[person] if person in self._last else sealing.cipher(found[person]) if person in found else None
            for person in wanted
        }
        return self._last
