"""Applications that wait for their last signature: made by the real actions, as many as are to be measured.

Each is a household of two with a statement of account as its file. The applicant has signed; the co-applicant
has been at the provider and stands at its way back. What follows is what is measured.
"""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import httpx

SERVICE = "ekonomiskt-bistand-ateransokan"
HOST = "a{:03d}.localhost"
NUMBER_CLAIM = "https://id.oidc.se/claim/personalIdentityNumber"
LOA3 = "http://id.elegnamnden.se/loa/1.0/loa3"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


@dataclass(frozen=True)
class Waiting:
    """An application at the signer's return: where the browser goes, with its cookies."""

    host: str
    draft: UUID
    path: str
    cookie: str
    tenant: UUID

    def request(self) -> dict[str, Any]:
        """Return it as the load wants it: the callback, the sending, the receipt."""
        return {
            "host": self.host, "path": self.path, "cookie": self.cookie, "follow": 2, "expect": "Kvitto",
        }  # fmt: skip


def add_municipality(number: int, issuer: str) -> UUID:
    """Make a municipality that offers the service and lets residents in by the provider."""
    from django.conf import settings

    from sambruk.common.actor import system_actor
    from sambruk.operations.municipalities import add_principal
    from sambruk.platform.definitions import actions
    from sambruk.platform.definitions.load import load_folder
    from sambruk.platform.identity.models import IdentityProvider, Unit
    from sambruk.platform.identity.permissions import Permission
    from sambruk.platform.tenancy.context import tenant_transaction
    from sambruk.platform.tenancy.models import Authority, Hostname

    host = HOST.format(number)
    add_principal(code=f"{8000 + number}", name=f"Mätkommun {number}", hosts=[host])
    principal_id = Hostname.objects.get(host=host).principal_id
    with tenant_transaction(principal_id):
        by = system_actor(principal_id, "bench", frozenset(map(str, Permission)))
        authority = Authority.objects.create(name="Socialnämnden", kind="social")
        unit = Unit.objects.create(slug="ekonomi", name="Ekonomiskt bistånd", authority=authority)
        actions.publish_loaded(loaded=load_folder(settings.SERVICES_DIR / SERVICE), by=by)
        actions.adopt(service=SERVICE, units={"default": unit.pk}, by=by)
        IdentityProvider.objects.create(
            slug="bench", name="Mätning", purpose="resident", issuer=issuer, client_id="bench",
            redirect_base=f"http://{host}",
        )  # fmt: skip
    return principal_id


def prepare(number: int, first: int, count: int, issuer: str) -> list[Waiting]:
    """Make ``count`` applications in municipality ``number``, for people numbered from ``first``."""
    from sambruk.platform.tenancy.context import tenant_transaction
    from sambruk.platform.tenancy.models import Hostname

    host = HOST.format(number)
    principal_id = Hostname.objects.get(host=host).principal_id
    begun: list[tuple[UUID, str, dict[str, str], dict[str, Any]]] = []
    for place in range(first, first + count):
        with tenant_transaction(principal_id):
            begun.append(_one(place))
    codes = httpx.post(f"{issuer}/signera", json=[one[3] for one in begun], timeout=60).json()
    return [
        Waiting(
            host,
            draft,
            "/logga-in/svar/?" + urlencode({"code": code, "state": state}),
            "; ".join(f"{name}={value}" for name, value in cookies.items()),
            principal_id,
        )
        for (draft, state, cookies, _), code in zip(begun, codes, strict=True)
    ]


def _one(place: int) -> tuple[UUID, str, dict[str, str], dict[str, Any]]:
    """Make one; return its draft, the request's state, the co-applicant's cookies, and the token's claims."""
    from sambruk.platform.forms import actions
    from sambruk.platform.forms.actions.signing import PURPOSE
    from sambruk.platform.identity import attempts, sessions
    from sambruk.platform.identity.actor import resident_actor
    from sambruk.platform.identity.cookies import BROWSER_COOKIE
    from sambruk.platform.identity.models import IdentityProvider

    applicant, partner = _person(2 * place, "Anna"), _person(2 * place + 1, "Bo")
    _earlier_case(applicant)
    by = resident_actor(applicant, assurance=3)
    draft = actions.begin(service_id=SERVICE, by=by, gate={"gate_same_household": True}, fresh=True)
    draft.answers = _answers(applicant, partner)
    draft.period = date.fromisoformat(f"{draft.answers['month']}-01")
    draft.save()
    actions.add_file(
        draft_id=draft.pk, address="account_overview", content=io.BytesIO(PDF + b"%%%d" % place),
        name="konto.pdf", by=by,
    )  # fmt: skip
    draft = actions.freeze(draft_id=draft.pk, by=by)
    draft = actions.sign(draft_id=draft.pk, evidence=_evidence(draft.frozen_hash, applicant.pk), by=by)
    provider = IdentityProvider.objects.get(slug="bench")
    session, key = sessions.start(account=partner, provider=provider, assurance=3, old_key=None)
    request = attempts.begin(
        provider,
        return_to=f"/att-signera/{draft.pk}/",
        browser_key=None,
        required_assurance=3,
        sign=attempts.ToSign(session, PURPOSE, draft.frozen_hash),
    )
    query = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
    moment = int(time.time())
    claims = {
        "sub": f"bench-{place}", "aud": "bench", "iat": moment, "exp": moment + 3600, "auth_time": moment,
        "nonce": query["nonce"], "acr": LOA3, NUMBER_CLAIM: partner.personal_number,
        "given_name": partner.given_name, "family_name": partner.family_name,
    }  # fmt: skip
    return draft.pk, query["state"], {sessions.COOKIE: key, BROWSER_COOKIE: request.browser_key}, claims


def _person(serial: int, given_name: str) -> Any:
    from stdnum import luhn

    from sambruk.platform.identity.models import Person

    # Born from 1950 on, with the tax agency's test numbers 980-989: nobody lives under them.
    born = date(1950, 1, 1) + timedelta(days=serial % 14_000)
    short = f"{born:%y%m%d}{980 + serial // 14_000 % 20:03d}"
    return Person.objects.create(
        personal_number=f"{born.year // 100}{short}{luhn.calc_check_digit(short)}",
        given_name=given_name,
        family_name=f"Mätning {serial}",
    )


def _earlier_case(person: Any) -> None:
    """The case that a monthly application follows."""
    from sambruk.common.clock import now, today
    from sambruk.platform.cases.models import Case, Party
    from sambruk.platform.definitions import effective as definitions
    from sambruk.platform.identity.models import Unit

    case = Case.objects.create(
        year=today().year - 1,
        service_id=SERVICE,
        title="Ekonomiskt bistånd",
        definition_hash=definitions.for_service(SERVICE).hash,
        unit=Unit.objects.get(slug="ekonomi"),
        secrecy="social",
        opened_at=now() - timedelta(days=40),
        due_on=today(),
    )
    Party.objects.create(case=case, person=person, role="applicant", name=person.full_name)


def _evidence(digest: str, person_id: UUID) -> Any:
    """The applicant's signature, made before."""
    from sambruk.common.clock import now
    from sambruk.platform.forms.actions.signing import PURPOSE
    from sambruk.platform.identity.signing import SignatureEvidence

    return SignatureEvidence(
        person_id=person_id, payload_sha256=digest, purpose=PURPOSE, provider="bench", issuer="bench",
        subject="bench", at=now(), assurance=3, acr=LOA3, nonce="bench", nonce_salt="bench",
        id_token_hash="0" * 64, id_token="bench",  # noqa: S106 - no password
    )  # fmt: skip


def _answers(applicant: Any, partner: Any) -> dict[str, Any]:
    from sambruk.common.clock import today
    from sambruk.common.month import Month

    def named(person: Any) -> dict[str, str]:
        return {
            "personal_number": person.personal_number,
            "given_name": person.given_name,
            "family_name": person.family_name,
        }

    return {
        "month": str(Month.of(today())), "livelihood": "Jag har ingen inkomst.", "norm_kind": "riksnorm",
        "changed": False, "stays_here": True, "applicant": named(applicant),
        "applicant_address": {"street": "Storgatan 1", "postal_code": "17731", "city": "Järfälla"},
        "lives_elsewhere": False, "applicant_phone": "+46701740605", "interpreter": False,
        "citizenship": "sweden", "marital_status": "cohabiting", "has_partner": True,
        "co_applicant": named(partner), "co_applicant_phone": "+46701740606",
        "co_applicant_citizenship": "sweden", "has_children": False, "housing": "rental",
        "persons_in_home": 2, "others_in_home": False, "rooms": 2, "rent_debt": False, "power_debt": False,
        "eviction": False, "housing_changed": False, "occupation": ["other"],
        "occupation_text": "Vårdar en anhörig", "worked_last_year": False, "co_occupation": ["work_part"],
        "co_occupation_text": "Arbetar.", "has_income": False, "has_pending_benefit": False,
        "rent": "5400.00", "power": "300.50", "home_insurance": "100.00", "internet": "0.00",
        "unemployment_fund": "0.00",
        "union_fee": "0.00", "work_travel": "0.00", "has_special_costs": False, "bank_assets": "120.00",
        "has_assets": False, "payment_method": "other", "payment_text": "Kontant", "consent_read": True,
    }  # fmt: skip


def requests_of(waiting: Sequence[Waiting]) -> list[dict[str, Any]]:
    """Return them as the load wants them."""
    return [one.request() for one in waiting]
