"""Signatures as OpenSSH makes them (`ssh-keygen -Y sign`, PROTOCOL.sshsig), by Ed25519 keys.

A person's key stays with that person: in a file behind a passphrase, or in an agent. Only the public half is known here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from poco_migration.errors import ConfigurationError

# What the signature is for: one that was made for something else (a git commit) is none here.
NAMESPACE = "poco-migration"
ARMOR = ("-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----")
KIND = b"ssh-ed25519"
MAGIC = b"SSHSIG\x00\x00\x00\x01"
HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}


def read_signers(path: Path) -> dict[str, str]:
    """Who may sign, as OpenSSH's allowed_signers file has it: {name: key in base64}. Nobody where there is no such file.

    A line is `name ssh-ed25519 KEY`. Raises ConfigurationError, with the line's number, for any other.
    """
    signers: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines() if path.is_file() else (), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.partition(" ")
        kind, _, key = rest.strip().partition(" ")
        if kind != KIND.decode() or _raw(key.split(" ")[0]) is None or name in signers:
            raise ConfigurationError(f"{path.name}, line {number}: not 'name ssh-ed25519 KEY', or {name} has a key already. Correct it.")
        signers[name] = key.split(" ")[0]
    return signers


def signer(text: str, message: bytes, signers: Mapping[str, str]) -> str | None:
    """Whose signature of this message the text is; None where it is nobody's, or of another message."""
    try:
        found = _parsed(text)
    except (ValueError, binascii.Error, IndexError):
        return None
    if found is None:
        return None
    key, signed, signature = found
    for name, known in signers.items():
        if _raw(known) == key:
            try:
                Ed25519PublicKey.from_public_bytes(key).verify(signature, signed(message))
            except InvalidSignature:
                return None
            return name
    return None


def _parsed(text: str) -> tuple[bytes, Callable[[bytes], bytes], bytes] | None:
    """(the public key, what is signed for a message, the signature); None where the text is no signature of this kind and purpose."""
    words = text.split()  # a form may have made blanks of the ends of lines
    if (" ".join(words[:3]), " ".join(words[-3:])) != ARMOR:
        return None
    body = base64.b64decode("".join(words[3:-3]), validate=True)
    if body[:10] != MAGIC:
        return None
    key, namespace, reserved, algorithm, signature = _strings(body[10:], 5)
    (kind, raw), (way, signed) = _strings(key, 2), _strings(signature, 2)
    if (kind, way, namespace) != (KIND, KIND, NAMESPACE.encode()) or algorithm not in HASHES:
        return None
    return raw, lambda message: preamble(namespace, reserved, algorithm, HASHES[algorithm](message).digest()), signed


def preamble(namespace: bytes, reserved: bytes, algorithm: bytes, digest: bytes) -> bytes:
    """What OpenSSH signs instead of the message itself."""
    return b"SSHSIG" + b"".join(string(part) for part in (namespace, reserved, algorithm, digest))


def string(part: bytes) -> bytes:
    """A string as SSH writes it (RFC 4251, section 5): its length in four bytes, then its bytes."""
    return len(part).to_bytes(4, "big") + part


def _strings(body: bytes, count: int) -> list[bytes]:
    """Exactly so many strings, and nothing behind them. Raises ValueError."""
    found = []
    for _ in range(count):
        length = int.from_bytes(body[:4], "big")
        if len(body) < 4 + length:
            raise ValueError("cut off")
        found.append(body[4 : 4 + length])
        body = body[4 + length :]
    if body:
        raise ValueError("more than that")
    return found


def _raw(key: str) -> bytes | None:
    """The 32 bytes of a public key; None where the text is none."""
    try:
        kind, raw = _strings(base64.b64decode(key, validate=True), 2)
    except (ValueError, binascii.Error):
        return None
    return raw if kind == KIND and len(raw) == 32 else None
