"""Which column of which table holds something of a person, whose it is, and what an erasure does to it.

Read from entities/personal.toml and the entities' cards; export, erasure and its proof go by it and know no table
otherwise. Refuses an inventory that leaves a personal column without an answer, and tells which columns of a schema
it does not know (local_stack/privacy.py, under `make check`). Reads files of the package only.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from poco_migration import settings
from poco_migration.engine import cards
from poco_migration.errors import ConfigurationError

SOURCE = "poco"
CLASSES = ("plain", "personal", "secret")


@dataclass(frozen=True)
class Holding:
    """One table. `of` is the table its rows hang on through the column `by`; a `person` table's rows are the persons.

    On POCO's side rows always stay; at mi.com `rows` says whether they "go" with the person or "stay" without.
    """

    table: str
    columns: Mapping[str, str]  # name: plain, personal or secret
    person: bool = False
    of: str = ""
    by: str = ""
    key: str = "id"
    rows: str = "stay"
    stays: str = ""
    nulled: tuple[str, ...] = ()
    set: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    objects: tuple[str, ...] = ()
    identifies: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    others: Mapping[str, Any] = field(default_factory=dict)
    depth: int = 0

    @property
    def source(self) -> bool:
        return self.table.startswith(f"{SOURCE}.")

    @property
    def owned(self) -> bool:
        """Whether a row of it is somebody's."""
        return self.person or bool(self.of)

    @property
    def named(self) -> str:
        return self.table.split(".")[1]

    @property
    def exported(self) -> tuple[str, ...]:
        """What a person is handed: all but secrets, which protect the account and say nothing of the person."""
        return tuple(name for name, kind in self.columns.items() if kind != "secret")

    @property
    def erased(self) -> dict[str, str | None]:
        """What each column that does not stay becomes."""
        return dict.fromkeys(self.nulled, None) | dict(self.set)

    @property
    def telling(self) -> tuple[str, ...]:
        """The columns whose values are looked for after an erasure."""
        return tuple(name for name, kind in self.columns.items() if kind == "personal" and name not in self.kept)


@cache
def holdings(folder: Path = settings.ENTITIES) -> dict[str, Holding]:
    """Every table of both sides that is known, parents before what hangs on them. Raises ConfigurationError."""
    told = tomllib.loads((folder / "personal.toml").read_text("utf-8"))
    classes = {f"{SOURCE}.{name}": dict(entity.columns) for name, entity in cards.entities(folder).items()}
    found = {name: _read(name, table, classes) for name, table in told.items()}
    if missing := classes.keys() - found.keys():
        raise ConfigurationError(f"personal.toml does not say whose the rows of {sorted(missing)} are")
    deep = {name: _depth(name, found) for name in found}
    return {name: Holding(**{**vars(found[name]), "depth": deep[name]}) for name in sorted(found, key=lambda name: (deep[name], name))}


def personal_tables(*, source: bool) -> list[Holding]:
    """The tables of one side whose rows are somebody's, parents first."""
    return [holding for holding in holdings().values() if holding.owned and holding.source == source]


def undeclared(ddl: str, known: Mapping[str, Holding] | None = None) -> list[str]:
    """Columns of `create table` and `add column` statements that the inventory does not know, and those it knows in vain.

    A schema that the inventory speaks of only here and there (the ledger) is looked at for those tables only.
    """
    known = holdings() if known is None else known
    found = dict(_tables(ddl))
    for table, column in re.findall(r"alter table ([\w.]+) add column (?:if not exists )?(\w+)", ddl):
        found.setdefault(table, []).append(column)
    wrong = []
    for table, columns in found.items():
        if table in known:
            wrong += [f"{table}.{column} has no privacy class" for column in columns if column not in known[table].columns]
            wrong += [f"{table}.{column} has a class and does not exist" for column in known[table].columns if column not in columns]
        elif table.split(".")[0] != "migration" and table != "poco.currencies":  # decimals, and nothing of anybody
            wrong.append(f"{table} is not in entities/personal.toml")
    return wrong


def _tables(ddl: str) -> Iterator[tuple[str, list[str]]]:
    for table, body in re.findall(r"^create table (?:if not exists )?([\w.]+) \((.*?)^\)", ddl, re.MULTILINE | re.DOTALL):
        lines = re.findall(r"^ {4}(\w+)", body, re.MULTILINE)
        yield table, [name for name in lines if name not in ("primary", "unique", "check", "constraint", "foreign", "exclude")]


def _read(name: str, table: dict[str, Any], classes: Mapping[str, Mapping[str, str]]) -> Holding:
    ours = name.startswith(f"{SOURCE}.")
    if ours and (name not in classes or "columns" in table):
        raise ConfigurationError(f"personal.toml: {name} is no entity of POCO's, or says classes that its card says")
    given: dict[str, Any] = {"columns": classes.get(name, {})}
    given |= {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    try:
        holding = Holding(table=name, **given)
    except TypeError as error:
        raise ConfigurationError(f"personal.toml, {name}: {error}") from error
    if wrong := sorted(set(holding.columns.values()) - set(CLASSES)):
        raise ConfigurationError(f"personal.toml, {name}: unknown privacy classes {wrong}")
    _complete(holding)
    return holding


def _complete(holding: Holding) -> None:
    """Every personal or secret column has exactly one answer, unless its row goes."""
    answers = [*holding.nulled, *holding.set, *holding.kept]
    if unknown := {*answers, holding.by or holding.key} - holding.columns.keys() - {"id"}:
        raise ConfigurationError(f"personal.toml, {holding.table}: it has no columns {sorted(unknown)}")
    if holding.rows == "go":
        return
    personal = {name for name, kind in holding.columns.items() if kind != "plain"}
    if personal - set(answers):
        raise ConfigurationError(f"personal.toml, {holding.table}: nobody says what an erasure does to {sorted(personal - set(answers))}")
    if len(answers) != len(set(answers)):
        raise ConfigurationError(f"personal.toml, {holding.table}: a column has two answers")
    if not holding.source and holding.owned and not holding.stays:
        raise ConfigurationError(f"personal.toml, {holding.table}: its rows stay, and it does not say why")


def _depth(name: str, found: Mapping[str, Holding], above: tuple[str, ...] = ()) -> int:
    holding = found[name]
    if name in above or (holding.of and holding.of not in found):
        raise ConfigurationError(f"personal.toml: {name} hangs on itself, or on a table that is not there")
    return 0 if not holding.of else 1 + _depth(holding.of, found, (*above, name))
