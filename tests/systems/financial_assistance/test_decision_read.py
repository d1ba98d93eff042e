"""A decision is read by each party: one who has read it does not read it for another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support import people
from tests.systems.financial_assistance.conftest import Office

from sambruk.common import clock
from sambruk.platform.cases.models import Case, Deadline, Decision, DecisionReceipt, Party
from sambruk.platform.messaging.models import Notice
from sambruk.platform.tenancy.models import Principal

NEWS = "Du har fått ett beslut"


def test_what_one_has_read_is_still_news_to_the_other(
    office: Office, tenant: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    maja = people.person("Maja", personal_number="199006022397", email="m@post.example", notify_email=True)
    erik = people.person("Erik", email="erik@post.example", notify_email=True)
    case: Case = office.review(office.apply(maja))
    Party.objects.create(case=case, person=erik, role="co_applicant", name=erik.full_name)
    office.approve(case)
    office.decide(case)
    told = Notice.objects.filter(occasion="decision").values_list("person_id", flat=True)
    assert set(told) == {maja.pk, erik.pk}

    hers, his = (people.browser(tenant, one) for one in (maja, erik))
    decision = Decision.objects.get(case=case)
    where = f"/mina-sidor/arenden/{case.pk}/beslut/{decision.pk}/"
    assert hers.get(where).status_code == hers.get(where).status_code == 200
    assert NEWS not in hers.get("/mina-sidor/").content.decode()
    for page in ("/mina-sidor/", f"/mina-sidor/arenden/{case.pk}/"):
        assert NEWS in his.get(page).content.decode()
    first = DecisionReceipt.objects.get().appeal_until
    assert first is not None

    later = clock.now() + timedelta(days=3)
    monkeypatch.setattr("sambruk.platform.cases.actions.decisions.now", lambda: later)
    assert his.get(where).status_code == 200
    assert NEWS not in his.get("/mina-sidor/").content.decode()
    decision.refresh_from_db()
    receipts = {one.person_id: one.appeal_until for one in DecisionReceipt.objects.all()}
    assert receipts.keys() == {maja.pk, erik.pk}
    second = receipts[erik.pk]
    assert second is not None and second > first == receipts[maja.pk]
    assert decision.appeal_until == second, "the last day for any of them"
    assert decision.delivered_at is not None and decision.delivered_at < later
    assert Deadline.objects.filter(case=case, kind="appeal").count() == 2
