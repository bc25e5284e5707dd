"""Work ahead in a thread: same order, in bounded memory, no error lost, and no thread left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator

import pytest

from poco_migration.adapters.prefetch import ahead


def threads() -> int:
    return sum(thread.name == "ahead" for thread in threading.enumerate())


def test_items_come_in_order_and_only_a_few_are_made_before_they_are_used() -> None:
    made: list[int] = []

    def numbers() -> Generator[int]:
        for number in range(50):
            made.append(number)
            yield number

    used = []
    with ahead(numbers(), 2) as items:
        for item in items:
            time.sleep(0.002)
            assert len(made) <= item + 5  # this one, two that wait, one in the maker's hand, one that begins
            used.append(item)
    assert used == list(range(50)) and not threads()


def test_what_the_maker_raises_is_raised_where_its_items_are_used_after_those_before_it() -> None:
    def failing() -> Generator[int]:
        yield 1
        raise ValueError("the server is gone")

    used = []
    with pytest.raises(ValueError, match="the server is gone"), ahead(failing(), 4) as items:
        for item in items:
            used.append(item)
    assert used == [1] and not threads()


def test_who_leaves_early_interrupts_the_maker_and_leaves_no_thread() -> None:
    waiting, closed = threading.Event(), []

    def slow() -> Generator[int]:
        try:
            yield 1
            waiting.wait(30)  # as a server that sorts
            yield 2
        finally:
            closed.append(threading.current_thread().name)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), ahead(slow(), 4, interrupt=waiting.set) as items:
        assert next(items) == 1
        raise KeyboardInterrupt
    assert closed == ["ahead"] and not threads() and time.monotonic() - began < 5
