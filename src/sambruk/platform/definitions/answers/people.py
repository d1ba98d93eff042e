"""Personal numbers as answers: test numbers are taken in demo and tests, and in services' own examples."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings

from sambruk.common import personal_number

_examples: ContextVar[bool] = ContextVar("definitions_examples", default=False)


@contextmanager
def taking_test_numbers() -> Iterator[None]:
    """While examples are run: they hold nobody's real number, and are run in production as well."""
    token = _examples.set(True)
    try:
        yield
    finally:
        _examples.reset(token)


def parse_number(text: str) -> str:
    """Return a typed personal number as twelve digits. Raises PersonalNumberError with a sentence."""
    test_mode = _examples.get() or bool(getattr(settings, "TEST_MODE", False))
    return personal_number.parse(text, test_mode=test_mode).digits
