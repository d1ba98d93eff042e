"""What the system brings to the administration and to the log: its settings, and the names of its events."""

from __future__ import annotations

from sambruk.platform.audit import labels
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.ui.administration import AdminPage, Group, register

EVENTS = {
    "calculation.approved": "Fastställde en beräkning",
    "calculation.changed": "Ändrade en beräkning",
    "calculation.prepared": "Förberedde en beräkning",
    "calculation.refreshed": "Läste in ansökan i beräkningen igen",
    "calculation.reopened": "Öppnade en beräkning igen",
    "payment.account_changed": "Ändrade konto för en utbetalning",
    "payment.approved": "Godkände en utbetalning",
    "payment.filed": "Skickade en utbetalning till banken",
    "payment.ordered": "Beställde en utbetalning",
    "payment.returned": "Lämnade tillbaka en utbetalning",
    "payment.stopped": "Stoppade en utbetalning",
    "payment_file.created": "Skapade en betalfil",
    "payment_order.read": "Läste en utbetalning",
    "principal.payments_set": "Ändrade kontot som kommunen betalar från",
}

FIELDS = {
    "calculation": "beräkning",
    "dwelling": "bostad",
    "file": "betalfil",
    "message_id": "betalfilens nummer",
    "payment_approved": "om utbetalningen godkändes",
    "total": "summa",
}


def declare() -> None:
    """Register both."""
    labels.register(EVENTS)
    labels.register_fields(FIELDS)
    register(
        AdminPage(
            label="Utbetalning av ekonomiskt bistånd",
            description="Kontot som kommunen betalar från, och vem banken ser som betalare.",
            url_name="financial_assistance:debtor",
            permission=Permission.ADMIN_PRINCIPAL,
            group=Group.SYSTEMS,
        )
    )
