"""Reads the inspector's suites: expectations/<stage>/<gate>.yml becomes a Gate. Strict, because a suite that lost an
expectation would pass.

A file holds: stage, gate, owner, and suites; a suite holds name, query, keys, show (its rows in the report: facts of
the ledger only), at_least (rows) and expectations; an expectation holds type, severity, about, requirement,
next_action and kwargs. Anything else is an error by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from poco_migration.errors import ConfigurationError
from poco_migration.settings import EXPECTATIONS

Severity = Literal["critical", "warning", "info"]


@dataclass(frozen=True)
class Expectation:
    number: int
    type: str
    severity: Severity
    about: str
    requirement: str
    next_action: str
    kwargs: Mapping[str, Any]


@dataclass(frozen=True)
class Suite:
    """Expectations about the rows of one query. `keys` name a failed row."""

    name: str
    query: str
    keys: tuple[str, ...]
    show: bool
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True)
class Gate:
    stage: str
    name: str
    owner: str
    suites: tuple[Suite, ...]


def read(stage: str, gate: str, folder: Path = EXPECTATIONS) -> Gate:
    """Read one gate. Raises ConfigurationError naming file and entry."""
    path = folder / stage / f"{gate}.yml"
    where = f"expectations/{stage}/{gate}.yml"
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{where} cannot be read: {error}") from error
    _exactly(where, raw, {"stage", "gate", "owner", "suites"})
    if (raw["stage"], raw["gate"]) != (stage, gate):
        raise ConfigurationError(f"{where} says it is {raw['stage']}/{raw['gate']}")
    if not raw["suites"]:
        raise ConfigurationError(f"{where} has no suite: an empty gate would pass")
    return Gate(stage, gate, raw["owner"], tuple(_suite(where, suite) for suite in raw["suites"]))


def _suite(where: str, raw: Any) -> Suite:
    _exactly(where, raw, {"name", "query", "keys", "show", "at_least", "expectations"})
    where = f"{where}, suite {raw['name']}"
    if not raw["expectations"]:
        raise ConfigurationError(f"{where} has no expectation: an empty suite would pass")
    if not isinstance(raw["at_least"], int):
        raise ConfigurationError(f"{where}: at_least is the number of rows below which nothing was proven")
    # An empty table satisfies every expectation about its rows, so every suite says how many rows it must have seen.
    floor = Expectation(
        0, "expect_table_row_count_to_be_between", "critical", f"At least {raw['at_least']} rows were looked at", "P9 provable",
        "The facts are missing: rerun the task that measures them.", {"min_value": raw["at_least"]},
    )  # fmt: skip
    return Suite(
        raw["name"],
        raw["query"].rstrip().rstrip(";"),
        tuple(raw["keys"]),
        raw["show"] is True,
        (floor, *(_expectation(f"{where}, expectation {n}", n, e) for n, e in enumerate(raw["expectations"], start=1))),
    )


def _expectation(where: str, number: int, raw: Any) -> Expectation:
    _exactly(where, raw, {"type", "severity", "about", "requirement", "next_action", "kwargs"})
    if raw["severity"] not in ("critical", "warning", "info"):
        raise ConfigurationError(f"{where}: severity {raw['severity']!r} is none of critical, warning, info")
    return Expectation(number, **raw)


def _exactly(where: str, raw: Any, names: set[str]) -> None:
    if not isinstance(raw, dict) or raw.keys() != names:
        found = sorted(raw) if isinstance(raw, dict) else type(raw).__name__
        raise ConfigurationError(f"{where}: expected exactly {sorted(names)}, found {found}")
