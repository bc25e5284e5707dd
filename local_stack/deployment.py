"""What the migration works on, whoever runs it: two servers, their roles' passwords, an object store, three keys.

stack.py has one on this machine, deploy/seed.py one in containers; both tell Airflow of it here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import psycopg

from local_stack import databases
from local_stack.airflow_api import Airflow
from local_stack.servers import Server
from poco_migration import settings
from poco_migration.adapters.objects import ObjectStore

# What the shutdown deletes from Airflow (adapters/connections.py).
FORGOTTEN = (
    "poco_source", "poco_source_owner", "poco_source_auditor", "poco_source_archivist", "poco_source_follower",
    "voucher_key", "airflow_api",
)  # fmt: skip
# The connections of the object store beside evidence_s3 (adapters/connections.py).
STORES = ("archive_s3", "exports_s3", "redirects_s3")
ROLES = (*databases.SOURCE_ROLES, *databases.TARGET_ROLES)


@dataclass(frozen=True)
class Deployment:
    """The places and the keys to them."""

    source: Server
    target: Server
    passwords: dict[str, str] = field(repr=False)
    s3_url: str
    s3_access_key: str = field(repr=False)
    s3_secret_key: str = field(repr=False)
    voucher_key: str = field(repr=False)
    signing_key: str = field(repr=False)
    mailing_key: str  # public
    archive_key: str = field(repr=False)
    redirects: tuple[str, int]  # host and port of the redirect service
    s3_keys: dict[str, tuple[str, str]] = field(repr=False, default_factory=dict)  # by connection: access key, secret key

    def objects(self) -> ObjectStore:
        return ObjectStore(self.s3_url, self.s3_access_key, self.s3_secret_key)

    def create_databases(self) -> None:
        """Both sides' roles and empty databases; what is there stays."""
        databases.create_source(self.source, self.passwords)
        databases.create_target(self.target, self.passwords)
        databases.create_drill(self.target)

    def connect(self, airflow: Airflow, closer: Airflow) -> None:
        """Airflow's connections and the pool that bounds how many parts are copied at once.

        What the shutdown has deleted does not come back. `closer` is the user as whom it deletes connections.
        """
        roles = {
            "poco_source": (self.source, "poco", "poco_migrator"), "poco_source_owner": (self.source, "poco", "poco_owner"),
            "poco_source_auditor": (self.source, "poco", "poco_auditor"), "mi_target": (self.target, "mi", "mi_migrator"),
            "mi_target_auditor": (self.target, "mi", "mi_auditor"), "poco_source_archivist": (self.source, "poco", "poco_archivist"),
            "poco_source_follower": (self.source, "poco", "poco_follower"), "mi_ledger": (self.target, "mi", "mi_ledger"),
            "mi_board": (self.target, "mi", "mi_board"),
            "restore_drill": (self.target, "restore_drill", "mi_restorer"),
            "poco_source_witness": (self.source, "poco", "poco_witness"),
        }  # fmt: skip
        with psycopg.connect(self.source.dsn(), autocommit=True) as connection:
            forgotten = FORGOTTEN if databases.shut_down(connection) else ()
        for name, (server, database, role) in roles.items():
            if name in forgotten:
                continue
            airflow.ensure_connection({"connection_id": name, "conn_type": "postgres", "host": server.host, "port": server.port,
                                       "schema": database, "login": role, "password": self.passwords[role]})  # fmt: skip
        keys = {"login": self.s3_access_key, "password": self.s3_secret_key}
        extra = json.dumps({"endpoint_url": self.s3_url})
        airflow.ensure_connection({"connection_id": "evidence_s3", "conn_type": "aws", "extra": extra} | keys)
        for name, (access, secret) in self.s3_keys.items():
            of = {"connection_id": name, "conn_type": "aws", "extra": extra, "login": access, "password": secret}
            airflow.ensure_connection(of)
        if not forgotten:
            airflow.ensure_connection({"connection_id": "voucher_key", "conn_type": "generic", "password": self.voucher_key})
            airflow.ensure_connection({"connection_id": "airflow_api", "conn_type": "generic", "host": closer.url, "login": closer.user,
                                       "password": closer.password})  # fmt: skip
        airflow.ensure_connection({"connection_id": "signing_key", "conn_type": "generic", "password": self.signing_key})
        airflow.ensure_connection({"connection_id": "mailing_key", "conn_type": "generic", "password": self.mailing_key})
        host, port = self.redirects
        airflow.ensure_connection({"connection_id": "poco_redirects", "conn_type": "http", "host": host, "port": port})
        airflow.ensure_connection({"connection_id": "archive_key", "conn_type": "generic", "password": self.archive_key})
        slots = settings.load().copying.parts_at_once
        airflow.ensure_pool("poco_copy", slots, "Parts that are copied at once: two connections on each side per part")
