"""One hash over every file that decides what the migration does, as certificates name it in code_sha256. Needs nothing but Python.

    python3 expectations/code_digest.py [FOLDER]                                   the files of a checkout, or of /opt/poco in an image
    git archive TAG plugins dags expectations | python3 expectations/code_digest.py -     those of a tag

Prints the hash. It is computed here a second time, apart from the program that writes it into certificates, so that an auditor
need not believe that program: lines of "<path> NUL <SHA-256 of the file> newline", the three folders one after the other, each in
the order of its paths.
"""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

FOLDERS = ("plugins/poco_migration", "dags", "expectations")


def of_folder(folder: Path) -> dict[str, bytes]:
    """{path: content} of every file below the folders that count."""
    files = (path for name in FOLDERS for path in (folder / name).rglob("*") if path.is_file())
    return {str(path.relative_to(folder).as_posix()): path.read_bytes() for path in files}


def of_archive(body: bytes) -> dict[str, bytes]:
    """The same out of what `git archive` writes."""
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        return {name.name: file.read() for name in archive if name.isfile() and (file := archive.extractfile(name))}


def digest(files: Mapping[str, bytes]) -> str:
    total = hashlib.sha256()
    for folder in FOLDERS:
        within = [PurePosixPath(name) for name in files if name.startswith(f"{folder}/")]
        for path in sorted(path for path in within if "__pycache__" not in path.parts):
            total.update(f"{path}\0{hashlib.sha256(files[str(path)]).hexdigest()}\n".encode())
    return total.hexdigest()


def main(arguments: list[str]) -> int:
    where = arguments[0] if arguments else "."
    files = of_archive(sys.stdin.buffer.read()) if where == "-" else of_folder(Path(where))
    if missing := [folder for folder in FOLDERS if not any(name.startswith(f"{folder}/") for name in files)]:
        print(f"{where}: no files below {', '.join(missing)}. Give the folder that holds them, or the archive of a tag.", file=sys.stderr)
        return 2
    print(digest(files))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
