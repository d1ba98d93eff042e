"""A fault in a street: reported by telephone without login, handed over, mended, answered, read by code."""

from __future__ import annotations

import io
import re

from PIL import Image
from playwright.sync_api import Page, expect
from tests.e2e.ways import contact_centre_answers, open_case, press, report, sort_and_hand_over
from tests.support.visitor import Visitors, faults_of, overflow, picture, when_there

ANSWER = "Hålet lagades i morse. Tack för att du sa till."


def photo() -> bytes:
    """A photograph as a telephone takes it."""
    out = io.BytesIO()
    Image.effect_noise((640, 480), 40).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def test_a_report_from_the_telephone_to_the_answer(visitors: Visitors) -> None:
    phone = visitors.page(width=390, height=844, has_touch=True, is_mobile=True)
    number, code = _report(phone)

    agent = visitors.log_in("kontakt-jarfalla", "/handlaggning/?vy=inbox")
    open_case(agent, number)
    expect(agent.get_by_text("Ett stort hål mitt i gatan.")).to_be_visible()
    sort_and_hand_over(agent)

    worker = visitors.log_in("gata-jarfalla")
    open_case(worker, number)
    press(worker, "Ta emot")
    press(worker, "Åtgärda felet")

    agent.goto("/handlaggning/")
    open_case(agent, number)
    contact_centre_answers(agent, ANSWER)

    # Anybody's browser: the code is enough.
    other = visitors.page(width=390, height=844)
    other.goto("/folj/")
    other.get_by_label("Kod").fill(code.lower().replace("-", " "))
    other.get_by_role("button", name="Visa").click()
    expect(other.get_by_text(ANSWER)).to_be_visible()
    expect(other.get_by_text(number)).to_be_visible()
    assert overflow(other) == []
    picture(other, "felanmalan-svar")


def _report(phone: Page) -> tuple[str, str]:
    """Report a hole with its photo; return the case's number and the code."""
    phone.goto("/")
    phone.get_by_role("link", name="Felanmälan gata och park").click()
    phone.get_by_role("button", name="Börja").click()

    # Nothing is filled in: the summary takes focus, and leads to the question.
    phone.get_by_role("button", name="Fortsätt", exact=True).click()
    summary = phone.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("3 saker behöver rättas")
    picture(phone, "felanmalan-fel")
    summary.get_by_role("link", name="Fyll i: Beskriv felet").click()
    expect(phone.get_by_label("Beskriv felet")).to_be_focused()
    assert faults_of(phone) == []

    # What is asked follows what is answered, and what was typed stays.
    phone.keyboard.type("Ett stort hål mitt i gatan.")
    phone.get_by_label("Gatlampa").check()
    expect(phone.get_by_label("Numret på lampan")).to_be_visible()
    phone.get_by_label("Hål eller skada i väg eller gångväg").check()
    expect(phone.get_by_label("Numret på lampan")).to_be_hidden()
    expect(phone.get_by_label("Beskriv felet")).to_have_value("Ett stort hål mitt i gatan.")
    phone.get_by_role("radiogroup", name="Kan någon skada sig?").get_by_label("Ja").check()
    expect(phone.get_by_text("ska du ringa 112 nu")).to_be_visible()

    phone.get_by_label("Bild").set_input_files(
        {"name": "hål.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    expect(phone.get_by_text("Filen är sparad.")).to_be_visible()
    expect(phone.locator("#files_photo")).to_contain_text("hål.jpg")
    picture(phone, "felanmalan-telefon")
    phone.get_by_role("button", name="Fortsätt", exact=True).click()
    return report(phone)


def test_a_code_that_is_nobodys_is_told_so(visitors: Visitors) -> None:
    page = visitors.page(width=390)
    page.goto("/folj/")
    page.get_by_label("Kod").fill("AAAA-BBBB-CC")
    page.get_by_role("button", name="Visa").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()


def test_the_contact_centre_writes_for_who_calls(visitors: Visitors) -> None:
    agent = visitors.log_in("kontakt-botkyrka", "/handlaggning/registrera/")
    agent.get_by_role("link", name=re.compile("Felanmälan")).click()
    agent.get_by_role("button", name="Börja").click()
    expect(agent.get_by_text("Fråga först om någon är i fara.")).to_be_visible()
    agent.get_by_label("Skräp eller full papperskorg").check()
    agent.get_by_role("radiogroup", name="Kan någon skada sig?").get_by_label("Nej").check()
    agent.get_by_label("Beskriv felet").fill("Papperskorgen vid torget är full.")
    agent.get_by_role("button", name="Fortsätt", exact=True).click()
    number, _ = report(agent)
    agent.goto("/handlaggning/?vy=inbox")
    when_there(agent, agent.get_by_role("link", name=number))
