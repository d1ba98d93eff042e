"""The demo's mail server takes what a real sender sends, whole, and the page can read it."""

from __future__ import annotations

import asyncio
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from sambruk.operations.demo import mail_sink, mailbox
from sambruk.operations.ports import answers, any_free


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[int]:
    """A running mail server that keeps in tmp_path; its port."""
    port = any_free()
    environment = os.environ | {"SAMBRUK_DEMO_MAIL": str(tmp_path), "SAMBRUK_DEMO_SMTP_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "sambruk.operations.demo.mail_sink"], env=environment)
    end = time.monotonic() + 20
    while not answers(port):
        assert time.monotonic() < end
        time.sleep(0.02)
    yield port
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_a_message_arrives_whole(sink: int, tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "Nytt på Mina sidor"
    message["From"] = "noreply@sambruk.example"
    message["To"] = "anna@0123.example"
    message["Date"] = "Tue, 24 Nov 2026 12:00:00 +0100"
    message.set_content("Hej!\n.en rad som börjar med punkt\n..två\nÅäö\n")
    with smtplib.SMTP("127.0.0.1", sink, timeout=10) as server:
        server.send_message(message)
        server.send_message(message, to_addrs=["a@x.example", "b@x.example"])
    second, first = mailbox.latest(tmp_path)
    assert first.subject == "Nytt på Mina sidor"
    assert first.to == "anna@0123.example"
    assert first.text == "Hej!\n.en rad som börjar med punkt\n..två\nÅäö"
    assert first.at is not None
    assert second.to == "a@x.example, b@x.example"


def test_what_is_out_of_order_or_unknown_is_refused(sink: int, tmp_path: Path) -> None:
    with smtplib.SMTP("127.0.0.1", sink, timeout=10) as server:
        server.helo()
        assert server.docmd("DATA")[0] == 503
        assert server.docmd("RCPT", "TO:<a@x.example>")[0] == 503
        assert server.docmd("STARTTLS")[0] == 502
        assert server.noop()[0] == 250
    assert mailbox.latest(tmp_path) == []


def test_a_sender_that_hangs_up_leaves_nothing(sink: int, tmp_path: Path) -> None:
    with socket.create_connection(("127.0.0.1", sink), timeout=10) as connection:
        connection.sendall(
            b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nhalf a mess"
        )
    time.sleep(0.2)
    assert list(tmp_path.iterdir()) == []


def test_a_message_that_is_too_large_is_refused(
    sink: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with smtplib.SMTP("127.0.0.1", sink, timeout=30) as server:
        server.helo()
        server.mail("a@x.example")
        server.rcpt("b@x.example")
        code, _ = server.data((b"x" * 998 + b"\r\n") * (mail_sink.LARGEST // 1000 + 10))
    assert code == 552
    assert mailbox.latest(tmp_path) == []


def test_only_the_latest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_sink, "KEPT", 3)

    async def keep_five() -> None:
        for number in range(5):
            await asyncio.to_thread(mail_sink._keep, tmp_path, f"Subject: {number}\r\n\r\ntext".encode())

    asyncio.run(keep_five())
    assert [mail.subject for mail in mailbox.latest(tmp_path)] == ["4", "3", "2"]


def test_an_unreadable_date_is_no_fault(tmp_path: Path) -> None:
    mail_sink._keep(tmp_path, b"Subject: x\r\nDate: yesterday\r\n\r\nhello")
    (mail,) = mailbox.latest(tmp_path)
    assert mail.at is None
    assert mail.text == "hello"
