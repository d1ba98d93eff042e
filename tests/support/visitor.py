"""Persons at real browsers: each with cookies of their own, and nothing that the console complains about."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from tests.support.whole import Whole

from sambruk.operations.demo import people
from sambruk.operations.testing import find_browser

#: The machine may do much else; a test waits for what it wants to see, never for a time.
PATIENCE_MS = int(os.environ.get("SAMBRUK_E2E_SECONDS", "60")) * 1000
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "images"
#: What Chromium says of answers that pages are made for: a form with its errors, a page that is not there.
_EXPECTED = ("status of 401", "status of 404", "status of 409", "status of 422", "status of 403")
#: htmx says so where a question drawn anew takes the place of one that was on its way (hx-sync).
_EXPECTED += ("htmx:afterRequest", "htmx:sendAbort")
#: And where a part cannot be drawn anew since the login has ended.
_EXPECTED += ("Response Status Error Code 401", "htmx:responseError")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless Chromium; AssertionError where there is none."""
    found = find_browser()
    assert found, "Chromium saknas: apt-get install chromium, eller sätt SAMBRUK_CHROMIUM."
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Visitors:
    """Opens pages for persons at one municipality, and keeps what their consoles complained about."""

    def __init__(self, browser: Browser, whole: Whole) -> None:
        self.browser = browser
        self.whole = whole
        self.faults: list[str] = []
        self._contexts: list[Any] = []

    def page(self, *, town: str = "0123", width: int = 1280, height: int = 900, **options: Any) -> Page:
        """Open an empty page in a context of its own. ``options`` go to the context."""
        context = self.browser.new_context(
            base_url=self.whole.origin(town),
            viewport={"width": width, "height": height},
            locale="sv-SE",
            timezone_id="Europe/Stockholm",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        page: Page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda line: self._heard(page, line))
        page.on("response", lambda answer: self._answered(answer))
        return page

    def log_in(self, sub: str, to: str = "", **options: Any) -> Page:
        """Open a page as a person of ``people``, logged in, at ``to``."""
        who = people.person(sub)
        staff = isinstance(who, people.Staff)
        page = self.page(town=who.municipality, **options)
        path = "/personal/logga-in/" if staff else "/logga-in/"
        query = urlencode({"som": sub, "next": to or ("/handlaggning/" if staff else "/mina-sidor/")})
        page.goto(f"{path}?{query}")
        return page

    def close(self) -> None:
        """Close all, telling where each was: shown where the test failed."""
        for context in self._contexts:
            for page in context.pages:
                sys.stdout.write(f"--- {page.url}\n{page.locator('body').inner_text(timeout=5000)}\n")
            context.close()

    def _heard(self, page: Page, line: Any) -> None:
        if line.type == "error" and not any(one in line.text for one in _EXPECTED):
            self.faults.append(f"{page.url}: {line.text}")

    def _answered(self, answer: Any) -> None:
        if answer.status >= 500:
            self.faults.append(f"{answer.url} answered {answer.status}")


def when_there(page: Page, wanted: Locator) -> Locator:
    """Load the page anew until something that the jobs bring stands on it."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not wanted.first.is_visible():
        assert time.monotonic() < end, f"{page.url} never showed {wanted}"
        page.wait_for_timeout(300)
        page.reload()
    return wanted.first


def faults_of(page: Page, *, only: str = "") -> list[str]:
    """What axe finds wrong (WCAG and best practice, or one rule), and an overflow to the side."""
    options = {"runOnly": {"type": "rule", "values": [only]}} if only else {}
    found = [
        f"{item['id']}: {node['html'][:160]} {json.dumps(node.get('failureSummary', ''))[:200]}"
        for item in Axe().run(page, options=options).response["violations"]
        for node in item["nodes"][:3]
    ]
    return found + overflow(page)


def overflow(page: Page) -> list[str]:
    """Say which elements stick out to the right, where the page can be scrolled sideways."""
    return list(
        page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [`overflow ${document.documentElement.scrollWidth} > ${innerWidth}`,
             ...[...document.body.querySelectorAll('*')]
               .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
               .slice(0, 5).map((e) => e.outerHTML.slice(0, 120))]"""
        )
    )


def picture(page: Page, name: str) -> None:
    """Keep a picture for the README, where SAMBRUK_PICTURES=1 asks for it: below 200 kB."""
    if os.environ.get("SAMBRUK_PICTURES") != "1":
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    file = PICTURES / f"{name}.png"
    page.screenshot(path=file, animations="disabled")
    _shrink(file)
    assert file.stat().st_size < 200_000, f"{file} is too large"


def _shrink(file: Path) -> None:
    """Fewer colours are enough for a page of text."""
    from PIL import Image

    with Image.open(file) as image:
        small = image.convert("RGB").quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(file, optimize=True)
