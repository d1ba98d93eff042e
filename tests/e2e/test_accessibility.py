"""Every page type of the faces, the operator's and the administrator's: axe in light and dark, 320 px."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from tests.e2e.ways import report
from tests.support.visitor import Visitors, faults_of, overflow, when_there

FORM = "/tjanster/ekonomiskt-bistand-ateransokan/"
OPEN = ["/", "/tjanster/?q=lampa", "/tjanster/?q=finnsinte", "/tjanster/felanmalan/", FORM, "/folj/",
        "/tillganglighet/", "/finns-inte/"]  # fmt: skip
TABS = ("application", "calculation", "decision", "documents", "messages", "log")


def _look(page: Page, addresses: list[str]) -> list[str]:
    """Go through the addresses; return what is wrong: by axe light and dark, and at a telephone's width."""
    found: list[str] = []
    for address in addresses:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(address)
        found += [f"{address}: {fault}" for fault in _light_and_dark(page)]
        page.set_viewport_size({"width": 320, "height": 700})
        found += [f"{address} at 320: {fault}" for fault in overflow(page)]
    return found


def _light_and_dark(page: Page) -> list[str]:
    """All of axe in light; in dark the colours, which alone differ."""
    found = faults_of(page)
    page.emulate_media(color_scheme="dark")
    page.reload()  # what glides from light to dark is not yet there
    found += [f"dark: {fault}" for fault in faults_of(page, only="color-contrast")]
    page.emulate_media(color_scheme="light")
    return found


def _links(page: Page, pattern: str) -> list[str]:
    """The addresses on the page that fit, each once."""
    hrefs = page.locator("main a[href]").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    return sorted({href for href in hrefs if re.search(pattern, href)})


def test_the_open_pages(visitors: Visitors) -> None:
    assert _look(visitors.page(), OPEN) == []
    page = visitors.page()
    page.goto(f"{visitors.whole.origin('0123').replace('jarfalla.', '')}/demo/")
    assert _light_and_dark(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert overflow(page) == []


def test_mina_sidor(visitors: Visitors) -> None:
    """Maria's: the list, the case of last month, its decision with the calculation, its messages."""
    page = visitors.log_in("maria")
    when_there(page, page.locator("main a[href*='/mina-sidor/arenden/']"))
    case = re.match(r".*/arenden/[0-9a-f-]{36}/", _links(page, "/arenden/")[0])
    assert case is not None
    page.goto(case[0])
    decisions = _links(page, "/beslut/")
    assert decisions
    addresses = ["/mina-sidor/", case[0], decisions[0], f"{case[0]}meddelanden/", f"{FORM}borja/"]
    assert _look(page, addresses) == []


def test_the_staffs_lists(visitors: Visitors) -> None:
    """The caseworker's lists, the palette and the keys."""
    page = visitors.log_in("handlaggare-jonkoping")
    lists = [f"/handlaggning/?vy={view}" for view in ("mine", "unit", "closed")]
    lists += ["/handlaggning/?sok=finnsinte", "/personal/fyll-i-at/", "/ekonomiskt-bistand/utbetalningar/"]
    assert _look(page, lists) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/handlaggning/")
    page.keyboard.press("Control+k")
    expect(page.locator("dialog[data-palette][open]")).to_be_visible()
    assert faults_of(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog[data-palette][open]")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator("dialog[data-keys][open]")).to_be_visible()
    assert faults_of(page) == []


def test_the_case(visitors: Visitors) -> None:
    """Each tab of a case that has been all the way."""
    page = visitors.log_in("handlaggare-jonkoping", "/handlaggning/?vy=closed")
    case = _links(page, "/handlaggning/arende/")[0]
    assert _look(page, [f"{case}?flik={tab}" for tab in TABS]) == []


def test_a_case_with_its_commands(visitors: Visitors) -> None:
    number = _reported(visitors)
    page = visitors.log_in("kontakt-jonkoping", f"/handlaggning/?vy=unit&sok={number}")
    when_there(page, page.get_by_role("link", name=number)).click()
    expect(page.locator(".sb-bpmn-current").first).to_be_visible()
    commands = page.locator("a[data-command]").evaluate_all("all => all.map((one) => one.href)")
    assert _look(page, [page.url, *commands, "/handlaggning/registrera/"]) == []


def test_operator_and_administrator(visitors: Visitors) -> None:
    page = visitors.log_in("admin-jonkoping", "/admin-kommun/personal/")
    one = _links(page, "/admin-kommun/personal/[0-9a-f-]{36}/")[:1]
    assert one
    assert _look(page, ["/admin-kommun/personal/", "/admin-kommun/personal/ny/", *one, "/drift/"]) == []
    root = "/admin-kommun/"
    page.goto(f"{root}enheter/")
    units = _links(page, f"{root}enheter/[0-9a-f-]{{36}}/")[:1]
    parts = ("", "roller/", "installningar/", "uppgifter/", "enheter/", "enheter/ny/", "system/")
    parts += ("system/nytt/", "prenumerationer/", "prenumerationer/ny/")
    pages = [*(root + part for part in parts), *units]
    assert _look(page, [*pages, "/ekonomiskt-bistand/installningar/betalare/", "/granskning/"]) == []
    page.goto("/granskning/")
    page.get_by_label("Medarbetare").fill("handlaggare-jonkoping")
    page.get_by_label("Varför granskar du?").fill("Prov av sidan")
    page.get_by_role("button", name="Granska").click()
    expect(page.get_by_role("table")).to_be_visible()
    assert faults_of(page) == []


def test_a_report_without_javascript(visitors: Visitors) -> None:
    page = visitors.page(town="0680", java_script_enabled=False)
    _reported_by(page)


def test_the_steps_of_the_application(visitors: Visitors) -> None:
    """Maria's form, step by step at 320 px: each is sent empty, so that it shows its errors too."""
    page = visitors.log_in("maria", FORM, width=320)
    begun = page.get_by_role("link", name="Fortsätt där du var")
    begun.or_(page.get_by_role("button", name="Börja")).click()
    if "/borja/" in page.url:
        page.get_by_role("radiogroup").first.get_by_label("Ja").check()
        page.get_by_role("button", name="Börja").click()
    page.wait_for_url("**/ansokan/**")
    draft = re.match(r".*/ansokan/[0-9a-f-]{36}/", page.url)
    assert draft is not None
    found = []
    for step in ("situation", "applicant_step", "children_step", "housing_step", "occupation_step",
                 "income_step", "expense_step", "asset_step", "payment_step", "attachment_step", "granska",
                 "ta-bort"):  # fmt: skip
        page.goto(f"{draft[0]}{step}/")
        button = page.get_by_role("button", name="Fortsätt", exact=True)
        if button.count():
            button.click()
        found += [f"{step}: {fault}" for fault in faults_of(page)]
    page.get_by_role("button", name="Ta bort").click()
    page.wait_for_url(lambda url: "/ta-bort/" not in url)
    assert found == []


def _reported(visitors: Visitors) -> str:
    return _reported_by(visitors.page(town="0680"))


def _reported_by(page: Page) -> str:
    page.goto("/tjanster/felanmalan/")
    page.get_by_role("button", name="Börja").click()
    page.get_by_label("Lekplats").check()
    page.get_by_role("radiogroup", name="Kan någon skada sig?").get_by_label("Ja").check()
    page.get_by_label("Beskriv felet").fill("Gungan har gått sönder.")
    page.get_by_role("button", name="Fortsätt", exact=True).click()
    return report(page)[0]
