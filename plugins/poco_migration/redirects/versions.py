"""One version of the redirects: rules and map as bytes, by whose hash it is named, and what each request is answered.

Decoding trusts nothing: a version is taken only if its bytes have the hash that its manifest says, and if every target is
a page of the region's own store on an allowed host. So no map, however it came about, can lead out of mi.com or to another region.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from poco_migration.errors import ConfigurationError, MigrationError
from poco_migration.redirects import rules as rulebook
from poco_migration.redirects.addresses import Meant, Reader
from poco_migration.redirects.rules import Rules

FORMAT = 1
MAP, MANIFEST = "map.json", "manifest.json"
STAGED, CURRENT = "staged.json", "current.json"  # the pointers: what is verified, and what everybody is answered
# What of a target follows the front: a path of the unreserved characters and of encoded ones.
BELOW = re.compile(r"(/[A-Za-z0-9._~%!$&'()*+,=:@-]+)+")


class VersionRefused(MigrationError):
    """A version whose bytes are not what its manifest says, or that would mislead somebody. The one before goes on."""


@dataclass(frozen=True)
class Version:
    """Rules and, by region, each known page with its target. `name` is the manifest's hash."""

    name: str
    rules: Rules
    pages: Mapping[str, Mapping[str, str]] = field(repr=False)
    reader: Reader = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reader", Reader(self.rules))

    def lead(self, meant: Meant) -> tuple[str, bool]:
        """The target of a page, and whether the page itself is known; else the region's front answers for it."""
        target = self.pages.get(meant.region, {}).get(meant.page)
        return (target, True) if target else (self.rules.fronts[meant.region], meant.page == "")


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def name_of(manifest: bytes) -> str:
    """The name of the version that this manifest describes."""
    return digest(manifest)[:16]


def encode(document: Any) -> bytes:
    return (json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True) + "\n").encode()


def encode_map(rules: Rules, pages: Mapping[str, Mapping[str, str]]) -> bytes:
    """The bytes of the map: the same rules and pages, the same bytes."""
    return encode({"format": FORMAT, "rules": rules.plain(), "pages": {region: dict(found) for region, found in pages.items()}})


def decode(manifest: bytes, body: bytes) -> Version:
    """A version out of its manifest and its map. Raises VersionRefused naming what is wrong."""
    name = name_of(manifest)
    try:
        told = json.loads(manifest)
        if digest(body) != told["files"][MAP]["sha256"]:
            raise VersionRefused(f"redirects {name}: {MAP} has not the SHA-256 that its manifest says")
        document = json.loads(body)
        if document["format"] != FORMAT:
            raise VersionRefused(f"redirects {name}: format {document['format']} is not {FORMAT}, which this service reads")
        found = Version(name, rulebook.checked(document["rules"]), document["pages"])
        check(found)
    except (ValueError, KeyError, TypeError, AttributeError, ConfigurationError) as error:
        raise VersionRefused(f"redirects {name}: cannot be read ({type(error).__name__}: {error})") from None
    return found


def folder(pointer: bytes) -> str:
    """Where the version lies that a pointer names. Raises VersionRefused for one that cannot be read."""
    try:
        return f"versions/{json.loads(pointer)['version']}"
    except (ValueError, KeyError, TypeError) as error:
        raise VersionRefused(f"the pointer cannot be read ({type(error).__name__})") from None


def pointed(pointer: bytes, manifest: bytes, body: bytes) -> Version:
    """The version that a pointer names, out of what lies there. Raises VersionRefused when it is another one, or as `decode`."""
    told = json.loads(pointer)
    if digest(manifest) != told.get("manifest_sha256") or name_of(manifest) != told["version"]:
        raise VersionRefused(f"redirects {told['version']}: {MANIFEST} has not the SHA-256 that the pointer says")
    return decode(manifest, body)


def check(version: Version) -> None:
    """Raises VersionRefused unless every page leads into its own region's store."""
    for region, pages in version.pages.items():
        front = version.rules.fronts.get(region)
        if front is None:
            raise VersionRefused(f"redirects {version.name}: region {region} has no front")
        for page, target in pages.items():
            below = target.removeprefix(front)
            dotted = any(unquote(part) in (".", "..") or unquote(part) != unquote(unquote(part)) for part in below.split("/"))
            if below == target or dotted or not BELOW.fullmatch(below or "/-"):
                raise VersionRefused(f"redirects {version.name}: {region}, page {page!r} leads out of the region's store")
