"""Codes that only the mailing system can read: X25519, HKDF-SHA256, AES-256-GCM. Beside signing.py the only importer of cryptography.

sealed = base64(ephemeral public key, 32 bytes + ciphertext + tag, 16 bytes)
key    = HKDF-SHA256(X25519(ephemeral, recipient), salt = ephemeral public + recipient public, info = LABEL + notice)
A key seals one code, once: the notice is in its derivation and in the additional data, so the nonce can be zero. The ephemeral
key comes from a secret of ours and not from a random source, so a rerun gives the same bytes.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from poco_migration.errors import OperatorNeeded

LABEL = b"poco_migration voucher code v1 "
NONCE = bytes(12)


@dataclass(frozen=True)
class Sealer:
    """Seals for one recipient with one ephemeral key."""

    ephemeral: bytes
    salt: bytes
    shared: bytes = field(repr=False)

    def seal(self, code: str, notice: bytes) -> str:
        """The code, readable by the recipient only and only as that of this notice. The same input, the same text."""
        cipher = AESGCM(_key(self.shared, self.salt, notice))
        return base64.b64encode(self.ephemeral + cipher.encrypt(NONCE, code.encode(), notice)).decode()


def sealer(recipient: str, seed: bytes) -> Sealer:
    """`recipient` is a public key as `openssl pkey -pubout` writes it; `seed` are 32 secret bytes that no other recipient gets."""
    theirs, ours = _read(recipient), X25519PrivateKey.from_private_bytes(seed)
    mine = ours.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Sealer(mine, mine + theirs.public_bytes(Encoding.Raw, PublicFormat.Raw), ours.exchange(theirs))


def raw(recipient: str) -> bytes:
    """The 32 bytes of a public key."""
    return _read(recipient).public_bytes(Encoding.Raw, PublicFormat.Raw)


def opened(private: bytes, sealed: str, notice: bytes) -> str:
    """What the mailing system does, with its 32 private bytes. Raises ValueError where it was sealed for somebody or something else."""
    body, key = base64.b64decode(sealed, validate=True), X25519PrivateKey.from_private_bytes(private)
    shared = key.exchange(X25519PublicKey.from_public_bytes(body[:32]))
    salt = body[:32] + key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    try:
        return AESGCM(_key(shared, salt, notice)).decrypt(NONCE, body[32:], notice).decode()
    except InvalidTag:
        raise ValueError("this code was sealed for another key or another notice, or was changed") from None


def public_of(private: bytes) -> str:
    """The public key of these 32 private bytes, as PEM."""
    key = X25519PrivateKey.from_private_bytes(private).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _key(shared: bytes, salt: bytes, notice: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, LABEL + notice).derive(shared)


def _read(key: str) -> X25519PublicKey:
    try:
        found = load_der_public_key(base64.b64decode(re.sub(r"-----[A-Z ]+-----|\s", "", key), validate=True))
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, X25519PublicKey):
        raise OperatorNeeded(
            "the key of the mailing system is no X25519 public key. Put theirs into the connection mailing_key "
            "(docs/runbook.md, 'The notices'), then clear this task."
        )
    return found
