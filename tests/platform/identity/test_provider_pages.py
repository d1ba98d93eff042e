"""The administrator's pages for ways to log in: added switched off, tried, explained, switched on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.platform.identity.conftest import record_of
from tests.platform.identity.saml_support import log_in, target
from tests.support.browser import Browser
from tests.support.oidc import LOA3, Provider
from tests.support.pages import text
from tests.support.saml import SamlProvider

from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.identity.models import IdentityProvider, Membership, StaffMember, Unit
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Authority, Principal

pytestmark = pytest.mark.urls("tests.platform.identity.urls")
LIST = "/admin-kommun/inloggning/"
BASE = "http://jarfalla.localhost:8000"


@pytest.fixture
def ada(db: None, jarfalla: Principal, provider: Provider) -> Browser:
    """An administrator, logged in; and Karin, who is none."""
    with tenant_transaction(jarfalla.pk):
        record = record_of(provider, "staff")
        unit = Unit.objects.create(name="Kansli", slug="kansli", authority=Authority.objects.all()[0])
        for subject, role in (("ada", "administrator"), ("karin", "caseworker")):
            member = StaffMember.objects.create(provider=record, subject=subject, name=subject.title())
            Membership.objects.create(staff=member, unit=unit, role=role, valid_from=date(2020, 1, 1))
    return staff(provider, "ada")


def staff(provider: Provider, subject: str) -> Browser:
    browser = Browser("jarfalla.localhost")
    browser.log_in(provider, {"sub": subject, "acr": LOA3}, "/personal/logga-in/?idp=test-staff")
    return browser


def oidc(provider: Provider, **more: str) -> dict[str, str]:
    return {
        "slug": "bankid",
        "purpose": "resident",
        "name": "BankID",
        "issuer": provider.issuer,
        "client_id": "0123-resident",
        "client_secret": provider.secret,
        "redirect_base": BASE,
        **more,
    }


def saml(provider: SamlProvider, **more: str) -> dict[str, str]:
    return {
        "slug": "eid",
        "purpose": "resident",
        "name": "E-legitimation",
        "saml_metadata": provider.metadata(),
        "redirect_base": BASE,
        **more,
    }


def added(ada: Browser, protocol: str, data: dict[str, str]) -> str:
    response = ada.post(f"{LIST}ny/{protocol}/", data)
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def test_an_oidc_login_is_added_tried_switched_on_and_used(
    ada: Browser, provider: Provider, jarfalla: Principal
) -> None:
    address = added(ada, "oidc", oidc(provider))
    assert "avstängd" in text(ada.get(address))
    resident = Browser("jarfalla.localhost")
    assert 'data-login-fault="no_provider"' in text(resident.get("/logga-in/"))
    found = text(ada.post(f"{address}prova/"))
    assert "Vi hittade inget som hindrar inloggning" in found
    assert "Tjänsten har en nyckel" in found
    assert ada.post(f"{address}lage/", {"active": "yes"})["Location"] == address
    assert resident.log_in(provider)["Location"] == "/whoami/"
    with tenant_transaction(jarfalla.pk):
        events = {e.event for e in AuditEvent.objects.filter(actor_name="Ada")}
        assert {"provider.added", "provider.opened"} <= events


def test_a_saml_login_is_added_tried_switched_on_and_used(ada: Browser, saml_provider: SamlProvider) -> None:
    address = added(ada, "saml", saml(saml_provider))
    page = text(ada.get(address))
    assert f"{BASE}/logga-in/saml/metadata/eid/" in page
    assert saml_provider.entity_id in page
    found = text(ada.post(f"{address}prova/"))
    assert "Vi hittade inget som hindrar inloggning" in found
    assert saml_provider.sso_url in found
    assert "skriva under" in found
    ada.post(f"{address}lage/", {"active": "yes"})
    resident = Browser("jarfalla.localhost", csrf=True)
    saml_provider.service_metadata = text(resident.get("/logga-in/saml/metadata/eid/"))
    assert target(log_in(resident, saml_provider)) == "/whoami/"


def test_no_page_shows_a_secret_or_a_key(
    ada: Browser, provider: Provider, saml_provider: SamlProvider, jarfalla: Principal
) -> None:
    secret = "only-once-9d2f"
    wrong = ada.post(f"{LIST}ny/oidc/", oidc(provider, client_secret=secret, issuer="nowhere"))
    assert wrong.status_code == 422
    addresses = [
        added(ada, "oidc", oidc(provider, client_secret=secret)),
        added(ada, "saml", saml(saml_provider)),
    ]
    pages = [text(wrong), *(text(ada.get(address)) for address in addresses)]
    pages += [text(ada.post(f"{address}prova/")) for address in addresses]
    assert not any(secret in page or "PRIVATE KEY" in page for page in pages)
    with tenant_transaction(jarfalla.pk):
        assert IdentityProvider.objects.get(slug="bankid").client_secret == secret
        for event in AuditEvent.objects.filter(event="provider.added"):
            assert not {"client_secret", "saml_key"} & set(event.field_names)


def test_what_is_changed_is_kept_and_an_empty_secret_changes_nothing(
    ada: Browser, provider: Provider, jarfalla: Principal
) -> None:
    address = added(ada, "oidc", oidc(provider))
    changed = {
        **oidc(provider, name="BankID och Freja", client_secret=""),
        "claims": "personal_number = pnr, number\nname=display",
        "acr_levels": "http://x.example/a?b=c = 3",
        "acr_values": "http://x.example/a?b=c",
    }
    assert ada.post(address, changed)["Location"] == address
    with tenant_transaction(jarfalla.pk):
        record = IdentityProvider.objects.get(slug="bankid")
        assert (record.name, record.client_secret) == ("BankID och Freja", provider.secret)
        assert record.claim_names("personal_number") == ["pnr", "number"]
        assert record.level_of("http://x.example/a?b=c") == 3
        event = AuditEvent.objects.get(event="provider.changed")
        assert set(event.field_names) == {"name", "claims", "acr_levels", "acr_values"}
    page = text(ada.get(address))
    assert "personal_number = pnr, number" in page
    assert "http://x.example/a?b=c = 3" in page


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "inloggningens namn"),
        ({"slug": "Bank ID"}, "kort namn med små bokstäver"),
        ({"slug": "test-staff"}, "redan en inloggning"),
        ({"purpose": "king"}, "Välj vem"),
        ({"issuer": "http://login.example"}, "börjar med https"),
        ({"issuer": "https://[x"}, "börjar med https"),
        ({"redirect_base": "https://e.example/sida"}, "början av er egen adress"),
        ({"acr_levels": "hog"}, "en rad för varje"),
        ({"acr_levels": "hog = sju"}, "en rad för varje namn"),
        ({"acr_levels": "hog = 7"}, "heltal från 1 till 4"),
        ({"claims": "shoe_size = size"}, "Okända uppgifter"),
        ({"position": "först"}, "Skriv ett heltal"),
        ({"client_id": "x" * 301}, "högst 300 tecken"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(
    ada: Browser, provider: Provider, change: dict[str, str], says: str
) -> None:
    response = ada.post(f"{LIST}ny/oidc/", oidc(provider, **change))
    assert response.status_code == 422
    assert says in text(response)
    assert 'value="0123-resident"' in text(response) or "client_id" in change


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ("", "Klistra in metadata"),
        ("hej", "inte läsbar XML"),
        ("<a/>", "inte SAML-metadata"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "inte läsbar XML"),
        ('<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>', "flera tjänster"),
        ('<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x"/>', "IDPSSODescriptor"),
        ("HTTP-Redirect", "HTTP-Redirect, som vi behöver"),
        ("http://127.0.0.1", "börjar inte med https"),
        ("certificate", "certifikat"),
    ],
)
def test_metadata_that_cannot_be_used_is_explained(
    ada: Browser, saml_provider: SamlProvider, metadata: str, says: str
) -> None:
    honest = saml_provider.metadata()
    changed = {
        "HTTP-Redirect": honest.replace("HTTP-Redirect", "SOAP"),
        "http://127.0.0.1": honest.replace('Location="http:', 'Location="ftp:'),
        "certificate": honest.replace("MII", "XXX", 1),
    }.get(metadata, metadata)
    response = ada.post(f"{LIST}ny/saml/", saml(saml_provider, saml_metadata=changed))
    assert response.status_code == 422
    assert says in text(response)


def test_trying_explains_what_is_wrong_with_openid_connect(ada: Browser, provider: Provider) -> None:
    address = added(ada, "oidc", oidc(provider, acr_values="urn:unknown"))

    def tried() -> str:
        return text(ada.post(f"{address}prova/"))

    assert "ingen tillitsnivå är angiven" in tried()
    provider.metadata = {"issuer": "https://another.example"}
    assert "heter något annat" in tried()
    provider.metadata = {"token_endpoint": "http://plain.example"}
    assert "token_endpoint is not https" in tried()
    provider.metadata = {"token_endpoint_auth_methods_supported": ["private_key_jwt"]}
    assert "client_secret_basic" in tried()
    provider.metadata, provider.published = {}, [{"kty": "oct", "k": "AAAA"}]
    assert "ingen nyckel" in tried()
    provider.metadata = {"jwks_uri": f"{provider.issuer}/gone"}
    assert "nycklar går inte att hämta" in tried()
    ada.post(address, oidc(provider, issuer="http://127.0.0.1:9", client_secret=""))
    found = tried()
    assert "svarar inte som den ska" in found
    assert "brandvägg" in found
    assert "Så här kan ingen logga in" in found


def test_trying_explains_what_is_wrong_with_saml(
    ada: Browser, saml_provider: SamlProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = f"{datetime.now(UTC) + timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"
    address = added(ada, "saml", saml(saml_provider, saml_metadata=saml_provider.metadata(valid_until=soon)))
    found = text(ada.post(f"{address}prova/"))
    assert f"Metadata gäller till {soon[:10]}" in found
    assert "Vi hittade inget som hindrar" in found
    old = saml_provider.metadata(valid_until="2020-01-01T00:00:00Z")
    ada.post(address, saml(saml_provider, saml_metadata=old))
    assert "Ingen kan logga in" in text(ada.post(f"{address}prova/"))
    monkeypatch.setenv("SAMBRUK_XMLSEC1", "/nowhere/xmlsec1")
    found = text(ada.post(f"{address}prova/"))
    assert "xmlsec1 saknas" in found
    assert "apt-get install -y xmlsec1" in found


def test_the_last_way_in_for_staff_stays_open(ada: Browser, provider: Provider, jarfalla: Principal) -> None:
    with tenant_transaction(jarfalla.pk):
        record = IdentityProvider.objects.get(slug="test-staff")
    address = f"{LIST}{record.pk}/"
    ada.post(f"{address}lage/", {"active": "no"})
    assert "den enda inloggningen för medarbetare" in text(ada.get(address))
    second = added(ada, "oidc", oidc(provider, slug="second", purpose="staff"))
    ada.post(f"{second}lage/", {"active": "yes"})
    ada.post(f"{address}lage/", {"active": "no"})
    assert "Inloggningen är avstängd. Ingen kan välja den" in text(ada.get(address))


def test_the_list_says_who_cannot_log_in(ada: Browser) -> None:
    page = text(ada.get(LIST))
    assert "Test-id" in page
    assert "ingen inloggning för invånare" in page


@pytest.mark.parametrize("path", ["", "ny/oidc/", "ny/saml/", "00000000-0000-7000-8000-000000000000/"])
def test_only_the_administrator_sees_them(ada: Browser, provider: Provider, path: str) -> None:
    assert staff(provider, "karin").get(LIST + path).status_code == 403
    assert Browser("jarfalla.localhost").get(LIST + path)["Location"].startswith("/personal/logga-in/?next=")


def test_another_municipality_s_logins_do_not_exist_here(
    ada: Browser, provider: Provider, botkyrka: Principal
) -> None:
    with tenant_transaction(botkyrka.pk):
        other = record_of(provider, "staff")
    for path in ("", "prova/", "lage/"):
        assert ada.post(f"{LIST}{other.pk}/{path}", {"active": "no"}).status_code == 404
    assert ada.get(f"{LIST}ny/kerberos/").status_code == 404
