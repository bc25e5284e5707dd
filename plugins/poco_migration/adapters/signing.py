"""Ed25519 signatures (RFC 8032). With sealing.py the only files that import cryptography.

A private key is text as `openssl genpkey -algorithm ed25519` writes it, with or without the lines around it. A key's
name is the SHA-256 of its 32 public bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_der_private_key

from poco_migration.errors import OperatorNeeded


def sign(key: str, body: bytes) -> dict[str, str]:
    """A detached signature of these bytes: {algorithm, key, signature}, the last two in hex. The same bytes, the same signature."""
    return {"algorithm": "Ed25519", "key": key_id(key), "signature": _read(key).sign(body).hex()}


def key_id(key: str) -> str:
    """What a certificate calls the key that signed it."""
    return hashlib.sha256(_read(key).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def public_pem(key: str) -> str:
    """The public half, which whoever checks certificates must have from somewhere else than the certificates."""
    return _read(key).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def from_seed(seed: bytes) -> str:
    """The private key of these 32 random bytes, on one line."""
    made = Ed25519PrivateKey.from_private_bytes(seed).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return base64.b64encode(made).decode()


def _read(key: str) -> Ed25519PrivateKey:
    """Raises OperatorNeeded, without a word of what the text holds."""
    try:
        found = load_der_private_key(base64.b64decode(re.sub(r"-----[A-Z ]+-----|\s", "", key), validate=True), None)
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise OperatorNeeded(
            "the key to sign certificates with is no Ed25519 private key. Put one into the connection signing_key "
            "(docs/runbook.md, 'The key that signs'), then clear this task."
        )
    return found
