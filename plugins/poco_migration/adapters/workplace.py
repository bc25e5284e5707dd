"""Where the stages work: the configuration, the way to both databases, and the object store. Plain values; opens nothing.

Built by adapters/connections.py out of Airflow's connections, or by a test out of its own servers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from poco_migration.adapters.notifying import Channel
from poco_migration.adapters.objects import ObjectStore
from poco_migration.settings import Settings


class Keyring(Protocol):
    """Where the secrets are kept that the stages work with."""

    def left(self) -> Sequence[str]:
        """The names of the secrets that nobody needs behind the shutdown and that are there still, in the order to delete them."""

    def forget(self, name: str) -> None:
        """Delete one. Rerun: safe. Raises StageRefused when it cannot be deleted from here."""


@dataclass(frozen=True)
class Workplace:
    """Connection strings are secrets, so they never show in a repr. Each side has a role for each kind of work.

    Those of the source are empty once the shutdown has deleted them, but the witness's.
    """

    settings: Settings
    source: str = field(repr=False)  # poco_migrator: reads the export views
    source_owner: str = field(repr=False)  # poco_owner: installs the views, raises the fence
    source_auditor: str = field(repr=False)  # poco_auditor: reads the original tables, without secrets
    target: str = field(repr=False)  # mi_migrator: writes the tables POCO moves into
    target_auditor: str = field(repr=False)  # mi_auditor: reads
    objects: ObjectStore
    voucher_key: bytes = field(repr=False)  # makes new coupon codes unguessable
    signing_key: str = field(repr=False, default="")  # signs certificates (adapters/signing.py); without it nothing is certified
    mailing_key: str = field(repr=False, default="")  # public: codes are sealed for it (adapters/sealed_codes.py)
    source_witness: str = field(repr=False, default="")  # poco_witness: counts what the shutdown has left; no right on any table
    keyring: Keyring | None = field(repr=False, default=None)
    alerts: Channel = field(repr=False, default=Channel())
    redirects: str = ""  # http://host:port of the redirect service
    source_archivist: str = field(repr=False, default="")  # poco_archivist: reads the views of schema poco_archive
    restore: str = field(repr=False, default="")  # mi_restorer: owns an empty database, in which the archive is restored
    approvers: Mapping[str, str] = field(default_factory=dict)  # who may sign: {name: public key} (adapters/ssh_signatures.py)
    source_follower: str = field(repr=False, default="")  # poco_follower: reads the replication slot; no right on any table
    ledger: str = field(repr=False, default="")  # mi_ledger: owns schema migration; the prepare stage installs it
    archive_key: bytes = field(repr=False, default=b"")  # wraps the key of each person's archived data (engine/archive/person_keys.py)
