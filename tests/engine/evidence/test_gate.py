"""The verdict counts and does not trust; reports are kept for ever; a red gate says what to do."""

from __future__ import annotations

import dataclasses
import json

import psycopg
import pytest

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import canonical_json, facts, gate
from poco_migration.errors import GateStopped, OperatorNeeded
from poco_migration.model import Judgement, Run

GOOD = Judgement("suite", "type", "about", "P1", "critical", True, "", 0, {"number": 1}, "next")


def judged(**change: object) -> Judgement:
    return dataclasses.replace(GOOD, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("judgements", "expected", "verdict"),
    [
        ((GOOD, GOOD), 2, "pass"),
        ((GOOD,), 2, "fail"),
        ((), 0, "pass"),
        ((GOOD, judged(error="SQL error")), 2, "fail"),
        ((GOOD, judged(success=False)), 2, "fail"),
        ((GOOD, judged(success=False, severity="warning")), 2, "warn"),
        ((GOOD, judged(success=False, severity="info")), 2, "pass"),
        ((judged(success=False, severity="warning", error="x"),), 1, "fail"),
    ],
)
def test_the_verdict(judgements: tuple[Judgement, ...], expected: int, verdict: str) -> None:
    assert gate.verdict(judgements, expected) == verdict


def readiness(place: Workplace, run: Run, *, ok: bool) -> None:
    with facts.measured(place, run, "readiness"), psycopg.connect(place.target, autocommit=True) as target:
        target.execute("delete from migration.readiness")
        target.execute(
            "insert into migration.readiness select %s, 'R' || n, 'check ' || n, '1', '2', n > 1 or %s, 'do it' from generate_series(1, 20) n",
            (run.id, ok),
        )


def test_a_red_gate_names_what_failed_and_a_new_try_writes_beside_the_old_one(site: Workplace) -> None:
    run = Run("poco_prepare/manual 1+00:00", "gate_readiness", try_number=1)
    readiness(site, run, ok=False)
    with pytest.raises(GateStopped) as stopped:
        gate.judge(site, "prepare", "readiness", run)
    assert "check 1/R1" in str(stopped.value) and "clear the task assess" in str(stopped.value)
    readiness(site, run, ok=True)
    again = gate.judge(site, "prepare", "readiness", dataclasses.replace(run, try_number=2))
    assert again.verdict == "pass"
    keys = [key for key in site.objects.keys(site.settings.objects.evidence, "reports/prepare") if "manual-1" in key]
    assert sorted(key.rsplit("/", 2)[1:] and "/".join(key.rsplit("/", 2)[1:]) for key in keys) == [
        "gate_readiness-try1/report.html", "gate_readiness-try1/result.json",
        "gate_readiness-try2/report.html", "gate_readiness-try2/result.json",
    ]  # fmt: skip
    with psycopg.connect(site.target) as target:
        ledger = target.execute("select verdict, failed, sha256 from migration.gate order by gate_id").fetchall()
    assert [row[:2] for row in ledger] == [("fail", 1), ("pass", 0)]
    body = site.objects.get(site.settings.objects.evidence, next(key for key in keys if key.endswith("try2/result.json")))
    assert canonical_json.digest(body) == ledger[1][2]
    assert json.loads(body)["verdict"] == "pass"
    page = site.objects.get(site.settings.objects.evidence, next(key for key in keys if key.endswith("try1/report.html"))).decode()
    assert "http://" not in page and "https://" not in page and "<script" not in page, "the page stands alone"
    assert "P6 reversible" in page and "critical" in page and "select check_name" in page
    with pytest.raises(OperatorNeeded, match="never overwritten"):
        gate.judge(site, "prepare", "readiness", dataclasses.replace(run, try_number=2))
