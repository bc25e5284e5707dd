"""How fast rows become Parquet in S3, and what that holds in memory: against the server's own COPY of the same rows in the same order.

Two tables: one without personal columns, and one whose rows are sealed under their persons' keys, ten rows of each. The COPY alone
goes to psql and is thrown away. Each archive runs in a process of its own, on a real S3 server.
"""

from __future__ import annotations

import multiprocessing
import re
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from bench.report import Measure, median
from bench.servers import PASSWORD, RUN, servers
from legacy_store import generator
from local_stack import databases, object_server
from local_stack.clusters import BINARIES, Cluster
from mi_platform import seed
from poco_migration import settings
from poco_migration.adapters import parquet, postgres
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.archive import table_layout, writer
from poco_migration.engine.prepare import schema_install

REGION = "DE"
ROWS = {  # of a table without personal columns, and of one with: ten rows of each person
    "product_prices": "select n, 'DE', mod(n, 1000), 'EUR', 1000 + mod(n, 50000), '2023-01-01'::timestamp + n * interval '1 second', null"
    " from generate_series(1000000000, 1000000000 + %s - 1) n",
    "points_ledger": "select n, 'DE', 2000000 + mod(n, %s / 10), 'earned', 'posted', mod(n, 5000), n, null,"
    " '2023-01-01'::timestamp + n * interval '1 second'"
    " from generate_series(1000000000, 1000000000 + %s - 1) n",
}
Taken = dict[str, float]


def measure(folder: Path, few: int, many: int, rounds: int) -> list[Measure]:
    """Both tables with few and with many rows, `rounds` times in turn."""
    found = []
    with servers(folder) as (source, target), object_store(folder) as objects:
        place = _place(source, target, objects)
        for table, rows in ROWS.items():
            taken: dict[int, list[Taken]] = {}
            for number in (few, many):
                _fill(place, table, rows, number)
                taken[number] = [_round(place, table) for _ in range(rounds)]
            found += _told(table, taken, few, many)
    return found


def _place(source: Cluster, target: Cluster, objects: ObjectStore) -> Workplace:
    """POCO's tables, nearly empty, the views of the archive, and the ledger with its keys."""
    passwords = dict.fromkeys((*databases.SOURCE_ROLES, *databases.TARGET_ROLES), PASSWORD)
    databases.create_source(source, passwords)
    databases.create_target(target, passwords)
    poco, mi = partial(source.dsn, "poco", password=PASSWORD), partial(target.dsn, "mi", password=PASSWORD)
    generator.generate(poco("poco_owner"), scale=0.01)
    seed.create(mi("mi_owner"), scale=0.01)
    databases.grant_target(target, passwords)
    kept = settings.load().objects.model_copy(update={"archive": "bench"})
    place = Workplace(
        settings.load().model_copy(update={"objects": kept}),
        poco("poco_migrator"), poco("poco_owner"), poco("poco_auditor"), mi("mi_migrator"), mi("mi_auditor"),
        objects, b"", ledger=mi("mi_ledger"), source_archivist=poco("poco_archivist"), archive_key=bytes(range(32)),
    )  # fmt: skip
    schema_install.control_schema(place)
    schema_install.export_schema(place)
    return place


def _told(table: str, taken: dict[int, list[Taken]], few: int, many: int) -> list[Measure]:
    kind = "sealed (ten of each person)" if table == "points_ledger" else "without personal columns"
    share = median([one["copy"] / one["archive"] for one in taken[many]])
    held = median([one["peak_mb"] for one in taken[many]]) / median([one["peak_mb"] for one in taken[few]])
    raw = {str(number): rounds for number, rounds in taken.items()}
    return [
        Measure(f"archive: {many:,} rows {kind}, rate against COPY TO STDOUT alone (times)", share, ">= 0.7", share >= 0.7, raw),
        Measure(f"archive: peak memory with {many:,} rows against {few:,}, {kind} (times)", held, "<= 1.2", held <= 1.2, raw),
    ]


def _fill(place: Workplace, table: str, rows: str, number: int) -> None:
    with psycopg.connect(place.source_owner, autocommit=True) as source:
        source.execute(f"truncate poco.{table}")
        source.execute(f"insert into poco.{table} {rows}", (number,) * rows.count("%s"))
        source.execute(f"vacuum (analyze) poco.{table}")


def _round(place: Workplace, table: str) -> Taken:
    """Seconds of COPY alone, of COPY without an order, of the archive and of the archive with its sums; MB; and the file's hash."""
    entity = cards.entities()[table]
    with psycopg.connect(place.source_archivist) as source:
        shape = table_layout.shape(source, entity)
        query = table_layout.reading(shape, REGION, parquet.native).as_string(source)
    statement = f"copy ({query}) to stdout (format csv)"
    alone, plain = _copy(place.source_archivist, statement), _copy(place.source_owner, f"copy poco.{table} to stdout (format csv)")
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        written, whole, peak, sha256 = fresh.submit(_archive, place, table).result()
    print(
        f"{table}: COPY {alone:.1f} s, unordered {plain:.1f} s, archive {written:.1f} s, with sums {whole:.1f} s, "
        f"{peak:.0f} MB, {sha256[:12]}",
        flush=True,
    )
    return {"copy": alone, "unordered": plain, "archive": written, "with_sums": whole, "peak_mb": peak}


def _copy(dsn: str, statement: str) -> float:
    began = time.monotonic()
    with Path("/dev/null").open("wb") as nowhere:
        subprocess.run([str(BINARIES / "psql"), dsn, "-qc", statement], stdout=nowhere, check=True)
    return time.monotonic() - began


def _archive(place: Workplace, table: str) -> tuple[float, float, float, str]:
    entity = cards.entities()[table]
    for key in place.objects.keys("bench"):
        place.objects.client().delete_object(Bucket="bench", Key=key)
    with writer.open_session(place, RUN) as desk, postgres.snapshot(desk.source):
        began = time.monotonic()
        shape = table_layout.shape(desk.source, entity)
        file = writer.write_region(desk, shape, REGION, "alone/file.parquet")
        written = time.monotonic() - began
        table_layout.sums(desk.source, shape, sql.Identifier(table_layout.SCHEMA, table), region=REGION)
        whole = time.monotonic() - began
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    return written, whole, int(peak[1]) / 1024 if peak else 0.0, str(file["sha256"])


@contextmanager
def object_store(folder: Path) -> Iterator[ObjectStore]:
    """A real S3 server with a bucket, gone with the run."""
    (folder / "s3").mkdir()
    with object_server.on_a_free_port(folder / "s3", "key", PASSWORD) as store:
        store.ensure_bucket("bench")
        yield store
