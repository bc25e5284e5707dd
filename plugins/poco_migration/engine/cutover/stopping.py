"""A stop from outside (SIGTERM, SIGINT) becomes an exception, so that what has to be undone is undone before the process ends.

Airflow runs a task in a process of its own in which SIGINT kills at once, and SIGTERM goes by without the task hearing of it until
SIGKILL follows five seconds later.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stopped(KeyboardInterrupt):
    """Somebody stops this process. Of the kind for which psycopg cancels the statement that is running."""


class Stop:
    """Whether a stop may interrupt what is running now. The first one does; one that follows, or is put off, waits for the end."""

    def __init__(self) -> None:
        self.may_interrupt, self.waiting = True, False

    def put_off(self) -> None:
        """From here on nothing is interrupted any more."""
        self.may_interrupt = False

    def hear(self, number: int, _: Any) -> None:
        if self.may_interrupt:
            self.may_interrupt = False
            raise Stopped(signal.Signals(number).name)
        self.waiting = True


@contextmanager
def as_exception() -> Iterator[Stop]:
    """Inside, a stop raises Stopped where it comes, once; one that was put off raises it at the end. In a thread other than
    the main one no signal is ever told, and nothing is changed."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop.hear) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if stop.waiting:
        raise Stopped("a stop that was put off")
