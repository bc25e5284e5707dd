"""What a rehearsal ends with: the equations, the verdicts, the reports on disk, and one hash over what has moved."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from poco_migration import settings
from poco_migration.engine import recon
from poco_migration.local.stack import Stack


def report(stack: Stack, build: Path, seconds: float) -> int:
    """Print the table, write build/demo.json and build/evidence; 0 when all is green and closed."""
    evidence = build / "evidence"
    _download(stack, evidence)
    with psycopg.connect(stack.target.dsn("mi"), autocommit=True) as target:
        equations = recon.latest(target)
        gates = _gates(target)
        moved = fingerprint(target)
    document = {
        "equations": [
            {"entity": e.entity, "region": e.region, "source": e.source, "migrated": e.migrated, "merged": e.merged,
             "excluded": e.excluded, "quarantined": e.quarantined} for e in equations
        ],
        "gates": gates,
        "seconds": round(seconds, 1),
        "urls": {"airflow": stack.url, "s3": stack.s3_url, "evidence": str(evidence.relative_to(settings.PROJECT))},
        "fingerprint": moved,
    }  # fmt: skip
    build.mkdir(exist_ok=True)
    (build / "demo.json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    _print(stack, document)
    still_open = [e for e in equations if e.remainder]
    red = [gate for gate in gates if gate["verdict"] == "fail"]
    for equation in still_open:
        stack.say(f"OPEN: {equation.entity}, {equation.region}: {equation.missing} missing, {equation.extra} extra")
    for gate in red:
        stack.say(f"RED: gate {gate['stage']}/{gate['gate']}: {gate['report']}")
    return 1 if still_open or red else 0


def fingerprint(target: psycopg.Connection[Any]) -> str:
    """One hash over every row of every table of mi.com and of the coupons' ledger, in no order."""
    tables = target.execute("select tablename from pg_tables where schemaname = 'mi' order by 1").fetchall()
    total = hashlib.sha256()
    for (table,) in tables:
        query = sql.SQL("select count(*), sum(('x' || left(md5(t::text), 16))::bit(64)::bigint::numeric) from mi.{} t").format(
            sql.Identifier(table)
        )
        total.update(f"{table} {target.execute(query).fetchone()}\n".encode())
    return total.hexdigest()


def _gates(target: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    query = """select distinct on (stage, gate) gate, stage, verdict, report from migration.gate order by stage, gate, gate_id desc"""
    order = {stage: number for number, stage in enumerate((*settings.STAGES, settings.ROLLBACK))}
    rows = [dict(zip(("gate", "stage", "verdict", "report"), row, strict=True)) for row in target.execute(query)]
    bucket = settings.load().objects.evidence
    for row in rows:
        row["report"] = "build/evidence/" + row["report"].removeprefix(f"{bucket}/")
    return sorted(rows, key=lambda row: (order[row["stage"]], row["gate"]))


def _download(stack: Stack, evidence: Path) -> None:
    objects, bucket = stack.deployment.objects(), settings.load().objects.evidence
    shutil.rmtree(evidence, ignore_errors=True)
    for key in objects.keys(bucket):
        path = evidence / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(objects.get(bucket, key))


def _print(stack: Stack, document: dict[str, Any]) -> None:
    say = stack.say
    row = "{:20} {:8} {:>9} = {:>9} + {:>7} + {:>8} + {:>11}"
    names = ("entity", "region", "source", "migrated", "merged", "excluded", "quarantined")
    say("\n" + row.format(*names))
    for equation in document["equations"]:
        if equation["source"]:
            say(row.format(*(f"{equation[name]:,}" if isinstance(equation[name], int) else equation[name] for name in names)))
    say("")
    for gate in document["gates"]:
        say(f"{gate['verdict']:5} {gate['stage']}/{gate['gate']:16} {gate['report']}")
    say(f"\nAirflow   {stack.url}   (users and passwords: {stack.state.path('passwords.json')})")
    say("Reports   build/evidence, and the same as build/demo.json")
    say(f"{document['seconds']:.0f} s. The stack stays up until: make down")
