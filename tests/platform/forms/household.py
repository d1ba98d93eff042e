"""A household's application for financial assistance, step by step as a browser sends it."""

from __future__ import annotations

from typing import Any

from django.test import Client
from tests.platform.forms.conftest import ANNA, BO

from sambruk.common.clock import today
from sambruk.common.month import Month

SERVICE = "ekonomiskt-bistand-ateransokan"


def steps(*, partner: bool = True) -> list[tuple[str, dict[str, Any]]]:
    """Return what is sent at each step: a single person, or two with a partner."""
    month = str(Month.of(today()))
    co = {
        "co_applicant.personal_number": BO, "co_applicant.given_name": "Bo",
        "co_applicant.family_name": "Lund", "co_applicant_phone": "070-123 45 68",
        "co_applicant_citizenship": "sweden",
    }  # fmt: skip
    found: list[tuple[str, dict[str, Any]]] = [
        ("situation", {
            "month": month, "livelihood": "Jag har ingen inkomst.", "norm_kind": "riksnorm",
            "changed": "no", "stays_here": "yes",
        }),
        ("applicant_step", {
            "applicant.personal_number": ANNA, "applicant.given_name": "Anna",
            "applicant.family_name": "Ek", "applicant_address.street": "Storgatan 1",
            "applicant_address.postal_code": "177 31", "applicant_address.city": "Järfälla",
            "lives_elsewhere": "no", "applicant_phone": "070-123 45 67", "interpreter": "no",
            "citizenship": "sweden", "marital_status": "cohabiting" if partner else "single",
            "has_partner": "yes" if partner else "no",
        }),
        ("co_applicant_step", co),
        ("children_step", {"has_children": "no"}),
        ("housing_step", {
            "housing": "rental", "persons_in_home": "2", "others_in_home": "no", "rooms": "2",
            "rent_debt": "no", "power_debt": "no", "eviction": "no", "housing_changed": "no",
        }),
        ("occupation_step", {
            "occupation": ["other"], "occupation_text": "Vårdar en anhörig", "worked_last_year": "no",
            **({"co_occupation": ["work_part"], "co_occupation_text": "Arbetar."} if partner else {}),
        }),
        ("income_step", {"has_income": "no", "has_pending_benefit": "no"}),
        ("expense_step", {
            "rent": "5 400", "power": "300,50", "home_insurance": "100", "internet": "0",
            "unemployment_fund": "0", "union_fee": "0", "work_travel": "0", "has_special_costs": "no",
        }),
        ("asset_step", {"bank_assets": "120", "has_assets": "no"}),
        ("payment_step", {
            "payment_method": "other", "payment_text": "Kontant",
        }),
        ("attachment_step", {"consent_read": "yes"}),
    ]  # fmt: skip
    return found if partner else [one for one in found if one[0] != "co_applicant_step"]


def begin(client: Client) -> str:
    """Begin, past the gate; return the draft's address."""
    response = client.post(f"/tjanster/{SERVICE}/borja/", {"gate_same_household": "yes"})
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def fill(client: Client, address: str, *, partner: bool = True) -> None:
    """Fill in every step, with a statement of account as a file."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    for step, data in steps(partner=partner):
        if step == "attachment_step":
            file = SimpleUploadedFile("konto.pdf", PDF)
            sent = client.post(f"{address}fil/account_overview/", {"account_overview": file})
            assert sent.status_code == 200, sent.content.decode()
        response = client.post(f"{address}{step}/", {**data, "continue": "1"})
        if response.status_code != 302:
            import re

            raise AssertionError((step, re.findall(r'href="#[^"]*">([^<]+)<', response.content.decode())))
