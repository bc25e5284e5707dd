"""python -m poco_migration.redirects --host 0.0.0.0 --port 8090: runs the service.

Of the environment it takes AWS_ENDPOINT_URL (S3 unless AWS itself), AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, whose role
needs to read one bucket, REDIRECTS_BUCKET, and REDIRECTS_CACHE, a folder that outlives the process.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
from pathlib import Path

import uvicorn

from poco_migration.adapters.objects import ObjectStore
from poco_migration.redirects.app import Redirects
from poco_migration.redirects.clients import CONNECTIONS, Client
from poco_migration.redirects.live import Served


def _allow_files(wanted: int) -> None:
    """A connection is an open file. Where the machine allows fewer, the connections that it allows are all there are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)), hard))


def main() -> None:
    parser = argparse.ArgumentParser(prog="poco_migration.redirects")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--poll", type=float, default=2.0, help="seconds between two looks at the pointers")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    seen = os.environ
    store = ObjectStore(seen.get("AWS_ENDPOINT_URL") or None, seen["AWS_ACCESS_KEY_ID"], seen["AWS_SECRET_ACCESS_KEY"])
    served = Served(store, seen["REDIRECTS_BUCKET"], Path(seen["REDIRECTS_CACHE"]))
    _allow_files(2 * CONNECTIONS)
    # No access log: it would hold every visitor's address. Nothing a proxy says of the client is used, so none is believed.
    uvicorn.run(
        Redirects(served, poll_s=options.poll), host=options.host, port=options.port, loop="uvloop", log_config=None, ws="none",
        http=Client,  # type: ignore[arg-type]
        log_level="warning", access_log=False, proxy_headers=False, server_header=False, date_header=True, timeout_graceful_shutdown=10,
    )  # fmt: skip


if __name__ == "__main__":
    main()
