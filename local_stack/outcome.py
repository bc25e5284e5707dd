"""What a rehearsal ends with: the equations, the verdicts, the evidence on disk and verified, one hash over what has moved."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from local_stack.stack import Stack
from poco_migration import settings
from poco_migration.adapters import signing
from poco_migration.engine.verify import row_equations


def report(stack: Stack, build: Path, seconds: float) -> int:
    """Print the table, write build/demo.json, build/evidence and its key; 0 when all is green and closed and the evidence holds."""
    evidence = build / "evidence"
    _download(stack, evidence)
    with psycopg.connect(stack.target.dsn("mi"), autocommit=True) as target:
        equations = row_equations.latest(target)
        gates = _gates(target)
        moved = fingerprint(target)
    document: dict[str, Any] = {
        "equations": [
            {"entity": e.entity, "region": e.region, "source": e.source, "migrated": e.migrated, "merged": e.merged,
             "excluded": e.excluded, "quarantined": e.quarantined} for e in equations
        ],
        "gates": gates,
        "seconds": round(seconds, 1),
        "urls": {"airflow": stack.url, "s3": stack.s3_url, "redirects": stack.redirects_url,
                 "evidence": str(evidence.relative_to(settings.PROJECT))},
        "fingerprint": moved,
    }  # fmt: skip
    build.mkdir(exist_ok=True)
    (build / "demo.json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    _print(stack, document, _equations_file(build, document["equations"]))
    verified = verify(stack, build)
    still_open = [e for e in equations if e.remainder]
    red = [gate for gate in gates if gate["verdict"] == "fail"]
    for equation in still_open:
        stack.say(f"OPEN: {equation.entity}, {equation.region}: {equation.missing} missing, {equation.extra} extra")
    for gate in red:
        stack.say(f"RED: gate {gate['stage']}/{gate['gate']}: {gate['report']}")
    if not verified:
        stack.say("The evidence does not hold; the lines above name what fails.")
    return 1 if still_open or red or not verified else 0


def verify(stack: Stack, build: Path) -> bool:
    """Check build/evidence as a stranger would: another process, nothing but Python, the public key beside it."""
    key = build / "evidence.pub"
    key.write_text(signing.public_pem(stack.deployment.signing_key), "utf-8")
    signers = build / "approvers"
    signers.write_bytes(stack.approvers.read_bytes())
    command = [
        sys.executable,
        "-I",
        "-S",
        str(settings.EXPECTATIONS / "verify.py"),
        str(build / "evidence"),
        "--key",
        str(key),
        "--signers",
        str(signers),
        "--rehearsal",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    stack.say(f"\n{done.stdout}{done.stderr}".rstrip())
    return done.returncode == 0


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
    order = {stage: number for number, stage in enumerate((*settings.STAGES, settings.ROLLBACK, settings.AFTER))}
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


def _equations_file(build: Path, equations: list[dict[str, Any]]) -> Path:
    """Every equation that has rows, one line each, as a table for people."""
    names = ("entity", "region", "source", "migrated", "merged", "excluded", "quarantined")
    row = "{:20} {:8} {:>9} = {:>9} + {:>7} + {:>8} + {:>11}"
    lines = [row.format(*names)]
    lines += [
        row.format(*(f"{equation[name]:,}" if isinstance(equation[name], int) else equation[name] for name in names))
        for equation in equations
        if equation["source"]
    ]
    path = build / "equations.txt"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def summary(document: dict[str, Any], equations_file: str) -> list[str]:
    """What a rehearsal ends with, on one screen: sums over all equations, and the verdicts of each stage's gates."""
    equations = document["equations"]
    total = {name: sum(equation[name] for equation in equations) for name in ("source", "migrated", "merged", "excluded", "quarantined")}
    lines = [
        f"{len(equations)} equations: {total['source']:,} rows at POCO = {total['migrated']:,} migrated + {total['merged']:,} merged + "
        f"{total['excluded']:,} excluded + {total['quarantined']:,} quarantined",
        f"Each of them: {equations_file}",
        "",
    ]
    stages: dict[str, list[str]] = {}
    for gate in document["gates"]:
        stages.setdefault(gate["stage"], []).append(f"{gate['gate']} {gate['verdict']}")
    return lines + [f"{stage:16} {', '.join(gates)}" for stage, gates in stages.items()]


def _print(stack: Stack, document: dict[str, Any], equations_file: Path) -> None:
    stack.say("")
    for line in summary(document, str(equations_file.relative_to(settings.PROJECT))):
        stack.say(line)
    stack.say(f"\nAirflow   {stack.url}   (users and passwords: {stack.state.path('passwords.json')})")
    stack.say("Reports   build/evidence, and the same as build/demo.json; to check them again: make verify")
    stack.say(f"{document['seconds']:.0f} s. The stack stays up until: make down")
