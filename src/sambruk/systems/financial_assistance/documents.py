"""Who may read a payment file: who may approve payments in every unit that has one in it."""

from __future__ import annotations

from sambruk.common.actor import Actor
from sambruk.platform.documents.access import reader
from sambruk.platform.documents.models import Document
from sambruk.platform.identity.permissions import Permission, units_with
from sambruk.systems.financial_assistance.models import PaymentFile, PaymentOrder

KIND = "payment"


@reader(KIND)
def may_read(document: Document, actor: Actor) -> bool:
    """Say whether the actor may read a payment file."""
    if not actor.is_staff:
        return False
    files = PaymentFile.objects.filter(document=document)
    units = set(PaymentOrder.objects.filter(file__in=files).values_list("case__unit_id", flat=True))
    return bool(units) and units <= units_with(actor, Permission.PAYMENT_APPROVE)
