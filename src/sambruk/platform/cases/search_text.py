"""The words that a case is found by; of a protected one, its title alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sambruk.platform.cases.models import Application, Case
from sambruk.platform.cases.models.case import Secrecy
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.display import text_of
from sambruk.platform.definitions.language import Service

LONGEST = 4000


def joined(case: Case, words: str, names: Iterable[str]) -> str:
    """Return the text of its parts. Never a name, an address or another answer of a protected case."""
    if case.secrecy == Secrecy.PROTECTED:
        return case.title[:LONGEST]
    return " ".join(part for part in (case.title, words, *names) if part)[:LONGEST]


def search_text(case: Case, names: Iterable[str]) -> str:
    """Return the text for a case that exists, from its title, its application and its parties' names."""
    if case.secrecy == Secrecy.PROTECTED:
        return joined(case, "", ())
    application = Application.objects.filter(case=case).order_by("submitted_at").first()
    service = definitions.by_hash(case.definition_hash).service
    return joined(case, words_of(service, application.answers) if application else "", names)


def words_of(service: Service, answers: Mapping[str, Any]) -> str:
    """Return the answers that staff may search in, as words; sensitive ones are never among them."""
    wanted = set(service.case.search)
    found: dict[str, str] = {}
    for step in service.steps:
        for field in step.fields:
            value = answers.get(field.id)
            if field.id not in wanted or not value or getattr(field, "sensitivity", "") == "sensitive":
                continue
            if field.type == "place" and isinstance(value, Mapping):
                found[field.id] = str(value.get("address") or value.get("description") or "position på karta")
            else:
                found[field.id] = text_of(field, value)
    return " ".join(found[key] for key in service.case.search if found.get(key))
