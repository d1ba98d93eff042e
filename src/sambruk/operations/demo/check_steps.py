"""The steps of the main job, in order."""

from __future__ import annotations

import re
import time
from decimal import Decimal

from lxml import etree

from sambruk.operations.demo import check_application as application
from sambruk.operations.demo import people
from sambruk.operations.demo.browser import Browser, Page, fill
from sambruk.operations.demo.check import Play, step, verify

NUMBER = re.compile(r"\b20\d\d-\d{6}\b")
#: A payment file's name.
MESSAGE = re.compile(r"\s*EB-\d{4}-")
#: How long the worker may take for a step, in seconds.
PATIENCE = 30.0
#: Why the decider sends the first proposal back.
SENT_BACK = "Kontrollera att hyran stämmer med hyresavin."


def log_in_resident(run: Play, person: people.Resident) -> Browser:
    """Log a resident in by choosing her at the identity provider; returns her browser."""
    browser = run.browser(person.sub)
    page = browser.open("/logga-in/")
    verify(
        page.url.startswith(run.setup.issuer),
        f"Inloggningen ledde till {page.url}, inte till legitimationen.",
    )
    browser.press(person.name)
    verify(browser.current.url.startswith(browser.origin), f"Inloggningen slutade på {browser.current.url}.")
    return browser


def log_in_staff(run: Play, person: people.Staff) -> Browser:
    """Log a member of staff in as the demo's start page does, by one link; returns her browser."""
    browser = run.browser(person.sub)
    browser.open(f"/personal/logga-in/?som={person.sub}")
    verify(browser.current.url.startswith(browser.origin), f"Inloggningen slutade på {browser.current.url}.")
    return browser


@step("Invånaren loggar in med e-legitimation")
def resident_logs_in(run: Play) -> list[str]:
    """Through the provider's page and back, to a session of her own at this municipality alone."""
    before = run.browser(run.resident().sub).get_json("/session/")
    verify(before["logged_in"] is False, "Det fanns redan en inloggning innan någon hade loggat in.")
    browser = log_in_resident(run, run.resident())
    verify(browser.get_json("/session/")["logged_in"] is True, "Sessionen finns inte efter inloggningen.")
    return ["OpenID Connect med kod, PKCE och nonce gav en session hos kommunen"]


@step("Handläggaren loggar in")
def staff_logs_in(run: Play) -> list[str]:
    """The one-click login of the start page."""
    browser = log_in_staff(run, run.staff("caseworker"))
    verify(browser.get_json("/session/")["logged_in"] is True, "Sessionen finns inte efter inloggningen.")
    return ["Ett klick på startsidan loggade in rätt medarbetare"]


@step("Den sökande fyller i ansökan och skriver under")
def applicant_applies(run: Play) -> list[str]:
    """Twelve pages, most answers known from last time, a file, the review, and the applicant's signature."""
    one, partner = run.resident(0), run.resident(1)
    browser = run.browser(one.sub)
    review = application.fill_in(browser, partner)
    review.has("6 830 kr", "Jag försäkrar på heder och samvete")
    page = browser.press("Gå vidare till underskrift")
    page.has(one.name, partner.name, "Har inte skrivit under")
    page = application.sign(browser, one, run.setup.issuer)
    verify("/kvitto/" not in page.url, "Ansökan skickades in innan båda hade skrivit under.")
    run.notes["applied_for"] = application.month_applied_for()
    return ["Förifyllt från förra ansökan", "En fil togs emot", "Inskickat först när båda har skrivit under"]


@step("Medsökande skriver under, och ärendet finns")
def partner_signs(run: Play) -> list[str]:
    """The other adult finds it by personal number alone; with the last signature it is a case."""
    partner = run.resident(1)
    browser = log_in_resident(run, partner)
    browser.open("/mina-sidor/")
    page = browser.follow("Läs och skriv under")
    page = application.sign(browser, partner, run.setup.issuer)
    verify("/kvitto/" in page.url, f"Efter sista underskriften kom inget kvitto, utan {page.url}.")
    found = NUMBER.search(page.text)
    verify(found, "Kvittot saknar ärendenummer.")
    run.notes["number"] = found[0] if found else ""
    page = browser.open("/mina-sidor/")
    page.has(run.notes["number"])
    return [f"Kvittot visar {run.notes['number']}, och ärendet finns i Mina sidor"]


@step("Handläggaren granskar och räknar")
def caseworker_calculates(run: Play) -> list[str]:
    """From the list to an approved calculation, every row with its source."""
    person = run.staff("caseworker")
    browser = run.browser(person.sub)
    page = browser.open(f"/handlaggning/?vy=inbox&sok={run.notes['number']}")
    page = browser.follow(run.notes["number"])
    run.notes["case"] = page.url.partition("?")[0]
    browser.press("Ta ärendet")
    browser.follow("Granska ansökan")
    browser.press("Granska ansökan", {"review_result": "calculate"})
    page = _until(browser, run.notes["case"] + "?flik=calculation", "Godkänn beräkningen")
    granted = application.NORM_COUPLE_2026_KR + application.COSTS_KR
    expected = f"{granted // 1000} {granted % 1000:03d}"
    page.has("Riksnorm", expected)
    run.notes["amount"] = expected
    browser.press("Godkänn beräkningen")
    return [
        f"Normen för två och kostnaderna ger {expected} kr",
        "Beräkningen är låst och sparad som en version",
    ]


@step("Handläggaren föreslår beslut, en annan person beslutar")
def another_decides(run: Play) -> list[str]:
    """Four eyes: who proposed is not offered to decide; a proposal is sent back once, and made again."""
    browser = run.browser(run.staff("caseworker").sub)
    _until(browser, run.notes["case"], "Föreslå beslut")
    browser.follow("Föreslå beslut")
    browser.press("Föreslå beslut", {"kind": "grant", "phrases": ["calculation_attached"]})
    page = browser.open(run.notes["case"])
    verify("Fatta beslutet" not in page.text, "Den som föreslog erbjuds att själv besluta.")
    other = log_in_staff(run, run.staff("decision_maker"))
    other.open(run.notes["case"])
    other.follow("Lämna tillbaka")
    other.press("Lämna tillbaka", {"reason": SENT_BACK})
    browser.open(run.notes["case"]).has(SENT_BACK, run.staff("decision_maker").name)
    browser.follow("Föreslå beslut")
    # What was chosen the first time stands there still.
    browser.press("Föreslå beslut")
    other.open(run.notes["case"])
    other.follow("Fatta beslutet")
    other.press("Fatta beslutet")
    page = _until(other, run.notes["case"] + "?flik=decision", "Beslut", ".pdf")
    page.has("Bifall", run.staff("decision_maker").name)
    return [
        "Den som föreslog fick inte besluta",
        "Förslaget lämnades tillbaka med ett skäl, och föreslogs igen",
        "Brevet är skrivet",
    ]


@step("Utbetalningen godkänns av en tredje och blir en betalfil")
def payment_is_made(run: Play) -> list[str]:
    """Order, approval and a pain.001 file whose sum is the decision's."""
    approver = log_in_staff(run, run.staff("payment_approver"))
    _until(approver, run.notes["case"], "Godkänn utbetalningen")
    page = approver.follow("Godkänn utbetalningen")
    form = page.form(button="Godkänn utbetalningen")
    fill(form, {"checked": "Samma konto som förra månaden"} if "checked" in form.names else {})
    approver.submit(form, button="Godkänn utbetalningen")
    page = approver.open("/ekonomiskt-bistand/utbetalningar/")
    while "Skapa betalfil" in page.text:
        page = approver.press("Skapa betalfil")
    files = [str(link.get("href")) for link in page.document.iter("a") if MESSAGE.match(link.text_content())]
    verify(files, "Det finns ingen betalfil att hämta.")
    paid = [payment for file in files for payment in _payments(approver.download(file).content)]
    wanted, number = Decimal(run.notes["amount"].replace(" ", "")), run.notes["number"]
    # The case's own, by its number: another's of the same sum says nothing.
    own = [amount for reference, amount in paid if reference.rpartition("-")[0] == number]
    verify(own == [wanted], f"Ärendet {number} ska ha en betalning på {wanted} i filerna, men har {own}.")
    return [f"pain.001.001.09: {len(files)} filer, {len(paid)} betalningar, varje summa stämmer"]


def _payments(content: bytes) -> list[tuple[str, Decimal]]:
    """Return a payment file's EndToEndIds and amounts, once its sum and count are seen to be theirs."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    verify(str(root.nsmap[None]).endswith("pain.001.001.09"), f"Filen är {root.nsmap[None]}.")
    space = {"p": str(root.nsmap[None])}
    found = [
        (
            one.findtext("p:PmtId/p:EndToEndId", default="", namespaces=space),
            Decimal(one.findtext("p:Amt/p:InstdAmt", default="", namespaces=space)),
        )
        for one in root.iterfind(".//p:CdtTrfTxInf", space)
    ]
    amounts = [amount for _, amount in found]
    total = root.findtext(".//p:GrpHdr/p:CtrlSum", default="", namespaces=space)
    count = root.findtext(".//p:GrpHdr/p:NbOfTxs", default="", namespaces=space)
    verify(sum(amounts) == Decimal(total), "Filens summa är inte summan av betalningarna.")
    verify(len(amounts) == int(count), "Filens antal är inte antalet betalningar.")
    return found


@step("Den sökande läser beslutet, och ärendet är avslutat")
def resident_reads(run: Play) -> list[str]:
    """The letter, the calculation row by row, how to appeal; and the closed case with its disposal date."""
    browser = run.browser(run.resident(0).sub)
    browser.open("/mina-sidor/")
    page = browser.follow("Läs beslutet")
    page.has(run.notes["amount"], "överklaga", "Så här har vi räknat")
    pdf = browser.download(page.link("pdf")).content
    verify(pdf.startswith(b"%PDF-"), "Beslutet går inte att ladda ner som pdf.")
    staff = run.browser(run.staff("caseworker").sub)
    page = _until(staff, run.notes["case"], "Avslutat")
    verify("Gallras tidigast" in page.text or "Bevaras" in page.text, "Ärendet saknar gallringsdatum.")
    return [
        "Beslutet lästes, tiden för överklagande räknas",
        "Avslutat med gallringsdatum eller skäl att bevara",
    ]


def _until(browser: Browser, path: str, *words: str) -> Page:
    """Open the page until the words stand there: the worker does some steps. Raises PageFault in the end."""
    end = time.monotonic() + PATIENCE
    while True:
        page = browser.open(path)
        if all(word in page.text for word in words):
            return page
        if time.monotonic() > end:
            page.has(*words)
        time.sleep(0.2)
