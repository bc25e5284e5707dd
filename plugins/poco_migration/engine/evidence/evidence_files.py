"""What lies in the evidence bucket, by key, hash and size: a certificate names all of it, so that an addition is seen too.

A report belongs to a run when the run's slug is a part of its key. What belongs to none that is certified (a run that was
given up, one that is still under way, the redirect map) is named by the next certificate, whichever it is.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
# Certificates vouch for each other and for everything else; the head vouches for them.
CERTIFICATES = "certificates/"
DRAFTS = "drafts/"


def of_run(place: Workplace, run: Run) -> list[dict[str, Any]]:
    """The files of a run, in the order of their keys: {key, sha256, bytes}."""
    return _told(place, [key for key in _keys(place) if belongs(key, run)])


def others(place: Workplace, target: postgres.Connection, run: Run) -> list[dict[str, Any]]:
    """The files of other runs that no certificate names yet, as `of_run` tells them."""
    known = files_named(target)
    return _told(place, [key for key in _keys(place) if key not in known and not belongs(key, run)])


def files_named(target: postgres.Connection) -> set[str]:
    """The keys of the files that some certificate names."""
    return {row["key"] for row in postgres.run(target, SQL / "evidence_named.sql")}


def belongs(key: str, run: Run) -> bool:
    return slug(run.id) in key.split("/")


def slug(text: str) -> str:
    """A part of an object key: run ids hold colons and plus signs, which some stores and all shells dislike."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-") or "none"


def _keys(place: Workplace) -> list[str]:
    return sorted(key for key in place.objects.keys(place.settings.objects.evidence) if not key.startswith(CERTIFICATES))


def _told(place: Workplace, keys: list[str]) -> list[dict[str, Any]]:
    found = []
    for key in keys:
        body = place.objects.get(place.settings.objects.evidence, key)
        found.append({"key": key, "sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)})
    return found
