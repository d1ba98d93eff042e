"""Personal numbers as answers: test numbers are taken in demo and tests alone."""

from __future__ import annotations

from django.conf import settings

from sambruk.common import personal_number


def parse_number(text: str) -> str:
    """Return a typed personal number as twelve digits. Raises PersonalNumberError with a sentence."""
    return personal_number.parse(text, test_mode=bool(getattr(settings, "TEST_MODE", False))).digits
