"""Fills a rehearsal in containers: both sides' roles and databases, POCO's store, the buckets, Airflow's connections.

Run again it leaves alone what is there. docker-compose.yml says where the passwords come from; nothing secret is printed.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

from local_stack import stores
from local_stack.airflow_api import Airflow
from local_stack.deployment import ROLES, Deployment
from local_stack.servers import Server
from poco_migration.adapters import sealed_codes, signing


def main() -> None:
    seen = os.environ
    place = Deployment(
        Server("source", "postgres-source", 5432, seen["POSTGRES_SOURCE_PASSWORD"]),
        Server("target", "postgres-target", 5432, seen["POSTGRES_TARGET_PASSWORD"]),
        {role: seen[f"{role.upper()}_PASSWORD"] for role in ROLES},
        "http://s3:7070",
        seen["S3_ACCESS_KEY"],
        seen["S3_SECRET_KEY"],
        seen["VOUCHER_KEY"],
        seen["SIGNING_KEY"],
        sealed_codes.public_of(base64.urlsafe_b64decode(seen["MAILING_PRIVATE_KEY"])),
        seen["ARCHIVE_KEY"],
        ("redirects", 8090),
    )
    place.source.wait()
    place.target.wait()
    place.create_databases()
    stores.fill(place, float(seen["SCALE"]))
    # entrypoint.sh has put the passwords into this file, for the api-server and for us.
    passwords = json.loads(Path(seen["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]).read_text("utf-8"))
    admin, closer = (Airflow("http://api-server:8080", user, passwords[user]) for user in ("admin", "closer"))
    place.connect(admin, closer)
    print("  Airflow's connections and pool")
    print(f"  certificates are signed by the key whose public half this is:\n{signing.public_pem(place.signing_key)}", end="")


if __name__ == "__main__":
    main()
