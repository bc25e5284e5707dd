"""Connections break at the worst moment: each task says what to do, and after its rerun the target is as if nothing had been."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from support.crashable_servers import Stoppable, running
from support.fresh_migration import differences
from support.tcp_proxy import Proxy
from support.workplaces import RUN, Servers, clone, copy_all, install

from faults import report
from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.connection_pair import Link
from poco_migration.engine.copying import copier
from poco_migration.engine.follow import applier, change_capture, follower, replication_slot
from poco_migration.engine.verify import row_diff
from poco_migration.errors import TransientError
from poco_migration.model import KeyRange, Run

SLOT = "connection_test"
_changes = iter(range(1_000_000))
# Every order and every scan, other bytes each time.
CHANGE = "update poco.orders set note = 'n{0}'; update poco.shipment_events set location = 'l{0}'"


def copies(opened: Link, place: Workplace) -> None:
    copier.copy(opened, cards.entities()["orders"], KeyRange(None, None), RUN)


def captures(opened: Link, place: Workplace) -> None:
    with closing(change_capture.streamed(place, "capture")) as stream:
        change_capture.capture(opened.source, opened.target, SLOT, stream=stream)


def applies(opened: Link, place: Workplace) -> None:
    applier.apply(opened, place, RUN)


def compares(opened: Link, place: Workplace) -> None:
    row_diff.compare_part(opened, cards.entities()["orders"], 0, KeyRange(None, None), Run(f"comparison {next(_changes)}"))


PHASES: dict[str, Callable[[Link, Workplace], None]] = {"copy": copies, "capture": captures, "apply": applies, "diff": compares}


def slotted(servers: Servers) -> Workplace:
    place = clone(servers)
    follow = place.settings.follow.model_copy(update={"slot": SLOT})
    place = replace(place, settings=place.settings.model_copy(update={"follow": follow}))
    install(place)
    replication_slot.create_publication(place)
    replication_slot.create(place)
    copy_all(place)
    return place


@pytest.fixture(scope="module")
def followed(servers: Servers) -> Iterator[Workplace]:
    place = slotted(servers)
    yield place
    with psycopg.connect(place.source_follower, autocommit=True) as source:
        source.execute("select pg_drop_replication_slot(%s)", (SLOT,))


def happens(place: Workplace) -> None:
    with psycopg.connect(place.source_owner, autocommit=True) as source:
        source.execute(CHANGE.format(next(_changes)).encode())


def caught_up(place: Workplace) -> None:
    assert follower.catch_up(place, RUN, 60)


def runs(place: Workplace, phase: str) -> None:
    with connection_pair.connect(place, RUN) as opened:
        PHASES[phase](opened, place)


def prepared(place: Workplace, phase: str) -> None:
    """Something to do for the phase, and nothing left of before."""
    caught_up(place)
    happens(place)
    if phase == "apply":
        runs(place, "capture")


def through(place: Workplace, side: str, proxy: Proxy, **parameters: int) -> Workplace:
    dsn = make_conninfo(getattr(place, side), port=proxy.port, **parameters)
    return replace(place, source=dsn) if side == "source" else replace(place, target=dsn)


def half(place: Workplace, servers: Servers, side: str, phase: str) -> int:
    """Half of the bytes that the phase sends and receives on this side."""
    prepared(place, phase)
    with Proxy(getattr(servers, side).port) as proxy:
        runs(through(place, side, proxy), phase)
        return proxy.passed // 2


ALWAYS = [("target", "copy"), ("source", "capture"), ("source", "apply"), ("source", "diff")]
CUTS = [
    pytest.param(side, phase, marks=() if (side, phase) in ALWAYS else pytest.mark.faults)
    for side in ("source", "target")
    for phase in PHASES
]


@pytest.mark.parametrize(("side", "phase"), CUTS)
def test_a_connection_that_is_cut(followed: Workplace, servers: Servers, side: str, phase: str) -> None:
    middle = half(followed, servers, side, phase)
    prepared(followed, phase)
    with Proxy(getattr(servers, side).port) as proxy:
        proxy.at(middle, "cut")
        with pytest.raises(TransientError, match=f"on the {side}. Nothing was half done; rerun the task"):
            runs(through(followed, side, proxy), phase)
    runs(followed, phase)
    caught_up(followed)
    found = differences(followed, servers)
    report.cell(phase, f"the connection to the {side} is cut", f"failed, said so, rerun: {len(found)} differences", not found)
    assert found == []


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_half_open_connection_is_noticed(followed: Workplace, servers: Servers, side: str) -> None:
    """The peer is gone without a word: with the limits of a test within seconds, with the real ones within a minute."""
    middle = half(followed, servers, side, "copy")
    with Proxy(getattr(servers, side).port) as proxy:
        place = through(followed, side, proxy, keepalives_idle=1, keepalives_interval=1, keepalives_count=2, tcp_user_timeout=2000)
        proxy.at(middle, "half_open")
        began = time.monotonic()
        with pytest.raises(TransientError, match=f"on the {side}. Nothing was half done; rerun the task"):
            runs(place, "copy")
        took = time.monotonic() - began
    print(f"noticed on the {side} after {took:.1f} s")
    assert took < 20
    runs(followed, "copy")


@pytest.mark.parametrize("side", ["source", "target"])
def test_every_connection_has_the_limits_by_which_a_lost_peer_is_noticed(followed: Workplace, side: str) -> None:
    limits = postgres.NOTICED
    assert limits["keepalives_idle"] + limits["keepalives_interval"] * limits["keepalives_count"] <= 60
    assert limits["tcp_user_timeout"] <= 60_000
    with connection_pair.connect(followed, RUN) as opened:
        handle = socket.socket(fileno=socket.dup(getattr(opened, side).fileno()))
        with handle:
            assert handle.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == limits["keepalives_idle"]
            assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == limits["tcp_user_timeout"]


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_proxy_that_answers_for_a_dead_server_does_not_hold_a_copy_for_ever(followed: Workplace, servers: Servers, side: str) -> None:
    """Probes are answered by the machine in between, so only a clock of our own helps."""
    middle = half(followed, servers, side, "copy")
    with Proxy(getattr(servers, side).port) as proxy:
        place = through(followed, side, proxy)
        limits = place.settings.copying.model_copy(update={"longest_s": 3.0})
        place = replace(place, settings=place.settings.model_copy(update={"copying": limits}))
        proxy.at(middle, "silent")
        began = time.monotonic()
        with pytest.raises(TransientError, match="Nothing was half done; rerun the task"):
            runs(place, "copy")
        assert 2 < time.monotonic() - began < 20
    runs(followed, "copy")


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_slow_connection_only_takes_longer(followed: Workplace, servers: Servers, side: str) -> None:
    with Proxy(getattr(servers, side).port) as proxy:
        proxy.delay = 0.01
        runs(through(followed, side, proxy), "copy")


# -- servers that stop --------------------------------------------------------------------------------------------------


class Stopping(threading.Thread):
    """Stops a server when the proxy has fallen silent, then lets the proxy tell what it has heard: that nobody is there."""

    def __init__(self, servers: Stoppable, side: str, proxy: Proxy) -> None:
        super().__init__()
        self.servers, self.side, self.proxy = servers, side, proxy
        self.start()

    def run(self) -> None:
        while not self.proxy.silent:
            time.sleep(0.01)
        self.servers.stop(self.side)
        self.proxy.silent = False


@pytest.fixture(scope="module")
def stoppable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stoppable]:
    with running(tmp_path_factory.mktemp("stoppable")) as made:
        yield made


@pytest.fixture(scope="module")
def own(stoppable: Stoppable) -> Workplace:
    return slotted(stoppable.servers)


@pytest.mark.faults
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("side", ["source", "target"])
def test_a_server_that_stops(own: Workplace, stoppable: Stoppable, side: str, phase: str) -> None:
    middle = half(own, stoppable.servers, side, phase)
    prepared(own, phase)
    with Proxy(getattr(stoppable.servers, side).port) as proxy:
        proxy.at(middle, "silent")  # the task stands still in the middle, and its server stops
        stopping = Stopping(stoppable, side, proxy)
        with pytest.raises(TransientError, match=f"on the {side}. Nothing was half done; rerun the task"):
            runs(through(own, side, proxy), phase)
        stopping.join()
        with pytest.raises(TransientError, match="Nothing was half done; rerun the task"):
            runs(own, phase)
    stoppable.start(side)
    runs(own, phase)
    caught_up(own)
    found = differences(own, stoppable.servers)
    report.cell(phase, f"the {side} stops", f"failed, said so, rerun: {len(found)} differences", not found)
    assert found == []
