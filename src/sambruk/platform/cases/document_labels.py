"""What the categories of a case's documents are called, in Swedish."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

CATEGORIES = {
    "application": gettext_lazy("Ansökan"),
    "attachment": gettext_lazy("Bilaga"),
    "completion": gettext_lazy("Komplettering"),
    "letter": gettext_lazy("Brev"),
    "message": gettext_lazy("Bifogat i meddelande"),
    "payment": gettext_lazy("Utbetalning"),
}


def category_label(category: str) -> str:
    """Return what a category is called; "Handling" for one that has no name of its own."""
    return str(CATEGORIES.get(category, gettext_lazy("Handling")))
