"""Judges as the gates do: the auditors' suites on what was measured, without Great Expectations' seconds.

test_verdicts.py shows that both say the same. What a suite demands of the number of its rows is left out: one entity is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from poco_migration.adapters import gate_suites, postgres
from poco_migration.adapters.gate_suites import Expectation, Gate, Suite

# Which suites look at mi.com or at sums, and never at extract.sql, load.sql or readback.sql.
ASKED = {
    ("reconcile", "control_totals"): ("control_totals", "people", "listings"),
    ("reconcile", "counts"): ("quarantine",),
    ("backfill", "loaded"): ("orders", "people"),
}
FIRST = ("control_totals", "quarantine")  # they read what was measured; the others read whole tables of mi.com
FLOOR = "expect_table_row_count_to_be_between"


def failed(connection: postgres.Connection, until_red: bool = False) -> Iterator[str]:
    """The critical expectations that fail, with the total and the bucket where one is named. The setting migration.run is set.

    `until_red`: what comes behind the first suite that is red is not asked; a mutant is dead by then.
    """
    dead = False
    for gate, suite in asked():
        if until_red and dead:
            return
        rows = postgres.rows(connection, suite.query)
        for expectation in suite.expectations:
            if expectation.severity == "critical" and expectation.type != FLOOR:
                for row in unexpected(expectation, rows):
                    where = f": {row['total']}.{row['bucket']}" if suite.name == "control_totals" else ""
                    dead = True
                    yield f"{gate.stage}/{gate.name} {suite.name}: {expectation.about}{where}"


@cache
def asked() -> list[tuple[Gate, Suite]]:
    """The suites that are asked, each with its gate; read once, because that takes longer than to judge."""
    gates = [(gate_suites.read(stage, name), wanted) for (stage, name), wanted in ASKED.items()]
    found = [(gate, suite) for gate, wanted in gates for suite in gate.suites if suite.name in wanted]
    return sorted(found, key=lambda one: one[1].name not in FIRST)


def unexpected(expectation: Expectation, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows that an expectation about a column refuses; none if so many of them are as they should be as it demands."""
    kwargs = expectation.kwargs
    column = kwargs["column"]
    known = [row for row in rows if row[column] is not None]  # Great Expectations leaves NULL out, and so do we
    tests = {
        "expect_column_values_to_be_in_set": lambda value: value in kwargs["value_set"],
        "expect_column_values_to_not_be_in_set": lambda value: value not in kwargs["value_set"],
        "expect_column_values_to_match_regex": lambda value: re.search(kwargs["regex"], value) is not None,
        "expect_column_values_to_be_between": lambda value: kwargs.get("min_value", value) <= value <= kwargs.get("max_value", value),
        "expect_column_values_to_be_unique": lambda value: sum(row[column] == value for row in known) == 1,
    }
    if expectation.type == "expect_column_values_to_be_unique":
        return [] if len({row[column] for row in known}) == len(known) else known
    wrong = [row for row in known if not tests[expectation.type](row[column])]
    return wrong if len(known) - len(wrong) < kwargs.get("mostly", 1) * len(known) else []
