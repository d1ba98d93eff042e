"""The case page reads each thing once, however much there is."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.platform.cases.test_walk import Offer, report
from tests.support import people

from sambruk.common.calendar import now
from sambruk.common.errors import NotFound
from sambruk.common.ids import uuid7
from sambruk.platform.cases import access, open_tasks
from sambruk.platform.cases.models import Application, Case, Party, SignatureRecord, Task
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.identity.models import Unit
from sambruk.platform.tenancy.models import Principal


def grow(case: Case, times: int) -> None:
    """More parties, tasks and signatures."""
    application = Application.objects.get(case=case)
    for _ in range(times):
        person = people.person("Bo")
        Party.objects.create(case=case, person=person, role="other", name=person.full_name)
        SignatureRecord.objects.create(
            application=application, case=case, person=person, party_role="other", content_hash="a" * 64,
            assurance=3, signed_at=now(),
        )  # fmt: skip
        Task.objects.create(
            case=case, element="sort", spiff_id=str(uuid7()), title="Sortera", done_by_kind="staff",
            role="contact_centre", opened_at=now(), unit=case.unit,
        )  # fmt: skip


def test_the_page_asks_as_many_statements_for_much_as_for_little(offer: Offer, tenant: Principal) -> None:
    centre = people.unit("kontaktcenter", "technical")
    effective: Effective = offer("felanmalan", {"default": centre})
    case = report(effective, centre)
    ali = people.staff("ali", "contact_centre", at=centre)
    browser = people.browser(tenant, ali)
    browser.get(f"/handlaggning/arende/{case.pk}/")
    asked = []
    for times in (1, 9):
        grow(case, times)
        with CaptureQueriesContext(connection) as statements:
            page = browser.get(f"/handlaggning/arende/{case.pk}/")
        assert page.status_code == 200
        assert page.content.decode().count("Bo Andersson") >= times
        asked.append([one["sql"] for one in statements])
    assert len(asked[0]) == len(asked[1]) <= 11, "\n".join(asked[1])
    for table in ("cases_case", "cases_party", "cases_task", "cases_application", "cases_signaturerecord"):
        assert sum(f'FROM "{table}"' in sql for sql in asked[1]) == 1, table


def test_open_tasks_are_read_anew_outside_a_page(offer: Offer, tenant: Principal) -> None:
    centre: Unit = people.unit("kontaktcenter", "technical")
    case = report(offer("felanmalan", {"default": centre}), centre)
    with open_tasks.read_once(case):
        before = open_tasks.open_tasks(case)
        Task.objects.filter(case=case).update(state="cancelled", done_at=now())
        assert open_tasks.open_tasks(case) == before != []
    assert open_tasks.open_tasks(case) == []


def test_staff_read_a_case_with_its_unit_and_nobody_elses(offer: Offer, tenant: Principal) -> None:
    here, there = people.unit("gata", "technical"), people.unit()
    case = people.case(at=here)
    ali = people.actor(people.staff("ali", "contact_centre", at=here))
    eva = people.actor(people.staff("eva", "caseworker", at=there))
    with CaptureQueriesContext(connection) as statements:
        read = access.require_case(case.pk, ali)
        assert (read.unit, read.assignee) == (here, None)
    assert len(statements) == 1
    assert access.may_see(case, ali)
    assert not access.may_see(case, eva)
    Case.objects.filter(pk=case.pk).update(secrecy="protected")
    for actor in (ali, eva):
        with pytest.raises(NotFound):
            access.require_case(case.pk, actor)
