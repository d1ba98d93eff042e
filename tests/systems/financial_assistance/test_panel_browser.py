"""The calculation in a real browser: by keyboard alone, recalculated in place, and axe is content."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Page, expect, sync_playwright
from tests.support import people
from tests.systems.financial_assistance.conftest import make_office
from tests.systems.financial_assistance.test_working_calculation import SPECIAL

from sambruk.platform.identity import sessions
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address(committed_db: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The whole site at a free port."""
    settings.DEBUG = True  # the static files' finders
    # The test's own thread reads the database while the browser runs.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with make_server("127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), _Server, _Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"jarfalla.localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture
def page(address: str, jarfalla: Principal) -> Iterator[Page]:
    """A caseworker's browser, at a case whose calculation has a cost to assess."""
    with tenant_transaction(jarfalla.pk):
        office = make_office("ekonomi")
        case = office.review(office.apply(**SPECIAL))
        key = people._session(office.accounts["caseworker"])[0]
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "Chromium saknas: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(locale="sv-SE", viewport={"width": 1400, "height": 1000})
        context.add_cookies([{"name": sessions.COOKIE, "value": key, "url": f"http://{address}"}])
        opened = context.new_page()
        opened.goto(f"http://{address}/handlaggning/arende/{case.pk}/?flik=calculation")
        yield opened
        browser.close()


def _picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SAMBRUK_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_every_column_is_seen_at_1280_pixels(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    wrap = page.get_by_role("region", name="Beräkningens rader")
    # The column of a former month, as a household that comes again has it.
    wrap.evaluate(
        """part => part.querySelectorAll("tr:not(.sb-calc__heading)").forEach((row) => {
            const cell = row.children[1].cloneNode(false);
            cell.textContent = row.closest("thead") ? "november 2026" : "12 345 kr";
            row.children[0].after(cell);
        })"""
    )
    _picture(page, "calculation-1280")
    assert wrap.evaluate("part => part.scrollWidth - part.clientWidth") == 0


def test_the_calculation_is_worked_by_keyboard_and_axe_is_content(page: Page) -> None:
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    expect(page.get_by_role("heading", name="Beräkningen är inte klar: 1 uppgift")).to_be_visible()
    _picture(page, "calculation")
    problems = Axe().run(page)
    assert problems.violations_count == 0, problems.generate_report()

    rent = page.get_by_label("Hyra, kronor")
    rent.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Hushållsel, kronor")).to_be_focused()
    page.keyboard.type("300")
    page.get_by_label("Medicin: för Maja, kronor").focus()
    page.keyboard.type("240")
    page.get_by_role("button", name="Räkna om").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Underskott")).to_be_visible()
    # A refused krona needs its reason before the approval.
    page.get_by_role("button", name="Godkänn beräkningen").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#calculation-fault")).to_contain_text("ange varför")
    page.get_by_label("Skäl, Hushållsel").fill("Snittet för en person.")
    page.get_by_role("button", name="Godkänn beräkningen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Öppna igen")).to_be_visible()
    _picture(page, "approved")
    assert [fault for fault in faults if "422" not in fault] == []


def test_it_fits_a_telephone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    _picture(page, "telephone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
