"""Four eyes follow a payment through every new order, by page and by action; and no machine touches money."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support import people
from tests.systems.financial_assistance.conftest import Office
from tests.systems.financial_assistance.test_payments import other_account

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.errors import NotAllowed
from sambruk.platform.cases import commands
from sambruk.platform.cases.models import Case
from sambruk.platform.identity.models import Membership, StaffMember
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import current_principal, current_tenant_id
from sambruk.systems.financial_assistance.actions import payments
from sambruk.systems.financial_assistance.models import PaymentOrder


def also(office: Office, member: StaffMember, role: str) -> Actor:
    """Give a member of staff a role besides the first."""
    Membership.objects.create(staff=member, unit=office.unit, role=role, valid_from="2020-01-01")
    return people.actor(member)


def refused(case: Case, order: PaymentOrder, member: StaffMember, match: str) -> None:
    """Neither offered, nor done by the action, nor by the case page, nor by the payment's own page."""
    actor, browser = people.actor(member), people.browser(current_principal(), member)
    assert "approve_payment" not in {offer.id for offer in commands.offers(case, actor)}
    with pytest.raises(NotAllowed, match=match):
        payments.approve(order_id=order.pk, by=actor, checked="Ringde.")
    path = f"/ekonomiskt-bistand/utbetalningar/{order.pk}/"
    assert match in browser.get(path).content.decode()
    answer = browser.post(f"{path}godkann/", {"checked": "Ringde."})
    assert answer.status_code == 403, answer.status_code
    order.refresh_from_db()
    assert order.state == "ordered"


def test_who_decided_does_not_approve_though_another_changed_the_account(office: Office) -> None:
    case = office.ordered()
    also(office, office.accounts["decision_maker"], "payment_approver")
    office.do(case, "change_account", office.caseworker, **other_account(), reason="Den sökande ringde.")
    order = PaymentOrder.objects.get(case=case, state="ordered")
    assert (order.ordered_by_id, order.decided_by_id) == (office.caseworker.id, office.decider.id)
    refused(case, order, office.accounts["decision_maker"], "En annan person")
    office.do(case, "approve_payment", office.approver, checked="Ringde den sökande.")


def test_who_decided_does_not_approve_what_a_third_ordered_again(office: Office) -> None:
    case = office.ordered()
    also(office, office.accounts["decision_maker"], "payment_approver")
    office.do(case, "approve_payment", office.approver)
    first = PaymentOrder.objects.get(case=case)
    payments.stop(order_id=first.pk, reason="Fel dag", by=office.approver)
    third = people.actor(people.staff("tredje", "caseworker", at=office.unit))
    again = payments.order_again(order_id=first.pk, by=third)
    assert (again.ordered_by_id, again.decided_by_id) == (third.id, office.decider.id)
    refused(case, again, office.accounts["decision_maker"], "En annan person")


def test_who_chose_the_account_does_not_approve_it_when_another_orders_it_again(office: Office) -> None:
    """X changes the account, Y approves, stops and orders again: X still may not approve."""
    case = office.ordered()
    x = people.staff("xenia", "caseworker", "payment_approver", at=office.unit)
    y = people.staff("yngve", "caseworker", "payment_approver", at=office.unit)
    office.do(case, "change_account", people.actor(x), **other_account(), reason="Den sökande ringde.")
    changed = PaymentOrder.objects.get(case=case, state="ordered")
    assert changed.account_by_id == x.pk
    payments.approve(order_id=changed.pk, by=people.actor(y), checked="Ringde.")
    payments.stop(order_id=changed.pk, reason="Fel dag", by=people.actor(y))
    again = payments.order_again(order_id=changed.pk, by=people.actor(y))
    assert (again.ordered_by_id, again.account_by_id) == (y.pk, x.pk)
    refused(case, again, x, "valt kontot")
    payments.approve(order_id=again.pk, by=office.approver, checked="Ringde.")


def test_a_machine_touches_no_payment_whatever_it_was_given(office: Office) -> None:
    """By the actions themselves: a scope that once was given in error opens nothing."""
    case = office.ordered()
    order = PaymentOrder.objects.get(case=case)
    machine = Actor(
        kind=ActorKind.API,
        id=office.caseworker.id,
        name="Gatubolaget",
        tenant_id=current_tenant_id(),
        permissions=frozenset(map(str, Permission)),
        unit_ids=frozenset({office.unit.pk}),
    )
    assert not {"change_account", "approve_payment"} & {offer.id for offer in commands.offers(case, machine)}
    tries: list[tuple[Any, dict[str, str]]] = [
        (payments.change_account, {**other_account(), "reason": "x"}),
        (payments.approve, {"checked": "x"}),
        (payments.give_back, {"reason": "x"}),
        (payments.stop, {"reason": "x"}),
        (payments.order_again, {}),
    ]
    for action, data in tries:
        with pytest.raises(NotAllowed, match="medarbetare"):
            action(order_id=order.pk, by=machine, **data)
    order.refresh_from_db()
    assert order.state == "ordered"
