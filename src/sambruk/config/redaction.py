"""Takes personal numbers and secrets out of what is about to be logged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "[personnummer]"

_DASH = r"(?:[-+ \u2010-\u2015\u2212]|%2[BbDd]|%20)?"
_MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"
_MONTH_DAY_DASHED = r"-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"
#: Ten or twelve digits whose middle is a month and a day (plus 60 in a samordningsnummer), with or without
#: a century, a dash, a plus or a space. Rather too much is masked than too little: some telephone
#: numbers too.
_PERSONAL_NUMBER = re.compile(
    rf"(?<!\d)(?:\d{{2}}{_DASH})?\d{{2}}(?:{_MONTH_DAY}|{_MONTH_DAY_DASHED}){_DASH}\d{{4}}(?!\d)"
)
_URL_PASSWORD = re.compile(r"(?P<start>\b[a-z][a-z0-9+.-]*://[^\s/:@]+:)[^\s/@]+@", re.IGNORECASE)
_SECRET_KEY = re.compile(
    r"passw|secret|token|authorization|cookie|session|credential|private_key|api_?key|field_?keys|audit_?key"
    r"|personal_?(?:identity_?)?number|personnummer|personnr|\bpnr\b|\bssn\b|verifier|nonce|database_url",
    re.IGNORECASE,
)
_DEEPEST = 6


def redact_text(text: str) -> str:
    """Return the text with every personal number masked and every password in an address removed."""
    return _PERSONAL_NUMBER.sub(MASK, _URL_PASSWORD.sub(r"\g<start>***@", text))


def is_secret(key: str) -> bool:
    """Say whether a value under this name must never be logged, whatever it is."""
    return _SECRET_KEY.search(key) is not None


def redact(value: Any, depth: int = 0) -> Any:
    """Return a copy fit for the log: plain JSON types, personal numbers masked, secret keys dropped.

    What is no plain type becomes its text first, so that nothing is turned into text after this.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if redact_text(str(value)) == str(value) else MASK
    if isinstance(value, str):
        return redact_text(value)
    if depth >= _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {
            redact_text(str(key)): redact(item, depth + 1)
            for key, item in value.items()
            if not is_secret(str(key))
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item, depth + 1) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return redact_text(bytes(value).decode("utf-8", "backslashreplace"))
    return redact_text(str(value))
