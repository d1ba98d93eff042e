"""How sure a figure or rule is: shown beside every row of a calculation."""

from __future__ import annotations

from enum import StrEnum


class Mark(StrEnum):
    """The certainty of a figure, from surest to least sure; `CASE` is a fact of the case, not of the law."""

    CASE = "case"
    OFFICIAL = "official"
    THIRD_PARTY = "third_party"
    ESTIMATE = "estimate"
    UNVERIFIED = "unverified"

    @property
    def label(self) -> str:
        """The word in Swedish that the screen shows."""
        return _LABELS[self]


_LABELS = {
    Mark.CASE: "uppgift i ärendet",
    Mark.OFFICIAL: "officiell",
    Mark.THIRD_PARTY: "tredje part",
    Mark.ESTIMATE: "uppskattning",
    Mark.UNVERIFIED: "ej kontrollerad",
}
_ORDER = {mark: place for place, mark in enumerate(Mark)}


def weakest(*marks: Mark) -> Mark:
    """Return the least sure of the marks: what is built on several figures is no surer than the worst."""
    return max(marks, key=_ORDER.__getitem__)
