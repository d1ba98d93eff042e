"""From what an HTML form sends (text) to answers in wire format. What cannot be read gives a sentence.

Names of inputs are the addresses: `rent`, `applicant.given_name`, `incomes.0.amount`; a row is there when any
of its inputs is, so a hidden `incomes.0.row` keeps an empty row. Bounds are checked by `validate`, not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import phonenumbers

from sambruk.common import bank_account
from sambruk.common.errors import Invalid, SambrukError
from sambruk.common.money import LARGEST, parse_kr
from sambruk.common.month import Month
from sambruk.common.text import clean, single_line
from sambruk.platform.definitions.answers.people import parse_number
from sambruk.platform.definitions.answers.wire import PARTS, ROW_ID, Answers, Errors
from sambruk.platform.definitions.conditions.names import answer_fields, row_fields
from sambruk.platform.definitions.language import AnswerField, RepeatingGroupField, Step, computed_of

MAX_TYPED = 20_000
_INT = re.compile(r"[-\u2212]?[0-9]{1,15}")
_COMPACT_DATE = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")

FormData = Mapping[str, Sequence[str]]


@dataclass
class Parsed:
    """What could be read, and the sentences for what could not. `answers` lacks the unreadable ones."""

    answers: Answers = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)


def parse_step(step: Step, data: FormData) -> Parsed:
    """Read one step's fields. Fields that are not sent are left out; cleared ones are None.

    Files are not read here: they have their own uploads.
    """
    parsed = Parsed()
    for answer in answer_fields(step):
        _one(answer, answer.id, data, parsed.answers, parsed.errors)
    return parsed


def _one(answer: AnswerField, address: str, data: FormData, answers: Answers, errors: Errors) -> None:
    if answer.type == "file" or computed_of(answer) is not None:
        return
    if isinstance(answer, RepeatingGroupField):
        _group(answer, data, answers, errors)
    elif answer.type in PARTS:
        _composite(answer, address, data, answers, errors)
    elif address in data:
        try:
            if answer.type == "choices":
                answers[answer.id] = [_typed(one) for one in data[address] if one] or None
            else:
                answers[answer.id] = parse_text(answer.type, data[address][-1] if data[address] else "")
        except SambrukError as error:
            errors[address] = error.message_sv


def _group(group: RepeatingGroupField, data: FormData, answers: Answers, errors: Errors) -> None:
    pattern = re.compile(rf"{re.escape(group.id)}\.([0-9]{{1,4}})\.")
    indexes = sorted({int(match[1]) for name in data if (match := pattern.match(name))})
    if not indexes and group.id not in data:
        return
    rows: list[Answers] = []
    if len(indexes) > group.max_rows:
        errors[group.id] = f"Det får vara högst {group.max_rows} rader. Ta bort några."
    for position, index in enumerate(indexes[: group.max_rows]):
        row: Answers = {}
        row_errors: Errors = {}
        given = data.get(f"{group.id}.{index}.row", [""])[-1]
        row["row"] = given if ROW_ID.fullmatch(given) else f"r{index + 1}"
        for inner in row_fields(group):
            _one(inner, f"{group.id}.{index}.{inner.id}", data, row, row_errors)
        rows.append(row)
        # Errors are told by the row's place as it is kept, not by the number that its inputs had.
        before, after = f"{group.id}.{index}.", f"{group.id}.{position}."
        errors.update({after + key.removeprefix(before): text for key, text in row_errors.items()})
    answers[group.id] = rows


def _composite(answer: AnswerField, address: str, data: FormData, answers: Answers, errors: Errors) -> None:
    names = {part: f"{address}.{part}" for part in PARTS[answer.type]}
    if not any(name in data for name in names.values()):
        return
    value: dict[str, str] = {}
    for part, name in names.items():
        try:
            typed = single_line(_typed(data[name][-1] if data.get(name) else ""))
            if typed:
                value[part] = _PART_READERS.get(part, str)(typed)
        except SambrukError as error:
            errors[name] = error.message_sv
            value[part] = ""
    if answer.type == "bank_account" and len(value) == 2 and all(value.values()):
        try:
            account = bank_account.parse_account(value["clearing"], value["account"])
            value = {"clearing": account.clearing, "account": account.account}
        except bank_account.BankAccountError as error:
            errors.update({f"{address}.{part}": text for part, text in error.field_errors.items()})
    answers[answer.id] = {part: text for part, text in value.items() if text} or None


def parse_text(kind: str, typed: str) -> Any:
    """Read one typed text as an answer of a type. None for empty. Raises Invalid with a sentence."""
    text = _typed(typed)
    if kind == "long_text":
        return clean(text).strip() or None
    line = single_line(text)
    return _READERS[kind](line) if line else None


def _typed(text: str) -> str:
    if len(text) > MAX_TYPED:
        raise Invalid(f"Texten är för lång. Den får vara högst {MAX_TYPED} tecken.", code="too_long")
    if "\ufffd" in text:
        raise Invalid("Texten har tecken som inte går att läsa. Skriv den igen.", code="encoding")
    return text


def _number(text: str) -> int:
    bare = re.sub(r"[\s\u00a0\u202f]", "", text)
    if not _INT.fullmatch(bare):
        raise Invalid("Skriv ett heltal med siffror, till exempel 3.")
    return int(bare.replace("\u2212", "-"))


def _date(text: str) -> str:
    match = _COMPACT_DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError as error:
        raise Invalid("Skriv datumet som år, månad och dag, till exempel 2026-11-30.") from error


def _yes_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise Invalid("Välj ja eller nej.")
    return text == "yes"


def _email(text: str) -> str:
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    try:
        validate_email(text)
    except ValidationError as error:
        raise Invalid("Skriv e-postadressen med snabel-a, till exempel namn@exempel.se.") from error
    return text


def _phone(text: str) -> str:
    try:
        number = phonenumbers.parse(text, "SE")
    except phonenumbers.NumberParseException as error:
        raise Invalid("Skriv telefonnumret med siffror, till exempel 070-123 45 67.") from error
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise Invalid("Telefonnumret har fel antal siffror. Kontrollera det.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _postal_code(text: str) -> str:
    bare = re.sub(r"\s", "", text)
    if not re.fullmatch(r"[1-9][0-9]{4}", bare):
        raise Invalid("Skriv postnumret med fem siffror, till exempel 177 31.")
    return bare


def _coordinate(text: str) -> str:
    match = re.fullmatch(r"(-?[0-9]{1,3})(?:[.,]([0-9]{1,15}))?", text)
    if match is None:
        raise Invalid("Positionen går inte att läsa. Skriv adressen i stället.")
    return f"{int(match[1])}.{(match[2] or '')[:6].ljust(6, '0')}"


_READERS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "number": _number,
    # Signs and bounds are the field's own, checked by `validate`.
    "amount": lambda text: f"{parse_kr(text, minimum=-LARGEST):.2f}",
    "date": _date,
    "month": lambda text: str(Month.parse(text)),
    "yes_no": _yes_no,
    "choice": str,
    "email": _email,
    "phone": _phone,
}
_PART_READERS: dict[str, Callable[[str], str]] = {
    "personal_number": parse_number,
    "postal_code": _postal_code,
    "lat": _coordinate,
    "lon": _coordinate,
}
