"""A stack of its own, with Airflow and a small store, for the scenarios; and a browser that looks at it."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest
from scenarios.browser import Browser

from local_stack import stores
from local_stack.stack import Stack
from local_stack.state import State
from local_stack.supervision import members

SCALE = 0.004


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything runs and the store is filled. At the end of the file nothing of it is left running: the other tests want the cores."""
    made = Stack(State(tmp_path_factory.mktemp("stack")))
    try:
        made.up()
        stores.fill(made.deployment, SCALE)
        session = made.supervisor.session()
        yield made
    finally:
        made.down()
    assert processes_of(made) == [] and members(session) == []


def processes_of(stack: Stack) -> list[str]:
    """What runs out of the stack's folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        words = " ".join(process.info["cmdline"] or [])
        environment = process.info["environ"] or {}
        if str(stack.state.folder) in words or environment.get("AIRFLOW_HOME", "").startswith(str(stack.state.folder)):
            found.append(words)
    return found


@pytest.fixture(scope="module")
def browser(stack: Stack) -> Iterator[Browser]:
    opened = Browser(stack)
    yield opened
    opened.close()
