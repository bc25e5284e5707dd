"""Every trap of the legacy store arrives as the rules say, or is set aside by name: exact counts, exact values."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from legacy_store import generator
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards

EXPECTED = tomllib.loads((Path(__file__).parent / "expected_traps.toml").read_text("utf-8"))["row"]
TRAPS = sorted(path for path in (generator.HERE / "traps").glob("*.sql") if not path.name.startswith("00"))


def named(row: dict[str, Any]) -> str:
    return f"{row['trap']}-{row['entity']}-{row.get('reason') or row.get('outcome') or 'many'}"


@pytest.mark.parametrize("trap", TRAPS, ids=lambda path: path.stem)
def test_every_planted_row_has_an_expected_end(trap: Path) -> None:
    header = trap.read_text("utf-8").split("-- Plants:")[1].split("\n\n")[0].replace("--", "")
    planted = Counter({entity: int(n) for n, entity in re.findall(r"(\d+) (\w+)", header)})
    expected = Counter[str]()
    for row in EXPECTED:
        if row["trap"] == trap.name[:2]:
            expected[row["entity"]] += len(row["keys"])
    assert expected == planted


@pytest.mark.parametrize("row", EXPECTED, ids=named)
def test_a_trap_arrives_as_the_rules_say(migrated: Workplace, row: dict[str, Any]) -> None:
    entity = cards.entities()[row["entity"]]
    with psycopg.connect(migrated.target, autocommit=True, options="-c timezone=UTC") as target:
        outcomes = row.get("outcomes") or [row["outcome"]] * len(row["keys"])
        assert [outcome_of(target, entity, key) for key in row["keys"]] == [(o, row.get("reason")) for o in outcomes]
        for column, values in row.get("values", {}).items():
            assert [text_of(target, shape(entity), column, key) for key in row["keys"]] == values, column
        for column, values in row.get("target", {}).items():
            table = f"(select t.*, t.{entity.key} - mi.poco_key(0) as source_key from {entity.table} t)"
            found = [text_of(target, table, column, key) for key in row["keys"]]
            assert [v if w != "<other>" else "<other>" for v, w in zip(found, values, strict=True)] == values, column
        if row.get("same_account"):
            query = "select count(distinct account_id) from mi.profiles where profile_id = any (%s)"
            assert target.execute(query, ([7_000_000_000_000_000 + key for key in row["keys"]],)).fetchone() == (1,)
        if row.get("megabyte"):
            note = text_of(target, shape(entity), "note", row["keys"][0])
            assert note == "1 MB of ñ€😀 " * 62_000 and len(note.encode()) > 1_000_000


@cache
def plan_of_coupons() -> str:
    """Coupons are only planned by copying; what is planned stands in the reissue ledger."""
    return "(select c.*, c.coupon_id - mi.poco_key(0) as source_key, c.state as outcome from migration.coupon_reissue c)"


def shape(entity: Any) -> str:
    return plan_of_coupons() if entity.name == "coupons" else f"({entity.readback}\n)"


def outcome_of(target: psycopg.Connection, entity: Any, key: int) -> tuple[str, str | None]:
    """Where a source row ended: exactly one place, or nowhere."""
    found = target.execute(
        f"""select outcome, null from {shape(entity)} r where source_key = %(key)s
            union all select outcome, reason from migration.left_out where entity = %(entity)s and source_key = %(key)s
            union all select 'quarantined', reason from migration.quarantine
                       where entity = %(entity)s and source_key = %(key)s and resolved_at is null and next_action <> ''""",
        {"key": key, "entity": entity.name},
    ).fetchall()
    assert len(found) <= 1, f"{entity.name} {key} is in {len(found)} places"
    return found[0] if found else ("nowhere", None)


def text_of(target: psycopg.Connection, rows: str, column: str, key: int) -> str:
    found = target.execute(f"select {column}::text, {column} is null from {rows} r where source_key = %s", (key,)).fetchone()
    assert found is not None, key
    if found[1]:
        return "<null>"
    return {"true": "t", "false": "f"}.get(found[0], found[0])
