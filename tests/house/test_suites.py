"""The loader of suites is strict: whatever Great Expectations would quietly drop or pass is an error by name."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg.conninfo import conninfo_to_dict
from support.workplaces import Servers

from poco_migration.adapters import expectations, gate_suites
from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import ConfigurationError

GOOD: dict[str, Any] = {
    "stage": "backfill",
    "gate": "trial",
    "owner": "audit",
    "suites": [
        {
            "name": "numbers",
            "query": "select n from generate_series(1, 300) n",
            "keys": ["n"],
            "show": False,
            "at_least": 300,
            "expectations": [
                {
                    "type": "expect_column_values_to_be_between",
                    "severity": "critical",
                    "about": "small",
                    "requirement": "P1 complete",
                    "next_action": "none",
                    "kwargs": {"column": "n", "max_value": 300},
                }
            ],
        }
    ],
}


def written(folder: Path, change: Any = lambda raw: None) -> gate_suites.Gate:
    raw = copy.deepcopy(GOOD)
    change(raw)
    (folder / "backfill").mkdir(exist_ok=True)
    (folder / "backfill" / "trial.yml").write_text(yaml.safe_dump(raw), "utf-8")
    return gate_suites.read("backfill", "trial", folder)


def first(raw: Any) -> dict[str, Any]:
    return raw["suites"][0]["expectations"][0]


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("has no suite", lambda raw: raw.update(suites=[])),
        ("has no expectation", lambda raw: raw["suites"][0].update(expectations=[])),
        ("severity 'fatal'", lambda raw: first(raw).update(severity="fatal")),
        ("expected exactly", lambda raw: first(raw).pop("next_action")),
        ("expected exactly", lambda raw: first(raw).update(mostly=0.5)),
        ("expected exactly", lambda raw: raw["suites"][0].pop("at_least")),
        ("at_least is the number", lambda raw: raw["suites"][0].update(at_least="many")),
        ("says it is backfill/other", lambda raw: raw.update(gate="other")),
    ],
)
def test_a_file_that_would_prove_nothing_is_refused(tmp_path: Path, what: str, change: Any) -> None:
    with pytest.raises(ConfigurationError, match=what):
        written(tmp_path, change)


def judge(place: Workplace, gate: gate_suites.Gate) -> list[Any]:
    return expectations.judge(place.target_auditor, gate.suites, "test/run with blanks")


def test_a_good_suite_holds_and_counts_its_floor(tmp_path: Path, migrated: Workplace) -> None:
    judgements = judge(migrated, written(tmp_path))
    assert [(j.success, j.error) for j in judgements] == [(True, ""), (True, "")]


def test_an_unknown_expectation_is_refused_by_name(tmp_path: Path, migrated: Workplace) -> None:
    with pytest.raises(ConfigurationError, match="expect_column_values_to_be_nice"):
        judge(migrated, written(tmp_path, lambda raw: first(raw).update(type="expect_column_values_to_be_nice")))


def test_an_empty_table_fails_its_floor_though_every_expectation_about_its_rows_holds(tmp_path: Path, migrated: Workplace) -> None:
    gate = written(tmp_path, lambda raw: raw["suites"][0].update(query="select n from generate_series(1, 0) n"))
    assert [j.success for j in judge(migrated, gate)] == [False, True]


def test_failed_rows_are_named_by_key_beyond_two_hundred_rows(tmp_path: Path, migrated: Workplace) -> None:
    judgements = judge(migrated, written(tmp_path, lambda raw: first(raw)["kwargs"].update(max_value=298)))
    assert not judgements[1].success
    assert judgements[1].details["keys"] == [{"n": 299}, {"n": 300}]


def test_an_sql_error_is_an_error_and_not_a_pass(tmp_path: Path, migrated: Workplace) -> None:
    gate = written(tmp_path, lambda raw: first(raw)["kwargs"].update(column="no_such_column"))
    assert judge(migrated, gate)[1].error


def test_a_gate_cannot_write(tmp_path: Path, migrated: Workplace) -> None:
    query = "select n from (select setval('mi.orders_order_id_seq', 1) as n) q"
    gate = written(tmp_path, lambda raw: raw["suites"][0].update(query=query, at_least=0))
    assert any(j.error for j in judge(migrated, gate))


def test_a_sequence_that_the_auditor_may_not_read_is_red_and_not_taken_for_unused(place: Workplace, servers: Servers) -> None:
    gate = gate_suites.read("cutover", "entry")
    sequences = replace(gate, suites=tuple(suite for suite in gate.suites if suite.name == "sequences"))
    assert [(j.success, j.error) for j in judge(place, sequences)] == [(True, "")] * 3
    owner = servers.target.dsn(str(conninfo_to_dict(place.target)["dbname"]), "mi_owner", servers.passwords["mi_owner"])
    with psycopg.connect(owner, autocommit=True) as mi:
        mi.execute("select setval('mi.orders_order_id_seq', mi.poco_key(5))")  # in the middle of POCO's keys
        mi.execute("revoke all on sequence mi.orders_order_id_seq from mi_auditor")
    failed = [j for j in judge(place, sequences) if not j.success]
    assert [j.details["keys"] for j in failed] == [[{"sequencename": "orders_order_id_seq"}]] * 2
