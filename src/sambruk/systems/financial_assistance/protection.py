"""The payee's name in the orders follows the person's protection."""

from __future__ import annotations

from sambruk.common.events import subscribe
from sambruk.platform.identity import protection
from sambruk.platform.identity.events import ProtectionChanged
from sambruk.systems.financial_assistance.models import PaymentOrder


@subscribe(ProtectionChanged)
def on_protection(event: ProtectionChanged) -> None:
    """Mask the name, or show it again, in all orders to the person."""
    name = protection.masked_name() if event.person.is_protected else event.person.full_name
    PaymentOrder.objects.filter(payee=event.person).update(payee_name=name[:140])
