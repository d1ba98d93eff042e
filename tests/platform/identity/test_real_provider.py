"""The same against a provider that others wrote: oidc-provider-mock, as the demo runs it, its own process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from django.conf import LazySettings
from tests.support.browser import Browser

from sambruk.operations.demo import people
from sambruk.platform.identity.models import IdentityProvider, Membership, StaffMember, Unit
from sambruk.platform.identity.oidc import metadata
from sambruk.platform.identity.signing import SignatureEvidence
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Authority, Principal

pytestmark = [pytest.mark.urls("tests.platform.identity.urls"), pytest.mark.slow]
SECRET = "only-for-this-test"
TOWN = people.municipality("0123")
RESIDENT = next(found for found in people.RESIDENTS if found.municipality == "0123")
WORKER = next(found for found in people.STAFF if found.municipality == "0123")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    port = free_port()
    environment = {
        **os.environ,
        "SAMBRUK_DEMO_IDP_PORT": str(port),
        "SAMBRUK_DEMO_IDP_SECRET": SECRET,
        "SAMBRUK_DEMO_PORT": "8000",
    }
    process = subprocess.Popen([sys.executable, "-m", "sambruk.operations.demo.idp"], env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                httpx.get(f"{address}/jwks", timeout=1)
                break
            except httpx.TransportError:
                assert process.poll() is None, "the provider ended"
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def browser(committed_db: str, jarfalla: Principal, issuer: str, settings: LazySettings) -> Iterator[Browser]:
    settings.DEMO = True
    metadata.forget()
    with tenant_transaction(jarfalla.pk):
        for purpose in ("resident", "staff"):
            record = IdentityProvider.objects.create(
                slug=f"demo-{purpose}",
                name="Test-id",
                purpose=purpose,
                issuer=issuer,
                client_id=TOWN.client_id(purpose),
                client_secret=SECRET,
                redirect_base=TOWN.origin(8000),
            )
        unit = Unit.objects.create(name="KC", slug="kc", authority=Authority.objects.all()[0])
        member = StaffMember.objects.create(provider=record, subject=WORKER.sub, name=WORKER.name)
        Membership.objects.create(staff=member, unit=unit, role="decision_maker", valid_from="2020-01-01")
    yield Browser("jarfalla.localhost")
    metadata.forget()


def at_provider(url: str, sub: str = "", *, deny: bool = False) -> dict[str, str]:
    """Follow the browser's way at the provider; with ``sub``, choose that person on its page."""
    if deny or sub:
        data = {"action": "deny"} if deny else {"sub": sub}
        response = httpx.post(url, data=data)
    else:
        response = httpx.get(url)
    assert response.status_code in (302, 303), response.text
    assert response.headers["location"].startswith("http://jarfalla.localhost:8000/logga-in/svar/?")
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


def location(browser: Browser, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 302
    return str(response["Location"])


def test_one_click_logs_a_resident_in(browser: Browser) -> None:
    url = location(browser, f"/logga-in/?next=/resident/&som={RESIDENT.sub}")
    assert browser.answer(at_provider(url))["Location"] == "/resident/"
    me = browser.whoami()
    assert (me["kind"], me["name"], me["assurance"]) == ("resident", RESIDENT.name, 3)


def test_one_click_changes_who_is_logged_in(browser: Browser) -> None:
    browser.answer(at_provider(location(browser, f"/logga-in/?som={RESIDENT.sub}")))
    url = location(browser, f"/personal/logga-in/?next=/staff/&som={WORKER.sub}")
    assert browser.answer(at_provider(url))["Location"] == "/staff/"
    assert browser.whoami()["name"] == WORKER.name
    assert browser.get("/staff/").content == b"staff"


def test_a_code_is_taken_once(browser: Browser) -> None:
    first = at_provider(location(browser, f"/logga-in/?som={RESIDENT.sub}"))
    browser.answer(first)
    second = at_provider(location(browser, f"/logga-in/?som={RESIDENT.sub}"))
    response = browser.answer({**second, "code": first["code"]})
    assert 'data-login-fault="code_refused"' in response.content.decode()


def test_cancelling_comes_back_and_says_so(browser: Browser) -> None:
    response = browser.answer(at_provider(location(browser, "/logga-in/"), deny=True))
    assert 'data-login-fault="login_cancelled"' in response.content.decode()


def test_signing_asks_for_the_person_and_binds_the_bytes(browser: Browser) -> None:
    browser.answer(at_provider(location(browser, f"/logga-in/?som={RESIDENT.sub}")))
    url = location(browser, "/sign/")
    response = browser.answer(at_provider(url, RESIDENT.sub))
    evidence = SignatureEvidence.from_json(browser.get(response["Location"]).json()["sealed"])
    assert evidence.subject == RESIDENT.sub
    assert str(evidence.person_id) == browser.whoami()["id"]


def test_another_person_does_not_sign(browser: Browser) -> None:
    browser.answer(at_provider(location(browser, f"/logga-in/?som={RESIDENT.sub}")))
    other = next(found for found in people.RESIDENTS if found.sub != RESIDENT.sub)
    response = browser.answer(at_provider(location(browser, "/sign/"), other.sub))
    assert browser.get(response["Location"]).json()["fault"] == "signed_by_another"


def test_logging_out_ends_at_the_provider_and_comes_back(browser: Browser) -> None:
    browser.answer(at_provider(location(browser, f"/logga-in/?som={RESIDENT.sub}")))
    onward = browser.post("/logga-ut/")["Refresh"].removeprefix("0; url=")
    assert httpx.get(onward).headers["location"] == "http://jarfalla.localhost:8000/"
    assert browser.whoami()["kind"] == "anonymous"
