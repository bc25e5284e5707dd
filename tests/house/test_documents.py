"""The documents tell the truth: every SQL statement of the runbook runs, every message has its section, every name exists.

Each check is a function of texts, so that a planted fault can show that it bites.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from support.workplaces import Servers

from poco_migration import errors
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.cutover import fence
from poco_migration.settings import PACKAGE, PROJECT

RUNBOOK = (PROJECT / "docs" / "runbook.md").read_text("utf-8")
DOCUMENTS = [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").rglob("*.md"))]
DECISIONS = sorted((PROJECT / "docs" / "adr").glob("*.md"))
CODE = [PACKAGE, PROJECT / "dags", PROJECT / "expectations", PROJECT / "legacy_store", PROJECT / "mi_platform", PROJECT / "deploy"]

BLOCKS = re.findall(r"^```sql\n(.*?)^```$", RUNBOOK, re.MULTILINE | re.DOTALL)
AUDITED = [block for block in BLOCKS if "_auditor\n" in block]
OTHERS = [block for block in BLOCKS if block not in AUDITED]
SIDES = {"mi.com's": "target", "POCO's": "source"}


def short(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def title(block: str) -> str:
    return next(line.lstrip("- ") for line in block.splitlines()[1:])[:60]


# -- SQL --------------------------------------------------------------------------------------------------------------


def run(block: str, place: Workplace, servers: Servers) -> None:
    """Run a block as its first line says; an auditor's in a session that cannot write."""
    where = re.match(r"-- on (mi\.com's|POCO's) database, as (a superuser|\w+)\n", block)
    assert where, f"it does not say where it runs: {block[:80]}"
    side, who = SIDES[where[1]], where[2]
    server = servers.source if side == "source" else servers.target
    database = str(conninfo_to_dict(place.source if side == "source" else place.target)["dbname"])
    dsn = server.dsn(database) if who == "a superuser" else server.dsn(database, who, servers.passwords[who])
    options = "-c default_transaction_read_only=on" if who.endswith("_auditor") else ""
    with psycopg.connect(dsn, autocommit=True, options=options) as connection:
        connection.execute(block)


def test_every_block_of_sql_was_found() -> None:
    assert RUNBOOK.count("```sql") == len(BLOCKS) > 15
    assert len(set(BLOCKS)) == len(BLOCKS)


@pytest.mark.parametrize("block", AUDITED, ids=title)
def test_what_the_auditor_is_told_to_run_runs(migrated: Workplace, servers: Servers, block: str) -> None:
    run(block, migrated, servers)


@pytest.mark.parametrize("block", OTHERS, ids=title)
def test_what_others_are_told_to_run_runs(place: Workplace, servers: Servers, block: str) -> None:
    run(block, place, servers)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("-- on mi.com's database, as mi_auditor\nselect no_such_column from migration.quarantine", psycopg.errors.UndefinedColumn),
        ("-- on mi.com's database, as mi_auditor\ndelete from migration.quarantine", psycopg.errors.ReadOnlySqlTransaction),
        ("-- on POCO's database, as poco_auditor\nselect password_hash from poco.customers", psycopg.errors.InsufficientPrivilege),
        ("-- on POCO's database, as poco_auditor\nselect * from migration.quarantine", psycopg.errors.UndefinedTable),
        ("select 1", AssertionError),
    ],
)
def test_a_block_that_does_not_run_is_seen(migrated: Workplace, servers: Servers, fault: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        run(fault, migrated, servers)


def test_only_what_the_runbook_says_is_out_of_the_migrators_reach(migrated: Workplace) -> None:
    rights, views = (next(block for block in AUDITED if named in block) for named in ("as inserts", 'as "view"'))
    with psycopg.connect(migrated.target_auditor) as target, psycopg.connect(migrated.source_auditor) as source:
        assert {row[0] for row in target.execute(rights) if not all(row[1:])} == {"currencies", "markets"}
        inner = {f"published_{name}" for name in ("customers", "orders", "payments", "tickets")}
        hidden = {row[0] for row in source.execute(views) if not row[1]}
        assert {name for name in hidden if not name.startswith("audited_")} == {"every_row"} | inner
        assert len(hidden) - len(inner) == 15


def test_the_store_is_opened_by_hand_but_not_where_it_is_closed_for_good(place: Workplace, servers: Servers) -> None:
    opening = next(block for block in OTHERS if "create or replace function poco_export.fenced()" in block)
    fence.raise_(place, ["orders"], ["DE"])
    assert fence.state(place)["orders"].keys() == {"DE"}
    run(opening, place, servers)
    assert fence.state(place) == {}
    fence.raise_(place, ["orders"], ["DE"], for_good=True)
    with pytest.raises(psycopg.errors.RaiseException, match="closed for good"):
        run(opening, place, servers)
    assert fence.state(place) == {"orders": {"DE": "infinity"}}


# -- Messages and sections ---------------------------------------------------------------------------------------------


def template(node: ast.expr) -> str | None:
    """A message with … for what is filled in; None where it is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return None


def messages(text: str) -> Iterator[tuple[str, str]]:
    """(error, message) of everything a module of the package raises on purpose; also of errors made by a function or class of it."""
    tree = ast.parse(text)
    made = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    known = {name for name in vars(errors) if isinstance(getattr(errors, name), type)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
            name, given = node.exc.func.id, node.exc.args[0]
            if name not in known | {"kind"}:
                continue
            if isinstance(given, ast.Call) and isinstance(given.func, ast.Name):
                given = next(n for n in ast.walk(made[given.func.id]) if isinstance(n, ast.JoinedStr))
            said = template(given)
            assert said, f"line {node.lineno}: a message that cannot be read here"
            yield {"kind": "SourceError and TargetError"}.get(name, name), said
        elif isinstance(node, ast.ClassDef) and {base.id for base in node.bases if isinstance(base, ast.Name)} & known:
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "__init__":
                    yield node.name, str(template(call.args[0]))


def unmatched(raised: set[tuple[str, str]], runbook: str) -> set[str]:
    """Messages without a section, and sections without a message."""
    sections, error = set(), ""
    for level, heading in re.findall(r"^(###|####) (.+)$", runbook, re.MULTILINE):
        if level == "###":
            error = heading
        else:
            sections.add((error, heading.strip("`")))
    here = {(error, said) for error, said in raised if error != "ConfigurationError"}
    found = {said for error, said in here if not any(e == error and said.startswith(begins) for e, begins in sections)}
    found |= {begins for error, begins in sections if not any(e == error and said.startswith(begins) for e, said in here)}
    return found if "### ConfigurationError" in runbook else found | {"ConfigurationError"}


RAISED = {
    found for path in PACKAGE.rglob("*.py") if "local" not in path.parts for found in messages(path.read_text("utf-8"))
}  # local/ speaks to whoever sits at the terminal


def test_every_message_has_its_section_and_every_section_its_message() -> None:
    assert len(RAISED) > 40
    assert unmatched(RAISED, RUNBOOK) == set()


def test_a_message_without_a_section_and_a_section_without_a_message_are_seen() -> None:
    new = set(messages("raise StageRefused(f'{stage}: the moon is full. Wait.')"))
    assert unmatched(RAISED | new, RUNBOOK) == {"…: the moon is full. Wait."}
    gone = RUNBOOK.replace("#### `… is not due before", "#### `… is not yet due before")
    assert len(unmatched(RAISED, gone)) == 2
    wrong = RUNBOOK.replace("### ApprovalMissing", "### ApprovalGone")
    assert len(unmatched(RAISED, wrong)) == 18
    assert unmatched(RAISED, RUNBOOK.replace("### ConfigurationError", "### Configuration")) == {"ConfigurationError"}


def headings(text: str) -> set[str]:
    return set(re.findall(r"^#+ (.+)$", text, re.MULTILINE))


def sections_named(text: str) -> set[str]:
    return set(re.findall(r"docs/runbook\.md, ['\"]([^'\"]+)['\"]", text))


def test_every_section_the_code_names_exists() -> None:
    files = [path for folder in CODE for path in folder.rglob("*") if path.suffix in (".py", ".sql", ".toml", ".yml", ".env", ".sh")]
    named = set().union(*(sections_named(path.read_text("utf-8")) for path in files))
    assert named >= {"Roles", "Rehearsal", "The fence does not close"}
    assert named <= headings(RUNBOOK)
    assert not sections_named('raise it (docs/runbook.md, "No such section")') <= headings(RUNBOOK)


def test_the_runbook_names_every_role_and_connection() -> None:
    roles = RUNBOOK.split("## Roles")[1].split("\n## ")[0]
    text = (PACKAGE / "adapters" / "connections.py").read_text("utf-8")
    connections = set(re.findall(r'_dsn\("(\w+)"\)', text)) | set(
        re.findall(
            r'^[A-Z_]+ = "(evidence_s3|archive_s3|exports_s3|redirects_s3|voucher_key|signing_key|mailing_key|archive_key)"$',
            text,
            re.MULTILINE,
        )
    )
    assert len(connections) == 18
    for name in (
        *connections,
        "mi_board",
        "poco_follower",
        "poco_owner",
        "poco_app",
        "poco_migrator",
        "poco_auditor",
        "mi_owner",
        "mi_migrator",
        "mi_auditor",
    ):
        assert f"`{name}`" in roles, name


# -- Names in the documents --------------------------------------------------------------------------------------------


def commands_unknown(text: str, makefile: str) -> set[str]:
    """`make x` in code of a document, where the Makefile has no x."""
    code = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL) + re.findall(r"`([^`\n]+)`", text)
    named = {name for piece in code for name in re.findall(r"\bmake ([a-z][a-z-]*)", piece)}
    return named - set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def paths_unknown(text: str) -> set[str]:
    """Files and folders that a document names in backticks and that are not there; built ones are not asked for."""
    names = {path.name for folder in (*CODE, PROJECT / "tests", PROJECT / "plugins", PROJECT) for path in _files(folder)}
    found = set()
    for piece in re.findall(r"`([\w./-]+)`", text):
        if not re.search(r"(\.(py|sql|toml|yml|md|txt|env|in|ini|cfg)|\w/)$", piece) or piece.split("/")[0] in (
            "build",
            ".local",
            ".venv",
            ".env",
        ):
            continue
        bare = "/" not in piece and piece in names
        if not bare and not any((root / piece).exists() for root in (PROJECT, PROJECT / "plugins", PACKAGE)):
            found.add(piece)
    return found


def _files(folder: Path) -> Iterator[Path]:
    yield from folder.glob("*") if folder == PROJECT else folder.rglob("*")


def anchors(text: str) -> set[str]:
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(text)}


def links_broken(text: str, folder: Path) -> set[str]:
    found = set()
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        path = folder / target
        if target and not path.exists():
            found.add(link)
            continue
        if anchor and anchor not in anchors(path.read_text("utf-8") if target else text):
            found.add(link)
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=short)
def test_what_a_document_names_exists(path: Path) -> None:
    text = path.read_text("utf-8")
    assert commands_unknown(text, (PROJECT / "Makefile").read_text("utf-8")) == set()
    assert paths_unknown(text) == set()
    assert links_broken(text, path.parent) == set()


def test_a_name_that_does_not_exist_is_seen() -> None:
    makefile = "demo: install  ## Rehearse\n"
    assert commands_unknown("`make demo`, make haste, `make coffee`\n```sh\nmake tea\n```\n", makefile) == {"coffee", "tea"}
    assert paths_unknown(
        "`dags/backfill.py` `errors.py` `engine/copying/copier.py` `build/x.json` `plugins/nowhere.py` `nobody.sql` `attic/`"
    ) == {
        "plugins/nowhere.py",
        "nobody.sql",
        "attic/",
    }
    text = "# A heading\n[here](#a-heading) [there](runbook.md#roles) [gone](gone.md) [no](#no) [out](https://example.com)"
    assert links_broken(text, PROJECT / "docs") == {"gone.md", "#no"}


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_short_and_complete(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 30
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert text.startswith(f"# {int(path.stem[:4])}. ")


def test_the_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.stem[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
