"""Tells people outside of Airflow: by mail, by a webhook that takes what Slack's takes, or in the log where neither is given.

Nothing here knows a row: a message is a subject and some lines. Secrets come from Airflow's connection poco_alerts and are
never in an error's text; a webhook's address is one, because anybody who knows it can post.
"""

from __future__ import annotations

import json
import logging
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal
from urllib.error import URLError
from urllib.request import Request, urlopen

from poco_migration.adapters import encryption
from poco_migration.errors import AlertFailed

log = logging.getLogger(__name__)
PATIENCE_S = 20
SMTPS = 465


@dataclass(frozen=True)
class Channel:
    """How people are told. `log`: nobody has said how."""

    kind: Literal["log", "smtp", "webhook"] = "log"
    url: str = field(default="", repr=False)
    host: str = ""
    port: int = 25
    login: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False
    sender: str = ""
    to: tuple[str, ...] = ()


def send(channel: Channel, subject: str, body: str) -> None:
    """Send one message. Rerun: sends another one. Raises AlertFailed when it was not taken."""
    log.warning("%s\n%s", subject, body)
    try:
        if channel.kind == "smtp":
            _mail(channel, subject, body)
        elif channel.kind == "webhook":
            _post(channel, subject, body)
    except (OSError, smtplib.SMTPException, URLError, ValueError) as error:
        # Without the error's own text: it can hold the address, and an answer of the server.
        raise AlertFailed(
            f"the {channel.kind} of the connection poco_alerts did not take a message ({type(error).__name__}). It is tried again; "
            "see that the connection's host, port and login are right."
        ) from None


def _mail(channel: Channel, subject: str, body: str) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, channel.sender, ", ".join(channel.to)
    message.set_content(body)
    # Without a context of its own smtplib verifies nobody.
    verified = ssl.create_default_context()
    if channel.port == SMTPS:
        opened: smtplib.SMTP = smtplib.SMTP_SSL(channel.host, channel.port, timeout=PATIENCE_S, context=verified)
    else:
        opened = smtplib.SMTP(channel.host, channel.port, timeout=PATIENCE_S)
    with opened as server:
        if channel.port != SMTPS and (channel.starttls or not encryption.may_be_in_clear(channel.host)):
            server.starttls(context=verified)  # raises where the server has none, before the login is told
        if channel.login:
            server.login(channel.login, channel.password)
        server.send_message(message)


def _post(channel: Channel, subject: str, body: str) -> None:
    encryption.require_https(channel.url, "poco_alerts")
    data = json.dumps({"text": f"*{subject}*\n{body}"}).encode()
    request = Request(channel.url, data, {"Content-Type": "application/json"})  # noqa: S310
    with urlopen(request, timeout=PATIENCE_S):  # noqa: S310  # the scheme is looked at above
        pass
