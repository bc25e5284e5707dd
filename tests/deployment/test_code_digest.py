"""The hash of the code in a certificate is the hash of the repository and of the image: what is signed is what runs."""

from __future__ import annotations

import compileall
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from poco_migration.engine.evidence import certificate_content
from poco_migration.settings import PROJECT

SCRIPT = PROJECT / "expectations" / "code_digest.py"


def printed(*arguments: str, given: bytes = b"") -> str:
    done = subprocess.run([sys.executable, "-I", "-S", str(SCRIPT), *arguments], input=given, capture_output=True, check=True, cwd=PROJECT)
    return done.stdout.decode().strip()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """What the production image has at /opt/poco, by the COPY lines of the Dockerfile."""
    stages = re.split(r"^FROM ", (PROJECT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    for stage in stages:
        name = stage.splitlines()[0].split(" AS ")[-1] if stage.strip() else ""
        if name not in ("sources", "production"):
            continue
        for line in re.findall(r"^COPY (?!--from)(.+)$", stage, re.MULTILINE):
            *given, to = line.split()
            for one in given:
                where = tmp_path / Path(to).relative_to("/opt/poco")
                if (PROJECT / one).is_dir():
                    shutil.copytree(PROJECT / one, where, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    where.mkdir(parents=True, exist_ok=True)
                    shutil.copy(PROJECT / one, where)
    compileall.compile_dir(tmp_path / "plugins", quiet=1)
    return tmp_path


def test_the_certificate_the_script_and_the_image_say_the_same_hash(image: Path) -> None:
    assert printed() == printed(str(image)) == certificate_content.code_digest()


def test_a_changed_byte_of_the_image_is_another_hash(image: Path) -> None:
    path = image / "plugins" / "poco_migration" / "migration.toml"
    path.write_bytes(path.read_bytes() + b"\n")
    assert printed(str(image)) != printed()


def test_the_archive_of_a_commit_says_the_hash_of_its_files(tmp_path: Path) -> None:
    archive = subprocess.run(
        ["git", "archive", "HEAD", "plugins", "dags", "expectations"], capture_output=True, check=True, cwd=PROJECT
    ).stdout
    subprocess.run(["tar", "-x", "-C", str(tmp_path)], input=archive, check=True)
    assert printed("-", given=archive) == printed(str(tmp_path))


def test_a_folder_without_the_code_is_refused(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, check=False, text=True)
    assert done.returncode == 2 and "plugins/poco_migration" in done.stderr


def test_the_script_needs_nothing_but_python() -> None:
    spec = importlib.util.spec_from_file_location("code_digest", SCRIPT)
    assert spec
    imported = set(re.findall(r"^(?:import|from) (\w+)", SCRIPT.read_text("utf-8"), re.MULTILINE))
    assert imported <= set(sys.stdlib_module_names)
