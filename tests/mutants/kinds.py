"""What a column is changed into, by its type. Each kind is a fault that a person could write into extract.sql or load.sql."""

from __future__ import annotations

import re
from collections.abc import Sequence

# In an expression {0} stands for the column as it is, {1} for the order that tells what another row is.
BY_TYPE: dict[str, dict[str, str]] = {
    "integer": {"one more": "{0} + 1", "a constant": "1"},
    "numeric": {"a thousandth more": "{0} + 0.001", "ten times as much": "{0} * 10", "cut to the whole": "trunc({0})", "a constant": "1"},
    "text": {"a letter more": "{0} || 'X'", "cut by a letter": "left({0}, -1)", "a constant": "'x'", "in the other case": "case {0} when upper({0}) then lower({0}) else upper({0}) end"},
    "timestamp with": {
        "one second more": "{0} + interval '1 second'",
        "in another time zone": "({0} at time zone 'UTC') at time zone 'Asia/Jakarta'",
        "cut to the day": "date_trunc('day', {0})",
        "a constant": "timestamptz '2024-01-01 00:00:00Z'",
    },
    "timestamp without": {
        "one second more": "{0} + interval '1 second'",
        "in another time zone": "({0} at time zone 'UTC') at time zone 'Asia/Jakarta'",
        "cut to the day": "date_trunc('day', {0})",
        "a constant": "timestamp '2024-01-01 00:00:00'",
    },
    "date": {"one day more": "{0} + 1", "a constant": "date '1970-01-01'"},
    "boolean": {"the contrary": "not {0}"},
    "jsonb": {"an empty one": "case jsonb_typeof({0}) when 'array' then '[]' else '{{}}' end::jsonb", "one member less": "case jsonb_typeof({0}) when 'array' then {0} - -1 when 'object' then {0} - (select min(k) from jsonb_object_keys({0}) k) end"},
    "text[]": {"an empty one": "'{{}}'", "one member less": "trim_array({0}, 1)"},
    "bytea": {"another hash": "sha256({0})", "a constant": "'\\x00'"},
}  # fmt: skip


def family(kind: str) -> str:
    """The name under which a type is in BY_TYPE."""
    if re.match(r"(big|small)?int", kind):
        return "integer"
    return next((name for name in sorted(BY_TYPE, key=len, reverse=True) if kind.startswith(name)), "text")


def of(
    kind: str, is_parent: bool, siblings: Sequence[str], is_key: bool = False, few: int | None = None, allowed: Sequence[str] = ()
) -> dict[str, str]:
    """{what is done: expression} for a column of this type. `siblings` are expressions of columns of the same type.

    `few` is how many of the changes that its type knows are made; None for all of them. `allowed` are the only values that the table takes.
    """
    if is_key:  # two rows with one key would not be copied at all
        return {"nothing (NULL)": "null", "another key": "{0} + 100000007"}
    found = {
        "nothing (NULL)": "null",
        "another parent" if is_parent else "another row's value": "coalesce(lag({0}) over (order by {1}), {0})",
    }
    found |= dict(list(BY_TYPE[family(kind)].items())[:few])
    if len(allowed) > 1:
        first, second = (value.replace("{", "{{").replace("}", "}}") for value in allowed[:2])
        found["another allowed value"] = f"case {{0}} when '{first}' then '{second}' else '{first}' end"
    if siblings:
        found["swapped with a sibling"] = siblings[0].replace("{", "{{").replace("}", "}}")
    return found
