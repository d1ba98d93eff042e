"""The mark on the staff's list says that somebody has written and that nobody has read it."""

from __future__ import annotations

from typing import Any

from tests.support import people

from sambruk.platform.cases import queries
from sambruk.platform.cases.models import Case
from sambruk.platform.identity.models import Person, StaffMember
from sambruk.platform.messaging import actions
from sambruk.platform.tenancy.models import Principal


def test_an_unread_message_is_marked_until_staff_have_read_it(
    case: Case, anna: Person, karin: StaffMember, tenant: Principal, django_assert_num_queries: Any
) -> None:
    staff = people.actor(karin)

    def marks() -> tuple[str, ...]:
        with django_assert_num_queries(1):
            [row] = queries.staff_list(staff, view="unit").cases
        return row.marks

    assert marks() == ()
    actions.send_message(case_id=case.pk, text="Vi hör av oss.", by=staff)
    assert marks() == ()
    actions.send_message(case_id=case.pk, text="Jag har fått jobb.", by=people.actor(anna))
    assert marks() == ("Nytt meddelande",)
    page = people.browser(tenant, karin).get("/handlaggning/?vy=unit").content.decode()
    assert '<span class="ds-tag sb-tag" data-color="info">Nytt meddelande</span></td>' in page
    actions.mark_read(case_id=case.pk, by=staff)
    assert marks() == ()
