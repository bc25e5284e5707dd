"""Who was erased and must not come back: asked by everything that would write something of a person."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path

from poco_migration.adapters import postgres, sealing
from poco_migration.adapters.workplace import Workplace

SQL = Path(__file__).parent / "sql"


def subject(place: Workplace, customer: int) -> bytes:
    """What a tombstone calls this person. Raises OperatorNeeded without a master key."""
    return hmac.digest(sealing.derive(place.archive_key, "tombstone"), str(customer).encode(), hashlib.sha256)


def tombstoned(place: Workplace, target: postgres.Connection, customers: Sequence[int]) -> set[int]:
    """Those of these persons who were erased."""
    named = {subject(place, customer): customer for customer in customers}
    return {named[bytes(row["subject"])] for row in postgres.run(target, SQL / "tombstoned.sql", postgres.array(named))}
