"""Keys as openssl writes them, names that anybody can compute, and the connection that may be missing."""

from __future__ import annotations

import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_public_key

from deploy import make_env
from poco_migration.adapters import connections, signing


def test_a_key_is_read_with_and_without_the_lines_around_it() -> None:
    made = Ed25519PrivateKey.generate()
    whole = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    raw = made.public_key().public_bytes_raw()
    for text in (whole, whole.splitlines()[1], whole.replace("\n", " ")):
        assert signing.key_id(text) == hashlib.sha256(raw).hexdigest()
        assert load_pem_public_key(signing.public_pem(text).encode()).public_bytes_raw() == raw  # type: ignore[union-attr]
        assert signing.sign(text, b"body")["signature"] == made.sign(b"body").hex()


def test_the_key_that_make_env_makes_signs() -> None:
    first, second = (make_env.made()["SIGNING_KEY"] for _ in range(2))
    assert signing.key_id(first) != signing.key_id(second)


def test_a_missing_connection_is_an_empty_key_so_that_only_what_needs_the_key_misses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    key = signing.from_seed(bytes(32))
    monkeypatch.setenv("AIRFLOW_CONN_SIGNING_KEY", json.dumps({"conn_type": "generic", "password": key}))
    assert connections._password(connections.SIGNING_KEY) == key
    monkeypatch.delenv("AIRFLOW_CONN_SIGNING_KEY")
    assert connections._password(connections.SIGNING_KEY) == ""
