"""Nothing that a person, or somebody who wrote to them, has typed is run by the spreadsheet that opens the copy."""

from __future__ import annotations

import csv
import io
import json
import time
import zipfile
from pathlib import Path

import pytest

from poco_migration.engine.privacy import export_bundle
from poco_migration.engine.privacy.export_bundle import Section

FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "\x0b=1+1", "\x00=1+1",
    "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(1)", "\ufe661+1", "\u22121",
    " =1+1", "\ufeff=1+1", "\u200b=1+1", "\u3000=1+1", '"=1+1"', "'=1+1",
    "a;=HYPERLINK(1)", "a;;;-1", 'a;"=1+1"', "a; \u200b+1", "a|=1+1", "first line\n=1+1", "a\t@SUM(1)", "a\r\n\uff1d1", "a\u2028=1",
]  # fmt: skip
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\u2212"
HARMLESS = ["Anna", "a = b", "anna@example.com", "a-b", "5 - 3", "Rua; Lisboa", "a, b", "", "'quoted'", "\U0001f600"]


def table(tmp_path: Path, values: list[object]) -> str:
    lines = tmp_path / "rows"
    lines.write_text("".join(json.dumps({"id": n, "text": value}) + "\n" for n, value in enumerate(values)), "utf-8")
    export_bundle.make_zip(tmp_path / "made.zip", [Section("mi.com", "notes", ["id", "text"], lines, len(values))])
    with zipfile.ZipFile(tmp_path / "made.zip") as made:
        return made.read("mi.com/notes.csv").decode("utf-8")


def runs(cell: str) -> bool:
    """Whether a spreadsheet that is as careless as can be would run it."""
    return cell.strip(' \t\r\n\x00\x0b\u3000\u200b\ufeff"')[:1] in set(SIGNS)


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_a_formula_is_not_run_wherever_a_cell_begins(tmp_path: Path, text: str) -> None:
    written = table(tmp_path, [text])
    (_, (_, cell)) = csv.reader(io.StringIO(written, newline=""))
    assert not runs(cell) and cell.replace("'", "") == text.replace("'", "")
    # And opened by a program that splits at something else, where it knows nothing of our quotes.
    for line in io.StringIO(written.partition("\r\n")[2]):
        for split in (";", "\t", "|"):
            assert not any(runs(piece) for piece in line.split(split)), line


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_a_formula_inside_of_a_list_is_not_run_either(tmp_path: Path, text: str) -> None:
    line = table(tmp_path, [[text, {"reply": text}]]).partition("\r\n")[2]
    assert not any(runs(piece) for split in (";", "\t", "|") for piece in line.split(split)), line


def test_every_cell_is_quoted_and_what_is_harmless_stays_as_it_is(tmp_path: Path) -> None:
    written = table(tmp_path, [*HARMLESS, -5, None])
    assert [cell for _, cell in csv.reader(io.StringIO(written, newline=""))][1:] == [*HARMLESS, "-5", ""]
    assert all(line.startswith('"') and line.endswith('"') for line in written.removesuffix("\r\n").split("\r\n"))


def test_the_copy_for_programs_holds_every_text_as_it_is(tmp_path: Path) -> None:
    table(tmp_path, list(FORMULAS))
    with zipfile.ZipFile(tmp_path / "made.zip") as made:
        assert [row["text"] for row in json.loads(made.read("data.json"))["mi.com"]["notes"]] == FORMULAS


def test_a_long_text_of_blanks_and_line_ends_takes_no_longer() -> None:
    began = time.process_time()
    for text in ("\n" * 1_000_000, " " * 1_000_000 + "=", ("; " * 500_000) + "="):
        assert len(export_bundle.defused(text)) - len(text) <= 2
    assert time.process_time() - began < 5
