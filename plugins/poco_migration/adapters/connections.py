"""Airflow's side of the pipe: connections, the rehearsal's shift, who is at work, and what a failure means to Airflow.

With timetable.py, ../doors.py and ../questions.py the only files of the package that import airflow. Secrets come from Airflow connections
only; a task's error is told without its cause, because a cause can quote a row.
"""

from __future__ import annotations

import functools
import inspect
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import Connection, Variable, get_current_context
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException, AirflowSkipException

from poco_migration import settings
from poco_migration.adapters import airflow_rest, encryption, ssh_signatures
from poco_migration.adapters.notifying import Channel
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.errors import MigrationError, NothingToDo, StageRefused, TransientError
from poco_migration.model import KeyRange, Run

log = logging.getLogger(__name__)

# The connections a deployment must have are named in workplace(); docs/runbook.md says which role each logs in as.
EVIDENCE = "evidence_s3"
# One key for each kind of bucket; where a connection is missing, evidence_s3 opens its bucket too, and readiness says so.
ARCHIVE_STORE = "archive_s3"
EXPORTS_STORE = "exports_s3"
REDIRECTS_STORE = "redirects_s3"
VOUCHER_KEY = "voucher_key"
SIGNING_KEY = "signing_key"
MAILING_KEY = "mailing_key"
ARCHIVE_KEY = "archive_key"
ALERTS = "poco_alerts"  # may be missing
REDIRECTS = "poco_redirects"  # may be missing until the redirects are verified
WITNESS = "poco_source_witness"  # may be missing until the shutdown, which refuses without it
AIRFLOW = "airflow_api"  # a user who may delete connections; needed by the shutdown alone
SOURCE = ("poco_source", "poco_source_owner", "poco_source_auditor", "poco_source_archivist", "poco_source_follower")
# Connections that are deleted at the shutdown, in this order: the last one is used to delete the others.
FORGOTTEN = (*SOURCE, VOUCHER_KEY, AIRFLOW)
# A rehearsal sets it: by how many seconds the whole calendar is moved. Absent means the real calendar.
SHIFT = "poco_calendar_shift_seconds"
# The file of the approvers' public keys. The environment names it: a person who starts runs can change connections and variables.
APPROVERS = "POCO_APPROVERS"


def configuration() -> settings.Settings:
    """migration.toml on the calendar of today: the real one, or the rehearsal's."""
    return settings.load().shifted(timedelta(seconds=int(Variable.get(SHIFT, default="0"))))


def workplace() -> Workplace:
    """The workplace that Airflow's connections describe. Opens nothing yet.

    A connection that the shutdown has deleted is empty; a stage that still needs it says so.
    """
    known = configuration()
    return Workplace(
        known,
        source=_dsn("poco_source"),
        source_owner=_dsn("poco_source_owner"),
        source_auditor=_dsn("poco_source_auditor"),
        target=_dsn("mi_target"),
        target_auditor=_dsn("mi_target_auditor"),
        source_archivist=_dsn("poco_source_archivist"),
        source_follower=_dsn("poco_source_follower"),
        ledger=_dsn("mi_ledger"),
        restore=_dsn("restore_drill"),
        objects=_objects(known),
        voucher_key=_password(VOUCHER_KEY).encode(),
        signing_key=_password(SIGNING_KEY),
        mailing_key=_password(MAILING_KEY),
        archive_key=_password(ARCHIVE_KEY).encode(),
        source_witness=_dsn("poco_source_witness"),
        keyring=AirflowKeyring(),
        redirects=_redirects(),
        alerts=alerts(),
        approvers=ssh_signatures.read_signers(Path(os.environ.get(APPROVERS, settings.PROJECT / "approvers"))),
    )


def _objects(known: settings.Settings) -> ObjectStore:
    """The object store, with the key of each kind of bucket."""
    names = {
        known.objects.archive: ARCHIVE_STORE,
        known.personal_data.exports: EXPORTS_STORE,
        known.objects.redirects: REDIRECTS_STORE,
    }
    apart = tuple((bucket, _store(found)) for bucket, name in names.items() if (found := _find(name)))
    return replace(_store(Connection.get(EVIDENCE)), apart=apart)


def _store(found: Any) -> ObjectStore:
    return ObjectStore(_endpoint(found), found.login or "", found.password or "")


def _find(name: str) -> Any:
    """A connection; None where nobody has made it, or the shutdown has deleted it."""
    try:
        return Connection.get(name)
    except AirflowNotFoundException:
        return None


def _password(name: str) -> str:
    """Empty where there is no such connection: only a certificate needs the key that signs, and says so."""
    found = _find(name)
    return str(found.password or "") if found else ""


def _endpoint(store: Any) -> str | None:
    """Where the object store is; none is AWS itself, by https."""
    address = store.extra_dejson.get("endpoint_url")
    return encryption.require_https(address, store.conn_id or EVIDENCE) if address else None


def _redirects() -> str:
    """Where the redirect service answers; empty where nobody has made the connection. Its schema is https outside this machine."""
    found = _find(REDIRECTS)
    if not found:
        return ""
    address = f"{found.schema or 'http'}://{found.host}:{found.port}"
    return encryption.require_https(address, REDIRECTS)


@dataclass(frozen=True)
class AirflowKeyring:
    """Airflow's connections. A task cannot delete one itself, so it asks the REST API as the user of the connection airflow_api."""

    def left(self) -> list[str]:
        return [name for name in FORGOTTEN if _find(name)]

    def forget(self, name: str) -> None:
        found = _find(AIRFLOW)
        if not found or not airflow_rest.delete_connection(
            encryption.require_https(found.host or "", AIRFLOW), found.login, found.password, name
        ):
            raise StageRefused(
                f"final_shutdown: the connection {name} cannot be deleted from here. Delete it where it is kept (Airflow's Admin, "
                "Connections; the environment; the secrets backend), and the connection airflow_api last, then clear this task "
                "(docs/runbook.md, 'The shutdown stops at a step')."
            )


def alerts() -> Channel:
    """Where warnings of the calendar go: the connection poco_alerts, of type smtp or http; the log where there is none.

    http: the password is the webhook's whole address. smtp: host, port, login and password; the extra holds "from", "to"
    (a list) and, if wanted, "starttls": true.
    """
    if not (found := _find(ALERTS)):
        return Channel()
    extra = found.extra_dejson
    if found.conn_type == "http":
        return Channel("webhook", url=found.password or "")
    return Channel(
        "smtp", host=found.host or "", port=found.port or 25, login=found.login or "", password=found.password or "",
        starttls=bool(extra.get("starttls")), sender=extra.get("from", ""), to=tuple(extra.get("to", ())),
    )  # fmt: skip


def _dsn(name: str) -> str:
    """A connection string; empty where the connection may be missing and is. Raises AirflowNotFoundException for any other."""
    found = _find(name) if name in (*SOURCE, WITNESS) else Connection.get(name)
    return dsn_of(found) if found else ""


def dsn_of(found: Any) -> str:
    """The connection string out of a connection of Airflow's, which is a secret. Raises ConfigurationError where the line is not safe."""
    from psycopg.conninfo import make_conninfo

    safe = encryption.parameters(found.conn_id, found.host, found.extra_dejson)
    return make_conninfo(host=found.host, port=found.port, dbname=found.schema, user=found.login, password=found.password, **safe)


def run() -> Run:
    """Who is at work in this task try."""
    context = get_current_context()
    ti, dag_run = context["ti"], context["dag_run"]
    map_index = ti.map_index if ti.map_index is not None else -1
    return Run(f"{dag_run.dag_id}/{dag_run.run_id}", ti.task_id, map_index, ti.try_number, dict(context["params"]))


def part_name(part: dict[str, Any]) -> str:
    """What a mapped task is called: its entity and keys, or its tables."""
    if tables := part.get("tables"):
        return str(tables[0]) if len(tables) == 1 else f"{tables[0]} and {len(tables) - 1} more"
    return f"{part['entity']} {KeyRange(part['lo'], part['hi'])}" if "lo" in part else str(part["entity"])


def at_work(stage_function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a stage function callable by Airflow: its first two arguments, the workplace and the run, are filled in.

    A failure that a rerun can mend is raised as it is, so Airflow retries; one that needs a person fails at once. Where there is
    nothing left to do the task is skipped, and says why.
    """

    @functools.wraps(stage_function)
    def task(*args: Any, **kwargs: Any) -> Any:
        if part := kwargs.get("part"):
            # What the UI shows for a mapped task instead of a number.
            get_current_context()["part_name"] = part_name(part)
        try:
            return stage_function(workplace(), run(), *args, **kwargs)
        except NothingToDo as over:
            raise AirflowSkipException(str(over)) from None
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
