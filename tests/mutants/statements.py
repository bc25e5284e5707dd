"""Finds what may be changed: the columns of extract.sql, and the written columns of load.sql. Nothing is listed by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from poco_migration.model import Entity

INSERT = re.compile(r"insert into (\w+\.\w+) as \w+ \(([^)]*)\)\s*select (distinct on \([^)]*\)+ )?(?=\w|\()")
SET = re.compile(r"do update\s+set (?!status = t\.status where false)")
UPDATE = re.compile(r"update (\w+\.\w+) (\w+)\s+set ")


@dataclass(frozen=True)
class Written:
    """One column that a statement of load.sql writes: where its expression stands in the text, and its neighbours'."""

    table: str
    column: str
    begin: int
    end: int
    columns: tuple[str, ...]
    expressions: tuple[str, ...]

    def replaced(self, load: str, expression: str) -> str:
        return load[: self.begin] + expression + load[self.end :]


def top_level(text: str, begin: int, ends: Callable[[str, int], bool]) -> Iterator[tuple[int, int]]:
    """Where the items of a list without brackets around it begin and end, until `ends` says that it is over."""
    depth, quoted, start, at = 0, False, begin, begin
    while at < len(text):
        sign = text[at]
        quoted ^= sign == "'"
        if not quoted:
            depth += (sign == "(") - (sign == ")")
            if depth == 0 and ends(text, at):
                break
            if depth == 0 and sign == ",":
                yield start, at
                start = at + 1
        at += 1
    yield start, at


def _stripped(text: str, begin: int, end: int) -> tuple[int, int]:
    inside = text[begin:end]
    return begin + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip())


def _word(*words: str) -> Callable[[str, int], bool]:
    pattern = re.compile(rf"\b({'|'.join(words)})\b|;")
    return lambda text, at: pattern.match(text, at) is not None and (at == 0 or not (text[at - 1].isalnum() or text[at - 1] in "._"))


def inserted(entity: Entity) -> list[Written]:
    """Every column of every insert into a table of mi.com's or of the ledger."""
    found = []
    for statement in INSERT.finditer(entity.load):
        columns = tuple(name.strip() for name in statement[2].split(","))
        spans = [_stripped(entity.load, *span) for span in top_level(entity.load, statement.end(), _word("from"))]
        expressions = tuple(entity.load[begin:end] for begin, end in spans)
        if len(columns) != len(expressions):
            raise AssertionError(f"{entity.name}: {statement[1]} has {len(columns)} columns and {len(expressions)} expressions")
        found += [Written(statement[1], name, *span, columns, expressions) for name, span in zip(columns, spans, strict=True)]
    return found


def assigned(entity: Entity) -> list[Written]:
    """Every column of every `set`: of an upsert, and of an update. The expression is what stands behind the sign."""
    found, load = [], entity.load
    for statement in (*SET.finditer(load), *UPDATE.finditer(load)):
        table = statement[1] if statement.re is UPDATE else list(INSERT.finditer(load, 0, statement.start()))[-1][1]
        for begin, end in top_level(load, statement.end(), _word("where", "from")):
            column, sign, _ = load[begin:end].partition("=")
            span = _stripped(load, begin + len(column) + len(sign), end)
            found.append(Written(table, column.strip(), *span, (), (load[slice(*span)],)))
    return found


def unseen(entity: Entity, column: str) -> str | None:
    """load.sql that does not look whether this column of the entity's table has changed; None where it never looks."""
    load = entity.load
    upsert = next(statement for statement in INSERT.finditer(load) if statement[1] == entity.table)
    begin = load.find("is distinct from", upsert.end())
    begin = load.rfind(" where ", upsert.end(), begin)
    end = (load + ";").index(";", begin)
    clause, found = load[begin:end], 0
    for name in (rf"\bt\.{column}\b", rf"\bexcluded\.{column}\b"):
        clause, count = re.subn(rf"{name}(::text)?,\s*|,\s*{name}(::text)?(?=\))", "", clause)
        found += count
    return load[:begin] + clause + load[end:] if found == 2 else None


def tables(entity: Entity) -> list[str]:
    """The tables that load.sql writes rows into."""
    return sorted({statement[1] for pattern in (INSERT, UPDATE) for statement in pattern.finditer(entity.load)})
