"""Bodies that are too large, of no known length, torn, or never come: against the real server."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from tests.attack.conftest import Open

FORM = "application/x-www-form-urlencoded"


def head(path: str, *lines: str, host: str = "jarfalla.localhost") -> bytes:
    """The head of a POST. The address is one of its own, that no limit of another test knows."""
    own = (f"POST {path} HTTP/1.1", f"Host: {host}", "X-Forwarded-For: 203.0.113.200", *lines)
    return "\r\n".join((*own, "", "")).encode()


@contextmanager
def connected(open_web: Open) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", open_web.web.port), timeout=10) as made:
        yield made


def said(open_web: Open, sent: bytes) -> tuple[int, str]:
    """Send, and return the status and all that was answered before the server had more to wait for."""
    with connected(open_web) as made:
        made.sendall(sent)
        answer = b""
        while not re.search(rb"\r\n\r\n.+", answer, re.DOTALL) and (part := made.recv(65536)):
            answer += part
            if b"content-length: 0" in answer:
                break
    return int(answer.split(b" ", 2)[1]), answer.decode("utf-8", "replace")


def memory(open_web: Open) -> int:
    """MiB of the web's processes together."""
    listed = subprocess.run(
        ["ps", "-o", "rss=", "-g", str(open_web.web.process.pid)], capture_output=True, text=True, check=True
    )
    return sum(int(line) for line in listed.stdout.split()) // 1024


@pytest.mark.parametrize("length", [101 * 1024 * 1024, 10**12, 10**15])
def test_what_is_too_large_is_refused_before_it_is_read(open_web: Open, length: int) -> None:
    """No byte of the body has been sent when the answer comes."""
    lines = (f"Content-Length: {length}", "Content-Type: multipart/form-data; boundary=x")
    status, page = said(open_web, head("/ansokan/x/fil/photo/", *lines))
    assert status == 413
    assert "högst 100 MB" in page
    status, answer = said(
        open_web, head("/api/v1/token", f"Content-Length: {length}", f"Content-Type: {FORM}")
    )
    assert status == 413
    assert '"code": "too_large"' in answer
    assert "x-api-version" in answer


def test_the_api_takes_two_megabytes(open_web: Open) -> None:
    with open_web.at("203.0.113.201") as client:
        for path in ("/api/v1/subscriptions", "/api/v1/token"):
            answer = client.post(path, content=b"[" + b"1," * 1_100_000 + b"1]")
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_form_without_files_takes_no_more_than_forms_need(open_web: Open) -> None:
    with open_web.at("203.0.113.202") as client:
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', client.get("/folj/").text)
        assert token is not None
        answer = client.post("/folj/", data={"csrfmiddlewaretoken": token[1], "kod": "a" * 3_000_000})
    assert answer.status_code == 413
    assert "för stort" in answer.text


@pytest.mark.parametrize("path", ["/api/v1/token", "/api/v1/subscriptions", "/folj/", "/ansokan/x/what/"])
def test_a_body_of_no_known_length_is_refused_in_words(open_web: Open, path: str) -> None:
    """Chunked, as no browser sends. Without this the form would seem to be empty."""
    sent = head(path, "Transfer-Encoding: chunked", f"Content-Type: {FORM}") + b"3\r\na=b\r\n0\r\n\r\n"
    status, answer = said(open_web, sent)
    assert status == 411
    assert ("length_required" in answer) == path.startswith("/api/")
    both = head(path, "Content-Length: 3", "Transfer-Encoding: chunked") + b"0\r\n\r\n"
    assert said(open_web, both)[0] in (400, 411), "two lengths are how a request is smuggled past a proxy"


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 3", "Content-Length: 4"), ("Content-Length: -3",), ("Content-Length: ten",),
        ("Content-Length: 1, 2",), ("Content-Length: 0x10",), ("Content-Length: 99999999999999999999999",),
        ("Host: botkyrka.localhost",), ("X-A: " + "a" * 500_000,), ("Transfer-Encoding: gzip, identity",),
    ],
)  # fmt: skip
def test_a_head_that_says_two_things_is_refused(open_web: Open, lines: tuple[str, ...]) -> None:
    status, answer = said(open_web, head("/folj/", *lines) + b"abcd")
    assert 400 <= status < 500, answer
    assert "Botkyrka" not in answer


def test_bodies_that_never_come_and_idle_connections_stop_nobody(open_web: Open) -> None:
    """Each of two processes answers in four threads: many times as many are kept waiting here."""
    before = memory(open_web)
    with ExitStack() as stack:
        for number in range(160):
            made = stack.enter_context(connected(open_web))
            if number % 2:
                made.sendall(head("/api/v1/token", "Content-Length: 1000", f"Content-Type: {FORM}") + b"a=")
            elif number % 4:
                made.sendall(b"POST /folj/ HTTP/1.1\r\nHost: jarfalla")
        begun = time.monotonic()
        with open_web.at("203.0.113.203") as client:
            assert client.get("/redo/").status_code == 200
            assert client.get("/tjanster/").status_code == 200
            answer = client.post("/api/v1/token", data={"grant_type": "client_credentials"})
            assert answer.status_code == 401
        assert time.monotonic() - begun < 8
        assert memory(open_web) < before + 200
    assert httpx.get(f"{open_web.web.address}/redo/", timeout=10).status_code == 200


def test_a_body_that_ends_early_changes_nothing(open_web: Open) -> None:
    name, secret = open_web.connect("case.read")
    count = "SELECT count(*) FROM identity_apitoken"
    before = open_web.admin.execute(count).fetchone()
    body = f"grant_type=client_credentials&client_id={name}&client_secret={secret}".encode()
    with connected(open_web) as made:
        made.sendall(
            head("/api/v1/token", f"Content-Length: {len(body) + 9}", f"Content-Type: {FORM}") + body
        )
        made.shutdown(socket.SHUT_WR)
        made.recv(100)
    assert open_web.admin.execute(count).fetchone() == before


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../../etc/passwd", "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2f..%2fetc/passwd",
        "/static/ui/..\\..\\settings.py", "/static//etc/passwd", "/../src/sambruk/config/settings.py",
        "//evil.example", "//evil.example/%2f..", "/\\evil.example", "/tjanster//evil.example",
        "/%5cevil.example",
        "/tjanster%0d%0aSet-Cookie:%20a=b", "/tjanster/%00", "/tjanster/%ff%fe", "http://evil.example/tjanster",
    ],
)  # fmt: skip
def test_paths_that_climb_or_lead_out(open_web: Open, path: str) -> None:
    """Over a socket: a client of ours would mend the path before it is sent."""
    sent = f"GET {path} HTTP/1.1\r\nHost: jarfalla.localhost\r\nX-Forwarded-For: 203.0.113.204\r\n\r\n"
    status, answer = said(open_web, sent.encode())
    assert status in (301, 302, 400, 404), (path, status)
    top = answer.partition("\r\n\r\n")[0].lower()
    assert "root:" not in answer
    assert "SECRET_KEY" not in answer
    assert "set-cookie: a=b" not in top
    for line in top.split("\r\n"):
        if line.startswith("location:"):
            assert re.match(r"location: /(?![/\\])", line), line
