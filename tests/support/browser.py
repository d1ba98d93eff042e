"""A browser at one principal's host: Django's client through all middleware, and a provider to log in at."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.test import Client
from tests.support.oidc import ANNA, Provider


class Browser:
    """Keeps the cookies of one host, as a browser does for each host on its own."""

    def __init__(self, host: str, *, csrf: bool = False) -> None:
        self.host = host
        self.client = Client(enforce_csrf_checks=csrf, raise_request_exception=False)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers={"host": f"{self.host}:8000", **headers})

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.client.post(path, data or {}, headers={"host": f"{self.host}:8000", **headers})

    def answer(self, parameters: dict[str, str]) -> Any:
        """Come back from the provider."""
        return self.get(f"/logga-in/svar/?{urlencode(parameters)}")

    def begin(self, path: str = "/logga-in/") -> str:
        """Begin a login; return where the browser is sent."""
        response = self.get(path)
        assert response.status_code == 302, response.content.decode()
        assert urlsplit(response["Location"]).path == "/authorize"
        return str(response["Location"])

    def log_in(
        self, provider: Provider, person: dict[str, Any] = ANNA, path: str = "/logga-in/?next=/whoami/"
    ) -> Any:
        """Log in all the way; return the response to the provider's answer."""
        return self.answer(provider.authorize(self.begin(path), person))

    def whoami(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/whoami/").json()
        return found

    @property
    def session_key(self) -> str | None:
        morsel = self.client.cookies.get("sambruk_session")
        return morsel.value if morsel is not None and morsel.value else None
