"""Where a login may lead back to: a path on this very host, nothing else."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

_MAX = 1500


def safe_path(target: str | None, default: str = "/") -> str:
    """Return the path if it stays on this host, else the default (an open redirect helps phishing)."""
    if not target or len(target) > _MAX or not target.startswith("/"):
        return default
    if any(ord(char) < 32 for char in target):
        return default
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else default


def login_url(request: HttpRequest, *, staff: bool = False, assurance: int = 0) -> str:
    """Return the login's address that leads back to this page (of a POST: to its address, by GET)."""
    parameters = {"next": safe_path(request.get_full_path())}
    if assurance:
        parameters["niva"] = str(assurance)
    return f"{'/personal/logga-in/' if staff else '/logga-in/'}?{urlencode(parameters)}"
