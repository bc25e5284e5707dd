"""What may be wrong with docker-compose.yml: each check takes the parsed document and returns what it finds."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from typing import Any

from local_stack import clusters, databases
from poco_migration.settings import PROJECT

Document = dict[str, Any]
PROCESSES = {name: entry["command"] for name, entry in tomllib.loads((PROJECT / "deploy" / "processes.toml").read_text("utf-8")).items()}
ASKED = re.compile(r"\$\{(\w+):\?run make compose-env first\}")
# What starts once and ends: it prepares, and is none of the processes.
ONCE = {"migrate", "seed"}
SECRET = re.compile(r"PASSWORD|SECRET|KEY|CONN|TOKEN")


def is_airflow(service: Document) -> bool:
    return str(service.get("command", "")).startswith("airflow ")


def strings(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [text for value in node.values() for text in strings(value)]
    return [text for value in node for text in strings(value)] if isinstance(node, list) else [str(node)]


def other_processes(document: Document) -> list[str]:
    """The processes and their commands are those of deploy/processes.toml, and Airflow has no other."""
    found = {
        name: service.get("command")
        for name, service in document["services"].items()
        if name in PROCESSES or (is_airflow(service) and name not in ONCE)
    }
    return [
        f"{name}: {found.get(name)} is not {PROCESSES.get(name)}" for name in found | PROCESSES if found.get(name) != PROCESSES.get(name)
    ]


def other_environment(document: Document) -> list[str]:
    """Every Airflow service reads deploy/airflow.env and says nothing of its own about what stands there."""
    fixed = {line.split("=")[0] for line in (PROJECT / "deploy" / "airflow.env").read_text("utf-8").splitlines()}
    wrong = []
    for name, service in document["services"].items():
        if is_airflow(service):
            wrong += [f"{name} reads {service.get('env_file')}"] * (service.get("env_file") != ["deploy/airflow.env"])
            wrong += [f"{name} says {key} anew" for key in service["environment"] if key in fixed]
    return wrong


def literal_secrets(document: Document) -> list[str]:
    """A value of a secret's name is asked of .env, and so is a password inside an address."""
    wrong = []
    for name, service in document["services"].items():
        for key, value in service.get("environment", {}).items():
            hidden = ASKED.sub("", str(value))
            if SECRET.search(key) and (
                hidden == str(value) or not re.fullmatch(r"(postgresql\+psycopg://airflow:@postgres-metadata/airflow)?", hidden)
            ):
                wrong.append(f"{name}: {key}")
        wrong += [
            f"{name}: {text}" for text in strings(service) if re.search(r"(?i)(password|secret|key)=[^\s$]|://[^/@\s$]+:[^/@\s$]+@", text)
        ]
    return wrong


def asked_and_not_made(document: Document, made: set[str]) -> list[str]:
    """compose asks for what deploy/make_env.py makes, and for nothing that has no default besides."""
    texts = strings(document["services"])
    asked = {name for text in texts for name in ASKED.findall(text)}
    plain = {name for text in texts for name in re.findall(r"\$\{(\w+)\}|(?<!\$)\$(\w+)", text)}
    return sorted(asked ^ made) + [f"{name} has neither a default nor a refusal" for name in plain]


def open_ports(document: Document) -> list[str]:
    """Nothing is reachable from another machine."""
    published = [(name, str(port)) for name, service in document["services"].items() for port in service.get("ports", [])]
    return [f"{name}: {port}" for name, port in published if not port.startswith("127.0.0.1:")] + [
        f"{name}: network_mode host" for name, service in document["services"].items() if service.get("network_mode") == "host"
    ]


def settings_of(service: Document) -> list[tuple[str, str]]:
    """The -c settings of a PostgreSQL server, without what only a container needs."""
    pairs = [word.split("=", 1) for before, word in pairwise(service["command"]) if before == "-c"]
    return [(key, value) for key, value in pairs if key not in ("config_file", "listen_addresses", "hba_file")]


def other_servers(document: Document) -> list[str]:
    """Each server is set as the local stack sets it: the same file, the same order of text, the same extras."""
    expected = {"postgres-source": databases.SOURCE_SETTINGS, "postgres-target": (), "postgres-metadata": (("shared_buffers", "64MB"),)}
    wrong = []
    for name, extras in expected.items():
        service = document["services"][name]
        wrong += [f"{name}: {settings_of(service)}"] * (settings_of(service) != list(extras))
        doors = (
            f"./{clusters.DOORS.relative_to(PROJECT)}:/etc/pg_hba.conf:ro" in service["volumes"]
            and "hba_file=/etc/pg_hba.conf" in service["command"]
        )
        wrong += [f"{name} does not read {clusters.DOORS}"] * (not doors)
        mounted = f"./{clusters.CONFIGURATION.relative_to(PROJECT)}:/etc/postgresql.conf:ro" in service["volumes"]
        wrong += [f"{name} does not read {clusters.CONFIGURATION}"] * (
            not mounted or "config_file=/etc/postgresql.conf" not in service["command"]
        )
        wrong += [f"{name}: initdb"] * (service["environment"]["POSTGRES_INITDB_ARGS"] != " ".join(clusters.INITDB))
    return wrong


def talkative(configuration: str) -> list[str]:
    """No row reaches a server's log: an error is told without its detail and without its statement."""
    found = dict(re.findall(r"^(\w+) = '([^']*)'$", configuration, re.MULTILINE))
    wanted = {"log_error_verbosity": "terse", "log_min_error_statement": "panic", "timezone": "UTC", "log_timezone": "UTC"}
    return [f"{key} is {found.get(key)}" for key, value in wanted.items() if found.get(key) != value]


def loose_images(document: Document) -> list[str]:
    return [f"{name}: {service['image']}" for name, service in document["services"].items()
            if not re.search(r":v?\d[\w.\-]*$", service["image"])]  # fmt: skip


def powers(document: Document) -> list[str]:
    """No container can write to its own file system, none has a capability, none gains one."""
    hardened = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
    wrong = [
        f"{name}: {key}" for name, service in document["services"].items() for key, value in hardened.items() if service.get(key) != value
    ]
    for name, service in document["services"].items():
        wrong += [f"{name}: {key}" for key in ("cap_add", "privileged") if service.get(key)]
        # The images of this repository say it themselves (USER airflow); the others start as root unless told.
        wrong += [f"{name}: root"] * ("build" not in service and not re.fullmatch(r"[1-9]\d*:[1-9]\d*", str(service.get("user"))))
        wrong += [f"{name}: user"] * ("build" in service and "user" in service)
    return wrong


def unlimited(document: Document) -> list[str]:
    """No container can take all the memory or all the processes of the machine."""
    return [
        f"{name} has no {limit}"
        for name, service in document["services"].items()
        for limit in ("mem_limit", "pids_limit")
        if not service.get(limit)
    ]


def exposed(document: Document) -> list[str]:
    """Whoever gets into the redirect service, which strangers talk to, sees one bucket, for reading, and a scheduler that answers nobody."""
    services = document["services"]
    front = set(services["redirects"].get("networks", ["default"]))
    seen = {name for name, service in services.items() if front & set(service.get("networks", ["default"]))}
    wrong = [f"redirects can reach {name}" for name in sorted(seen - {"redirects", "s3-reader", "scheduler"})]
    known = {value for key, value in services["s3"]["environment"].items() if "KEY" in key}
    wrong += [f"redirects knows {key}" for key, value in services["redirects"]["environment"].items() if value in known]
    reader = services["s3-reader"]
    wrong += ["s3-reader can write"] * (reader["environment"].get("VGW_READ_ONLY") != "true")
    wrong += [
        f"s3-reader sees {mount}"
        for mount in reader["volumes"]
        if not isinstance(mount, dict) or mount.get("volume", {}).get("subpath") != "poco-redirects" or not mount.get("read_only")
    ]
    return wrong


def unawaited(document: Document) -> list[str]:
    """As deploy/processes.toml says: the api-server after the migration, Airflow's others after it, the redirects after S3."""
    wanted = {"api-server": ("migrate", "service_completed_successfully")} | {
        name: ("api-server", "service_healthy") for name in PROCESSES if name not in ("api-server", "redirects")
    }
    wanted["redirects"] = ("s3-reader", "service_healthy")
    services = document["services"]
    wrong = [name for name, (first, when) in wanted.items() if services[name].get("depends_on", {}).get(first, {}).get("condition") != when]
    lasting = [name for name, service in services.items() if service.get("restart") == "unless-stopped"]
    return wrong + [f"{name} has no healthcheck" for name in lasting if "healthcheck" not in services[name]]


def unbounded(document: Document) -> list[str]:
    """Whatever strangers may ask has a bound of memory and of processes, which it cannot leave by swapping."""
    service = document["services"]["redirects"]
    wrong = [f"redirects: {key}" for key in ("mem_limit", "pids_limit") if not service.get(key)]
    return wrong + ["redirects: memswap_limit"] * (service.get("memswap_limit") != service.get("mem_limit"))
