"""By keyboard alone: what a test does to an element is done with Tab, letters and arrows, without a click."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from playwright.sync_api import Locator, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

#: More than the longest page has places to stop at.
_TABS = 300
#: How long what is drawn anew on the same page may take to begin.
_SETTLE_MS = 250
#: A link to another page, or the button of a form that the browser itself sends.
_LEADS_AWAY = """element => {
    const ours = '[hx-get], [hx-post], [data-hx-get], [data-hx-post]';
    const link = element.closest('a[href]');
    if (link) return !link.matches(ours) && !link.getAttribute('href').startsWith('#');
    if (element.type !== 'submit' || !element.form) return false;
    return !element.matches(ours) && !element.form.matches(ours);
}"""
_TRIES = 5
_FOCUSED = "element => element === document.activeElement"
_IN_GROUP = (
    "element => document.activeElement.type === 'radio' && element.name === document.activeElement.name"
)


def reach(wanted: Locator, *, by: str = _FOCUSED) -> None:
    """Press Tab until the element has focus. AssertionError where Tab never comes to it."""
    wanted.wait_for(state="attached")
    for _ in range(_TABS):
        if wanted.evaluate(by):
            return
        wanted.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {wanted} on {wanted.page.url}")


def press(wanted: Locator, **_: Any) -> None:
    """Follow a link or press a button."""
    reach(wanted)
    page: Page = wanted.page
    if wanted.evaluate(_LEADS_AWAY):
        # A click waits for the page that it leads to; a key does not know that it leads anywhere.
        with page.expect_navigation():
            page.keyboard.press("Enter")
        return
    page.keyboard.press("Enter")
    page.wait_for_timeout(_SETTLE_MS)


def check(wanted: Locator, **_: Any) -> None:
    """Choose: Space in a box, arrows among alternatives."""
    keyboard = wanted.page.keyboard
    if wanted.get_attribute("type") != "radio":
        reach(wanted)
        if not wanted.is_checked():
            keyboard.press("Space")
        return
    reach(wanted, by=_IN_GROUP)
    if not wanted.evaluate("element => !!document.querySelector(`input[name='${element.name}']:checked`)"):
        keyboard.press("Space")
    for _ in range(30):
        if wanted.is_checked():
            return
        keyboard.press("ArrowDown")
    raise AssertionError(f"the arrows never came to {wanted}")


def write(wanted: Locator, value: str, **_: Any) -> None:
    """Write over what stands in a field. A date or month is typed part by part, as Chromium asks for it."""
    reach(wanted)
    keyboard = wanted.page.keyboard
    kind = wanted.get_attribute("type") or ""
    if kind not in ("date", "month"):
        keyboard.press("Control+a")
        keyboard.type(value)
        return
    # A question before it may draw the field anew just when one begins: a person sees it, and writes again.
    for _ in range(_TRIES):
        _write_parts(wanted, value, month=kind == "month")
        if wanted.input_value() == value:
            return
        wanted.page.wait_for_timeout(_SETTLE_MS)
    raise AssertionError(f"{value} was typed, {wanted.input_value()!r} stands")


def _write_parts(wanted: Locator, value: str, *, month: bool) -> None:
    """Chromium without a language of its own: month, day, year. A number leads on, a month's name not."""
    reach(wanted)
    keyboard = wanted.page.keyboard
    year, *rest = value.split("-")
    for _ in range(3):
        keyboard.press("ArrowLeft")
    for part in rest:
        keyboard.type(part)
    if month:
        keyboard.press("ArrowRight")
    keyboard.type(year)


def select(wanted: Locator, *, label: str, **_: Any) -> None:
    """Choose from a list by writing the beginning of its name."""
    reach(wanted)
    wanted.page.keyboard.type(label)
    chosen = wanted.evaluate("element => element.selectedOptions[0]?.textContent.trim()")
    assert chosen == label, f"{label!r} was typed, {chosen!r} was chosen"


def bring_file(wanted: Locator, file: Any, **_: Any) -> None:
    """Open the file dialogue from the field; the dialogue itself is the system's."""
    page: Page = wanted.page
    for last in (False, False, False, True):
        # The field may be drawn anew by the file before it: then focus is to be found again.
        reach(wanted)
        try:
            with page.expect_file_chooser(timeout=5000) as chooser:
                page.keyboard.press("Enter")
        except PlaywrightTimeout:
            if last:
                raise
            continue
        chooser.value.set_files(file)
        return


def key(wanted: Locator, name: str, **_: Any) -> None:
    """Press a key where the element has focus."""
    reach(wanted)
    wanted.page.keyboard.press(name)


@contextmanager
def keyboard_alone() -> Iterator[None]:
    """While the block runs, no test can click: every way of acting on an element is the keyboard's."""

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("not by keyboard")

    ways: dict[str, Any] = {
        "click": press, "check": check, "fill": write, "select_option": select,
        "set_input_files": bring_file, "press": key, "focus": reach,
    }  # fmt: skip
    closed = ("dblclick", "tap", "hover", "drag_to", "dispatch_event", "uncheck", "set_checked")
    with mock.patch.multiple(Locator, **ways, **dict.fromkeys(closed, refused)):
        yield
