"""For each rule the shortest story that needs it: who does what while somebody else stands between two steps.

A story is played once with the rule and once without. The interleaving is given, not left to chance: at a named boundary
the copying thread runs what another would do at that instant. Who must wait for it is played on a thread of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import psycopg
from support.workplaces import RUN, Servers

from faults import boundaries
from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.copying import copier
from poco_migration.engine.follow import change_capture, follower
from poco_migration.errors import MigrationError, TransientError
from poco_migration.model import KeyRange, KeySet


class Crash(BaseException):
    """Somebody died here."""


# A story that ends well takes no more than a third of these passes (test_rules.py holds that).
PASSES = 18
FOR_EVER_S = 300.0


class NeverDone(Exception):
    """Following does not come to an end."""


@dataclass
class Play:
    """A workplace where everything was copied once, and what people do to it."""

    place: Workplace
    servers: Servers
    most: int = 0  # passes that a catching up of this story has taken
    waiting: list[threading.Thread] = field(default_factory=list)

    def store(self, *statements: str) -> None:
        """The store's own program: one transaction."""
        with psycopg.connect(self.place.source_owner) as source:
            source.execute("set local synchronous_commit = on")  # in the log when this returns
            for statement in statements:
                source.execute(statement.encode())

    def one(self, query: str) -> int:
        with psycopg.connect(self.place.source_owner) as source:
            row = source.execute(query.encode()).fetchone()
        assert row, query
        return int(row[0])

    def there(self, entity: str, region: str = "DE") -> int:
        """The key of a row that is at mi.com."""
        card = cards.entities()[entity]
        with psycopg.connect(self.place.target) as target:
            keys = [row[0] for row in target.execute(f"select {card.key} - mi.poco_key(0) from {card.table}".encode())]
        return self.one(f"select max(id) from poco.{entity} where region = '{region}' and id = any ('{{{','.join(map(str, keys))}}}')")

    def capture(self) -> None:
        with (
            postgres.connect(self.place.source_follower, "source", name="capture") as source,
            postgres.connect(self.place.target, "target", name="capture") as target,
        ):
            change_capture.capture(source, target, self.place.settings.follow.slot)

    def copy(self, entity: str, *keys: int) -> None:
        part = KeySet(tuple(sorted(keys))) if keys else KeyRange(None, None)
        with connection_pair.connect(self.place, RUN) as opened:
            copier.copy(opened, cards.entities()[entity], part, RUN)

    def catch_up(self) -> None:
        """Until nothing is dirty. Counted in passes: a machine that is busy takes longer for each, and not more of them."""
        one_pass, passes = follower.one_pass, 0

        def counted(*args: Any) -> Any:
            nonlocal passes
            passes += 1
            self.most = max(self.most, passes)
            if passes > PASSES:
                raise NeverDone("some keys are dirty for ever")
            return one_pass(*args)

        with mock.patch.object(follower, "one_pass", counted):
            assert follower.catch_up(self.place, RUN, FOR_EVER_S), "the machine is too slow for this story"

    def beside(self, action: Callable[[], None]) -> None:
        """Somebody else does this now; who has to wait for a lock of ours ends after us."""

        def act() -> None:
            try:
                action()
            except TransientError:
                action()  # as Airflow would

        thread = threading.Thread(target=act, daemon=True)
        thread.start()
        thread.join(1.5)
        self.waiting.append(thread)

    @contextmanager
    def at(self, boundary: str, entity: str, action: Callable[[], None]) -> Iterator[None]:
        """The first time this thread comes to the boundary, the action happens there."""
        here, happened = threading.current_thread(), list[str]()

        def hook(name: str, which: str) -> None:
            if threading.current_thread() is here and name == boundary and entity in ("", which) and not happened:
                happened.append(name)
                action()

        with boundaries.watched(hook):
            yield
        for thread in self.waiting:
            thread.join(30)
        assert happened, f"nobody came to {boundary!r}"

    @contextmanager
    def crash(self, boundary: str) -> Iterator[None]:
        def die() -> None:
            raise Crash

        with self.at(boundary, "", die), suppress(Crash):
            yield


def lock(play: Play) -> None:
    """One reads a refund, the other deletes it, the first writes what it has read."""
    key = play.there("refunds")

    def deleted() -> None:
        play.store(f"delete from poco.refunds where id = {key}")
        play.capture()
        play.beside(lambda: play.copy("refunds", key))

    with play.at("copy staged", "refunds", deleted):
        play.copy("refunds", key)
    play.catch_up()


def lock_first(play: Play) -> None:
    """The row goes while a copy waits for its turn."""
    key = play.there("refunds")

    def deleted() -> None:
        play.store(f"delete from poco.refunds where id = {key}")
        play.capture()
        play.copy("refunds", key)

    with play.at("copy begins", "refunds", deleted):
        play.copy("refunds", key)
    play.catch_up()


def dirty_first(play: Play) -> None:
    """The row changes, and becomes dirty, after it was read."""
    key = play.there("payments")

    def changed() -> None:
        play.store(f"update poco.payments set provider_ref = 'changed' where id = {key}")
        play.capture()

    with play.at("copy staged", "payments", changed):
        play.copy("payments", key)
    play.catch_up()


def clear_by_sequence(play: Play) -> None:
    """A dirty row becomes dirty once more after it was read."""
    key = play.there("payments")
    play.store(f"update poco.payments set provider_ref = 'once' where id = {key}")
    play.capture()
    dirty_first(play)


def visible(play: Play) -> None:
    """A commit stands in the log, and waits for its standby before anybody sees it."""
    key = play.there("payments")
    with psycopg.connect(play.servers.source.dsn(), autocommit=True) as server:
        server.execute("alter system set synchronous_standby_names = 'nobody'")
        server.execute("select pg_reload_conf()")
        update = f"update poco.payments set provider_ref = 'late' where id = {key}"
        writer = threading.Thread(target=play.store, args=(update,), daemon=True)
        try:
            writer.start()
            while not server.execute("select 1 from pg_stat_activity where wait_event = 'SyncRep'").fetchone():
                assert writer.is_alive(), "the commit did not wait for a standby"
            with mock.patch.object(change_capture, "VISIBLE_SECONDS", 0.2):
                follower.catch_up(play.place, RUN, 0.5)
        finally:
            server.execute("alter system reset synchronous_standby_names")
            server.execute("select pg_reload_conf()")
        writer.join()
    play.catch_up()


def slot_last(play: Play) -> None:
    """The follower dies before its transaction commits."""
    play.store("update poco.payments set provider_ref = 'kept' where region = 'FR'")
    with play.crash("capture marked"):
        play.capture()
    play.catch_up()


def keys_with_position(play: Play) -> None:
    """The follower dies after its transaction has committed."""
    play.store("update poco.payments set provider_ref = 'kept' where region = 'FR'")
    with play.crash("capture forgotten"):
        play.capture()
    play.catch_up()


def identity(play: Play) -> None:
    """An order's currency is corrected: its lines are priced in it."""
    play.store("update poco.orders set currency = 'KWD' where region = 'UK'")
    play.catch_up()


def old_identity(play: Play) -> None:
    """A row gets another key."""
    play.store("update poco.refunds set id = id + 5000000 where region = 'FR'")
    play.catch_up()


def children(play: Play) -> None:
    """The orders of a buyer who has long been missing: then the buyer comes."""
    key = play.one(f"select customer_id from poco.orders where id = {play.there('orders')}")
    play.store(f"create table public.kept as select * from poco.customers where id = {key}", f"delete from poco.customers where id = {key}")
    play.catch_up()
    play.store("insert into poco.customers select * from public.kept")
    play.catch_up()


def set_aside(play: Play) -> None:
    """An order has a status that no rule knows, and waits with its payments; then the status is corrected."""
    key = play.one(f"select order_id from poco.payments where id = {play.there('payments')}")
    play.store(f"update poco.orders set status = 99 where id = {key}")
    play.catch_up()
    play.store(f"update poco.orders set status = 50 where id = {key}")
    play.catch_up()


def children_of_the_target(play: Play) -> None:
    """What went is in no log (the slot was lost), and a repair is told of the parent only."""
    key = play.one(f"select payment_id from poco.refunds where id = {play.there('refunds')}")
    play.store(f"delete from poco.refunds where payment_id = {key}", f"delete from poco.payments where id = {key}")
    play.capture()
    with psycopg.connect(play.place.target, autocommit=True) as target:
        target.execute("delete from migration.dirty")
    play.copy("payments", key)
    play.catch_up()


def ask(play: Play) -> None:
    """A child is copied while another brings its parent, which has looked for children already."""
    key = play.one(f"select order_id from poco.payments where id = {play.there('payments')}")
    play.store(
        f"create table public.kept as select * from poco.payments where order_id = {key}",
        f"create table public.parent as select * from poco.orders where id = {key}",
        f"delete from poco.payments where order_id = {key}",
        f"delete from poco.orders where id = {key}",
    )
    play.catch_up()
    play.store("insert into poco.orders select * from public.parent")
    play.capture()
    child = play.one("select min(id) from public.kept")

    def arrives() -> None:
        play.store("insert into poco.payments select * from public.kept")
        play.capture()
        play.beside(lambda: play.copy("payments", child))

    with play.at("copy found the children", "orders", arrives):
        play.copy("orders", key)
    play.catch_up()


def hold(play: Play) -> None:
    """A parent goes with all its children; the parent is copied first."""
    play.store(
        "delete from poco.payments where region = 'FR'",
        "delete from poco.refunds where region = 'FR'",
        "delete from poco.orders where region = 'FR'",
    )
    play.catch_up()


def leaving(play: Play) -> None:
    """A parent goes and leaves its children behind."""
    key = play.one(f"select customer_id from poco.orders where id = {play.there('orders', 'ES')}")
    play.store(f"delete from poco.customers where id = {key}")
    play.catch_up()


def parking(play: Play) -> None:
    """The scans of a parcel exchange their numbers."""
    play.store(
        "update poco.shipment_events e set sequence_no = m.highest + 1 - e.sequence_no from (select shipment_id, max(sequence_no) as highest"
        " from poco.shipment_events group by 1) m where m.shipment_id = e.shipment_id and e.region = 'DE'"
    )
    play.catch_up()


def siblings(play: Play) -> None:
    """Two scans have one number; then the one that has the place goes."""
    play.store("update poco.shipment_events set sequence_no = 1 where region = 'FR' and sequence_no = 2")
    play.catch_up()
    play.store("delete from poco.shipment_events e using poco.shipment_events f where e.region = 'FR' and e.shipment_id = f.shipment_id"
               " and e.sequence_no = f.sequence_no and e.id < f.id")  # fmt: skip
    play.catch_up()


def truncate(play: Play) -> None:
    play.store("truncate poco.refunds")
    play.catch_up()


def wanted_again(play: Play) -> None:
    """A truncated table is copied whole, and truncated once more after it was read."""
    play.store(
        "create table public.kept as select * from poco.refunds",
        "truncate poco.refunds",
        "insert into poco.refunds select * from public.kept",
    )
    play.capture()

    def again() -> None:
        play.store("truncate poco.refunds")
        play.capture()

    # A TRUNCATE waits for who reads the table, so it comes right after the snapshot has ended.
    with play.at("copy declared", "refunds", again):
        play.copy("refunds")
    play.catch_up()


def shared_row(play: Play) -> None:
    """The last two profiles of one account leave it at the same instant."""
    key = play.one("select max(id) from poco.customers where region = 'DE' and status = 1 and mi_account_id is null and id < 900000000")
    other = play.one("select min(id) from poco.customers where region = 'FR' and status = 1 and id > 0 and mi_account_id is null")
    play.store(
        f"update poco.customers set email = 'two@example.com', email_verified_at = created_at, phone = null, phone_verified_at = null where id in ({key}, {other})"
    )
    play.catch_up()
    play.store(f"update poco.customers set email_verified_at = null where id in ({key}, {other})")
    play.capture()
    with play.at("copy loaded", "customers", lambda: play.beside(lambda: play.copy("customers", other))):
        play.copy("customers", key)
    play.catch_up()


SCHEDULES: dict[str, Callable[[Play], None]] = {
    "lock": lock, "lock first": lock_first, "dirty first": dirty_first, "clear by sequence": clear_by_sequence, "visible": visible, "slot last": slot_last,
    "keys with position": keys_with_position, "identity": identity, "old identity": old_identity, "family": children, "children": children,
    "set aside": set_aside,
    "children of the target": children_of_the_target, "ask": ask, "hold": hold, "leaving": leaving, "parking": parking, "siblings": siblings,
    "truncate": truncate, "wanted again": wanted_again, "shared row": shared_row,
}  # fmt: skip
# What the engine says when it cannot go on is a failure seen, not one of the test.
TOLD = (MigrationError, NeverDone)
