"""The objects of the store's media bucket: review photos and attachments, small, distinct and the same every time."""

from __future__ import annotations

import hashlib
import json


def body(key: str) -> bytes:
    """What an object holds."""
    return b"\xff\xd8\xff\xe0 " + json.dumps({"object": key}).encode() + bytes(range(256)) * (1 + len(key) % 5)


def sha256(key: str) -> str:
    """What the upload noted of it."""
    return hashlib.sha256(body(key)).hexdigest()
