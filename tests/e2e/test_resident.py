"""The resident's way in a browser: saved while one writes, kept past an ended login, a place on a map."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from tests.e2e.ways import choose, go_on
from tests.support.visitor import Visitors, faults_of, overflow, picture

SERVICE = "/tjanster/ekonomiskt-bistand-ateransokan/"
SAVED = re.compile(r"Sparat \d\d\.\d\d")


def _begin(page: Page) -> str:
    """Begin Samira's application anew; return the address of its first step."""
    page.goto(SERVICE)
    if (old := page.get_by_role("link", name="Fortsätt där du var")).count():
        page.goto(f"{old.get_attribute('href')}ta-bort/")
        page.get_by_role("button", name="Ta bort").click()
        page.wait_for_url(lambda url: "/ta-bort/" not in url)
        page.goto(SERVICE)
    page.get_by_role("button", name="Börja").click()
    page.get_by_role("radiogroup").first.get_by_label("Ja").check()
    page.get_by_role("button", name="Börja").click()
    page.wait_for_url("**/situation/")
    return page.url


def _livelihood(page: Page) -> str:
    return page.get_by_label("Varför behöver du ekonomiskt bistånd").input_value()


def test_it_is_saved_while_one_writes_and_quietly(visitors: Visitors) -> None:
    page = visitors.log_in("samira", width=390)
    step = _begin(page)
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.url.endswith("/spara/") else None)
    page.get_by_label("Varför behöver du ekonomiskt bistånd").press_sequentially(
        "Lönen räcker inte.", delay=20
    )
    with page.expect_response("**/spara/") as saved:
        pass
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    assert saved.value.status == 200
    assert len(sent) == 1  # a moment after the last key, not at each
    # A question that follows from another is drawn, answered, and saved too.
    choose(page, "Har något ändrats sedan förra ansökan?", "Ja")
    with page.expect_response(
        lambda one: one.url.endswith("/spara/") and "changed_text" in (one.request.post_data or "")
    ):
        page.get_by_label("Vad har ändrats?").fill("Jag har flyttat ihop med min syster.")
    expect(page.locator("[data-saved]")).to_have_text(SAVED)

    # On another device it is there, without a step having been left.
    other = visitors.log_in("samira")
    other.goto(step)
    assert _livelihood(other) == "Lönen räcker inte."
    assert other.get_by_label("Vad har ändrats?").input_value() == "Jag har flyttat ihop med min syster."

    # What the other window then changes is not overwritten by this one: it is told, and what it typed stays.
    with other.expect_response("**/spara/"):
        other.get_by_label("Vad har ändrats?").fill("Jag bor själv igen.")
    page.get_by_label("Vad har ändrats?").fill("Äldre ord.")
    expect(page.locator("[data-saved]")).to_contain_text("annat fönster")
    assert page.get_by_label("Vad har ändrats?").input_value() == "Äldre ord."
    other.reload()
    assert other.get_by_label("Vad har ändrats?").input_value() == "Jag bor själv igen."


def test_what_is_typed_when_the_login_has_ended_is_there_after_the_next(visitors: Visitors) -> None:
    page = visitors.log_in("samira", width=390, height=844)
    step = _begin(page)
    _end_the_login(page)
    page.get_by_label("Varför behöver du ekonomiskt bistånd").fill("Det här skrev jag för sent.")
    # The save that finds nobody logged in says so, and a way back; nothing on the page is lost.
    over = page.locator("[data-session-over][open]")
    expect(over).to_be_visible()
    expect(over.get_by_role("heading")).to_have_text("Du har loggats ut")
    assert faults_of(page) == []
    assert overflow(page) == []
    over.get_by_role("button", name="Stanna på sidan").click()
    expect(page.locator("[data-saved]")).to_contain_text("du har loggats ut")
    # One goes on writing all the same, and a question that is not even drawn yet stays unlost.
    page.get_by_role("radiogroup", name="Har du varit i kommunen").get_by_label("Ja").check()
    changed = page.get_by_role("radiogroup", name="Har något ändrats").get_by_label("Ja")
    changed.evaluate("one => one.click()")  # the dialog may stand there again already
    expect(over).to_be_visible()  # the questions that follow cannot be drawn
    over.get_by_role("link", name="Logga in igen").click()
    page.get_by_role("button", name=re.compile("Samira")).or_(
        page.get_by_role("link", name=re.compile("Samira"))
    ).click()
    page.wait_for_url(step)
    assert _livelihood(page) == "Det här skrev jag för sent."
    expect(page.get_by_text("Vi har lagt tillbaka det du hade skrivit här.")).to_be_visible()
    # What depends on an answer that was put back is drawn anew.
    expect(page.get_by_label("Vad har ändrats?")).to_be_visible()
    expect(page.locator("[data-saved]")).to_have_text(SAVED)


def test_a_step_sent_when_the_login_has_ended_comes_back_with_all_that_was_typed(visitors: Visitors) -> None:
    page = visitors.log_in("samira", width=390)
    step = _begin(page)
    choose(page, "Har något ändrats sedan förra ansökan?", "Ja")
    page.get_by_label("Vad har ändrats?").fill("Sparat innan.")
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    _end_the_login(page)
    page.get_by_label("Vad har ändrats?").fill("Skrivet efter.")
    # Pressed before anything else had the time to tell.
    page.get_by_role("button", name="Fortsätt", exact=True).click()
    page.get_by_role("button", name=re.compile("Samira")).or_(
        page.get_by_role("link", name=re.compile("Samira"))
    ).click()
    page.wait_for_url(step)
    assert page.get_by_label("Vad har ändrats?").input_value() == "Skrivet efter."


def test_a_logout_and_a_login_in_another_tab_cost_nothing(visitors: Visitors) -> None:
    page = visitors.log_in("samira", width=390)
    _begin(page)
    tab = page.context.new_page()
    tab.goto("/mina-sidor/")
    tab.get_by_role("button", name="Logga ut").first.click()
    tab.wait_for_load_state()
    page.get_by_label("Varför behöver du ekonomiskt bistånd").fill("Mellan två inloggningar.")
    over = page.locator("[data-session-over][open]")
    expect(over).to_be_visible()
    over.get_by_role("button", name="Stanna på sidan").click()
    tab.goto("/logga-in/?som=samira")
    tab.wait_for_url(lambda url: "botkyrka" in url and "logga-in" not in url)
    # The same page goes on: a new session, a new token, the same person.
    page.get_by_role("button", name="Spara och avsluta").click()
    page.wait_for_load_state()
    if page.get_by_role("link", name="Läs om sidan").count():
        page.get_by_role("link", name="Läs om sidan").click()
    expect(page.get_by_label("Varför behöver du ekonomiskt bistånd")).to_have_value(
        "Mellan två inloggningar."
    )


def _end_the_login(page: Page) -> None:
    """Let the session be over, as after half an hour: its key leads nowhere, and the page is not told."""
    cookies = [one for one in page.context.cookies() if one["name"] == "sambruk_session"]
    assert cookies
    for one in cookies:
        page.context.add_cookies(
            [{"name": one["name"], "value": "x" * 43, "domain": one["domain"], "path": "/", "httpOnly": True}]
        )


def test_a_place_is_chosen_on_the_map_by_hand_and_by_keyboard(visitors: Visitors) -> None:
    page = visitors.page(
        width=390,
        height=844,
        geolocation={"latitude": 59.4235, "longitude": 17.8351},
        permissions=["geolocation"],
    )
    page.goto("/tjanster/felanmalan/")
    page.get_by_role("button", name="Börja").click()
    page.get_by_label("Lekplats").check()
    choose(page, "Kan någon skada sig?", "Nej")
    page.get_by_label("Beskriv felet").fill("Gungan har gått sönder.")
    go_on(page)

    # The pictures come from the tile server that is configured, and the policy lets in no other.
    area = page.get_by_role("application", name="Karta")
    area.scroll_into_view_if_needed()
    tile = page.locator("img.leaflet-tile-loaded").first
    expect(tile).to_be_visible()
    assert tile.evaluate("one => one.naturalWidth") == 256
    server = re.sub(r"/\{z\}.*", "", page.locator("[data-map]").get_attribute("data-tiles") or "")
    assert (tile.get_attribute("src") or "").startswith(f"{server}/")
    expect(page.get_by_text("© Provkartan").or_(page.get_by_text("© Lantmäteriet"))).to_be_visible()
    assert faults_of(page) == []
    assert overflow(page) == []

    # By hand.
    position = page.locator("[data-position]")
    expect(position).to_be_hidden()
    area.click(position={"x": 120, "y": 150})
    expect(position).to_be_visible()
    pointed = position.locator("[data-position-text]").inner_text()
    expect(page.locator(".sb-map__mark")).to_be_visible()
    expect(page.locator("[data-map-status]")).to_have_text("Platsen är vald på kartan.")

    # By the telephone's position: the map goes there.
    page.get_by_role("button", name="Använd min plats").click()
    expect(position).to_contain_text("59.423500, 17.835100")

    # By keyboard: arrows move the map, Enter takes its middle and does not send the form.
    area.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(position).not_to_contain_text("17.835100")
    moved = position.locator("[data-position-text]").inner_text()
    assert moved != pointed
    assert page.url.endswith("/where/")
    picture(page, "felanmalan-karta")

    # Taken away, and focus is not lost with the button.
    position.get_by_role("button", name="Ta bort positionen").click()
    expect(position).to_be_hidden()
    expect(page.get_by_label("Adress eller plats")).to_be_focused()
    page.get_by_role("button", name="Välj platsen mitt på kartan").click()
    expect(position).to_have_text(re.compile(re.escape(moved[:6])))
    go_on(page)
    choose(page, "Ska vi höra av oss till dig?", "Nej")
    go_on(page)
    expect(page.get_by_text(moved[:6])).to_be_visible()


def test_without_scripts_the_place_is_words(visitors: Visitors) -> None:
    page = visitors.page(width=390, java_script_enabled=False)
    page.goto("/tjanster/felanmalan/")
    page.get_by_role("button", name="Börja").click()
    page.get_by_label("Lekplats").check()
    page.get_by_role("radiogroup", name="Kan någon skada sig?").get_by_label("Nej").check()
    page.get_by_label("Beskriv felet").fill("Gungan har gått sönder.")
    page.get_by_role("button", name="Fortsätt", exact=True).click()
    expect(page.get_by_label("Adress eller plats")).to_be_visible()
    assert "kart" not in page.locator("main").inner_text().lower()
