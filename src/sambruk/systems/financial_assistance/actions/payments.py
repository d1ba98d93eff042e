"""Payment orders: ordered after a decision, approved by another person, stopped with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.bank_account import parse_account
from sambruk.common.calendar import next_bank_day, next_working_day_from
from sambruk.common.clock import now, today
from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound
from sambruk.common.month import Month
from sambruk.platform.cases import access
from sambruk.platform.cases.actions.logging import note_event
from sambruk.platform.cases.actions.tasks import finish_task, refuse_reason
from sambruk.platform.cases.models import Case, Decision, Party, Task
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.exchange.failpoints import declare, failpoint
from sambruk.platform.identity import protection
from sambruk.platform.identity.models import Person, StaffMember
from sambruk.platform.identity.permissions import Permission, may_in, require_in
from sambruk.systems.financial_assistance import queries
from sambruk.systems.financial_assistance.account_marks import fingerprints
from sambruk.systems.financial_assistance.models import PaymentOrder
from sambruk.systems.financial_assistance.payment_warnings import warnings_for
from sambruk.systems.financial_assistance.service import APPROVE_PAYMENT, SERVICE

ORDERED = declare("financial_assistance.ordered", "utbetalningen är beställd, ärendet har inte gått vidare")
APPROVED = declare("financial_assistance.approved", "utbetalningen är godkänd, ärendet har inte gått vidare")
Account = dict[str, str]
OPEN_STATES = (PaymentOrder.State.ORDERED, PaymentOrder.State.APPROVED)


def pay_day(month: Month, day_of_month: int, on: date) -> date:
    """Return the bank day on which the assistance of a month is paid.

    The municipality's day of the month before, or the first bank day after it (received by the 20th, paid on
    the 27th or the first weekday after: Kungsbacka); when that has come already, the next bank day.
    """
    before = month - 1
    wanted = next_working_day_from(date(before.year, before.month, min(day_of_month, before.days)))
    return wanted if wanted > on else next_bank_day(on)


def stated_account(case: Case) -> Account:
    """Return the account of the application, or how else the payee wants the money (`{"text": …}`)."""
    answers: dict[str, Any] = queries.answers_of(case)
    given = answers.get("account")
    if answers.get("payment_method") != "account" or not isinstance(given, dict):
        return {"text": str(answers.get("payment_text") or "Inget konto i ansökan.")[:300]}
    try:
        account = parse_account(str(given.get("clearing", "")), str(given.get("account", "")))
    except Invalid as error:
        return {"text": f"Kontot i ansökan kan inte användas. {error.message_sv}"}
    return {"clearing": account.clearing, "account": account.account}


@transaction.atomic
def order(
    *,
    case: Case,
    decision: Decision,
    account: Account | None = None,
    account_by: UUID | None = None,
    ordered_by: Actor | None = None,
) -> PaymentOrder:
    """Order the payment of a decision in a locked case; an order that stands already is returned.

    Without `ordered_by` it is ordered in the name of the one who decided: four eyes stand between a person
    and a person, never between the system and somebody. `account_by` is who chose an account that is not the
    application's. Raises Conflict for a decision without amount.
    """
    found = PaymentOrder.objects.filter(decision=decision).exclude(state=PaymentOrder.State.STOPPED).first()
    if found is not None:
        return found
    if decision.amount is None or decision.decided_by is None:
        raise Conflict("Beslutet har inget belopp att betala ut.")
    by = ordered_by or _as_staff(decision.decided_by)
    if by.id is None or not by.is_staff:
        raise NotAllowed("Utbetalningen beställs av en medarbetare.")
    payee = _payee(case)
    account = stated_account(case) if account is None else account
    parameters = definitions.by_hash(case.definition_hash).parameters
    month = queries.month_of(case)
    marks = fingerprints(account, case.tenant_id)
    made = PaymentOrder.objects.create(
        case=case,
        decision=decision,
        payee=payee,
        payee_name=(protection.masked_name() if payee.is_protected else payee.full_name)[:140],
        account=account,
        account_fingerprint=marks[0] if marks else "",
        amount=decision.amount,
        month=month.first,
        pay_on=pay_day(month, int(parameters["pay_day"]), today()),
        warnings=warnings_for(case=case, payee=payee, month=month.first, fingerprints=marks),
        ordered_by_id=by.id,
        ordered_by_name=by.name,
        ordered_at=now(),
        proposed_by_id=decision.proposed_by_id,
        decided_by_id=decision.decided_by.pk,
        account_by_id=account_by,
    )
    failpoint(ORDERED)
    note_event(
        case,
        event="payment.ordered",
        text="Utbetalning beställdes.",
        by=by,
        fields={
            "order": str(made.pk),
            "amount": str(made.amount),
            "pay_on": str(made.pay_on),
            "warnings": [warning["code"] for warning in made.warnings],
        },
    )
    return made


def _as_staff(member: StaffMember) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=member.pk, name=member.name, tenant_id=member.tenant_id)


def _payee(case: Case) -> Person:
    party = (
        Party.objects.filter(case=case, role="applicant", person__isnull=False)
        .select_related("person")
        .order_by("id")
        .first()
    )
    if party is None or party.person is None:
        raise Conflict("Ärendet har ingen sökande att betala till.")
    return party.person


def _require_staff(by: Actor, permission: Permission, case: Case) -> None:
    """Raise NotAllowed unless one of the staff holds the permission in the unit: no machine handles money."""
    if not by.is_staff:
        raise NotAllowed("Utbetalningar sköts av medarbetare.")
    require_in(by, permission, case.unit_id)


_NO_ORDER = "Vi hittar inte utbetalningen."


def locked_order(order_id: UUID, by: Actor, *, to_approve: bool = False) -> tuple[Case, PaymentOrder]:
    """Return an order and its case, both locked, for a member of staff who sees the case. Raises NotFound.

    With `to_approve` also for whoever approves payments in the case's unit, though the case be protected: the
    payment is checked by its amount, decision and account, and nothing of where the person lives is shown.
    """
    found = PaymentOrder.objects.filter(pk=order_id).select_related("case").first()
    if found is None:
        raise NotFound(_NO_ORDER)
    if to_approve and by.is_staff and may_in(by, Permission.PAYMENT_APPROVE, found.case.unit_id):
        case = Case.objects.select_for_update(of=("self",)).get(pk=found.case_id)
    else:
        try:
            case = access.require_case(found.case_id, by, lock=True)
        except NotFound as error:
            # The same sentence: that the order exists is not for whoever may not see its case.
            raise NotFound(_NO_ORDER) from error
    return case, PaymentOrder.objects.select_for_update().get(pk=order_id)


def why_not_approve(case: Case, found: PaymentOrder, by: Actor) -> str:
    """Return why the actor may not approve the order, or an empty string (four eyes)."""
    if not by.is_staff or by.id is None:
        return "Utbetalningen godkänns av en medarbetare."
    if by.id in (found.ordered_by_id, found.proposed_by_id, found.decided_by_id):
        return "Du har beställt, föreslagit eller beslutat utbetalningen. En annan person godkänner den."
    if by.id == found.account_by_id:
        return "Du har valt kontot för utbetalningen. En annan person godkänner den."
    task = approval_task(case)
    return refuse_reason(task, case, by) if task is not None else ""


def approval_task(case: Case) -> Task | None:
    """Return the open task of approving in the process; None when the process has gone past it."""
    task = Task.objects.filter(case=case, element=APPROVE_PAYMENT, state=Task.State.OPEN).first()
    if task is not None:
        task.case = case
    return task


@transaction.atomic
def approve(*, order_id: UUID, by: Actor, checked: str = "") -> PaymentOrder:
    """Approve an order, by another than who ordered and who proposed. Permission: payment.approve.

    `checked` says how an account that is not the one of last time was checked; it is needed for such an one.
    Completes the process's task. Raises NotFound, NotAllowed, Conflict, Invalid.
    """
    case, found = locked_order(order_id, by, to_approve=True)
    _require_staff(by, Permission.PAYMENT_APPROVE, case)
    if found.state != PaymentOrder.State.ORDERED:
        raise Conflict("Utbetalningen väntar inte längre på att godkännas.")
    if why := why_not_approve(case, found, by):
        raise NotAllowed(why)
    if needs_check(found) and not checked.strip():
        raise Invalid({"checked": "Skriv hur du har kontrollerat kontot, till exempel att du har ringt."})
    has_account = "clearing" in found.account
    found.state = PaymentOrder.State.APPROVED if has_account else PaymentOrder.State.OTHERWISE
    found.approved_by_id, found.approved_by_name, found.approved_at = by.id, by.name, now()
    found.save(update_fields=["state", "approved_by_id", "approved_by_name", "approved_at"])
    failpoint(APPROVED)
    note_event(
        case,
        event="payment.approved",
        text="Utbetalningen godkändes.",
        by=by,
        fields={"order": str(found.pk), "amount": str(found.amount)},
        reason=checked.strip()[:1000],
    )
    if (task := approval_task(case)) is not None:
        finish_task(
            case, task, flags={"payment_approved": "approved"}, by=by, text="Godkänn utbetalningen: klart."
        )
    return found


def needs_check(found: PaymentOrder) -> bool:
    """Say whether the account is another than last time."""
    return any(warning["code"] == "account_changed" for warning in found.warnings)


def _stop(case: Case, found: PaymentOrder, reason: str, by: Actor, event: str, text: str) -> None:
    if found.state not in OPEN_STATES:
        raise Conflict("Utbetalningen är redan skickad eller stoppad.")
    if not reason.strip():
        raise Invalid({"reason": "Skriv varför."})
    found.state = PaymentOrder.State.STOPPED
    found.stopped_reason = reason.strip()[:300]
    found.save(update_fields=["state", "stopped_reason"])
    note_event(case, event=event, text=text, by=by, fields={"order": str(found.pk)}, reason=reason.strip())


@transaction.atomic
def give_back(*, order_id: UUID, reason: str, by: Actor) -> PaymentOrder:
    """Send an order back before it is approved: it is stopped, and the process orders anew."""
    case, found = locked_order(order_id, by, to_approve=True)
    _require_staff(by, Permission.PAYMENT_APPROVE, case)
    task = approval_task(case)
    if found.state != PaymentOrder.State.ORDERED or task is None:
        raise Conflict("Utbetalningen väntar inte längre på att godkännas.")
    if why := why_not_approve(case, found, by):
        raise NotAllowed(why)
    _stop(case, found, reason, by, "payment.returned", "Utbetalningen lämnades tillbaka.")
    flags = {"payment_approved": "returned"}
    finish_task(case, task, flags=flags, by=by, text="Utbetalningen beställs på nytt.", reason=reason)
    return found


@transaction.atomic
def stop(*, order_id: UUID, reason: str, by: Actor) -> PaymentOrder:
    """Stop an approved order before it is in a file. Permission: payment.approve in the unit."""
    case, found = locked_order(order_id, by, to_approve=True)
    _require_staff(by, Permission.PAYMENT_APPROVE, case)
    if found.state != PaymentOrder.State.APPROVED:
        raise Conflict("Bara en godkänd utbetalning som inte är skickad kan stoppas.")
    _stop(case, found, reason, by, "payment.stopped", "Utbetalningen stoppades.")
    return found


@transaction.atomic
def change_account(*, order_id: UUID, clearing: str, account: str, reason: str, by: Actor) -> PaymentOrder:
    """Order again to another account; who changes it counts as who ordered. Permission: payment.order.

    An order is never changed: the old one is stopped. Raises Conflict once it is approved, Invalid for an
    account that cannot be, or without a reason.
    """
    case, found = locked_order(order_id, by)
    _require_staff(by, Permission.PAYMENT_ORDER, case)
    if queries.hidden_from(case, by):
        raise NotAllowed("Öppna de skyddade uppgifterna först, med ett skäl.")
    if found.state != PaymentOrder.State.ORDERED:
        raise Conflict("Kontot kan bara ändras innan utbetalningen är godkänd. Stoppa den annars först.")
    checked = parse_account(clearing, account)
    given = {"clearing": checked.clearing, "account": checked.account}
    _stop(case, found, reason, by, "payment.account_changed", "Kontot för utbetalningen ändrades.")
    return order(case=case, decision=found.decision, account=given, account_by=by.id, ordered_by=by)


@transaction.atomic
def order_again(*, order_id: UUID, by: Actor) -> PaymentOrder:
    """Order a stopped payment again, by whoever may order in the unit. Raises Conflict if one stands."""
    case, found = locked_order(order_id, by)
    _require_staff(by, Permission.PAYMENT_ORDER, case)
    if case.service_id != SERVICE or found.state != PaymentOrder.State.STOPPED:
        raise Conflict("Bara en stoppad utbetalning kan beställas igen.")
    others = PaymentOrder.objects.filter(decision=found.decision)
    if others.exclude(state=PaymentOrder.State.STOPPED).exists():
        raise Conflict("Beslutet har redan en utbetalning.")
    chosen: dict[str, Any] = {"account": dict(found.account), "account_by": found.account_by_id}
    return order(case=case, decision=found.decision, **chosen, ordered_by=by)
