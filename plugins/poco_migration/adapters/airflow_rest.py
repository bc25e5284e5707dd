"""Airflow's own REST API, for the one thing that a task may not do otherwise: delete a connection."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from poco_migration.errors import SecretsError

PATIENCE_S = 30


def delete_connection(url: str, user: str, password: str, name: str) -> bool:
    """Delete a connection as this user; returns whether it could be. One that is not there is as good.

    Raises SecretsError when Airflow does not answer, without its answer: that could hold what was sent.
    """
    try:
        token = json.loads(_call("POST", f"{url}/auth/token", {"username": user, "password": password}))["access_token"]
        _call("DELETE", f"{url}/api/v2/connections/{quote(name, safe='')}", token=token)
    except HTTPError as error:
        if error.code == HTTPStatus.NOT_FOUND:
            return True
        if error.code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return False
        raise SecretsError(f"Airflow answered {error.code} when the connection {name} was to be deleted. It is tried again.") from None
    except (URLError, OSError, ValueError, KeyError) as error:
        raise SecretsError(
            f"Airflow's REST API did not answer ({type(error).__name__}) when the connection {name} was to be deleted. It is tried again; "
            "see that the connection airflow_api has its address."
        ) from None
    return True


def _call(method: str, address: str, body: dict[str, Any] | None = None, token: str = "") -> bytes:
    if not address.startswith(("https://", "http://")):
        raise ValueError("no address")
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = Request(address, json.dumps(body).encode() if body else None, headers, method=method)  # noqa: S310
    with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310  # the scheme is looked at above
        return bytes(answer.read())
