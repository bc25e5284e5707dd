"""A code that was sealed is read by the mailing system, by nobody else, and as that of its own notice only."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from poco_migration.adapters import sealed_codes
from poco_migration.errors import OperatorNeeded

PRIVATE, CODE, NOTICE = bytes(range(32)), "0123456789ABCDEF", b"notice of 16 byt"


def test_only_the_recipient_reads_it_and_only_for_its_notice() -> None:
    sealed = sealed_codes.sealer(sealed_codes.public_of(PRIVATE), b"s" * 32).seal(CODE, NOTICE)
    assert sealed_codes.opened(PRIVATE, sealed, NOTICE) == CODE
    spoilt = base64.b64encode(bytes([base64.b64decode(sealed)[-1] ^ 1]).join([base64.b64decode(sealed)[:-1], b""])).decode()
    for private, text, notice in ((bytes(32), sealed, NOTICE), (PRIVATE, sealed, b"another"), (PRIVATE, spoilt, NOTICE)):
        with pytest.raises(ValueError, match="another key or another notice"):
            sealed_codes.opened(private, text, notice)


def test_a_rerun_gives_the_same_bytes_and_no_two_codes_share_a_key() -> None:
    sealer = sealed_codes.sealer(sealed_codes.public_of(PRIVATE), b"s" * 32)
    assert sealer.seal(CODE, NOTICE) == sealed_codes.sealer(sealed_codes.public_of(PRIVATE), b"s" * 32).seal(CODE, NOTICE)
    # The same code for two notices: with one key and one nonce the ciphertexts would be equal.
    first, second = (base64.b64decode(sealer.seal(CODE, notice))[32:48] for notice in (NOTICE, b"another"))
    assert first != second
    assert CODE not in repr(sealer) and sealer.shared.hex() not in repr(sealer)


def test_a_key_is_read_with_and_without_the_lines_around_it() -> None:
    key = X25519PrivateKey.generate().public_key()
    whole = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert sealed_codes.raw(whole) == sealed_codes.raw(whole.splitlines()[1]) == key.public_bytes_raw()


def test_another_kind_of_key_is_refused_without_a_word_of_it() -> None:
    other = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for text in (other, "not a key", ""):
        with pytest.raises(OperatorNeeded, match="no X25519 public key") as told:
            sealed_codes.sealer(text, bytes(32))
        assert not text or text not in str(told.value)
