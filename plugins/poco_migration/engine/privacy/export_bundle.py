"""One zip out of sections of rows: JSON, a CSV file per table and a page to read. The same rows make the same bytes.

Called by exporting.py. Reads the rows line by line, so memory does not grow with them.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO, Any

# A zip holds the time of each file; the earliest that it can say keeps the same rows the same bytes.
NO_TIME = (1980, 1, 1, 0, 0, 0)
# A spreadsheet takes a text that begins with one of these for a formula and runs it; some also take the wide forms of East Asia.
SIGNS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212")
# Where a program may begin another cell inside of ours: a German one splits at semicolons, and knows nothing of our quotes then.
SPLITS = re.compile("([;|\\x00-\\x1f\\x85\u2028\u2029])")
# What may stand before a sign, and is skipped or not seen.
BLANKS = (
    " \"'\xa0\xad\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u200c\u200d\u200e\u200f\u202f\u205f\u2060\u3000\ufeff"
)
HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Your data</title>
<style>body{font:15px/1.4 sans-serif;margin:2em}table{border-collapse:collapse;margin:0 0 2em}td,th{border:1px solid #ccc;padding:.3em .5em;
text-align:left;vertical-align:top;max-width:30em;overflow-wrap:anywhere}th{background:#f3f3f3}</style>
<h1>Your data</h1><p>Everything that mi.com and the POCO store hold of you. Passwords, tokens and codes are left out, because whoever has
them has your account; so is what stands under somebody else's name, such as the person you sent a gift to.</p>
"""


@dataclass(frozen=True)
class Section:
    """The rows of one table of one system: a file of JSON objects, one a line, and how many there are."""

    system: str
    table: str
    columns: Sequence[str]
    path: Path
    count: int

    def rows(self) -> Iterator[dict[str, Any]]:
        with self.path.open(encoding="utf-8", errors="surrogatepass") as lines:
            for line in lines:
                yield json.loads(line)


def make_zip(path: Path, sections: Sequence[Section]) -> None:
    """Make the zip. Rerun: writes the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        with _member(made, "data.json") as out:
            _json(out, sections)
        for section in sections:
            with _member(made, f"{section.system}/{section.table}.csv") as out:
                _csv(out, section)
        with _member(made, "index.html") as out:
            _page(out, sections)


def _member(made: zipfile.ZipFile, name: str) -> io.TextIOWrapper:
    info = zipfile.ZipInfo(name, NO_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    # What no encoding can hold (half a surrogate pair, which POCO's JSON may have) is told by its number.
    return io.TextIOWrapper(made.open(info, "w", force_zip64=True), "utf-8", errors="backslashreplace", newline="", write_through=True)


def _json(out: IO[str], sections: Sequence[Section]) -> None:
    out.write("{")
    for n, (system, tables) in enumerate(groupby(sections, key=lambda section: section.system)):
        out.write(f"{',' if n else ''}\n {json.dumps(system)}: {{")
        for m, section in enumerate(tables):
            out.write(f"{',' if m else ''}\n  {json.dumps(section.table)}: [")
            with section.path.open(encoding="utf-8", errors="surrogatepass") as lines:
                for k, line in enumerate(lines):
                    out.write(f"{',' if k else ''}\n   {line.rstrip(chr(10))}")
            out.write("]")
        out.write("}")
    out.write("\n}\n")


def _csv(out: IO[str], section: Section) -> None:
    table = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    table.writerow(section.columns)
    for row in section.rows():
        table.writerow([_cell(row.get(name)) for name in section.columns])


def _cell(value: Any) -> str:
    """A value as a cell that no spreadsheet runs; data.json beside it has every text as it is."""
    text = as_text(value)
    return defused(text) if isinstance(value, str | list | dict) else text


def defused(text: str) -> str:
    """The text with an apostrophe before each place where a spreadsheet could see a formula begin. Linear in the text's length."""
    pieces = SPLITS.split(text)  # every second one is what stood between two pieces
    made = "".join(piece if n % 2 or piece.lstrip(BLANKS)[:1] not in SIGNS else f"'{piece}" for n, piece in enumerate(pieces))
    return f"'{made}" if SPLITS.match(made) else made


def _page(out: IO[str], sections: Sequence[Section]) -> None:
    out.write(HEAD)
    for section in sections:
        out.write(f"<h2>{html.escape(section.system)}: {html.escape(section.table.replace('_', ' '))}</h2>\n")
        if not section.count:
            out.write("<p>Nothing.</p>\n")
            continue
        out.write("<table><tr>" + "".join(f"<th>{html.escape(name)}</th>" for name in section.columns) + "</tr>\n")
        for row in section.rows():
            out.write("<tr>" + "".join(f"<td>{html.escape(as_text(row.get(name)))}</td>" for name in section.columns) + "</tr>\n")
        out.write("</table>\n")
    out.write("</html>\n")


def as_text(value: Any) -> str:
    """A value as text: nothing for null, JSON for what has parts."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
