"""The page behind Airflow's menu entry POCO: the countdown, what is certified, who owns what, and what readiness asks for.

Served by Airflow's API server behind its own login: an app of a plugin is open to everybody unless each route asks, so the
whole router does. Only reads, as a role that sees the ledger's overview alone; no script and nothing from outside, and the
view's frame is sandboxed.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.api_fastapi.core_api.security import requires_access_dag
from airflow.models.connection import Connection
from airflow.models.variable import Variable
from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import HTMLResponse

from poco_migration import settings
from poco_migration.adapters import rendering
from poco_migration.adapters.connections import SHIFT, dsn_of
from poco_migration.cockpit import overview
from poco_migration.errors import MigrationError

# Whoever may look at the cutover's runs may look at how far it is.
DAG = "poco_cutover"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

router = APIRouter(dependencies=[Depends(requires_access_dag(method="GET", param_dag_id=DAG))])


@router.get("/board", response_class=HTMLResponse)
def board() -> HTMLResponse:
    """The whole page, read anew; it asks for itself again every half minute. 503 while the ledger does not answer."""
    try:
        return HTMLResponse(rendering.page("board.html", overview.board(watched())), headers=HEADERS)
    except MigrationError as error:  # its text holds no value and no address; a page that is down says so
        return HTMLResponse(rendering.page("down.html", {"said": str(error)}), status_code=503, headers=HEADERS)


@router.get("/sign/{stage}", response_class=HTMLResponse)
def sign(stage: str) -> HTMLResponse:
    """What is to be signed of a stage now, with the line to sign. Airflow's own page keeps the text of its first asking."""
    try:
        return HTMLResponse(rendering.page("sign.html", overview.to_sign(watched(), stage)), headers=HEADERS)
    except MigrationError as error:
        return HTMLResponse(rendering.page("down.html", {"said": str(error)}), status_code=503, headers=HEADERS)


def watched() -> overview.Watched:
    """The calendar of today and the auditor's connection, as the API server knows them."""
    shift = timedelta(seconds=int(Variable.get(SHIFT, default_var="0")))
    return overview.Watched(settings.load().shifted(shift), dsn_of(Connection.get_connection_from_secrets("mi_board")))


# Without the pages that describe it: they would answer whoever asks.
app = FastAPI(title="POCO to mi.com", docs_url=None, redoc_url=None, openapi_url=None)
app.include_router(router)
