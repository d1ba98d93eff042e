"""The check's browser reads and sends forms as a real one does, and notices what is missing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sambruk.operations.demo.browser import Browser, PageFault

FORM = """<!doctype html><html><body><h1>Din  ansökan</h1><a href="/next">Nästa sida</a>
<form method="post" action="/send" {enctype}>
<input type="hidden" name="token" value="t1"><input name="name" value="Anna">
<input type="checkbox" name="agree" value="yes"><input type="checkbox" name="news" checked>
<input type="radio" name="home" value="rent"><input type="radio" name="home" value="own" checked>
<select name="month"><option value="1">januari</option><option value="2" selected>februari</option></select>
<textarea name="about">text</textarea><input type="file" name="receipt"><input name="off" disabled value="x">
<button name="do" value="save">Spara</button><button name="do" value="go">Fortsätt</button>
<button type="button" name="do" value="never">Inget</button>
</form></body></html>"""


class _Handler(BaseHTTPRequestHandler):
    seen: list[tuple[str, str, dict[str, str], bytes]]

    def _answer(self, status: int, body: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self) -> None:
        self.seen.append(("GET", self.path, dict(self.headers), b""))
        if self.path == "/away":
            self._answer(HTTPStatus.FOUND, "", Location="http://example.com/")
        elif self.path == "/set":
            self._answer(HTTPStatus.FOUND, "", Location="/form", Set_Cookie="key=1; HttpOnly; Path=/")
        elif self.path == "/gone":
            self._answer(HTTPStatus.NOT_FOUND, "<p>Borta</p>")
        else:
            self._answer(
                HTTPStatus.OK,
                FORM.format(enctype='enctype="multipart/form-data"' if self.path == "/files" else ""),
            )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(("POST", self.path, dict(self.headers), body))
        self._answer(HTTPStatus.OK, "<p>Tack</p>")

    def log_message(self, fmt: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def seen() -> list[tuple[str, str, dict[str, str], bytes]]:
    return []


@pytest.fixture
def browser(seen: list[tuple[str, str, dict[str, str], bytes]]) -> Iterator[Browser]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"seen": seen}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made = Browser(f"http://jarfalla.localhost:{server.server_port}")
    yield made
    made.close()
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_municipalitys_name_reaches_the_server(browser: Browser, seen: list[Any]) -> None:
    browser.open("/form")
    assert seen[0][2]["Host"] == browser.origin.removeprefix("http://")


def test_cookies_are_kept_through_redirects(browser: Browser, seen: list[Any]) -> None:
    browser.open("/set")
    assert seen[-1][2]["Cookie"] == "key=1"


def test_a_form_is_sent_with_what_it_held_and_the_button_that_was_pressed(
    browser: Browser, seen: list[Any]
) -> None:
    browser.open("/form")
    browser.press("Fortsätt", {"name": "Erik Ö", "agree": ["yes"], "news": False, "month": "1"})
    method, path, headers, body = seen[-1]
    assert (method, path) == ("POST", "/send")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert set(body.decode().split("&")) == {
        "token=t1", "name=Erik+%C3%96", "agree=yes", "home=own", "month=1", "about=text", "do=go",
    }  # fmt: skip
    assert headers["Referer"].endswith("/form")
    browser.current.has("Tack")


def test_a_file_is_sent(browser: Browser, seen: list[Any]) -> None:
    browser.open("/files")
    browser.press("Fortsätt", uploads={"receipt": ("kvitto.pdf", b"%PDF-", "application/pdf")})
    _, _, headers, body = seen[-1]
    assert headers["Content-Type"].startswith("multipart/form-data")
    assert b'name="receipt"; filename="kvitto.pdf"' in body
    assert b'name="token"' in body


def test_a_form_with_a_file_field_is_multipart_without_a_file_too(browser: Browser, seen: list[Any]) -> None:
    browser.open("/files")
    browser.press("Spara")
    assert seen[-1][2]["Content-Type"].startswith("multipart/form-data")


def test_links_are_followed_by_their_text(browser: Browser, seen: list[Any]) -> None:
    browser.open("/form")
    browser.follow("Nästa")
    assert seen[-1][1] == "/next"


def test_what_is_missing_is_named(browser: Browser) -> None:
    browser.open("/form")
    browser.current.has("Din ansökan")
    with pytest.raises(PageFault, match="saknar texten ”Beslut”"):
        browser.current.has("Beslut")
    with pytest.raises(PageFault, match="saknar länken ”Bakåt”"):
        browser.follow("Bakåt")
    with pytest.raises(PageFault, match="knapp=Skicka"):
        browser.press("Skicka")
    with pytest.raises(PageFault, match="saknar fältet rent"):
        browser.press("Spara", {"rent": "1"})
    with pytest.raises(PageFault, match="saknar fältet off"):
        browser.press("Spara", {"off": "1"})


def test_another_status_than_expected_is_a_fault(browser: Browser) -> None:
    with pytest.raises(PageFault, match="svarade 404, inte 200"):
        browser.open("/gone")
    assert browser.open("/gone", status=404).text == "Borta"


def test_it_never_leaves_the_computer(browser: Browser) -> None:
    with pytest.raises(PageFault, match="leder bort från den här datorn"):
        browser.open("/away")
