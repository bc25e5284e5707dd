"""What a secret key must be before anything is made with it: there, long enough, and not one letter again and again.

A key that is missing is an empty text, and HMAC takes an empty key without a word: whoever has this source could then make every
result again. So each use of a secret key asks here first. Says lengths, never what a key holds.
"""

from __future__ import annotations

from poco_migration.errors import OperatorNeeded

LEAST_BYTES = 32
# Of 32 random hexadecimal digits 14 are different ones; fewer than 8 come about once in a million keys, and never of bytes or base64.
LEAST_DIFFERENT = 8


def voucher_key(key: bytes) -> bytes:
    """The key that makes voucher codes. Raises OperatorNeeded where it could be guessed."""
    if weak(key):
        raise OperatorNeeded(
            f"the key that makes voucher codes is missing, shorter than {LEAST_BYTES} bytes, or repeats itself, so anybody could make the "
            "codes. Put a random one into the connection voucher_key (docs/runbook.md, 'The key of the vouchers'), then clear this task."
        )
    return key


def weak(key: bytes) -> bool:
    """Whether somebody could guess the key, as far as its look tells."""
    return len(key) < LEAST_BYTES or len(set(key)) < LEAST_DIFFERENT
