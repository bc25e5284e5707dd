"""A connection that somebody has pointed elsewhere gives away no password, and no line outside this machine is in clear or to a stranger."""

from __future__ import annotations

import datetime
import ipaddress
import json
import smtplib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from airflow.sdk import Connection
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from support.workplaces import Servers

from local_stack.clusters import HERE, Cluster
from poco_migration.adapters import encryption, notifying
from poco_migration.adapters.connections import dsn_of
from poco_migration.adapters.notifying import Channel
from poco_migration.errors import AlertFailed, ConfigurationError

SECRET = "test-mi_migrator"
NAME = "db.poco.example"
NOW = datetime.datetime.now(datetime.UTC)


@dataclass(frozen=True)
class Authority:
    """One that signs: `file` is what a client trusts."""

    folder: Path
    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def file(self) -> Path:
        path = self.folder / f"{self.name}.crt"
        if not path.exists():
            path.write_bytes(self._signed(self.name, self.key.public_key(), authority=True))
        return path

    def server(self, name: str) -> tuple[Path, Path]:
        """A certificate and a key for a server of this name."""
        key = ec.generate_private_key(ec.SECP256R1())
        crt, pem = self.folder / f"{self.name}-{name}.crt", self.folder / f"{self.name}-{name}.key"
        crt.write_bytes(self._signed(name, key.public_key(), authority=False))
        pem.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        pem.chmod(0o600)
        return crt, pem

    def _signed(self, name: str, key: ec.EllipticCurvePublicKey, *, authority: bool) -> bytes:
        entry = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        alternative: list[x509.GeneralName] = [x509.DNSName(name)]
        with suppress(ValueError):
            alternative = [x509.IPAddress(ipaddress.ip_address(name))]
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(entry))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)]))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - datetime.timedelta(days=1))
            .not_valid_after(NOW + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(alternative), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "house")


class Terminator:
    """TLS with a certificate, in front of a real PostgreSQL that has none (the wheel is built without): as a load balancer does it, and
    as somebody does who sits in between and passes everything on."""

    def __init__(self, certificate: tuple[Path, Path], behind: Cluster) -> None:
        self.port, self._behind = 0, behind
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*certificate)
        self._socket = socket.create_server((HERE, 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._passed_on, args=(client,), daemon=True).start()

    def _passed_on(self, client: socket.socket) -> None:
        with suppress(OSError, struct.error):
            while struct.unpack(">II", client.recv(8))[1] != 80877103:  # SSLRequest
                client.sendall(b"N")
            client.sendall(b"S")
            with (
                self._context.wrap_socket(client, server_side=True) as secret,
                socket.create_connection((HERE, self._behind.port)) as plain,
            ):
                back = threading.Thread(target=_pump, args=(plain, secret), daemon=True)
                back.start()
                _pump(secret, plain)
                back.join(5)

    def close(self) -> None:
        self._socket.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(65536):
            sink.sendall(block)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module")
def server(servers: Servers, authority: Authority) -> Iterator[Terminator]:
    made = Terminator(authority.server(NAME), servers.target)
    yield made
    made.close()


def connection(host: str | None, port: int = 5432, **extra: Any) -> Connection:
    return Connection(conn_id="mi_target", conn_type="postgres", host=host, port=port, schema="postgres", login="mi_migrator",
                      password=SECRET, extra=json.dumps(extra) if extra else None)  # fmt: skip


def dialled(server: Terminator, host: str, **extra: Any) -> str:
    """The string that the program makes, and besides it only where that name is on this machine."""
    return make_conninfo(dsn_of(connection(host, server.port, **extra)), hostaddr=HERE, connect_timeout="5")


def test_a_server_that_proves_its_name_is_spoken_to_in_secret(server: Terminator, authority: Authority) -> None:
    dsn = dialled(server, NAME, sslmode="verify-full", sslrootcert=str(authority.file))
    told = conninfo_to_dict(dsn)
    assert (told["sslmode"], told["channel_binding"], told["require_auth"]) == ("verify-full", "require", "scram-sha-256")
    with psycopg.connect(make_conninfo(dsn, channel_binding="prefer")) as opened:  # the server behind cannot bind
        assert opened.pgconn.ssl_in_use and opened.execute("select session_user").fetchone() == ("mi_migrator",)


def test_who_sits_in_between_with_a_good_certificate_cannot_pass_the_sign_in_on(server: Terminator, authority: Authority) -> None:
    with pytest.raises(psycopg.OperationalError, match="channel binding"):
        psycopg.connect(dialled(server, NAME, sslmode="verify-full", sslrootcert=str(authority.file)))


def test_a_server_of_another_name_is_refused(server: Terminator, authority: Authority) -> None:
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        psycopg.connect(dialled(server, "elsewhere.example", sslmode="verify-full", sslrootcert=str(authority.file)))


def test_a_server_of_another_authority_is_refused(server: Terminator, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "stranger")
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(dialled(server, NAME, sslmode="verify-full", sslrootcert=str(stranger.file)))


class Thief:
    """Speaks the start of PostgreSQL's protocol: no TLS, and please the password in clear."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._socket = socket.create_server((HERE, 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client, suppress(OSError, struct.error):
                self._steal(client)

    def _steal(self, client: socket.socket) -> None:
        size, code = struct.unpack(">II", client.recv(8))
        while code in (80877103, 80877104):  # SSLRequest, GSSENCRequest
            client.sendall(b"N")
            size, code = struct.unpack(">II", client.recv(8))
        client.recv(size - 8)
        client.sendall(b"R" + struct.pack(">II", 8, 3))  # AuthenticationCleartextPassword
        client.settimeout(5)
        self.heard.append(client.recv(1000))

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def thief() -> Iterator[Thief]:
    made = Thief()
    yield made
    made.close()


def test_a_redirected_connection_gives_away_no_password(thief: Thief) -> None:
    dsn = dsn_of(connection(HERE, thief.port))
    with pytest.raises(psycopg.OperationalError, match="require"):
        psycopg.connect(dsn, connect_timeout=5)
    assert SECRET.encode() not in b"".join(thief.heard)


def test_the_thief_does_steal(thief: Thief) -> None:
    """As the connection string was before: five fields, and none of them about who is spoken to."""
    known = {name: value for name, value in conninfo_to_dict(dsn_of(connection(HERE, thief.port))).items() if name != "require_auth"}
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(make_conninfo(**known), connect_timeout=5)
    assert SECRET.encode() in b"".join(thief.heard)


def test_outside_this_machine_a_server_without_tls_gets_nothing(thief: Thief, authority: Authority) -> None:
    dsn = make_conninfo(dsn_of(connection(NAME, thief.port, sslrootcert=str(authority.file))), hostaddr=HERE)
    with pytest.raises(psycopg.OperationalError, match="does not support SSL"):
        psycopg.connect(dsn, connect_timeout=5)
    assert SECRET.encode() not in b"".join(thief.heard)


@pytest.mark.parametrize(
    ("host", "extra", "said"),
    [
        ("db.example", {}, "sslmode = verify-full"),
        ("db.example", {"sslmode": "require", "sslrootcert": "system"}, "sslmode = verify-full"),
        ("db.example", {"sslmode": "verify-full"}, "sslrootcert"),
        ("127.0.0.1,db.example", {}, "sslmode = verify-full"),
        ("127.0.0.1.example", {}, "sslmode = verify-full"),
        ("10.0.0.1", {}, "sslmode = verify-full"),
        ("127.0.0.1", {"require_auth": "password"}, "scram-sha-256"),
        ("127.0.0.1", {"require_auth": "!none"}, "scram-sha-256"),
        ("127.0.0.1", {"require_auth": "scram-sha-256,md5"}, "scram-sha-256"),
        ("db.example", {"sslrootcert": "system", "channel_binding": "disable"}, "channel_binding"),
        ("127.0.0.1", {"hostaddr": "10.0.0.1"}, "hostaddr"),
        ("127.0.0.1", {"options": "-c session_replication_role=replica"}, "options"),
        ("", {}, "no host"),
        (None, {}, "no host"),
    ],
)
def test_what_is_not_safe_is_refused_before_anything_is_opened(host: str | None, extra: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as refused:
        dsn_of(connection(host, **extra))
    assert SECRET not in str(refused.value)


def test_a_rehearsal_names_its_hosts_in_the_environment_and_no_password_is_spent_there_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(encryption.IN_CLEAR, "postgres-source, s3")
    assert conninfo_to_dict(dsn_of(connection("postgres-source")))["require_auth"] == "scram-sha-256"
    assert encryption.require_https("http://s3:7070", "evidence_s3")
    with pytest.raises(ConfigurationError):
        dsn_of(connection("postgres-other"))


@pytest.mark.parametrize(
    "url", ["http://api.example", "http://10.0.0.1:8080", "ftp://127.0.0.1", "", "http://127.0.0.1@evil.example/", "file:///etc"]
)
def test_an_address_that_is_not_https_is_refused_outside_this_machine(url: str) -> None:
    with pytest.raises(ConfigurationError, match="not https"):
        encryption.require_https(url, "airflow_api")


@pytest.mark.parametrize("url", ["https://api.example", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080/x"])
def test_what_is_safe_is_taken(url: str) -> None:
    assert encryption.require_https(url, "airflow_api") == url


@contextmanager
def mail_server(certificate: tuple[Path, Path] | None) -> Iterator[tuple[int, list[bytes]]]:
    """Takes one caller: by SMTPS with this certificate, or in clear without a word of STARTTLS."""
    heard: list[bytes] = []
    listening = socket.create_server((HERE, 0))

    def serve() -> None:
        with suppress(OSError):
            client, _ = listening.accept()
            if certificate:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*certificate)
                client = context.wrap_socket(client, server_side=True)
            client.sendall(b"220 here\r\n")
            while line := client.recv(1000):
                heard.append(line)
                client.sendall(b"250-here\r\n250 AUTH PLAIN\r\n" if line.upper().startswith(b"EHLO") else b"221 bye\r\n")

    threading.Thread(target=serve, daemon=True).start()
    yield listening.getsockname()[1], heard
    listening.close()


def test_mail_by_smtps_verifies_the_server(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server(authority.server("mail.example")) as (port, heard):
        monkeypatch.setattr(notifying, "SMTPS", port)
        with pytest.raises(AlertFailed, match="SSLCertVerificationError"):
            notifying.send(Channel("smtp", host=HERE, port=port, login="poco", password=SECRET, sender="a@b", to=("c@d",)), "s", "b")
    assert heard == []


def test_a_login_is_not_told_to_a_mail_server_in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encryption, "within", lambda host: False)
    with mail_server(None) as (port, heard), pytest.raises(AlertFailed, match=smtplib.SMTPNotSupportedError.__name__):
        notifying.send(Channel("smtp", host=HERE, port=port, login="poco", password=SECRET, sender="a@b", to=("c@d",)), "s", "b")
    assert not [line for line in heard if b"AUTH" in line.upper()]


def test_a_webhook_in_clear_is_not_called() -> None:
    with pytest.raises(ConfigurationError) as refused:
        notifying.send(Channel("webhook", url="http://hooks.example/secret-path"), "s", "b")
    assert "secret-path" not in str(refused.value)
