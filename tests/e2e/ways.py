"""Ways that several browser tests walk: answering questions, reporting, opening a case, doing a command."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from tests.support.visitor import when_there


def go_on(page: Page, *, button: str = "Fortsätt") -> None:
    """Press the step's button, and see that no error came back."""
    page.get_by_role("button", name=button, exact=True).click()
    summary = page.locator("[data-error-summary]")
    assert not summary.count(), summary.inner_text()


def choose(page: Page, question: str, answer: str) -> None:
    """Choose an answer of a question with one to choose. Questions that follow from it have then come."""
    group = page.get_by_role("radiogroup", name=question)
    field = group.get_by_label(answer, exact=True) if group.count() else page.get_by_label(question)
    if group.count():
        field.check()
    else:
        field.select_option(label=answer)


def report(page: Page) -> tuple[str, str]:
    """From the second step of a report to its receipt; return the case's number and the code."""
    page.get_by_label("Adress").fill("Storgatan 1")
    go_on(page)
    page.get_by_role("radiogroup", name="Ska vi höra av oss till dig?").get_by_label("Nej").check()
    go_on(page)
    expect(page.get_by_role("heading", name="Stämmer allt?")).to_be_visible()
    page.get_by_role("button", name="Skicka in").click()
    expect(page.get_by_role("heading", name="Tack! Vi har tagit emot det.")).to_be_visible()
    number = re.search(r"\d{4}-\d{6}", page.locator("main").inner_text())
    assert number is not None
    return number[0], page.locator("[data-code]").inner_text()


def open_case(page: Page, number: str) -> None:
    """Find a case by its number and open it."""
    page.goto(f"/handlaggning/?vy=unit&sok={number}")
    when_there(page, page.get_by_role("link", name=number)).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)


def press(page: Page, command: str, **answers: str) -> None:
    """Do a command of *Gör nu*: its form is filled by label, and sent."""
    when_there(page, page.locator("[data-command]", has_text=command)).click()
    page.wait_for_load_state()
    if "/gor/" in page.url:
        for label, value in answers.items():
            page.get_by_label(label).fill(value)
        page.locator("main form").get_by_role("button", name=command).click()
    page.wait_for_url(lambda url: "/gor/" not in url)


def sort_and_hand_over(page: Page) -> None:
    """The contact centre hands the report over to those who mend."""
    when_there(page, page.locator("[data-command]", has_text="Sortera anmälan")).click()
    choose(page, "Vad ska göras?", "Lämna över till verksamheten")
    page.locator("main form").get_by_role("button", name="Sortera anmälan").click()
    page.wait_for_url(lambda url: "/gor/" not in url)


def contact_centre_answers(page: Page, text: str) -> None:
    """The contact centre answers the one who reported, which closes the case."""
    when_there(page, page.locator("[data-command]", has_text="Svara den som anmälde")).click()
    page.get_by_label("Svar till den som har skickat ärendet").fill(text)
    page.locator("main form").get_by_role("button", name="Svara den som anmälde").click()
    page.wait_for_url(lambda url: "/gor/" not in url)
