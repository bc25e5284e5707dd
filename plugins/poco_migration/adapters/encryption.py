"""Which lines may be spoken on: encrypted to a server that has proved its name, or within this machine. Everything else is refused.

Called where an address is made out of a connection of Airflow's, before anything is opened. A person who may change a connection can send
a password to a server of their own; so no database is ever told one in clear (require_auth), and none is spoken to that cannot show a
certificate of a known authority. A rehearsal in containers names the hosts of its own network in the environment (IN_CLEAR): there,
and not in a connection, because connections are changed by more people than deployments.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from poco_migration.errors import ConfigurationError

IN_CLEAR = "POCO_MIGRATION_IN_CLEAR"  # hosts, with commas between them; deploy/airflow.env has those of the rehearsal
# What libpq is told out of a connection's extra. PostgreSQL manual, "Database Connection Control Functions".
TAKEN = (
    "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslnegotiation", "ssl_min_protocol_version", "channel_binding",
    "require_auth",
)  # fmt: skip
# Ways by which a password leaves this machine in a form that a thief can use.
SPENDS_THE_PASSWORD = {"password", "md5"}


def within(host: str) -> bool:
    """Whether this is the machine itself: a loopback address or a socket's folder."""
    if host == "localhost" or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def may_be_in_clear(host: str) -> bool:
    """Within this machine, or a host that the deployment itself has named."""
    named = {name.strip() for name in os.environ.get(IN_CLEAR, "").split(",")} - {""}
    return within(host) or host in named


def require_https(url: str, connection: str) -> str:
    """The address as it is. Raises ConfigurationError, without the address, where what is sent there could be read on its way."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname and may_be_in_clear(parts.hostname)):
        return url
    raise ConfigurationError(
        f"connection {connection}: its address is not https, and its host is not this machine. Give it an https address, "
        f"then clear this task (docs/runbook.md, 'Encrypted connections')."
    )


def parameters(connection: str, host: str | None, extra: Mapping[str, Any]) -> dict[str, str]:
    """What libpq is told besides host, database and user. Raises ConfigurationError where the line would not be safe, or where the
    extra says something that nobody would do: a setting that is dropped in silence is worse than one that is refused."""
    if unknown := sorted(extra.keys() - set(TAKEN)):
        raise ConfigurationError(
            f"connection {connection}: its extra says {', '.join(unknown)}, which no database connection of the migration honours. "
            f"Take it out; known are {', '.join(TAKEN)}."
        )
    asked = {name: str(extra[name]) for name in TAKEN if extra.get(name)}
    hosts = [name.strip() for name in (host or "").split(",")]
    if not all(hosts):
        raise ConfigurationError(f"connection {connection}: it names no host. Give it one, then clear this task.")
    asked.setdefault("require_auth", "none" if "sslcert" in asked else "scram-sha-256")
    ways = {way.strip().removeprefix("!") for way in asked["require_auth"].split(",")}
    if ways & SPENDS_THE_PASSWORD or "!" in asked["require_auth"]:
        raise ConfigurationError(
            f"connection {connection}: require_auth = {asked['require_auth']} lets a server ask for the password itself. "
            "Say scram-sha-256, or nothing: that is what is taken."
        )
    if all(may_be_in_clear(name) for name in hosts):
        return asked
    if asked.get("sslmode", "verify-full") != "verify-full" or not asked.get("sslrootcert"):
        raise ConfigurationError(
            f"connection {connection}: its host is not this machine, so its extra must say sslmode = verify-full and sslrootcert = the "
            "file with the authority's certificate, or system. Put both into the extra, then clear this task "
            "(docs/runbook.md, 'Encrypted connections')."
        )
    asked["sslmode"] = "verify-full"
    # The password's proof is bound to this very line: who passes it on to the real server is refused there.
    if "scram-sha-256" in ways and asked.setdefault("channel_binding", "require") != "require":
        raise ConfigurationError(
            f"connection {connection}: its extra says channel_binding = {asked['channel_binding']}, by which somebody between "
            "could pass the sign-in on. Take it out: require is what is done."
        )
    return asked
