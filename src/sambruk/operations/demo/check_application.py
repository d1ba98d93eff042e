"""How the check fills in an application: page by page, with what a household would answer."""

from __future__ import annotations

import io

from sambruk.common.clock import today
from sambruk.common.month import Month
from sambruk.operations.demo import people
from sambruk.operations.demo.browser import Browser, Page, fill
from sambruk.operations.demo.check import verify

SERVICE = "/tjanster/ekonomiskt-bistand-ateransokan/"
MOST_PAGES = 20

#: Rent 6,400, electricity 310 and insurance 120 kronor, no income: what the household is granted is the norm
#: of 2026 for a couple, 8,510 kronor (official total), and these costs.
COSTS_KR = 6830
NORM_COUPLE_2026_KR = 8510

ANSWERS: dict[str, str | list[str]] = {
    "livelihood": "Vi söker arbete och har inga inkomster den här månaden.",
    "norm_kind": "riksnorm", "changed": "no", "stays_here": "yes", "lives_elsewhere": "no",
    "interpreter": "no",
    "applicant_address.street": "Storgatan 1", "applicant_address.postal_code": "17780",
    "applicant_address.city": "Järfälla", "applicant_phone": "0701740605", "citizenship": "sweden",
    "marital_status": "cohabiting", "has_partner": "yes", "co_applicant_phone": "0701740606",
    "co_applicant_citizenship": "sweden", "has_children": "no", "housing": "rental", "persons_in_home": "2",
    "others_in_home": "no", "rooms": "2", "rent_debt": "no", "power_debt": "no", "eviction": "no",
    "housing_changed": "no", "occupation": ["studies"], "worked_last_year": "no", "co_occupation": ["sfi"],
    "co_occupation_text": "Läser sfi fyra dagar i veckan.", "has_income": "no", "has_pending_benefit": "no",
    "rent": "6 400", "power": "310", "home_insurance": "120", "internet": "0", "unemployment_fund": "0",
    "union_fee": "0", "work_travel": "0", "has_special_costs": "no", "bank_assets": "500", "has_assets": "no",
    "payment_method": "account", "same_account": "yes", "account.clearing": "5001",
    "account.account": "1234563",
    "consent_read": "yes",
}  # fmt: skip


def month_applied_for() -> Month:
    """The next month: its application opens twenty days before it begins, else the present one."""
    following = Month.of(today()) + 1
    return following if (following.first - today()).days <= 20 else Month.of(today())


def picture() -> bytes:
    """Return a small picture: something to attach."""
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (320, 240), "white").save(made, "PNG")
    return made.getvalue()


def fill_in(browser: Browser, partner: people.Resident) -> Page:
    """Go from the service's page to the review, answering every page; returns the review."""
    answers = {
        **ANSWERS,
        "month": str(month_applied_for()),
        "co_applicant.personal_number": partner.personal_number,
        "co_applicant.given_name": partner.given_name,
        "co_applicant.family_name": partner.family_name,
    }
    page = browser.open(SERVICE)
    page = browser.open(f"{SERVICE}borja/")
    page = browser.press("Börja", {"gate_same_household": "yes"})
    for _ in range(MOST_PAGES):
        if page.url.endswith("/granska/"):
            return page
        form = page.form(button="Fortsätt")
        fill(form, {name: value for name, value in answers.items() if name in form.names})
        if "account_overview" in form.names:
            form.uploads["account_overview"] = [("kontoöversikt.png", picture(), "image/png")]
        page = browser.submit(form, button="Fortsätt")
    verify(False, f"Formuläret tog aldrig slut: {page.url}.")
    return page


def sign(browser: Browser, person: people.Resident, issuer: str) -> Page:
    """Sign with the person's own e-ID, on the page that shows what is signed; returns where it led."""
    page = browser.press("Skriv under med e-legitimation")
    if page.url.startswith(issuer):
        page = browser.press(person.name)
    verify(page.url.startswith(browser.origin), f"Underskriften slutade på {page.url}.")
    return page
