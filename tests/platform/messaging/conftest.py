"""A real mail server and a real text message service, both of our own, on loopback."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from tests.support import people

from sambruk.platform.cases.models import Case
from sambruk.platform.documents import stores
from sambruk.platform.identity.models import Person, StaffMember
from sambruk.platform.tenancy.models import Principal


@dataclass
class Mailbox:
    """What the mail server took in; ``answers`` are given to the next recipients instead of taking."""

    mails: list[Mail] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    #: Take the mail, but hang up instead of saying so.
    lose_answer: bool = False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        self.recipients += envelope.rcpt_tos
        if self.lose_answer:
            server.transport.close()
        return "250 Message accepted"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A mail server that is up; its port is the settings'."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.DEFAULT_FROM_EMAIL = "noreply@jarfalla.example"
    yield box
    controller.stop()


class SmsServer(ThreadingHTTPServer):
    """A text message service: keeps what it is sent; ``statuses`` are the next answers instead of 202."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Sms)
        self.sent: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []


class _Sms(BaseHTTPRequestHandler):
    server: SmsServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.sent.append(body)
        self.server.headers.append(dict(self.headers))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 202)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def sms(settings: Any) -> Iterator[SmsServer]:
    """A text message service that is up; its address is the settings'."""
    server = SmsServer()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_URL, settings.SMS_TOKEN = f"http://127.0.0.1:{server.server_port}/send", "hemlig"
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def quiet(settings: Any, tmp_path: Path) -> Iterator[None]:
    """No text messages, no clamd, and a store of the test's own, unless the test says otherwise."""
    settings.SMS_URL = settings.SMS_TOKEN = settings.CLAMD = ""
    settings.DOCUMENT_STORE = str(tmp_path / "store")
    stores._store.cache_clear()
    yield
    stores._store.cache_clear()


@pytest.fixture
def anna(tenant: Principal) -> Person:
    return people.person("Anna", email="anna@post.example", notify_email=True)


@pytest.fixture
def bo(tenant: Principal) -> Person:
    return people.person("Bo", email="bo@post.example", notify_email=True)


@pytest.fixture
def karin(tenant: Principal) -> StaffMember:
    return people.staff("karin", "caseworker")


@pytest.fixture
def case(anna: Person, bo: Person) -> Case:
    return people.case(anna, bo)
