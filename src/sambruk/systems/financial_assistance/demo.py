"""Demo data: the accounts that the demo's municipalities pay from. Invented, and marked as such."""

from __future__ import annotations

from sambruk.common.actor import system_actor
from sambruk.platform.audit import actions as audit
from sambruk.platform.tenancy.context import current_principal
from sambruk.platform.tenancy.models import Principal

#: The IBAN registry's Swedish example; no municipality has it.
PAYMENTS = {"iban": "SE4550000000058398257466", "bic": "ESSESESS"}


def load() -> None:
    """Write the paying account of the current principal where it has none. Can be run again."""
    principal = Principal.objects.select_for_update().get(pk=current_principal().pk)
    if principal.settings.get("payments"):
        return
    principal.settings = {**principal.settings, "payments": PAYMENTS}
    principal.save(update_fields=["settings"])
    audit.record(
        event="principal.payments_set",
        by=system_actor(principal.pk, "demo"),
        obj=principal,
        fields=PAYMENTS,
    )
