"""The municipality's e-services, to be found by category and by words."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from sambruk.common.clock import today
from sambruk.common.sort_key import name_sort_key
from sambruk.common.text import single_line
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.language import Citation, Mark, say

MARKS = {Mark.VERIFIED: "official", Mark.THIRD_PARTY: "third_party", Mark.UNVERIFIED: "unverified"}


@dataclass(frozen=True)
class Entry:
    """A service in the list."""

    id: str
    title: str
    summary: str
    url: str
    category: str


@dataclass(frozen=True)
class Law:
    """A place in the law, and how sure the citation is."""

    text: str
    about: str
    mark: str
    source: str


def entry(effective: Effective) -> Entry:
    """Return a service as it stands in the list."""
    service = effective.service
    url = reverse("forms:service", args=[service.service])
    return Entry(service.service, say(service.title), say(service.summary), url, say(service.category))


def find(words: str = "", *, channel: str = "web") -> list[Entry]:
    """Return the offered services that hold every word (in title, summary, category or keywords)."""
    wanted = name_sort_key(single_line(words)[:200]).split()
    found = []
    for effective in definitions.offered():
        service = effective.service
        if channel not in service.channels:
            continue
        text = " ".join(say(t) for t in (service.title, service.summary, service.category, service.keywords))
        hay = name_sort_key(text)
        if all(word in hay for word in wanted):
            found.append(entry(effective))
    return found


def by_category(entries: list[Entry]) -> list[tuple[str, list[Entry]]]:
    """Return entries under their categories, both in Swedish order."""
    groups: dict[str, list[Entry]] = {}
    for one in sorted(entries, key=lambda one: name_sort_key(one.title)):
        groups.setdefault(one.category, []).append(one)
    return sorted(groups.items(), key=lambda item: name_sort_key(item[0]))


def laws(effective: Effective) -> list[Law]:
    """Return the law that holds today, each with its mark."""
    return [_law(one) for one in effective.service.legal_basis if one.holds_on(today())]


def _law(one: Citation) -> Law:
    return Law(f"{one.act} {one.section}", say(one.about), MARKS[one.mark], one.source)
