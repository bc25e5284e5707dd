"""Airflow's public REST API as one of its users sees it. What the rehearsal does here a person can do in the UI."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote

import httpx

DONE = {"success", "failed"}


@dataclass
class Airflow:
    """One user's session; signs in at the first call."""

    url: str
    user: str
    password: str = field(repr=False)

    @cached_property
    def _client(self) -> httpx.Client:
        token = httpx.post(f"{self.url}/auth/token", json={"username": self.user, "password": self.password}, timeout=30)
        token.raise_for_status()
        return httpx.Client(base_url=f"{self.url}/api/v2", headers={"Authorization": f"Bearer {token.json()['access_token']}"}, timeout=60)

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One call; returns the JSON. Raises RuntimeError with what Airflow said."""
        answer = self._client.request(method, path, **options)
        if answer.is_error:
            raise RuntimeError(f"{self.user}: {method} {path} gave {answer.status_code}: {answer.text[:400]}")
        return answer.json() if answer.content else None

    def ensure_connection(self, body: dict[str, Any]) -> None:
        self._ensure("/connections", body["connection_id"], body)

    def ensure_pool(self, name: str, slots: int, about: str) -> None:
        self._ensure("/pools", name, {"name": name, "slots": slots, "description": about, "include_deferred": False})

    def variable(self, key: str) -> str | None:
        answer = self._client.get(f"/variables/{key}")
        return None if answer.status_code == 404 else str(answer.raise_for_status().json()["value"])

    def set_variable(self, key: str, value: str, about: str) -> None:
        self._ensure("/variables", key, {"key": key, "value": value, "description": about})

    def _ensure(self, collection: str, name: str, body: dict[str, Any]) -> None:
        if self._client.get(f"{collection}/{name}").status_code == 200:
            self.call("PATCH", f"{collection}/{name}", json=body)
        else:
            self.call("POST", collection, json=body)

    def dags(self) -> dict[str, dict[str, Any]]:
        return {dag["dag_id"]: dag for dag in self.call("GET", "/dags", params={"limit": 100})["dags"]}

    def import_errors(self) -> list[dict[str, Any]]:
        return list(self.call("GET", "/importErrors")["import_errors"])

    def reparse(self, dag: str) -> None:
        """Have the DAG's file read again now instead of at the next round."""
        token = self.call("GET", f"/dags/{dag}")["file_token"]
        answer = self._client.put(f"/parseDagFile/{token}")
        if answer.is_error and answer.status_code != 409:  # 409: it is in the queue already
            raise RuntimeError(f"parseDagFile gave {answer.status_code}: {answer.text[:200]}")

    def unpause(self, dag: str) -> None:
        self.call("PATCH", f"/dags/{dag}", json={"is_paused": False})

    def trigger(self, dag: str, note: str) -> str:
        """Start a run by hand; returns its id."""
        return str(self.call("POST", f"/dags/{dag}/dagRuns", json={"logical_date": None, "conf": {}, "note": note})["dag_run_id"])

    def runs(self, dag: str) -> list[dict[str, Any]]:
        return list(self.call("GET", f"/dags/{dag}/dagRuns", params={"limit": 100, "order_by": "-run_after"})["dag_runs"])

    def run(self, dag: str, run: str) -> dict[str, Any]:
        return dict(self.call("GET", f"/dags/{dag}/dagRuns/{quote(run, safe='')}"))

    def tasks(self, dag: str, run: str) -> list[dict[str, Any]]:
        return list(self.call("GET", f"/dags/{dag}/dagRuns/{quote(run, safe='')}/taskInstances", params={"limit": 500})["task_instances"])

    def result(self, dag: str, run: str, task: str, map_index: int = -1) -> Any:
        path = f"/dags/{dag}/dagRuns/{quote(run, safe='')}/taskInstances/{task}/xcomEntries/return_value"
        return self.call("GET", path, params={"map_index": map_index, "stringify": False, "deserialize": False})["value"]

    def log(self, dag: str, run: str, task: str, map_index: int = -1, attempt: int = 1) -> str:
        path = f"/dags/{dag}/dagRuns/{quote(run, safe='')}/taskInstances/{task}/logs/{attempt}"
        answer = self._client.get(path, params={"map_index": map_index, "full_content": True}, headers={"Accept": "application/x-ndjson"})
        return answer.text

    def clear(self, dag: str, run: str, tasks: list[Any]) -> None:
        """Clear task instances, and what comes after them, so that they run again."""
        body = {"dag_run_id": run, "task_ids": tasks, "dry_run": False, "only_failed": False, "reset_dag_runs": True}
        self.call("POST", f"/dags/{dag}/clearTaskInstances", json=body | {"include_downstream": True})

    def questions(self, dag: str, run: str) -> list[str]:
        """The approval tasks of a run that wait for an answer."""
        found = self.call("GET", f"/dags/{dag}/dagRuns/{quote(run, safe='')}/hitlDetails", params={"response_received": False})
        waiting = [detail["task_instance"] for detail in found["hitl_details"]]
        return sorted(task["task_id"] for task in waiting if task["state"] in ("awaiting_input", "deferred"))

    def statement(self, dag: str, run: str, task: str) -> str:
        """The line that the page of a question asks to sign."""
        body = str(self.call("GET", self._question(dag, run, task))["body"])
        found = re.search(r"echo '([^']+)'", body)
        if not found:
            raise RuntimeError(f"the page of {task} says nothing to sign")
        return found[1]

    def answer(self, dag: str, run: str, task: str, option: str = "Approve", signature: str = "", reason: str = "") -> None:
        said = {"signature": signature, "reason": reason}
        self.call("PATCH", self._question(dag, run, task), json={"chosen_options": [option], "params_input": said})

    @staticmethod
    def _question(dag: str, run: str, task: str) -> str:
        return f"/dags/{dag}/dagRuns/{quote(run, safe='')}/taskInstances/{task}/-1/hitlDetails"

    def watch(self, dag: str, run: str, seconds: float) -> Iterator[dict[str, Any]]:
        """The run's task instances again and again until the run is done. Raises TimeoutError."""
        give_up = time.monotonic() + seconds
        while True:
            state = self.run(dag, run)["state"]
            yield {"state": state, "tasks": self.tasks(dag, run)}
            if state in DONE:
                return
            if time.monotonic() > give_up:
                raise TimeoutError(f"{dag} {run} was still {state} after {seconds:.0f} s")
            time.sleep(1)
