"""What the tests of SAML share: a registered provider, and how a browser comes back from it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

from tests.support.browser import Browser
from tests.support.saml import LOA3, SamlProvider

from sambruk.platform.identity.models import IdentityProvider
from sambruk.platform.identity.saml.keys import new_key_pair

Refuse: TypeAlias = Callable[[], str]
SP = "http://jarfalla.localhost:8000/logga-in/saml/metadata/eid/"


@cache
def _keys() -> tuple[str, str]:
    return new_key_pair("jarfalla.localhost")


def record_of(provider: SamlProvider, host: str = "jarfalla.localhost", **more: Any) -> IdentityProvider:
    values: dict[str, Any] = {
        "slug": "eid",
        "name": "Test-e-legitimation",
        "purpose": "resident",
        "protocol": "saml",
        "issuer": provider.entity_id,
        "client_id": f"http://{host}:8000/logga-in/saml/metadata/eid/",
        "redirect_base": f"http://{host}:8000",
        "acr_values": LOA3,
        "saml_metadata": provider.metadata(),
        "saml_key": _keys()[0],
        "saml_certificate": _keys()[1],
        **more,
    }
    return IdentityProvider.objects.create(**values)


def begin(browser: Browser, path: str = "/logga-in/?next=/whoami/") -> str:
    response = browser.get(path)
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def post(browser: Browser, form: dict[str, str]) -> Any:
    """Post the provider's form as a browser does from another site: without cookies; follow with them."""
    stranger = Browser(browser.host, csrf=True)
    response = stranger.post("/logga-in/saml/svar/", form)
    if response.status_code != 303:
        return response
    return browser.get(response["Location"])


def log_in(browser: Browser, provider: SamlProvider, path: str = "/logga-in/?next=/whoami/") -> Any:
    action, form = provider.answer(begin(browser, path))
    assert action == "http://jarfalla.localhost:8000/logga-in/saml/svar/"
    return post(browser, form)


def fault(response: Any) -> str:
    text = response.content.decode()
    assert "Du är inte inloggad" in text, text
    return text.partition('data-login-fault="')[2].partition('"')[0]


def target(response: Any) -> str:
    """Where an answer that is believed leads; the page's fault where it is not."""
    assert response.status_code == 302, f"{response.status_code}: {fault(response)}"
    return str(response["Location"])
