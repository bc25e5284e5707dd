"""Fills a rehearsal in containers: both sides' roles and databases, POCO's store, the buckets, Airflow's connections.

Run again it leaves alone what is there. docker-compose.yml says where the passwords come from; nothing secret is printed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from poco_migration.adapters import signing
from poco_migration.local import stores
from poco_migration.local.airflow_api import Airflow
from poco_migration.local.deployment import ROLES, Deployment
from poco_migration.local.servers import Server


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
        seen["ARCHIVE_KEY"],
    )
    place.source.wait()
    place.target.wait()
    place.create_databases()
    stores.fill(place, float(seen["SCALE"]))
    # entrypoint.sh has put the passwords into this file, for the api-server and for us.
    passwords = json.loads(Path(seen["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]).read_text("utf-8"))
    place.connect(Airflow("http://api-server:8080", "admin", passwords["admin"]))
    print("  Airflow's connections and pool")
    print(f"  certificates are signed by the key whose public half this is:\n{signing.public_pem(place.signing_key)}", end="")


if __name__ == "__main__":
    main()
