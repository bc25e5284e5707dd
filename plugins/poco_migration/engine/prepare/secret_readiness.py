"""Is every key there that a later stage makes something with, and is it one? Asked weeks before, so that nobody finds out in the night."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from poco_migration.adapters import sealed_codes, sealing, secret_keys, signing
from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import OperatorNeeded
from poco_migration.model import Finding


def find_keys(place: Workplace) -> Iterator[Finding]:
    """One finding for each key's connection; `measured` says what is wrong, never what the key holds. Opens nothing."""
    asked: tuple[tuple[str, str, Callable[[], object]], ...] = (
        ("signing_key", "an Ed25519 private key", lambda: signing.key_id(place.signing_key)),
        ("voucher_key", f"{secret_keys.LEAST_BYTES} random bytes at least", lambda: secret_keys.voucher_key(place.voucher_key)),
        ("mailing_key", "the mailing system's X25519 public key", lambda: sealed_codes.raw(place.mailing_key)),
        ("archive_key", f"{secret_keys.LEAST_BYTES} random bytes at least", lambda: sealing.key_id(place.archive_key)),
    )
    for connection, demanded, tried in asked:
        problem = _problem(tried)
        yield Finding(
            "ALL",
            f"key {connection}",
            problem or "there",
            f"the password of the connection {connection} is {demanded}",
            not problem,
            f"Put the key into the connection {connection} (docs/runbook.md, 'Keys'), then clear this task.",
        )


def find_approvers(place: Workplace) -> Finding:
    """Whether two different people can sign: what cannot be undone waits for them. Opens nothing."""
    named = place.settings.approvals.approvers
    without = [name for name in named if name not in place.approvers]
    keys = {place.approvers[name] for name in named if name in place.approvers}
    return Finding(
        "ALL",
        "keys of the approvers",
        f"no key: {', '.join(without)}" if without else "each has one" if len(keys) == len(named) else "some have the same key",
        "each approver of migration.toml has a key of their own",
        len(keys) == len(named),
        "Put the public key of each approver into the file of approvers (docs/runbook.md, 'Keys of the approvers'), then clear this task.",
        "critical" if len(keys) < 2 else "warning",
    )


def _problem(tried: Callable[[], object]) -> str:
    try:
        tried()
    except OperatorNeeded as error:
        return str(error)
    return ""
