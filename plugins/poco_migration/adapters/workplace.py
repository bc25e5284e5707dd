"""Where the stages work: the configuration, the way to both databases, and the object store. Plain values; opens nothing.

Built by adapters/connections.py out of Airflow's connections, or by a test out of its own servers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from poco_migration.adapters.objects import ObjectStore
from poco_migration.settings import Settings


@dataclass(frozen=True)
class Workplace:
    """Connection strings are secrets, so they never show in a repr. Each side has a role for each kind of work."""

    settings: Settings
    source: str = field(repr=False)  # poco_migrator: reads the export views
    source_owner: str = field(repr=False)  # poco_owner: installs the views, raises the fence
    source_auditor: str = field(repr=False)  # poco_auditor: reads the original tables, without secrets
    target: str = field(repr=False)  # mi_migrator: writes the tables POCO moves into
    target_auditor: str = field(repr=False)  # mi_auditor: reads
    objects: ObjectStore
    voucher_key: bytes = field(repr=False)  # makes new coupon codes unguessable
    signing_key: str = field(repr=False, default="")  # signs certificates (adapters/signing.py); without it nothing is certified
    source_archivist: str = field(repr=False, default="")  # poco_archivist: reads the views of schema poco_archive
    restore: str = field(repr=False, default="")  # mi_restorer: owns an empty database, in which the archive is restored
    archive_key: bytes = field(repr=False, default=b"")  # wraps the key of each person's archived data (engine/person_keys.py)
