"""Signing all the way: to the e-ID and back, over real HTTP to a provider, for two people in two browsers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from tests.platform.forms import household
from tests.platform.forms.conftest import person
from tests.platform.forms.test_application import earlier_case
from tests.support.oidc import ANNA, BO, Provider, running

from sambruk.platform.cases.models import Case, SignatureRecord
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.identity.models import IdentityProvider
from sambruk.platform.identity.oidc import metadata

pytestmark = pytest.mark.usefixtures("offered")
NUMBER = "https://id.oidc.se/claim/personalIdentityNumber"


def register(provider: Provider) -> None:
    IdentityProvider.objects.create(
        slug="test-id",
        name="Test-id",
        purpose="resident",
        issuer=provider.issuer,
        client_id="0123",
        client_secret=provider.secret,
        redirect_base="http://jarfalla.localhost:8000",
    )


def through(client: Client, provider: Provider, response: Any, who: dict[str, Any]) -> Any:
    """Go to the provider that the response leads to, as this person, and come back; return where to."""
    assert response.status_code == 302, response.content.decode()
    answer = provider.authorize(response["Location"], who)
    back = client.get(f"/logga-in/svar/?{urlencode(answer)}")
    assert back.status_code == 302, back.content.decode()
    return back["Location"]


def test_two_people_sign_in_their_own_browsers(offered: None) -> None:
    metadata.forget()
    with running() as provider:
        register(provider)
        anna = person(ANNA[NUMBER], "Anna", "Ek")
        earlier_case(anna)
        hers, his = (Client(HTTP_HOST="jarfalla.localhost:8000") for _ in range(2))
        through(hers, provider, hers.get("/logga-in/?next=/mina-sidor/"), ANNA)
        through(his, provider, his.get("/logga-in/?next=/mina-sidor/"), BO)
        address = household.begin(hers)
        household.fill(hers, address)
        hers.post(f"{address}granska/")
        page = hers.get(f"{address}signera/")
        assert provider.issuer in page["Content-Security-Policy"]
        back = through(hers, provider, hers.post(f"{address}signera/"), ANNA)
        assert back.startswith(f"{address}signera/?signatur=")
        assert hers.get(back)["Location"] == f"{address}signera/"
        assert hers.get(back)["Location"] == f"{address}signera/"  # the back button
        place = f"/att-signera/{Draft.objects.get().pk}/"
        assert place in his.get("/mina-sidor/").content.decode()
        assert not Case.objects.filter(serial=1).exists()
        back = through(his, provider, his.post(place), BO)
        receipt = his.get(back)["Location"]
        case = Case.objects.get(serial=1)
        assert receipt == f"/kvitto/{case.pk}/"
        assert case.number in his.get(receipt).content.decode()
        assert case.number in hers.get(receipt).content.decode()
        assert his.get(place)["Location"] == receipt
        records = SignatureRecord.objects.filter(case=case)
        assert len({(one.person_id, one.content_hash) for one in records}) == 2
        # The provider's signed proof is kept whole, and nobody reads it in the column.
        proofs = [one.evidence["id_token"] for one in records]
        assert all(proof.count(".") == 2 for proof in proofs)
        with connection.cursor() as cursor:
            cursor.execute("SELECT evidence::text FROM cases_signaturerecord WHERE case_id = %s", [case.pk])
            kept = [row[0] for row in cursor.fetchall()]
        assert len(kept) == 2
        assert not any(part in column for column in kept for proof in proofs for part in proof.split("."))


def test_a_signature_by_somebody_else_is_refused(offered: None) -> None:
    metadata.forget()
    with running() as provider:
        register(provider)
        earlier_case(person(ANNA[NUMBER], "Anna", "Ek"))
        client = Client(HTTP_HOST="jarfalla.localhost:8000")
        through(client, provider, client.get("/logga-in/?next=/mina-sidor/"), ANNA)
        address = household.begin(client)
        household.fill(client, address, partner=False)
        client.post(f"{address}granska/")
        back = through(client, provider, client.post(f"{address}signera/"), BO)
        assert client.get(back).status_code == 409
        assert not DraftSigner.objects.filter(signed_at__isnull=False).exists()
        assert Draft.objects.get().state == Draft.State.SIGNING
