"""The gallery in a real browser: axe is content, nothing overflows at 320 px, keys, nothing typed is lost."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sambruk.platform.ui import views

pytestmark = pytest.mark.e2e
PAGES = ("boende", "formular", "handlaggning", "404", "409", "503")
VENDOR = Path(views.__file__).parent / "static/vendor/versions.json"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address(site: Any) -> Iterator[str]:
    assert VENDOR.exists(), "Bygg först: npm ci --ignore-scripts && node frontend/build.mjs"
    site.DEBUG = True  # the static files' finders
    application = StaticFilesHandler(get_wsgi_application())
    with make_server("127.0.0.1", 0, application, _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "Chromium saknas: apt-get install chromium"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        yield playwright.chromium.launch(executable_path=chromium, args=arguments)


@pytest.fixture
def faults() -> list[str]:
    """What the browser's console complained about: breaches of the policy, errors of scripts."""
    return []


def _page(browser: Browser, faults: list[str], *, width: int = 1280, scheme: Any = "light") -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale="sv-SE", reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: (
            faults.append(line.text) if line.type == "error" and "status of" not in line.text else None
        ),
    )
    return page


def _violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{item['id']}: {item['nodes'][0]['html'][:120]}" for item in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_overflows(
    address: str, browser: Browser, faults: list[str], width: int, scheme: str
) -> None:
    page = _page(browser, faults, width=width, scheme=scheme)
    for name in PAGES:
        page.goto(f"{address}/galleri/{name}/")
        if name == "handlaggning":
            page.locator("[data-bpmn-url]").scroll_into_view_if_needed()
            page.wait_for_selector(".sb-bpmn-current")
        assert _violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} at {width}"
    assert faults == []


def test_twice_the_text_fits(address: str, browser: Browser, faults: list[str]) -> None:
    page = _page(browser, faults, width=640)
    for name in PAGES:
        page.goto(f"{address}/galleri/{name}/")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_the_summary_takes_focus_and_leads_to_the_field(
    address: str, browser: Browser, faults: list[str]
) -> None:
    page = _page(browser, faults)
    page.goto(f"{address}/galleri/formular/")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#id_rent")).to_be_focused()


def test_the_list_the_palette_and_the_grid_by_keyboard(
    address: str, browser: Browser, faults: list[str]
) -> None:
    page = _page(browser, faults)
    page.goto(f"{address}/galleri/handlaggning/")
    page.wait_for_selector("[data-palette-open]")
    for key in ("j", "j", "x"):
        page.keyboard.press(key)
    assert page.evaluate("document.querySelector('[data-mark]:checked').value") == "row-1"
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "2026-000120"
    page.keyboard.press("Control+k")
    page.keyboard.type("begär")
    expect(page.locator(".sb-palette__option")).to_have_count(1)
    page.keyboard.type("xq")
    expect(page.locator(".sb-palette__status")).to_have_text("Inga träffar.")
    expect(page.locator(".sb-palette__status")).to_be_in_viewport()
    assert _violations(page) == []
    page.keyboard.press("Escape")
    page.focus("#id_rent")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.id") == "id_power"
    page.keyboard.type("500")
    page.keyboard.press("Escape")
    assert page.input_value("#id_power").strip() == "420"
    assert faults == []


def test_letters_can_be_turned_off(address: str, browser: Browser, faults: list[str]) -> None:
    page = _page(browser, faults)
    page.goto(f"{address}/galleri/handlaggning/")
    page.keyboard.press("?")
    page.uncheck("[data-keys-on]")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    assert page.evaluate(
        "document.activeElement === document.body || !document.activeElement.matches('[data-open]')"
    )


def test_the_login_is_extended_before_it_ends(address: str, browser: Browser, faults: list[str]) -> None:
    page = _page(browser, faults)
    page.context.add_cookies([{"name": "seconds", "value": "100", "url": address}])
    page.goto(f"{address}/galleri/boende/")
    page.wait_for_selector("[data-session-dialog][open]")
    assert _violations(page) == []
    page.click("[data-session-continue]")
    page.wait_for_selector("[data-session-dialog]:not([open])", state="attached")
    assert faults == []


def test_what_was_typed_outlives_a_lost_login(address: str, browser: Browser, faults: list[str]) -> None:
    page = _page(browser, faults)
    page.goto(f"{address}/galleri/formular/")
    page.fill("#id_story", "Jag har flyttat.")
    page.context.add_cookies([{"name": "who", "value": "nobody", "url": address}])
    page.goto(f"{address}/tillganglighet/")
    page.goto(f"{address}/galleri/formular/")
    assert page.input_value("#id_story") == ""
    page.context.add_cookies([{"name": "who", "value": "anna", "url": address}])
    page.goto(f"{address}/galleri/formular/")
    assert page.input_value("#id_story") == "Jag har flyttat."
    assert page.get_by_text("Vi har lagt tillbaka").is_visible()
    page.goto(f"{address}/galleri/formular/")
    assert page.input_value("#id_story") == ""


def test_saved_while_writing_and_files_with_progress(
    address: str, browser: Browser, faults: list[str]
) -> None:
    page = _page(browser, faults)
    page.goto(f"{address}/galleri/formular/")
    page.evaluate("document.getElementById('sample').dataset.autosave = '/spara/'")
    page.fill("#id_story", "Jag har flyttat.")
    page.get_by_text("Sparat 09.07").wait_for()
    page.evaluate(
        "Object.assign(document.querySelector('[data-upload]').dataset,"
        " {uploadUrl: '/fil/', uploadTarget: '#bank'})"
    )
    page.set_input_files(
        "#id_photo", {"name": "avi.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    page.wait_for_selector("#came")
    assert page.get_by_text("Filen är sparad.").is_visible()
    assert faults == []
