"""Shuts and opens the personal columns of a row with its person's key. The same row, the same bytes.

The nonce is where the row stands (which table, which key), so it needs no room in the file, no two rows of a person share
one, and what is moved to another row does not open there. GCM-SIV stays safe if a row is sealed again after a change.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from poco_migration.adapters import sealing

Keys = Callable[[Sequence[int]], dict[int, bytes]]
ERASED = b""  # in the file, for somebody who may have no key: it tells an erased person's row from one that holds nothing personal


@dataclass
class Sealer:
    """Of one table; a person is 0 where no row names one. `keys` gives some persons' keys, once per batch for those new in it."""

    entity: str
    keys: Keys
    erased: set[int] = field(default_factory=set)  # persons whose content was there and could not be opened
    _last: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        prefix = hashlib.sha256(self.entity.encode()).digest()[:4]
        pack = struct.Struct(">4sq").pack
        self._nonce: Callable[[int], bytes] = lambda key: pack(prefix, key)

    def seal(self, persons: list[Any], keys: list[Any], contents: list[Any]) -> list[bytes | None]:
        """Each content under its person's key; ERASED for a person who may have none."""
        ciphers, nonce = self._ciphers(persons, contents), self._nonce
        last, encrypt = None, None
        found: list[bytes | None] = []
        for person, key, content in zip(persons, keys, contents, strict=True):
            if content is None:
                found.append(None)
                continue
            if person != last:  # the rows come by person
                last, cipher = person, ciphers[person]
                encrypt = cipher and cipher.encrypt
            found.append(encrypt(nonce(key), content, None) if encrypt else ERASED)
        return found

    def open(self, persons: list[Any], keys: list[Any], contents: list[Any]) -> list[str | None]:
        """What was sealed; None where there was nothing, or for a person without a key, who is then in `erased`.

        Raises DataRefused naming table and key when a content does not open with its person's key.
        """
        ciphers = self._ciphers(persons, contents)
        found: list[str | None] = []
        for person, key, content in zip(persons, keys, contents, strict=True):
            if content is None:
                found.append(None)
            elif content == ERASED or (cipher := ciphers[person]) is None:
                self.erased.add(person)
                found.append(None)
            else:
                found.append(sealing.opened(cipher, self._nonce(key), content, f"{self.entity} {key}").decode())
        return found

    def _ciphers(self, persons: list[Any], contents: list[Any]) -> dict[int, Any]:
        """A cipher for each person of a batch who has something to seal. A batch begins with the person the last one ended with."""
        wanted = dict.fromkeys(person for person, content in zip(persons, contents, strict=True) if content is not None)
        new = [person for person in wanted if person not in self._last]
        found = self.keys(new) if new else {}
        self._last = {
            person: self._last[person] if person in self._last else sealing.cipher(found[person]) if person in found else None
            for person in wanted
        }
        return self._last
