"""What the processes of the local stack find in their environment: addresses, secrets, and little else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from local_stack.state import State
from poco_migration import settings
from poco_migration.settings import PROJECT

AIRFLOW = "airflow"


def of_redirects(state: State, reader: tuple[str, str]) -> dict[str, str]:
    """What the redirect service sees: one bucket, for reading, and nothing of Airflow, a database or another bucket."""
    return {
        "PYTHONPATH": str(PROJECT / "plugins"),
        "PYTHONUNBUFFERED": "1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{state.port('s3_reader')}",
        "AWS_ACCESS_KEY_ID": reader[0],
        "AWS_SECRET_ACCESS_KEY": reader[1],
        "REDIRECTS_BUCKET": settings.load().objects.redirects,
        "REDIRECTS_CACHE": str(state.path("redirects", "x").parent),
    }


def of_airflow(state: State, approvers: Path) -> dict[str, str]:
    """What Airflow sees: deploy/airflow.env, this stack's addresses and secrets, and little else."""
    url = f"http://127.0.0.1:{state.port('api')}"
    lines = (PROJECT / "deploy" / "airflow.env").read_text("utf-8").splitlines()
    fixed = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    database = f"{AIRFLOW}:{state.secret(AIRFLOW)}@127.0.0.1:{state.port('metadata')}/{AIRFLOW}"
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TZ", "SSL_CERT_FILE") if name in os.environ}
    return kept | fixed | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
        "PYTHONPATH": str(PROJECT / "plugins"),
        "PYTHONUNBUFFERED": "1",
        settings.REHEARSES: "true",
        "XDG_RUNTIME_DIR": str(state.path("run", "x").parent),
        "POCO_APPROVERS": str(approvers),
        "AIRFLOW_HOME": str(state.path("airflow", "x").parent),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__FERNET_KEY": state.secret("fernet", 32) + "=",  # 44 characters of URL-safe base64 for 32 bytes
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(state.path("passwords.json")),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg://{database}",
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__SECRET_KEY": state.secret("api secret", 48),
        "AIRFLOW__API_AUTH__JWT_SECRET": state.secret("jwt secret", 48),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(state.path("logs", "tasks", "x").parent),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(state.port("worker_log")),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(state.port("trigger_log")),
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(state.port("scheduler_health")),
    }  # fmt: skip
