"""Who was erased and must not come back: asked by everything that would write something of a person."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Sequence
from pathlib import Path

from poco_migration.adapters import postgres, sealing
from poco_migration.adapters.workplace import Workplace

log = logging.getLogger(__name__)

SQL = Path(__file__).parent / "sql"


def subject(place: Workplace, customer: int) -> bytes:
    """What a tombstone calls this person. Raises OperatorNeeded without a master key."""
    return hmac.digest(sealing.derive(place.archive_key, "tombstone"), str(customer).encode(), hashlib.sha256)


def tombstoned(place: Workplace, target: postgres.Connection, customers: Sequence[int]) -> set[int]:
    """Those of these persons who were erased."""
    named = {subject(place, customer): customer for customer in customers}
    return {named[bytes(row["subject"])] for row in postgres.run(target, SQL / "tombstoned.sql", postgres.array(named))}


def hide_erased(source: postgres.Connection, target: postgres.Connection) -> None:
    """Tell the source whom it must not hand out, and erase again whoever has risen: a store that was restored from a backup
    knows of nobody. Called before every copy reads. Rerun: safe."""
    begun = erasures(target)
    if not begun:
        return
    with postgres.translated_errors("source", "tombstones"), source.transaction():
        risen = [row[0] for row in source.execute("select poco_export.bury(%s::bigint[])", (postgres.array(begun),))]
        # Whose erasure has not ended is hidden, and not erased by somebody else: it has to see first what there is to delete.
        risen = [customer for customer in risen if begun[customer]]
        if risen:
            log.warning("%d erased persons had rows at POCO again; they are erased once more", len(risen))
            source.execute("select poco_export.erase_persons(%s::bigint[])", (postgres.array(risen),))


def erasures(target: postgres.Connection) -> dict[int, bool]:
    """Every customer whose erasure has begun, and whether it has ended. Reads only."""
    return {row["customer"]: row["done"] for row in postgres.run(target, SQL / "erasures.sql")}
