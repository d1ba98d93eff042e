"""The main job of a fault report by keyboard alone: not one click, not one coordinate."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from tests.e2e.ways import report
from tests.support.visitor import Visitors, when_there


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until what has focus has such a name, value or label."""
    for _ in range(80):
        page.keyboard.press("Tab")
        name = page.evaluate(
            """() => { const e = document.activeElement;
            return [e.getAttribute('aria-label'), e.labels?.[0]?.textContent, e.textContent]
              .filter(Boolean).join(' ').replace(/\\s+/g, ' ').trim() }"""
        )
        if wanted in name:
            return
    raise AssertionError(f"Tab never came to {wanted!r} on {page.url}")


def test_a_report_without_a_mouse(visitors: Visitors) -> None:
    page = visitors.page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Hoppa till innehållet")
    page.keyboard.press("Enter")
    tab_to(page, "Felanmälan gata och park")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tjanster/felanmalan/")
    tab_to(page, "Börja")
    page.keyboard.press("Enter")
    page.wait_for_url("**/what/")

    tab_to(page, "Hål eller skada")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Gatlampa")).to_be_checked()
    expect(page.get_by_label("Numret på lampan")).to_be_visible()
    # Where the page was drawn anew, focus has stayed on the answer.
    expect(page.get_by_label("Gatlampa")).to_be_focused()
    tab_to(page, "Numret på lampan")
    page.keyboard.type("A 17")
    tab_to(page, "Ja")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radiogroup", name="Kan någon skada sig?").get_by_label("Nej")).to_be_checked()
    tab_to(page, "Beskriv felet")
    page.keyboard.type("Lampan blinkar.")
    _go_on(page, "**/where/")
    tab_to(page, "Adress")
    page.keyboard.type("Storgatan 2")
    _go_on(page, "**/contact/")
    tab_to(page, "Ja")
    page.keyboard.press("Space")
    # Yes brings the questions of how; no takes them away again.
    expect(page.get_by_label("E-postadress")).to_be_visible()
    expect(page.locator(":focus")).to_have_value("yes")
    page.keyboard.press("ArrowRight")
    answer = page.get_by_role("radiogroup", name="Ska vi höra av oss till dig?")
    expect(answer.get_by_label("Nej")).to_be_checked()
    expect(page.get_by_label("E-postadress")).not_to_be_visible()
    _go_on(page, "**/granska/")
    tab_to(page, "Skicka in")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Tack! Vi har tagit emot det.")).to_be_visible()


def _go_on(page: Page, where: str) -> None:
    tab_to(page, "Fortsätt")
    page.keyboard.press("Enter")
    page.wait_for_url(where)


def test_the_list_and_the_case_by_letters(visitors: Visitors) -> None:
    """j and k move, Enter opens, the command's letter does it, Ctrl+K finds the rest."""
    numbers = [_reported(visitors, town="0680") for _ in range(2)]
    agent = visitors.log_in("kontakt-jonkoping", "/handlaggning/?vy=inbox")
    for number in numbers:
        when_there(agent, agent.get_by_role("link", name=number))
    agent.keyboard.press("j")
    first = agent.locator(":focus").inner_text()
    agent.keyboard.press("j")
    second = agent.locator(":focus").inner_text()
    assert re.fullmatch(r"\d{4}-\d{6}", first)
    assert first != second
    agent.keyboard.press("k")
    expect(agent.locator(":focus")).to_have_text(first)
    agent.keyboard.press("x")
    expect(agent.locator("[data-mark]:checked")).to_have_count(1)
    agent.keyboard.press("k")
    agent.keyboard.press("Enter")
    expect(agent.get_by_role("heading", level=1)).to_contain_text(first)


def test_a_case_is_taken_by_its_letter(visitors: Visitors) -> None:
    number = _reported(visitors, town="0680")
    agent = visitors.log_in("kontakt-jonkoping", f"/handlaggning/?vy=unit&sok={number}")
    when_there(agent, agent.get_by_role("link", name=number))
    agent.keyboard.press("j")
    agent.keyboard.press("Enter")
    expect(agent.get_by_role("heading", level=1)).to_contain_text(number)
    agent.keyboard.press("Control+k")
    agent.keyboard.type("sortera")
    expect(agent.locator(".sb-palette__option", has_text="Sortera anmälan")).to_be_visible()
    agent.keyboard.press("Enter")
    agent.wait_for_url("**/gor/**")


def _reported(visitors: Visitors, *, town: str) -> str:
    page = visitors.page(town=town)
    page.goto("/tjanster/felanmalan/")
    page.get_by_role("button", name="Börja").click()
    page.get_by_label("Snö eller halka").check()
    page.get_by_role("radiogroup", name="Kan någon skada sig?").get_by_label("Nej").check()
    page.get_by_label("Beskriv felet").fill("Det är halt på gångvägen.")
    page.get_by_role("button", name="Fortsätt", exact=True).click()
    return report(page)[0]
