"""Which versions the service has: taken from the object store when a pointer names another one, kept on disk for restarts.

A pointer is one small object, so it is never seen half written. What it names is read whole and verified before one
assignment makes it the version that the next request is answered from; a request under way keeps the one it began with.
Whatever cannot be read or is refused changes nothing: the last good version goes on, and `state` says why.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from poco_migration.errors import MigrationError
from poco_migration.redirects import versions
from poco_migration.redirects.versions import CURRENT, STAGED, Version, VersionRefused

log = logging.getLogger(__name__)
POINTERS = {"staged": STAGED, "current": CURRENT}
KEPT = 4  # versions on disk: both that are served, and the ones before them


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

    def get(self, name: str) -> Version | None:
        return self.versions.get(name)

    def state(self) -> dict[str, Any]:
        """For /healthz: what is served, and what was refused and why."""
        return {name: (found.name if (found := self.versions.get(name)) else None) for name in POINTERS} | {"refused": dict(self.refused)}

    def look(self) -> None:
        """Take what the pointers name now. Never raises: what fails is logged, shown in `state` and tried at the next look."""
        for name, key in POINTERS.items():
            try:
                if not self.store.exists(self.bucket, key):
                    continue  # not switched on yet; one that vanished changes nothing either
                pointer = self.store.get(self.bucket, key)
                if pointer == self._seen.get(name):
                    continue
                self._take(name, pointer, *self._fetch(pointer))
                self._keep(name, pointer)
            except (MigrationError, ValueError, KeyError, TypeError, OSError) as error:
                said = str(error) if isinstance(error, MigrationError) else f"the pointer {key} cannot be read ({type(error).__name__})"
                if self.refused.get(name) != said:
                    log.error("%s: %s. The last good version goes on.", name, said)
                self.refused[name] = said

    def _fetch(self, pointer: bytes) -> tuple[bytes, bytes]:
        folder = f"versions/{json.loads(pointer)['version']}"
        return self.store.get(self.bucket, f"{folder}/{versions.MANIFEST}"), self.store.get(self.bucket, f"{folder}/{versions.MAP}")

    def _take(self, name: str, pointer: bytes, manifest: bytes, body: bytes) -> None:
        told = json.loads(pointer)
        if versions.digest(manifest) != told["manifest_sha256"] or versions.name_of(manifest) != told["version"]:
            raise VersionRefused(f"redirects {told['version']}: {versions.MANIFEST} has not the SHA-256 that the pointer says")
        known = next((found for found in self.versions.values() if found.name == told["version"]), None)
        self.versions = {**self.versions, name: known or versions.decode(manifest, body)}
        self._seen[name] = pointer
        self.refused.pop(name, None)
        log.info("%s is now %s", name, told["version"])

    def _keep(self, name: str, pointer: bytes) -> None:
        """The pointer last: what it names is whole on disk by then."""
        version = json.loads(pointer)["version"]
        if not (self.cache / version / versions.MAP).exists():
            manifest, body = self._fetch(pointer)
            for part, content in ((versions.MANIFEST, manifest), (versions.MAP, body)):
                _write(self.cache / version / part, content)
        _write(self.cache / POINTERS[name], pointer)
        folders = sorted((path for path in self.cache.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
        named = {found.name for found in self.versions.values()}
        for old in [path for path in folders if path.name not in named][: -KEPT or None]:
            for file in old.iterdir():
                file.unlink()
            old.rmdir()

    def _recall(self, name: str) -> None:
        """What was served before a restart; verified like everything else, because a disk can fail too."""
        path = self.cache / POINTERS[name]
        try:
            pointer = path.read_bytes()
            folder = self.cache / json.loads(pointer)["version"]
            self._take(name, pointer, (folder / versions.MANIFEST).read_bytes(), (folder / versions.MAP).read_bytes())
        except FileNotFoundError:
            return
        except (OSError, MigrationError, ValueError, KeyError, TypeError) as error:
            log.error(
                "%s: what the disk remembers cannot be used (%s)",
                name,
                error if isinstance(error, MigrationError) else type(error).__name__,
            )


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    draft.replace(path)
