"""Makes .env, the secrets of docker-compose.yml: make_env.py [FILE]. Never writes over one that is there.

Needs nothing but Python. Somebody who has to change one secret edits the file; tests/deployment/test_compose.py holds that it has
every variable that compose asks for, and none besides.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PASSWORDS = (
    "POSTGRES_SOURCE_PASSWORD", "POSTGRES_TARGET_PASSWORD", "POSTGRES_METADATA_PASSWORD",
    "POCO_OWNER_PASSWORD", "POCO_APP_PASSWORD", "POCO_MIGRATOR_PASSWORD", "POCO_FOLLOWER_PASSWORD", "POCO_AUDITOR_PASSWORD",
    "POCO_ARCHIVIST_PASSWORD",
    "POCO_WITNESS_PASSWORD",
    "MI_OWNER_PASSWORD", "MI_APP_PASSWORD", "MI_LEDGER_PASSWORD", "MI_MIGRATOR_PASSWORD", "MI_AUDITOR_PASSWORD", "MI_BOARD_PASSWORD",
    "MI_RESTORER_PASSWORD",
    "S3_ACCESS_KEY", "S3_SECRET_KEY", "S3_READER_ACCESS_KEY", "S3_READER_SECRET_KEY",
)  # fmt: skip
# RFC 8410: what stands before the 32 random bytes of an Ed25519 private key.
ED25519 = bytes.fromhex("302e020100300506032b657004220420")
KEYS = ("VOUCHER_KEY", "ARCHIVE_KEY", "AIRFLOW_API_SECRET_KEY", "AIRFLOW_JWT_SECRET")


def users() -> list[str]:
    """Who may sign in to Airflow, as deploy/airflow.env has it: user:role,user:role ..."""
    for line in (PROJECT / "deploy" / "airflow.env").read_text("utf-8").splitlines():
        if line.startswith("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS="):
            return [entry.split(":")[0] for entry in line.partition("=")[2].split(",")]
    raise SystemExit("deploy/airflow.env names no users")


def made() -> dict[str, str]:
    found = {name: secrets.token_urlsafe(24) for name in PASSWORDS} | {name: secrets.token_urlsafe(48) for name in KEYS}
    found["AIRFLOW_FERNET_KEY"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    found["SIGNING_KEY"] = base64.b64encode(ED25519 + secrets.token_bytes(32)).decode()
    # Of the rehearsal's mailing system; the seed tells Airflow its public half only.
    found["MAILING_PRIVATE_KEY"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    # In single quotes, or compose would take the JSON apart.
    found["AIRFLOW_USER_PASSWORDS"] = "'" + json.dumps({user: secrets.token_urlsafe(9) for user in users()}) + "'"
    return found


def main() -> None:
    path = Path(sys.argv[1]) if sys.argv[1:] else PROJECT / ".env"
    text = "".join(f"{name}={value}\n" for name, value in made().items())
    try:
        # Its owner's from the first byte on, and refused when somebody else has just made one.
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        print(f"{path} is there and stays as it is")
        return
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        opened.write(text)
    print(f"{path}: {len(text.splitlines())} secrets, readable by you only")


if __name__ == "__main__":
    main()
