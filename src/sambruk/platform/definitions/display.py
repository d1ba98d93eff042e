"""Answers as people read them: by step, each with its label, for review, case page and receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import phonenumbers

from sambruk.common.calendar import format_date
from sambruk.common.money import format_kr
from sambruk.common.month import Month
from sambruk.platform.definitions.conditions import Evaluation
from sambruk.platform.definitions.language import (
    InformationField,
    RepeatingGroupField,
    Service,
    say,
)

#: What is said of a question without an answer.
UNANSWERED = "Inget svar"


@dataclass(frozen=True)
class Answer:
    """One answered question. `raw` is the wire value, for comparing."""

    field: str
    label: str
    text: str
    raw: Any
    sensitive: bool


@dataclass(frozen=True)
class Section:
    """A step's answers, or one row of a repeating group in it (`row` from 1)."""

    step: str
    title: str
    answers: tuple[Answer, ...]
    row: int = 0


def sections(service: Service, answers: Mapping[str, Any], evaluation: Evaluation) -> list[Section]:
    """Return what was asked and answered, in the form's order. Hidden questions are left out.

    Computed values come from the evaluation. A repeating group gives one section a row.
    """
    found: list[Section] = []
    for step in service.steps:
        if step.id not in evaluation.steps:
            continue
        rows: list[Answer] = []
        groups: list[Section] = []
        for item in step.fields:
            if isinstance(item, InformationField) or item.id not in evaluation.visible:
                continue
            if isinstance(item, RepeatingGroupField):
                groups += _group(step.id, item, answers, evaluation)
                continue
            rows.append(_answer(item, item.id, answers.get(item.id), evaluation))
        found.append(Section(step.id, say(step.title), tuple(rows)))
        found += groups
    return [section for section in found if section.answers]


def _group(
    step: str, group: RepeatingGroupField, answers: Mapping[str, Any], evaluation: Evaluation
) -> list[Section]:
    rows = answers.get(group.id) or []
    return [
        Section(
            step,
            f"{say(group.row_label)} {number}",
            tuple(
                _answer(inner, f"{group.id}.{number - 1}.{inner.id}", row.get(inner.id), evaluation)
                for inner in group.fields
                if not isinstance(inner, InformationField)
                and f"{group.id}.{number - 1}.{inner.id}" in evaluation.visible
            ),
            number,
        )
        for number, row in enumerate(rows, start=1)
    ]


def _answer(item: Any, address: str, wire: Any, evaluation: Evaluation) -> Answer:
    value = evaluation.computed.get(address, wire)
    return Answer(address, say(item.label), text_of(item, value), value, item.sensitivity == "sensitive")


def text_of(item: Any, value: Any) -> str:
    """Return an answer as text. What is not in its wire format is shown as it is, never hidden."""
    if value is None or value in ("", [], {}):
        return UNANSWERED
    kind = item.type
    try:
        if kind == "amount":
            return format_kr(Decimal(value))
        if kind == "yes_no":
            return "Ja" if value is True else "Nej"
        if kind == "date":
            return format_date(date.fromisoformat(value))
        if kind == "month":
            return Month.parse(value).label
        if kind == "phone":
            return phone_text(value)
    except (ValueError, InvalidOperation, TypeError):
        return str(value)
    if kind in {"choice", "choices"}:
        labels = {option.id: say(option.label) for option in item.options}
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(one, str(one)) for one in chosen)
    if kind == "number" and item.unit:
        return f"{value} {say(item.unit)}"
    return _composite(kind, value) if isinstance(value, dict | list) else str(value)


def phone_text(number: str) -> str:
    """Return an E.164 number as people write it: 070-174 06 05, or +45 32 12 34 56 from elsewhere."""
    try:
        parsed = phonenumbers.parse(number, "SE")
    except phonenumbers.NumberParseException:
        return number
    national = parsed.country_code == 46
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return str(phonenumbers.format_number(parsed, style))


def _composite(kind: str, value: Any) -> str:
    if kind == "file":
        return ", ".join(str(one.get("name", "")) if isinstance(one, dict) else str(one) for one in value)
    if kind == "person":
        number = str(value.get("personal_number") or "")
        masked = f"{number[:8]}-****" if len(number) == 12 else ""
        name = str(
            value.get("name") or f"{value.get('given_name', '')} {value.get('family_name', '')}"
        ).strip()
        return ", ".join(part for part in (name, masked) if part)
    if kind == "address":
        return ", ".join(
            part
            for part in (
                str(value.get("care_of") or ""),
                str(value.get("street") or ""),
                f"{value.get('postal_code') or ''} {value.get('city') or ''}".strip(),
            )
            if part
        )
    if kind == "bank_account":
        account = str(value.get("account") or "")
        return f"{value.get('clearing', '')}, {'•' * max(0, len(account) - 4)}{account[-4:]}"
    if kind == "place":
        position = f"{value['lat']}, {value['lon']}" if value.get("lat") else ""
        return ", ".join(str(p) for p in (value.get("address"), value.get("description"), position) if p)
    return ", ".join(f"{key}: {part}" for key, part in value.items() if part)
