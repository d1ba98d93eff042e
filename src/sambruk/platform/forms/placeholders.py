"""Texts of a definition with {placeholders} for answers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sambruk.platform.definitions.placeholders import PATTERN


def fill(template: str, words: Mapping[str, str]) -> str:
    """Return the text with the words in place; one without a word is left out, and its comma with it."""
    text = PATTERN.sub(lambda match: words.get(match[1], ""), template)
    return re.sub(r"\s{2,}", " ", text).strip(" ,:;–-")
