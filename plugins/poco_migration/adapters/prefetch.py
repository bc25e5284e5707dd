"""Work that goes on in a thread of its own while its results are used: each step of a stream beside the next, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Any, TypeVar

PAUSE_S = 0.1  # how soon the thread sees that nobody wants its items any more
END = object()

T = TypeVar("T")
Ready = Queue[tuple[Any, BaseException | None]]


@contextmanager
def ahead(items: Generator[T], depth: int, interrupt: Callable[[], object] = lambda: None) -> Iterator[Iterator[T]]:
    """The same items, up to `depth` of them made before they are asked for. What they raise is raised where they are used.

    When the block ends early the thread is ended too: `interrupt` breaks off what it may be waiting for, and `items` is closed
    there. No thread outlives the block.
    """
    ready: Ready = Queue(depth)
    unwanted = Event()
    thread = Thread(target=_make, args=(items, ready, unwanted), name="ahead", daemon=True)
    thread.start()
    try:
        yield _used(ready)
    finally:
        unwanted.set()
        if thread.is_alive():
            interrupt()
        with suppress(Empty):
            while True:
                ready.get_nowait()
        thread.join()


def _used(ready: Ready) -> Iterator[Any]:
    while True:
        item, error = ready.get()
        if error is not None:
            raise error
        if item is END:
            return
        yield item


def _make(items: Generator[Any], ready: Ready, unwanted: Event) -> None:
    error: BaseException | None = None
    try:
        with closing(items):  # here, in the thread that runs it
            for item in items:
                _put(ready, (item, None), unwanted)
                del item  # the next one takes a while to make, and this one is large
                if unwanted.is_set():
                    break
    except BaseException as raised:  # it belongs to whoever uses the items
        error = raised
    _put(ready, (END, error), unwanted)


def _put(ready: Ready, item: tuple[Any, BaseException | None], unwanted: Event) -> None:
    while not unwanted.is_set():
        with suppress(Full):
            ready.put(item, timeout=PAUSE_S)
            return
