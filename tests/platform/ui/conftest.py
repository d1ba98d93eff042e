"""The gallery's own site: the platform's templates and settings, no tenancy, no database."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def site(settings: Any) -> Any:
    """Settings of the gallery's site."""
    settings.ROOT_URLCONF = "tests.platform.ui.site"
    settings.MIDDLEWARE = [
        "sambruk.platform.ui.csp.SecurityHeadersMiddleware",
        "tests.platform.ui.site.Someone",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
        "sambruk.platform.ui.errors.ErrorPagesMiddleware",
    ]
    settings.CSRF_FAILURE_VIEW = "sambruk.platform.ui.errors.csrf_failure"
    settings.SECURE_SSL_REDIRECT = False
    return settings
