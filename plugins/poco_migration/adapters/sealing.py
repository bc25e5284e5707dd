"""What keeps an archived person's data shut: AES-256-GCM-SIV (RFC 8452) under one key per person, and those keys wrapped.

GCM-SIV because sealing is deterministic: the same row sealed twice is the same bytes, so two archives can be compared, and
a row that has changed meanwhile may be sealed under the nonce it had. With GCM that would give the key away; with GCM-SIV
it tells that the row has changed, and nothing else (docs/adr/0021-an-archive-that-forgets.md).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from poco_migration.adapters import secret_keys
from poco_migration.errors import DataRefused, OperatorNeeded

KEY_BYTES = 32
NONCE_BYTES = 12


def cipher(key: bytes) -> AESGCMSIV:
    """To seal and open with one person's key: `encrypt(nonce, data, beside)` and `decrypt`. Making one costs more than sealing a row."""
    return AESGCMSIV(key)


def opened(made: AESGCMSIV, nonce: bytes, sealed: bytes, what: str, beside: bytes | None = None) -> bytes:
    """What was sealed, with what stood `beside` it. Raises DataRefused naming `what` when these are not the bytes of then."""
    try:
        return made.decrypt(nonce, sealed, beside)
    except InvalidTag:
        raise DataRefused(
            f"{what} does not open with its person's key: it is damaged, or not what was archived there. Restore another copy of the "
            "file (docs/runbook.md, 'The archive'), then rerun."
        ) from None


def make() -> bytes:
    """A new key out of the system's randomness; nothing can make it again."""
    return secrets.token_bytes(KEY_BYTES)


def wrap(master: bytes, customer: int, key: bytes) -> bytes:
    """A person's key as it may be stored; opens for this person only."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _wrapping(master).encrypt(nonce, key, str(customer).encode())


def unwrap(master: bytes, customer: int, wrapped: bytes) -> bytes:
    """Raises OperatorNeeded when it was wrapped by another master key, or for somebody else."""
    try:
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        return _wrapping(master).decrypt(nonce, sealed, str(customer).encode())
    except (InvalidTag, ValueError):
        raise OperatorNeeded(
            f"the key of person {customer} does not open with the connection archive_key. Put back the master key that made it "
            "(docs/runbook.md, 'The key of the archive'), then clear this task."
        ) from None


@lru_cache(maxsize=1)  # a batch wraps thousands
def _wrapping(master: bytes) -> AESGCMSIV:
    return AESGCMSIV(derive(master, "wrap"))


def key_id(master: bytes) -> str:
    """What a manifest calls the master key: it says nothing of the key itself."""
    return derive(master, "name").hex()[:32]


def derive(master: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, so that one use never weakens another. Raises OperatorNeeded without a master key."""
    if secret_keys.weak(master):
        raise OperatorNeeded(
            f"the master key of the archive is missing, shorter than {secret_keys.LEAST_BYTES} bytes, or repeats itself. Put one "
            "into the connection archive_key (docs/runbook.md, 'The key of the archive'), then clear this task."
        )
    return hmac.digest(master, b"poco archive: " + purpose.encode(), hashlib.sha256)
