"""Which versions the service has: taken from the object store when a pointer names another one, kept on disk for restarts.

A pointer is one small object, so it is never seen half written. What it names is read whole and verified before one
assignment makes it the version that the next request is answered from; a request under way keeps the one it began with.
Whatever cannot be read or is refused changes nothing: the last good version goes on; the log and `state.json` beside it say why.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from poco_migration.errors import MigrationError
from poco_migration.redirects import versions
from poco_migration.redirects.versions import CURRENT, STAGED, Version

log = logging.getLogger(__name__)
POINTERS = {"staged": STAGED, "current": CURRENT}
STATE = "state.json"
KEPT = 2  # versions on disk besides those that are served


class Store(Protocol):
    """What is needed of adapters/objects.py."""

    def get(self, bucket: str, key: str) -> bytes: ...
    def exists(self, bucket: str, key: str) -> bool: ...


class Served:
    """The versions by pointer. `look` is called from one thread at a time; `get` from any."""

    def __init__(self, store: Store, bucket: str, cache: Path) -> None:
        self.store, self.bucket, self.cache = store, bucket, cache
        self.versions: Mapping[str, Version] = {}
        self.refused: dict[str, str] = {}
        self._seen: dict[str, bytes] = {}
        cache.mkdir(parents=True, exist_ok=True)
        for name in POINTERS:
            self._recall(name)
        self._told: dict[str, Any] = {}
        self._tell()

    def get(self, name: str) -> Version | None:
        return self.versions.get(name)

    def state(self) -> dict[str, Any]:
        """What is served, and what was refused and why: for whoever runs the service, never for who asks it."""
        return {name: (found.name if (found := self.versions.get(name)) else None) for name in POINTERS} | {"refused": dict(self.refused)}

    def look(self) -> None:
        """Take what the pointers name now. Never raises: what fails is logged, stands in `state` and is tried at the next look."""
        for name, key in POINTERS.items():
            try:
                # Not switched on yet; a pointer that has vanished changes nothing either.
                if self.store.exists(self.bucket, key) and (pointer := self.store.get(self.bucket, key)) != self._seen.get(name):
                    folder = versions.folder(pointer)
                    parts = [self.store.get(self.bucket, f"{folder}/{part}") for part in (versions.MANIFEST, versions.MAP)]
                    self._take(name, pointer, *parts)
                    self._keep(name, pointer, *parts)
                self.refused.pop(name, None)
            except MigrationError as error:
                if self.refused.get(name) != str(error):
                    log.error("%s: %s. The last good version goes on.", name, error)
                self.refused[name] = str(error)
        self._tell()

    def _tell(self) -> None:
        """Into a file beside what is kept: strangers ask the service, and the log tells only what changes."""
        if (state := self.state()) == self._told:
            return
        try:
            _write(self.cache / STATE, versions.encode(state))
            self._told = state
        except OSError as error:
            log.error("%s cannot be written into %s (%s)", STATE, self.cache, type(error).__name__)

    def _take(self, name: str, pointer: bytes, manifest: bytes, body: bytes) -> None:
        found = versions.pointed(pointer, manifest, body)
        self.versions = {**self.versions, name: found}
        self._seen[name] = pointer
        log.info("%s is now %s", name, found.name)

    def _keep(self, name: str, pointer: bytes, manifest: bytes, body: bytes) -> None:
        """The pointer last: what it names is whole on disk by then. Without a disk the service goes on, until it is restarted."""
        folder = self.cache / versions.name_of(manifest)
        try:
            _write(folder / versions.MANIFEST, manifest)
            _write(folder / versions.MAP, body)
            _write(self.cache / POINTERS[name], pointer)
            named = {found.name for found in self.versions.values()}
            others = [path for path in self.cache.iterdir() if path.is_dir() and path.name not in named]
            old = sorted(others, key=lambda path: path.stat().st_mtime)
            for path in old[:-KEPT]:
                shutil.rmtree(path)
        except OSError as error:
            log.error("%s cannot be kept in %s (%s): a restart will need the object store", folder.name, self.cache, type(error).__name__)

    def _recall(self, name: str) -> None:
        """What was served before a restart; verified like everything else, because a disk can fail too."""
        try:
            pointer = (self.cache / POINTERS[name]).read_bytes()
            folder = self.cache / Path(versions.folder(pointer)).name
            self._take(name, pointer, (folder / versions.MANIFEST).read_bytes(), (folder / versions.MAP).read_bytes())
        except FileNotFoundError:
            return
        except (OSError, MigrationError) as error:
            log.error("%s: what the disk remembers cannot be used (%s)", name, error)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    draft.replace(path)
