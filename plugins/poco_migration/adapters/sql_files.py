"""The .sql files of this package and what is given to them, as text. postgres.py, which runs them, hands these out too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path


@cache
def statement(path: Path) -> str:
    """The text of an .sql file of this package."""
    return path.read_text("utf-8")


def sections(text: str, kind: str = "Section") -> list[tuple[str, str]]:
    """(name, SQL) of each part of an .sql file; a line `-- Section: <name>` begins one. What stands before the first has no name."""
    parts = re.split(rf"^-- {kind}: (\w+)$", text, flags=re.MULTILINE)
    return [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]


def array(values: Iterable[int] | Iterable[bytes]) -> str:
    """Keys or bytes as PostgreSQL writes an array: for thousands of them many times faster than psycopg's own way."""
    return "{" + ",".join([f'"\\\\x{value.hex()}"' if isinstance(value, bytes) else str(value) for value in values]) + "}"
