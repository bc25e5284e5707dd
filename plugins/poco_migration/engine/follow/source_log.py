"""What is written into the source's log on purpose, and whose log it is."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from poco_migration.adapters import postgres

SQL = Path(__file__).parent / "sql"
PREFIX = "poco_migration"  # of every message of ours


@dataclass(frozen=True)
class Bookmark:
    """How far the ledger has read a slot, and on which server: its system identifier and timeline. None: not known yet."""

    captured: str
    server: str | None


def say(source: postgres.Connection) -> str:
    """Write a word into the log that nobody else has written; returns it. Its transaction is on disk when this returns.

    Whoever reads it out of the slot has read every transaction that was committed before: the slot tells them in that order.
    """
    word = secrets.token_hex(12)
    with postgres.translated_errors("source", "log"), source.transaction():
        source.execute("set local synchronous_commit = local")
        source.execute("select pg_logical_emit_message(true, %s, %s)", (PREFIX, word))
    return word


def server(source: postgres.Connection) -> str:
    """Which server this is, and which of its histories: a standby that was promoted begins a timeline of its own.

    It may lack the last transactions of the one before: what was read of those is nowhere at POCO.
    """
    with postgres.translated_errors("source", "server"):
        return str(postgres.run(source, SQL / "server.sql")[0]["server"])
