"""One key per person: what the archive holds of somebody opens with it, and with nothing else.

The archive cannot be changed, so a person is erased by forgetting their key. A customer is POCO's customer id; below zero
it is a guest's order (`guest`), so that a guest can be erased too; NOBODY is the person of rows whose person is not known.
The key is random and kept wrapped by the master key of the connection archive_key: a dump of the database opens nothing, and
neither does the master key alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from poco_migration.adapters import postgres, sealing
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.ledger import tombstones

SQL = Path(__file__).parent / "sql"
NOBODY = 0


def guest(order: int) -> int:
    """Who a guest's order belongs to: a person of its own, since nothing says that two orders are one person's."""
    return -order


def obtain(place: Workplace, target: postgres.Connection, customers: Sequence[int]) -> dict[int, bytes]:
    """The keys of these persons; who has none gets one, unless there is a tombstone: who was erased is missing in what comes back.

    Rerun: the same keys. Raises OperatorNeeded without the master key that wrapped them.
    """
    with postgres.translated_errors("target", "keys of the archive"), target.transaction():
        found = read(place, target, customers)
        missing = [customer for customer in customers if customer not in found]
        if not missing:
            return found
        # An erasure writes its tombstone and forgets the key in one transaction. It waits for this one, or this one waits for
        # it and then sees the tombstone: a key is never made behind an erasure.
        target.execute("lock table migration.tombstone in share mode")
        erased = tombstones.tombstoned(place, target, missing)
        made = {customer: sealing.make() for customer in missing if customer not in erased}
        kept = postgres.run(
            target,
            SQL / "person_keys_make.sql",
            postgres.array(made),
            postgres.array(sealing.wrap(place.archive_key, customer, key) for customer, key in made.items()),
            sealing.key_id(place.archive_key),
        )
        new = {row["customer"]: made[row["customer"]] for row in kept}
        return found | new | read(place, target, [customer for customer in made if customer not in new])


def read(place: Workplace, target: postgres.Connection, customers: Sequence[int]) -> dict[int, bytes]:
    """The keys of those of these persons who have one. Makes none."""
    found = postgres.run(target, SQL / "person_keys_read.sql", postgres.array(customers)) if customers else []
    return {row["customer"]: sealing.unwrap(place.archive_key, row["customer"], bytes(row["wrapped"])) for row in found}


def wrong(target: postgres.Connection) -> str:
    """What is wrong with the key store as a whole, in counts: nothing, or keys that are lost or that have come back. Reads only.

    Every key that there was at the newest archive is there still, or was forgotten by an erasure since. Asked by the restore
    drill, before the shutdown and every day behind it: it costs two counts, and the archive need not be read.
    """
    found = postgres.run(target, SQL / "person_keys_wrong.sql")[0]
    if found["lost"]:
        return (
            f"{found['lost']} keys that the newest archive was sealed with are not there, and no erasure has forgotten them: put "
            "migration.person_key back from a backup of mi.com's database (docs/runbook.md, 'The key of the archive')"
        )
    if found["returned"]:
        return (
            f"{found['returned']} persons who were erased have a key again: the table was put back from a backup. Clear the task erase of "
            "the named persons' runs of poco_personal_data, which forgets it again (docs/runbook.md, 'The key of the archive')"
        )
    return ""


def forget(target: postgres.Connection, customer: int) -> bool:
    """Forget a person's key; whether there was one. Rerun: safe.

    Without a tombstone in the same transaction the next archive makes a new key. Backups of this database still hold the
    wrapped key until they are thrown away (docs/runbook.md, 'The key of the archive').
    """
    # IRREVERSIBLE: guarded by whoever calls it; what the archive holds of this person is lost from here on.
    return postgres.changed(target, SQL / "person_key_forget.sql", customer) > 0
