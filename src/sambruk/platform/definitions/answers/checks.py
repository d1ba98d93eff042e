"""Is an answer in wire format, and within what its field allows? Sentences by part; empty for a good one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sambruk.common import bank_account
from sambruk.common.errors import SambrukError
from sambruk.common.money import format_kr
from sambruk.common.month import Month
from sambruk.common.text import clean
from sambruk.platform.definitions.answers.parse import parse_text
from sambruk.platform.definitions.answers.people import parse_number
from sambruk.platform.definitions.answers.wire import OPTIONAL_PARTS, PARTS
from sambruk.platform.definitions.language import AnswerField, say

MAX_PART = 200
_AMOUNT = re.compile(r"-?[0-9]{1,12}\.[0-9]{2}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WRONG = "Svaret har fel form. Fyll i det igen."
# Sweden with its waters, in degrees: a place elsewhere is a slip of the map.
_SWEDEN = {"lat": (Decimal("55.0"), Decimal("69.2")), "lon": (Decimal("10.0"), Decimal("24.5"))}

Faults = dict[str, str]


def check(answer: AnswerField, wire: Any) -> Faults:
    """Return what is wrong with an answered field: sentences by part ("" for the field itself)."""
    return _CHECKS[answer.type](answer, wire)


def _text(answer: Any, wire: Any) -> Faults:
    if not isinstance(wire, str) or clean(wire) != wire or (answer.type == "text" and "\n" in wire):
        return {"": _WRONG}
    if len(wire) > answer.max_length:
        return {"": f"Texten är {len(wire) - answer.max_length} tecken för lång. Korta den."}
    if len(wire) < answer.min_length:
        return {"": f"Skriv minst {answer.min_length} tecken."}
    pattern = getattr(answer, "pattern", None)
    if pattern and not re.fullmatch(pattern, wire):
        return {"": say(answer.pattern_help) or _WRONG}
    return {}


def _number(answer: Any, wire: Any) -> Faults:
    if type(wire) is not int:
        return {"": _WRONG}
    if wire < answer.min:
        return {"": f"Talet får vara lägst {answer.min}."}
    if wire > answer.max:
        return {"": f"Talet får vara högst {answer.max}."}
    return {}


def _amount(answer: Any, wire: Any) -> Faults:
    if not isinstance(wire, str) or not _AMOUNT.fullmatch(wire):
        return {"": _WRONG}
    value = Decimal(wire)
    if value < Decimal(answer.min):
        if Decimal(answer.min) == 0:
            return {"": "Beloppet får inte vara mindre än noll."}
        return {"": f"Beloppet får vara lägst {format_kr(Decimal(answer.min))}."}
    if value > Decimal(answer.max):
        return {"": f"Beloppet får vara högst {format_kr(Decimal(answer.max))}."}
    return {}


def _date(answer: Any, wire: Any) -> Faults:
    try:
        # Python reads weeks too ("2026-W48-1"); an answer has one form.
        read = date.fromisoformat(wire) if isinstance(wire, str) and len(wire) == 10 else None
        year = read.year if read is not None and read.isoformat() == wire else 0
    except ValueError:
        year = 0
    return (
        {} if 1850 <= year <= 2200 else {"": "Skriv datumet som år, månad och dag, till exempel 2026-11-30."}
    )


def _month(answer: Any, wire: Any) -> Faults:
    try:
        good = isinstance(wire, str) and str(Month.parse(wire)) == wire and 1900 <= int(wire[:4]) <= 2200
    except SambrukError:
        good = False
    return {} if good else {"": "Skriv månaden som år och månad, till exempel 2026-11."}


def _yes_no(answer: Any, wire: Any) -> Faults:
    return {} if type(wire) is bool else {"": "Välj ja eller nej."}


def _choice(answer: Any, wire: Any) -> Faults:
    known = {option.id for option in answer.options}
    return {} if isinstance(wire, str) and wire in known else {"": "Välj ett av svaren."}


def _choices(answer: Any, wire: Any) -> Faults:
    known = {option.id for option in answer.options}
    if (
        not isinstance(wire, list)
        or not all(isinstance(one, str) for one in wire)
        or len(set(map(str, wire))) != len(wire)
        or not set(map(str, wire)) <= known
    ):
        return {"": "Välj bland svaren."}
    if answer.max_chosen and len(wire) > answer.max_chosen:
        return {"": f"Välj högst {answer.max_chosen}."}
    return {}


def _same(kind: str) -> Callable[[Any, Any], Faults]:
    """Check that reading the answer as if it were typed gives the answer itself."""

    def checked(answer: Any, wire: Any) -> Faults:
        try:
            return {} if isinstance(wire, str) and parse_text(kind, wire) == wire else {"": _WRONG}
        except SambrukError as error:
            return {"": error.message_sv}

    return checked


def _parts(answer: Any, wire: Any) -> Faults:
    names = PARTS[answer.type]
    if not isinstance(wire, Mapping) or not set(wire) <= set(names):
        return {"": _WRONG}
    faults: Faults = {}
    skipped = set(OPTIONAL_PARTS.get(answer.type, ()))
    if answer.type == "person" and answer.identify == "name":
        skipped.add("personal_number")
    for part, label in names.items():
        value = wire.get(part)
        if value in (None, ""):
            if part not in skipped:
                faults[part] = f"Fyll i {label}."
        elif not isinstance(value, str) or clean(value) != value or "\n" in value:
            faults[part] = _WRONG
        elif len(value) > MAX_PART * (5 if part == "description" else 1):
            faults[part] = "Texten är för lång. Korta den."
    return faults or _INSIDE[answer.type](answer, wire)


def _person(answer: Any, wire: Mapping[str, str]) -> Faults:
    digits = wire.get("personal_number")
    if not digits:
        return {}
    try:
        return {} if parse_number(digits) == digits else {"personal_number": _WRONG}
    except SambrukError as error:
        return {"personal_number": error.message_sv}


def _address(answer: Any, wire: Mapping[str, str]) -> Faults:
    if re.fullmatch(r"[1-9][0-9]{4}", wire["postal_code"]):
        return {}
    return {"postal_code": "Skriv postnumret med fem siffror, till exempel 177 31."}


def _account(answer: Any, wire: Mapping[str, str]) -> Faults:
    try:
        account = bank_account.parse_account(wire["clearing"], wire["account"])
    except bank_account.BankAccountError as error:
        return dict(error.field_errors)
    same = (account.clearing, account.account) == (wire["clearing"], wire["account"])
    return {} if same else {"account": _WRONG}


def _place(answer: Any, wire: Mapping[str, str]) -> Faults:
    lat, lon = wire.get("lat"), wire.get("lon")
    if bool(lat) != bool(lon):
        return {"": "Positionen är inte hel. Välj platsen igen, eller skriv adressen."}
    for part, (low, high) in _SWEDEN.items():
        value = wire.get(part)
        if value and (
            not re.fullmatch(r"-?[0-9]{1,3}\.[0-9]{6}", value) or not low <= Decimal(value) <= high
        ):
            return {"": "Platsen ligger inte i Sverige. Välj den igen, eller skriv adressen."}
    if not lat and not wire.get("address") and not wire.get("description"):
        return {"": "Fyll i adressen, eller beskriv var det är."}
    return {}


def _files(answer: Any, wire: Any) -> Faults:
    if not isinstance(wire, list):
        return {"": _WRONG}
    if len(wire) > answer.max_files:
        return {"": f"Det får vara högst {answer.max_files} filer. Ta bort några."}
    for one in wire:
        good = (
            isinstance(one, Mapping)
            and set(one) == {"id", "name", "size", "mime", "sha256"}
            and all(isinstance(one[key], str) and len(one[key]) <= 300 for key in ("id", "name", "mime"))
            and type(one["size"]) is int
            and isinstance(one["sha256"], str)
            and _SHA256.fullmatch(one["sha256"])
        )
        if not good:
            return {"": "En av filerna går inte att läsa. Ta bort den och lägg till den igen."}
        if one["size"] > answer.max_mb * 1024 * 1024:
            return {"": f"Filen {one['name']} är större än {answer.max_mb} MB. Välj en mindre fil."}
    return {}


def _rows(answer: Any, wire: Any) -> Faults:
    if not isinstance(wire, list) or not all(isinstance(row, Mapping) for row in wire):
        return {"": _WRONG}
    if len(wire) > answer.max_rows:
        return {"": f"Det får vara högst {answer.max_rows} rader. Ta bort några."}
    if len(wire) < answer.min_rows:
        return {"": f"Lägg till minst {answer.min_rows} rader."}
    return {}


_INSIDE: dict[str, Callable[[Any, Mapping[str, str]], Faults]] = {
    "person": _person,
    "address": _address,
    "bank_account": _account,
    "place": _place,
}
_CHECKS: dict[str, Callable[[Any, Any], Faults]] = {
    "text": _text,
    "long_text": _text,
    "number": _number,
    "amount": _amount,
    "date": _date,
    "month": _month,
    "yes_no": _yes_no,
    "choice": _choice,
    "choices": _choices,
    "person": _parts,
    "address": _parts,
    "bank_account": _parts,
    "place": _parts,
    "email": _same("email"),
    "phone": _same("phone"),
    "file": _files,
    "repeating_group": _rows,
}
