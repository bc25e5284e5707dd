"""The log as a stream brings what the slot brings, once, and costs nothing for what has been read."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from support.workplaces import followed

from poco_migration.adapters import pgoutput
from poco_migration.adapters.log_stream import LogStream
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.follow import replication_slot


@pytest.fixture
def live(place: Workplace) -> Iterator[tuple[Workplace, LogStream, psycopg.Connection]]:
    with followed(place) as live, psycopg.connect(live.source, autocommit=True) as source:
        stream = LogStream(live.source_follower, "test", live.settings.follow.slot, "poco_migration")
        yield live, stream, source
        stream.close()


@pytest.fixture
def orders(source: psycopg.Connection) -> list[str]:
    """The keys of three orders."""
    return [str(row[0]) for row in source.execute("select id from poco.orders where region = 'DE' order by id limit 3")]


def read(live: Workplace, stream: LogStream, source: psycopg.Connection, most: int = 10**9) -> list[pgoutput.Event]:
    begin = pgoutput.position(replication_slot.require_slot(live).captured)
    found = [stream.decoder.feed(message) for message in stream.messages(source, begin, replication_slot.end_of_log(source), most)]
    return [event for event in found if isinstance(event, pgoutput.Changed | pgoutput.Committed)]


def keys(found: list[pgoutput.Event]) -> list[str]:
    return [str(event.new[0]) for event in found if isinstance(event, pgoutput.Changed) and event.new]


def test_what_is_committed_comes_once_and_an_open_transaction_comes_when_it_commits(
    live: tuple[Workplace, LogStream, psycopg.Connection], source: psycopg.Connection, orders: list[str]
) -> None:
    place, stream, migrator = live
    assert read(place, stream, migrator) == []
    with psycopg.connect(place.source_owner) as old:
        old.execute("update poco.orders set note = 'old' where id = %s", (orders[0],))
        source.execute("update poco.orders set note = 'new' where id in (%s, %s)", orders[1:])
        assert sorted(keys(read(place, stream, migrator))) == orders[1:]
        assert read(place, stream, migrator) == []
    assert keys(read(place, stream, migrator)) == orders[:1]


def test_what_nobody_confirmed_is_sent_again_and_what_was_confirmed_is_not(
    live: tuple[Workplace, LogStream, psycopg.Connection], source: psycopg.Connection, orders: list[str]
) -> None:
    place, stream, migrator = live
    for key in orders:
        source.execute("update poco.orders set note = 'x' where id = %s", (key,))
    first = read(place, stream, migrator, most=1)
    assert keys(first) == orders[:1]
    stream.close()
    again = read(place, stream, migrator)
    assert keys(again) == orders
    commits = [event for event in again if isinstance(event, pgoutput.Committed)]
    stream.confirm(commits[1].end)
    stream.close()
    assert keys(read(place, stream, migrator)) == orders[2:]


def test_who_reads_takes_the_slot(
    live: tuple[Workplace, LogStream, psycopg.Connection], source: psycopg.Connection, orders: list[str]
) -> None:
    place, stream, migrator = live
    read(place, stream, migrator)
    other = LogStream(place.source_follower, "other", place.settings.follow.slot, "poco_migration")
    source.execute("update poco.orders set note = 'x' where id = %s", orders[:1])
    assert keys(read(place, other, migrator)) == orders[:1]
    assert keys(read(place, stream, migrator)) == orders[:1]  # and the first one takes it back, from what is confirmed
    other.close()
