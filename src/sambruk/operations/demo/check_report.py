"""The steps of a report: anonymous, taken by staff, handed over, mended, answered, seen by its code."""

from __future__ import annotations

import re

from sambruk.operations.demo.browser import Browser, fill
from sambruk.operations.demo.check import Play, step, verify
from sambruk.operations.demo.check_steps import NUMBER, log_in_staff

SERVICE = "/tjanster/felanmalan/"
JOB = "report"
CODE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{2}\b")
REPORTER = "anmälaren"
ANSWER = "Lampan lyser igen. Tack för att du sa till."
ANSWERS: dict[str, str | list[str]] = {
    "kind": "light",
    "light_number": "",
    "danger": "no",
    "description": "Gatlampan vid lekplatsen är släckt.",
    "place.address": "Storgatan 1",
    "place.description": "vid lekplatsen",
    "wants_answer": "no",
}
MOST_PAGES = 6


@step("Någon anmäler ett fel utan att logga in, och får en kod", job=JOB)
def somebody_reports(run: Play) -> list[str]:
    """From the service's page to the receipt, with nobody logged in and no way to be reached."""
    browser = run.browser(REPORTER)
    browser.open(SERVICE)
    page = browser.press("Börja")
    for _ in range(MOST_PAGES):
        if page.url.endswith("/granska/"):
            break
        form = page.form(button="Fortsätt")
        fill(form, {name: value for name, value in ANSWERS.items() if name in form.names})
        page = browser.submit(form, button="Fortsätt")
    page.has(str(ANSWERS["description"]))
    page = browser.press("Skicka in")
    verify("/kvitto/" in page.url, f"Anmälan gav inget kvitto, utan {page.url}.")
    number, code = NUMBER.search(page.text), CODE.search(page.text)
    verify(number, "Kvittot saknar ärendenummer.")
    verify(code, "Kvittot saknar kod.")
    run.notes["report"], run.notes["code"] = number[0] if number else "", code[0] if code else ""
    verify(browser.get_json("/session/")["logged_in"] is False, "Den som anmälde blev inloggad.")
    return [f"Kvittot visar {run.notes['report']} och en kod, utan inloggning"]


def _opened(run: Play, browser: Browser, view: str) -> None:
    """Find the report in the list by its number, and open it."""
    browser.open(f"/handlaggning/?vy={view}&sok={run.notes['report']}")
    page = browser.follow(run.notes["report"])
    run.notes["report_case"] = page.url.partition("?")[0]


@step("Kontaktcentret tar anmälan och lämnar över den", job=JOB)
def centre_takes(run: Play) -> list[str]:
    """From the list of new ones; while the contact centre has it, its colleagues see who."""
    person = run.staff("contact_centre")
    browser = log_in_staff(run, person)
    _opened(run, browser, "inbox")
    browser.press("Ta ärendet")
    browser.open(run.notes["report_case"]).has(person.name)
    browser.follow("Sortera anmälan")
    browser.press("Sortera anmälan", {"sorting": "hand_over"})
    browser.open(run.notes["report_case"], status=404)
    return ["Togs från listan", "Lämnades över, och visas inte längre för kontaktcentret"]


@step("Verksamheten tar emot, åtgärdar, och kontaktcentret svarar", job=JOB)
def function_mends(run: Play) -> list[str]:
    """Another unit's list, its acceptance and its work; then back to be answered."""
    worker = log_in_staff(run, run.staff("field_worker"))
    _opened(run, worker, "inbox")
    worker.press("Ta emot")
    worker.open(run.notes["report_case"])
    worker.follow("Åtgärda felet")
    worker.press("Åtgärda felet")
    centre = run.browser(run.staff("contact_centre").sub)
    _opened(run, centre, "inbox")
    centre.follow("Svara den som anmälde")
    centre.press("Svara den som anmälde", {"message": ANSWER})
    page = centre.open(run.notes["report_case"])
    page.has("Avslutat", "Gallras tidigast")
    return ["Togs emot och åtgärdades av en annan enhet", "Besvarades och avslutades med gallringsdatum"]


@step("Den som anmälde läser svaret med koden", job=JOB)
def reporter_reads(run: Play) -> list[str]:
    """The code alone opens it, in whatever browser; another code opens nothing."""
    browser = run.browser("någon annans telefon")
    browser.open("/folj/")
    page = browser.press("Visa", {"kod": run.notes["code"].lower()})
    page.has(run.notes["report"], ANSWER)
    stranger = run.browser("en främling")
    stranger.open("/folj/")
    form = stranger.current.form(button="Visa")
    fill(form, {"kod": "AAAA-AAAA-AA"})
    page = stranger.submit(form, button="Visa", status=422)
    verify(ANSWER not in page.text, "En annan kod visar svaret.")
    return ["Svaret lästes med koden", "En annan kod visar ingenting"]
