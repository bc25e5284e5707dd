"""The approvers' own keys in a rehearsal and in tests, and what `ssh-keygen -Y sign` would print for them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from poco_migration.adapters.ssh_signatures import ARMOR, KIND, MAGIC, NAMESPACE, preamble, string


def from_secret(secret: str) -> Ed25519PrivateKey:
    """A key out of a secret of any length; the same secret, the same key."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(secret.encode()).digest())


def public(key: Ed25519PrivateKey) -> str:
    """The public half in base64, as it stands in the file of approvers."""
    return base64.b64encode(_blob(key)).decode()


def sign(key: Ed25519PrivateKey, line: str) -> str:
    """What `echo 'line' | ssh-keygen -Y sign -n poco-migration` prints."""
    purpose, way = NAMESPACE.encode(), b"sha512"
    signature = key.sign(preamble(purpose, b"", way, hashlib.sha512(f"{line}\n".encode()).digest()))
    body = MAGIC + b"".join(string(part) for part in (_blob(key), purpose, b"", way, string(KIND) + string(signature)))
    text = base64.b64encode(body).decode()
    return "\n".join([ARMOR[0], *(text[at : at + 70] for at in range(0, len(text), 70)), ARMOR[1]])


def write(path: Path, keys: Iterable[tuple[str, Ed25519PrivateKey]]) -> None:
    """The file of approvers: one `name ssh-ed25519 KEY` a line."""
    path.write_text("".join(f"{name} {KIND.decode()} {public(key)}\n" for name, key in keys), "utf-8")


def write_private(path: Path, key: Ed25519PrivateKey) -> None:
    """The key as OpenSSH reads it (`ssh-keygen -Y sign -f path`), for its owner only. Rerun: the file that is there stays."""
    if not path.exists():
        path.touch(0o600)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))


def _blob(key: Ed25519PrivateKey) -> bytes:
    return string(KIND) + string(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
