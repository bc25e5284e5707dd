"""Airflow's side of the pipe: connections, the rehearsal's shift, who is at work, and what a failure means to Airflow.

With timetable.py and ../doors.py the only files of the package that import airflow. Secrets come from Airflow connections
only; a task's error is told without its cause, because a cause can quote a row.
"""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from airflow.sdk import Connection, Variable, get_current_context
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException

from poco_migration import settings
from poco_migration.adapters.notifying import Channel
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import MigrationError, TransientError
from poco_migration.model import KeyRange, Run

log = logging.getLogger(__name__)

# The connections a deployment must have are named in workplace(); docs/runbook.md says which role each logs in as.
EVIDENCE = "evidence_s3"
VOUCHER_KEY = "voucher_key"
SIGNING_KEY = "signing_key"
ARCHIVE_KEY = "archive_key"
ALERTS = "poco_alerts"  # may be missing
# Set by whoever rehearses: how many seconds the whole calendar is moved. Absent means the real calendar.
SHIFT = "poco_calendar_shift_seconds"


def configuration() -> settings.Settings:
    """migration.toml on the calendar of today: the real one, or the rehearsal's."""
    return settings.load().shifted(timedelta(seconds=int(Variable.get(SHIFT, default="0"))))


def workplace() -> Workplace:
    """The workplace that Airflow's connections describe. Opens nothing yet."""
    store = Connection.get(EVIDENCE)
    return Workplace(
        configuration(),
        source=_dsn("poco_source"),
        source_owner=_dsn("poco_source_owner"),
        source_auditor=_dsn("poco_source_auditor"),
        target=_dsn("mi_target"),
        target_auditor=_dsn("mi_target_auditor"),
        source_archivist=_dsn("poco_source_archivist"),
        restore=_dsn("restore_drill"),
        objects=ObjectStore(store.extra_dejson.get("endpoint_url"), store.login or "", store.password or ""),
        voucher_key=(Connection.get(VOUCHER_KEY).password or "").encode(),
        signing_key=_key(SIGNING_KEY),
        archive_key=_key(ARCHIVE_KEY).encode(),
    )


def _key(name: str) -> str:
    """Empty where nobody has made the connection: only what needs the key, a certificate or an archive, says so."""
    try:
        return str(Connection.get(name).password or "")
    except AirflowNotFoundException:
        return ""


def alerts() -> Channel:
    """Where warnings of the calendar go: the connection poco_alerts, of type smtp or http; the log where there is none.

    http: the password is the webhook's whole address. smtp: host, port, login and password; the extra holds "from", "to"
    (a list) and, if wanted, "starttls": true.
    """
    try:
        found = Connection.get(ALERTS)
    except AirflowNotFoundException:
        return Channel()
    extra = found.extra_dejson
    if found.conn_type == "http":
        return Channel("webhook", url=found.password or "")
    return Channel(
        "smtp", host=found.host or "", port=found.port or 25, login=found.login or "", password=found.password or "",
        starttls=bool(extra.get("starttls")), sender=extra.get("from", ""), to=tuple(extra.get("to", ())),
    )  # fmt: skip


def _dsn(name: str) -> str:
    return dsn_of(Connection.get(name))


def dsn_of(found: Any) -> str:
    """The connection string out of a connection of Airflow's, which is a secret."""
    from psycopg.conninfo import make_conninfo

    return make_conninfo(host=found.host, port=found.port, dbname=found.schema, user=found.login, password=found.password)


def run() -> Run:
    """Who is at work in this task try."""
    context = get_current_context()
    ti, dag_run = context["ti"], context["dag_run"]
    map_index = ti.map_index if ti.map_index is not None else -1
    return Run(f"{dag_run.dag_id}/{dag_run.run_id}", ti.task_id, map_index, ti.try_number, dict(context["params"]))


def at_work(stage_function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a stage function callable by Airflow: its first two arguments, the workplace and the run, are filled in.

    A failure that a rerun can mend is raised as it is, so Airflow retries; one that needs a person fails at once.
    """

    @functools.wraps(stage_function)
    def task(*args: Any, **kwargs: Any) -> Any:
        if part := kwargs.get("part"):
            # What the UI shows for a mapped task instead of a number.
            within = f" {KeyRange(part['lo'], part['hi'])}" if "lo" in part else ""
            get_current_context()["part_name"] = f"{part['entity']}{within}"
        try:
            return stage_function(workplace(), run(), *args, **kwargs)
        except TransientError as error:
            log.error("%s: %s", type(error).__name__, error)
            raise
        except MigrationError as error:
            # In the log as lines of its own: the page that shows the exception cuts it at the end of one.
            log.error("%s: %s", type(error).__name__, error)
            raise AirflowFailException(f"{type(error).__name__}: {error}") from None

    signature = inspect.signature(stage_function)
    task.__signature__ = signature.replace(parameters=list(signature.parameters.values())[2:])  # type: ignore[attr-defined]
    return task
