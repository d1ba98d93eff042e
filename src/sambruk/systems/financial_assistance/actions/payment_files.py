"""Payment files: approved orders of one day become one `pain.001`, kept as a document."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from lxml import etree

from sambruk.common.actor import Actor
from sambruk.common.calendar import next_working_day_from
from sambruk.common.clock import now, today
from sambruk.common.errors import Conflict, Invalid, NotAllowed
from sambruk.platform.audit import actions as audit
from sambruk.platform.cases.actions.logging import note_event
from sambruk.platform.documents import actions as documents
from sambruk.platform.exchange.failpoints import declare, failpoint
from sambruk.platform.identity.permissions import Permission, units_with
from sambruk.platform.tenancy.context import current_principal
from sambruk.platform.tenancy.models import Principal
from sambruk.systems.financial_assistance.documents import KIND
from sambruk.systems.financial_assistance.models import PaymentFile, PaymentOrder
from sambruk.systems.financial_assistance.payments_input import (
    CreditorAccount,
    Debtor,
    Order,
    PaymentFileContent,
)

STORED = declare("financial_assistance.stored", "betalfilen ligger i lagret, ingen rad säger det")
FILED = declare("financial_assistance.filed", "allt är skrivet, inget är bekräftat")
#: One file holds at most so many: a bank's limit is far above, a person can still check it.
LARGEST_FILE = 5_000


def debtor_of(principal: Principal) -> Debtor:
    """Return who pays, from the principal's record. Raises Invalid naming what the administrator must add."""
    given: dict[str, Any] = dict(principal.settings.get("payments") or {})
    debtor = Debtor(
        name=str(given.get("name") or principal.name),
        organisation_number=str(given.get("org_number") or principal.org_number),
        iban=str(given.get("iban") or ""),
        bic=str(given.get("bic") or ""),
    )
    missing = [
        noun
        for value, noun in (
            (debtor.organisation_number, "organisationsnummer"),
            (debtor.iban, "IBAN för kommunens konto"),
            (debtor.bic, "bankens BIC"),
        )
        if not value
    ]
    if missing:
        raise Invalid(
            f"Betalfilen kan inte skapas: {', '.join(missing)} saknas bland kommunens inställningar. "
            "Be administratören lägga till det."
        )
    return debtor


def execution_day(pay_on: date, on: date) -> date:
    """Return the bank day on which orders of a pay day can be paid: that day, or the first possible one."""
    return next_working_day_from(max(pay_on, on))


@transaction.atomic
def create(*, pay_on: date, by: Actor) -> PaymentFile:
    """Make the file of all approved orders of a pay day in the actor's units, and mark them as filed.

    Permission: payment.approve. Raises Conflict when there is none (any longer), Invalid for what the bank
    would refuse; then nothing is changed. The sum is checked three ways: of the orders in the database, of
    what the writer counted, and of the amounts in the file itself.
    """
    if not by.is_staff:
        raise NotAllowed
    by.require(Permission.PAYMENT_APPROVE)
    orders = list(
        PaymentOrder.objects.select_for_update(of=("self",))
        .filter(
            state=PaymentOrder.State.APPROVED,
            pay_on=pay_on,
            case__unit_id__in=list(units_with(by, Permission.PAYMENT_APPROVE)),
        )
        .select_related("case", "payee")
        .order_by("approved_at", "id")[:LARGEST_FILE]
    )
    if not orders:
        raise Conflict("Det finns inga godkända utbetalningar för dagen. De kan redan ligga i en fil.")
    execution = execution_day(pay_on, today())
    # ISO 20022's classes are a tenth of the web's start; most of its processes never make a file.
    from sambruk.systems.financial_assistance.payments_pain001 import build_file

    content = build_file(
        message_id=_message_id(execution),
        debtor=debtor_of(current_principal()),
        orders=[_order(one) for one in orders],
        execution_on=execution,
        created_at=now(),
    )
    _check_sum(content, orders)
    document = documents.save(
        content=content.xml,
        name=f"{content.message_id}.xml",
        kind=KIND,
        by=by,
        mime="application/xml",
    )
    failpoint(STORED)
    made = PaymentFile.objects.create(
        message_id=content.message_id,
        document=document,
        total=content.total,
        count=content.count,
        execution_on=execution,
        created_at=now(),
        created_by=by.name,
    )
    _file(orders, made, by)
    failpoint(FILED)
    return made


def _message_id(execution: date) -> str:
    """Return a new id for the bank: one for each file of a day, given under a lock of the tenant."""
    principal = Principal.objects.select_for_update().get(pk=current_principal().pk)
    place = PaymentFile.objects.filter(execution_on=execution).count() + 1
    return f"EB-{principal.code}-{execution:%Y%m%d}-{place}"


def _order(one: PaymentOrder) -> Order:
    return Order(
        end_to_end_id=f"{one.case.number}-{one.pk.hex[-8:]}",
        name=one.payee.full_name,
        account=CreditorAccount(kind="bban", clearing=one.account["clearing"], number=one.account["account"]),
        amount=one.amount,
        # What the bank's statement shows says nothing of what the money is for.
        reference=f"Ärende {one.case.number}",
    )


def _check_sum(content: PaymentFileContent, orders: list[PaymentOrder]) -> None:
    from sambruk.systems.financial_assistance.payments_pain001 import NAMESPACE

    wanted = sum((one.amount for one in orders), Decimal("0.00"))
    root = etree.fromstring(content.xml, etree.XMLParser(resolve_entities=False, no_network=True))
    written = [Decimal(str(one.text)) for one in root.iter(f"{{{NAMESPACE}}}InstdAmt")]
    if not (wanted == content.total == sum(written) and len(orders) == content.count == len(written)):
        raise Invalid("Betalfilens summa stämmer inte med utbetalningarna. Ingen fil skapades.")


def _file(orders: list[PaymentOrder], made: PaymentFile, by: Actor) -> None:
    PaymentOrder.objects.filter(pk__in=[one.pk for one in orders]).update(
        state=PaymentOrder.State.FILED, file=made
    )
    for one in orders:
        note_event(
            one.case,
            event="payment.filed",
            text="Utbetalningen skickades till banken.",
            by=by,
            visible_to_resident=True,
            fields={"order": str(one.pk), "file": made.message_id},
        )
    audit.record(
        event="payment_file.created",
        by=by,
        obj=made,
        fields={"message_id": made.message_id, "total": str(made.total), "count": made.count},
    )
