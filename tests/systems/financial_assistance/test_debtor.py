"""Who pays: the administrator's page of the system, found through the platform's registry."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.support import people
from tests.support.pages import text

from sambruk.common.errors import Invalid
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.tenancy.models import Principal
from sambruk.systems.financial_assistance.actions.payment_files import debtor_of

pytestmark = pytest.mark.django_db
PAGE = "/ekonomiskt-bistand/installningar/betalare/"
GIVEN = {"iban": "se45 5000 0000 0583 9825 7466", "bic": "essesess", "name": "", "org_number": "212000-0043"}


@pytest.fixture
def ada(tenant: Principal) -> Client:
    return people.browser(tenant, people.staff("ada", "administrator"))


def test_it_is_set_from_the_administration_and_used_by_the_next_file(ada: Client, tenant: Principal) -> None:
    with pytest.raises(Invalid):
        debtor_of(tenant)
    assert PAGE in text(ada.get("/admin-kommun/"))
    Principal.objects.filter(pk=tenant.pk).update(settings={"draft_days": 20})
    assert ada.post(PAGE, GIVEN).status_code == 302
    tenant.refresh_from_db()
    assert tenant.settings["draft_days"] == 20
    debtor = debtor_of(tenant)
    assert (debtor.iban, debtor.bic) == ("SE4550000000058398257466", "ESSESESS")
    assert (debtor.name, debtor.organisation_number) == (tenant.name, "212000-0043")
    assert AuditEvent.objects.filter(event="principal.payments_set", actor_name="Ada").exists()
    assert "SE4550000000058398257466" in text(ada.get(PAGE))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"iban": "SE4550000000058398257467"}, "Kontrollera kontonumret"),
        ({"bic": "ESS"}, "Skriv bankens BIC"),
        ({"org_number": "212000-0044"}, "id_org_number-error"),
    ],
)
def test_what_a_bank_would_refuse_is_refused_here(
    ada: Client, tenant: Principal, change: dict[str, str], says: str
) -> None:
    response = ada.post(PAGE, {**GIVEN, **change})
    assert response.status_code == 422
    assert says in text(response)
    tenant.refresh_from_db()
    assert "payments" not in tenant.settings


def test_only_the_administrator(tenant: Principal) -> None:
    assert people.browser(tenant, people.staff("karin", "caseworker")).get(PAGE).status_code == 403
