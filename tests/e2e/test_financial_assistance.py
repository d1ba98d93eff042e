"""The main job: two apply together, one calculates, another decides, a third pays, and they read why."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from PIL import Image
from playwright.sync_api import Page, expect
from tests.e2e.ways import choose, go_on, open_case, press
from tests.support.keyboard import keyboard_alone
from tests.support.visitor import Visitors, faults_of, picture, when_there

from sambruk.common.clock import today
from sambruk.common.month import Month

SERVICE = "/tjanster/ekonomiskt-bistand-ateransokan/"
NEXT = Month.of(today()) + 1


@dataclass(frozen=True)
class Household:
    """Who apply together, in which town, and the rent that stood in their last application."""

    town: str
    applicant: tuple[str, str]
    partner: tuple[str, str]
    rent: str


JARFALLA = Household("jarfalla", ("anna", "Anna Lindqvist"), ("erik", "Erik Holm"), "6.?400")
BOTKYRKA = Household("botkyrka", ("samira", "Samira Haddad"), ("yusuf", "Yusuf Haddad"), "[0-9]")


def test_from_application_to_payment(visitors: Visitors) -> None:
    _main_job(visitors, JARFALLA)


def test_the_same_by_keyboard_alone(visitors: Visitors) -> None:
    """Each step of each person, from the form to the payment's file and the decision: no click."""
    with keyboard_alone():
        _main_job(visitors, BOTKYRKA)


def _main_job(visitors: Visitors, home: Household) -> None:
    anna = visitors.log_in(home.applicant[0], SERVICE)
    picture(anna, "tjanst")
    _apply(anna, home)
    _sign(anna, home.applicant[1])
    expect(anna.get_by_role("heading", name="Väntar på underskrift")).to_be_visible()

    erik = visitors.log_in(home.partner[0])
    erik.get_by_role("link", name=re.compile("[Ss]kriv under")).first.click()
    _sign(erik, home.partner[1])
    expect(erik.get_by_role("heading", name="Tack! Vi har tagit emot det.")).to_be_visible()
    number = _number(erik)
    anna.goto("/mina-sidor/")
    expect(anna.get_by_role("link", name=f"Ekonomiskt bistånd {NEXT.label}")).to_be_visible()
    picture(anna, "mina-sidor")

    caseworker = visitors.log_in(f"handlaggare-{home.town}", width=1440)
    open_case(caseworker, number)
    press(caseworker, "Ta ärendet")
    _review(caseworker)
    amount = _calculate(caseworker)
    _propose(caseworker)

    decider = visitors.log_in(f"beslutsfattare-{home.town}")
    open_case(decider, number)
    press(decider, "Fatta beslutet")

    payer = visitors.log_in(f"utbetalning-{home.town}")
    open_case(payer, number)
    when_there(payer, payer.locator("[data-command]", has_text="Godkänn utbetalningen")).click()
    payer.wait_for_load_state()
    if "/gor/" in payer.url:
        check = payer.get_by_label("Hur har du kontrollerat kontot?")
        if check.count():
            check.fill("Samma konto som månaden före.")
        payer.locator("main form").get_by_role("button", name="Godkänn utbetalningen").click()
        payer.wait_for_url(lambda url: "/gor/" not in url)
    payer.goto("/ekonomiskt-bistand/utbetalningar/")
    _create_files(payer)
    expect(payer.get_by_role("region", name="Betalfiler").get_by_role("link").first).to_be_visible()
    picture(payer, "utbetalningar")

    _read_decision(anna, number, amount)


def _create_files(page: Page) -> None:
    """Create a file for each day of payment, last month's households' too."""
    button = page.get_by_role("button", name="Skapa betalfil")
    while days := button.count():
        button.first.click()
        expect(button).to_have_count(days - 1)
    expect(page.get_by_text("Inget att skicka")).to_be_visible()


def _apply(page: Page, home: Household) -> None:
    page.get_by_role("button", name=re.compile("Börja|Fortsätt")).click()
    page.get_by_role("radiogroup").first.get_by_label("Ja").check()
    page.get_by_role("button", name="Börja").click()

    page.get_by_label("Vilken månad gäller ansökan?").fill(str(NEXT))
    page.get_by_label("Varför behöver du ekonomiskt bistånd").fill("Min lön räcker inte till hyran.")
    choose(page, "Har något ändrats sedan förra ansökan?", "Nej")
    choose(page, "Har du varit i kommunen hela förra månaden?", "Ja")
    picture(page, "ansokan-steg")
    go_on(page)
    # What was said last month is there; each step is read and confirmed.
    expect(page.get_by_text("Hämtat från: Din ansökan").first).to_be_visible()
    for label, value in (("Gatuadress", "Storgatan 1"), ("Postnummer", "177 80"), ("Ort", "Järfälla")):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Telefonnummer").fill("070-174 06 05")
    go_on(page)
    expect(page.get_by_role("heading", name="Om den du bor med")).to_be_visible()
    go_on(page)
    expect(page.get_by_role("heading", name="Barn", exact=True)).to_be_visible()
    go_on(page)
    for question in ("Har du obetald hyra?", "Har du obetald el?", "Har något ändrats i boendet?"):
        choose(page, question, "Nej")
    choose(page, "Är du uppsagd eller riskerar att vräkas?", "Nej")
    go_on(page)
    page.get_by_label("Vad har den du bor med gjort").fill("Läst svenska varje dag.")
    go_on(page)
    _incomes(page)
    _expenses(page, home)
    _attach(page)


def _incomes(page: Page) -> None:
    choose(page, "Fick ni några pengar förra månaden?", "Ja")
    page.get_by_role("button", name="Lägg till en inkomst").click()
    choose(page, "Sort", "Bostadsbidrag")
    page.get_by_label("Belopp efter skatt").fill("1 250")
    page.get_by_label("När kom pengarna?").fill(f"{today().replace(day=18):%Y-%m-%d}")
    choose(page, "Vem fick pengarna?", "Sökande")
    choose(page, "Väntar ni på beslut om någon ersättning?", "Nej")
    go_on(page)


def _expenses(page: Page, home: Household) -> None:
    expect(page.get_by_label("Hyra eller boendekostnad per månad")).to_have_value(re.compile(home.rent))
    choose(page, "Har ni andra kostnader den här månaden?", "Nej")
    go_on(page)
    page.get_by_label("Pengar på alla konton i dag").fill("640")
    go_on(page)
    choose(page, "Är det samma konto som förra gången?", "Ja")
    go_on(page)


def _attach(page: Page) -> None:
    out = io.BytesIO()
    Image.new("RGB", (600, 800), "white").save(out, "PNG")
    for label in ("Kontoöversikt och kontoutdrag", "Lönebesked och andra inkomster"):
        page.get_by_label(label).set_input_files(
            {"name": f"{label[:4].lower()}.png", "mimeType": "image/png", "buffer": out.getvalue()}
        )
        expect(page.get_by_text("Filen är sparad.").first).to_be_visible()
        expect(page.locator("main")).to_contain_text(f"{label[:4].lower()}.png")
    choose(page, "Har du läst hur vi hämtar uppgifter", "Ja")
    go_on(page)
    expect(page.get_by_role("heading", name="Stämmer allt?")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_role("button", name="Gå vidare till underskrift").click()


def _sign(page: Page, name: str) -> None:
    """Sign with one's own e-ID: at the identity provider, and back."""
    page.get_by_role("button", name="Skriv under med e-legitimation").click()
    page.get_by_role("button", name=name).first.click()
    page.wait_for_url(re.compile(r"(jarfalla|botkyrka)\.localhost"))


def _number(page: Page) -> str:
    found = re.search(r"\d{4}-\d{6}", page.locator("main").inner_text())
    assert found is not None
    return found[0]


def _review(page: Page) -> None:
    picture(page, "arende")
    when_there(page, page.locator("[data-command]", has_text="Granska ansökan")).click()
    choose(page, "Hur går du vidare?", "Underlaget räcker")
    page.locator("main form").get_by_role("button", name="Granska ansökan").click()
    page.wait_for_url(lambda url: "/gor/" not in url)


def _calculate(page: Page) -> str:
    """Change a row by the keyboard alone, give the reason, count anew, approve; return the outcome's text."""
    when_there(page, page.locator("[data-command]", has_text="Gör beräkningen")).click()
    grid = page.locator("[data-grid]")
    amounts = grid.locator("input[inputmode=decimal]")
    amounts.first.focus()
    page.keyboard.press("ArrowDown")
    expect(grid.locator("input:focus")).not_to_have_id(amounts.first.get_attribute("id") or "")
    row = grid.locator("tr", has_text="Hushållsel")
    row.locator("input").first.focus()
    page.keyboard.type("300")
    page.keyboard.press("ArrowRight")  # to "Stryk"
    page.keyboard.press("ArrowRight")
    page.keyboard.type("Enligt fakturan.")
    page.keyboard.press("Tab")
    before = page.locator("#calculation-outcome").inner_text()
    page.get_by_role("button", name="Räkna om").press("Enter")
    expect(page.locator("#calculation-outcome")).not_to_have_text(before)
    expect(row.locator("input").first).to_have_value(re.compile("^300"))
    page.get_by_role("region", name="Beräkningens rader").evaluate("element => element.scrollIntoView()")
    picture(page, "berakning")
    assert faults_of(page) == []
    outcome = page.locator("#calculation-outcome").inner_text()
    page.get_by_role("button", name="Godkänn beräkningen").click()
    expect(page.locator("#calculation-panel").get_by_text("Godkänd", exact=True).first).to_be_visible()
    return outcome


def _propose(page: Page) -> None:
    when_there(page, page.locator("[data-command]", has_text="Föreslå beslut")).click()
    # A row was lowered: what is granted is a part, and why is said in own words.
    choose(page, "Beslut", "Delvis bifall")
    page.get_by_label("Kostnad för hög").check()
    page.get_by_label("Motivering med egna ord").fill("Hushållselen räknas enligt fakturan.")
    page.locator("main form").get_by_role("button", name="Föreslå beslut").click()
    page.wait_for_url(lambda url: "/gor/" not in url)


def _read_decision(page: Page, number: str, outcome: str) -> None:
    amount = re.search(r"\d[\d\s\u202f\u00a0]*", outcome)
    assert amount is not None, outcome
    page.goto("/mina-sidor/")
    page.get_by_role("link", name=f"Ekonomiskt bistånd {NEXT.label}").last.click()
    expect(page.get_by_text(f"Ärende {number}")).to_be_visible()
    expect(page.get_by_text("Avslutad").first).to_be_visible()
    page.get_by_role("link", name="Delvis bifall").first.click()
    digits = re.sub(r"\s", "", amount[0])
    letter = page.locator(".sb-prose")
    expect(letter).to_contain_text("överklaga")
    assert digits in re.sub(r"\s", "", letter.inner_text())
    expect(page.locator("main")).to_contain_text("Hushållsel")
    picture(page, "beslut")
    assert faults_of(page) == []
