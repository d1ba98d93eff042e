"""What an application says that is no row of the calculation: sentences that the caseworker must weigh."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sambruk.common.money import format_kr

WHO = {"applicant": "Sökande", "co_applicant": "Medsökande", "child": "Barn"}
ASSETS = {
    "vehicle": "Fordon",
    "property": "Hus eller mark",
    "condominium": "Bostadsrätt",
    "business": "Företag",
    "securities": "Aktier och fonder",
    "other": "Annan tillgång",
}


def amount_of(value: Any) -> Decimal | None:
    """Return an amount in wire format as kronor, or None where it is none."""
    if not isinstance(value, str):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def rows_of(answers: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the rows of a repeating group that are rows."""
    rows = answers.get(name)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def circumstances(answers: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each circumstance that the rows of the calculation cannot show."""
    found: list[str] = []
    if answers.get("norm_kind") == "supplement":
        found.append(
            f"Ansökan gäller bara vissa kostnader: {answers.get('supplement_text') or 'ej angivet'}."
        )
    if answers.get("stays_here") is False:
        found.append(f"Har inte varit i kommunen hela månaden: {answers.get('stay_text') or 'ej angivet'}.")
    if answers.get("others_in_home") is True:
        found.append(f"Andra vuxna bor i bostaden: {answers.get('others_text') or 'ej angivet'}.")
    for name, noun in (("rent_debt", "hyra"), ("power_debt", "el")):
        if answers.get(name) is True:
            owed = amount_of(answers.get(f"{name}_amount"))
            text = format_kr(owed) if owed is not None else "okänt belopp"
            found.append(f"Har obetald {noun}: {text}. Skulden är ingen rad om den inte är sökt som kostnad.")
    for row in rows_of(answers, "pending_benefits"):
        who = WHO.get(str(row.get("pending_person")), "Okänd person")
        found.append(f"{who} väntar på beslut om {row.get('pending_benefit') or 'en ersättning'}.")
    return [*found, *_children(answers), *_assets(answers)]


def _children(answers: Mapping[str, Any]) -> list[str]:
    found = []
    for row in rows_of(answers, "children"):
        child = row.get("child")
        name = str(child.get("given_name") or "Barnet") if isinstance(child, Mapping) else "Barnet"
        if row.get("child_income") is True:
            found.append(
                f"{name} har egen inkomst: {row.get('child_income_text') or 'ej angivet'}. "
                "Lägg till den som rad om den inte redan står bland inkomsterna."
            )
        if row.get("child_change"):
            found.append(f"Ändrat för {name}: {row['child_change']}.")
    return found


def _assets(answers: Mapping[str, Any]) -> list[str]:
    found = []
    money = amount_of(answers.get("bank_assets"))
    if money:
        found.append(f"Pengar på konton: {format_kr(money)}. Ta ställning till om något ska dras av.")
    for row in rows_of(answers, "assets"):
        kind = ASSETS.get(str(row.get("asset_kind")), "Tillgång")
        worth = amount_of(row.get("asset_value"))
        text = row.get("asset_text") or row.get("registration") or ""
        detail = f" ({text})" if text else ""
        value = format_kr(worth) if worth is not None else "okänt värde"
        found.append(f"{kind}{detail}: {value}. Ta ställning till om något ska dras av.")
    return found
