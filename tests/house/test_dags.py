"""The DAG files: they parse quickly, without errors, without Great Expectations, and their dates start once."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from poco_migration import settings
from poco_migration.engine.milestones import countdown
from poco_migration.settings import PROJECT

DAGS = sorted(path.stem for path in (PROJECT / "dags").glob("*.py"))
PARSE = """
import json, os, sys, time
os.environ.update(AIRFLOW_HOME=sys.argv[1], AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{sys.argv[1]}/a.db",
                  AIRFLOW__CORE__PLUGINS_FOLDER=sys.argv[2] + "/plugins", AIRFLOW__CORE__LOAD_EXAMPLES="False",
                  AIRFLOW__CORE__DAGS_FOLDER=sys.argv[2] + "/dags", AIRFLOW__CORE__UNIT_TEST_MODE="True", AIRFLOW__CORE__DAG_DISCOVERY_SAFE_MODE="False")
from airflow.utils.db import initdb
initdb()
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization
result = {"seconds": {}, "errors": {}, "dags": {}}
bag = DagBag(dag_folder="/dev/null", load_op_links=False)
for path in sys.argv[3:]:
    began = time.process_time()
    found = bag.process_file(path, safe_mode=False)
    result["seconds"][path] = time.process_time() - began
    for dag in found:
        back = DagSerialization.from_dict(DagSerialization.to_dict(dag))
        result["dags"][dag.dag_id] = {
            "tasks": len(back.task_dict), "doc": bool(dag.doc_md), "summary": back.timetable.summary, "retries": sorted({t.retries for t in dag.tasks}),
            "max_active_runs": dag.max_active_runs, "owner": dag.owner, "warnings": [(d.name, d.interval.total_seconds(), d.callback.path) for d in dag.deadline or []], "hitl": sorted(t.task_id for t in dag.tasks if t.task_id.startswith("approval_"))}
result["errors"] = bag.import_errors
result["heavy"] = sorted({"great_expectations", "pandas", "boto3", "pyarrow"} & set(sys.modules))
print("RESULT" + json.dumps(result))
"""


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict:
    home = tmp_path_factory.mktemp("airflow")
    files = [str(PROJECT / "dags" / f"{name}.py") for name in DAGS]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PARSE, str(home), str(PROJECT), *files],
        capture_output=True, text=True, check=False, env={"PYTHONPATH": str(PROJECT / "plugins"), "PATH": "/usr/bin:/bin", "HOME": str(home)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.rpartition("RESULT")[2])


def test_no_dag_file_has_an_import_error(parsed: dict) -> None:
    assert parsed["errors"] == {}
    assert set(parsed["dags"]) == {
        f"poco_{name}"
        for name in (*settings.STAGES, settings.FOLLOWER, settings.ROLLBACK, settings.PERSONAL, settings.WATCHER, settings.AFTER)
    }


def test_every_dag_file_parses_within_two_seconds_of_the_processor(parsed: dict) -> None:
    assert {path: seconds for path, seconds in parsed["seconds"].items() if seconds >= 2} == {}


def test_parsing_imports_nothing_heavy(parsed: dict) -> None:
    assert parsed["heavy"] == []


def test_every_dag_has_the_habits_of_the_house(parsed: dict) -> None:
    for name, dag in parsed["dags"].items():
        assert dag["doc"] and dag["owner"] == "data team" and dag["max_active_runs"] == 1, name
        assert min(dag["retries"]) >= 2, name


def test_what_cannot_be_undone_asks_two_people(parsed: dict) -> None:
    asking = {name for name, dag in parsed["dags"].items() if dag["hitl"] == ["approval_1", "approval_2"]}
    assert asking == {"poco_cutover", "poco_coupon_reissue", "poco_history", "poco_final_shutdown", "poco_rollback"}


def test_every_date_is_warned_of_before_it_comes(parsed: dict) -> None:
    warned = parsed["dags"][f"poco_{settings.WATCHER}"]["warnings"]
    hours = settings.load().alerts.before_hours
    assert len(warned) == len(countdown.moments(settings.load().calendar)) * len(hours) == len({name for name, _, _ in warned})
    assert {seconds for _, seconds, _ in warned} == {-3600.0 * before for before in hours}
    # Out of plugins/, by a name that the triggerer can import.
    assert {path for _, _, path in warned} == {"poco_migration.orchestration.deadline_alerts.due"}


class TestTheTimetable:
    """A milestone's date starts one run, also when the DAG is unpaused after it; a rehearsal's date another one."""

    AT = datetime(2024, 10, 21, tzinfo=UTC)

    def next(self, at: datetime, last: datetime | None, shift: timedelta = timedelta(0)):
        from airflow.timetables.base import DataInterval, TimeRestriction

        from poco_migration.adapters.timetable import MilestoneTimetable

        timetable = MilestoneTimetable("cutover", at, shift)
        again = MilestoneTimetable.deserialize(timetable.serialize())
        assert again.serialize() == timetable.serialize()
        restriction = TimeRestriction(earliest=datetime(2020, 1, 1, tzinfo=UTC), latest=None, catchup=True)
        interval = DataInterval(last, last) if last else None
        info = again.next_dagrun_info(last_automated_data_interval=interval, restriction=restriction)
        return info and (info.run_after, again.generate_run_id(run_type=_Scheduled, run_after=info.run_after, data_interval=None))

    def test_it_starts_once(self) -> None:
        assert self.next(self.AT, None) == (self.AT, "cutover__scheduled__2024-10-21T00:00:00")
        assert self.next(self.AT, self.AT) is None

    def test_time_that_goes_on_in_a_rehearsal_starts_nothing_again(self) -> None:
        played = self.AT + timedelta(days=700)
        assert self.next(played - timedelta(days=42), played, timedelta(days=658)) is None

    def test_the_real_date_still_comes_after_a_rehearsal_before_it(self) -> None:
        rehearsed = self.AT - timedelta(days=30)
        assert self.next(self.AT, rehearsed) == (self.AT, "cutover__scheduled__2024-10-21T00:00:00")


class _Scheduled:
    value = "scheduled"


def test_the_plugins_folder_is_not_executed_file_by_file() -> None:
    ignored = (Path(PROJECT) / "plugins" / ".airflowignore").read_text("utf-8").splitlines()
    assert "poco_migration" in ignored
