"""One byte sequence for one document: sorted keys, no blanks, UTF-8, so that a hash means something to a stranger."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def encode(document: Any) -> bytes:
    """Canonical JSON. Numbers that are not integers come as text, because readers disagree on how to round them."""
    return (json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=plain) + "\n").encode()


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def plain(value: Any) -> Any:
    """What JSON can hold of a database value."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return str(value)
