"""What the one who approves a payment should look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sambruk.platform.cases.models import Case
from sambruk.platform.identity.models import Person
from sambruk.systems.financial_assistance.models import PaymentOrder

#: Code and sentence.
ACCOUNT_CHANGED = (
    "account_changed",
    "Kontot är ett annat än det som är godkänt förut. Kontrollera det med den sökande.",
)
FIRST_ACCOUNT = ("first_account", "Det är den första utbetalningen till personen.")
NO_ACCOUNT = ("no_account", "Det finns inget konto. Betala på annat sätt.")
DOUBLE_MONTH = ("double_month", "Det finns redan en utbetalning för samma person och månad.")


def warnings_for(
    *, case: Case, payee: Person, month: date, fingerprints: Sequence[str]
) -> list[dict[str, str]]:
    """Return warnings as `{"code", "text"}`.

    `fingerprints` are the account's under every key (none: no account). It is compared with the last one that
    somebody approved for the payee, and with the other orders of the same case: an account that was changed
    meanwhile stays a warning until it is approved.
    """
    found: list[tuple[str, str]] = []
    orders = PaymentOrder.objects.filter(payee=payee)
    if not fingerprints:
        found.append(NO_ACCOUNT)
    else:
        approved = orders.filter(approved_at__isnull=False).exclude(account_fingerprint="")
        last = approved.order_by("-approved_at").first()
        others = orders.filter(case=case).exclude(account_fingerprint__in=["", *fingerprints])
        if others.exists() or (last is not None and last.account_fingerprint not in fingerprints):
            found.append(ACCOUNT_CHANGED)
        elif last is None:
            found.append(FIRST_ACCOUNT)
    standing = orders.exclude(state=PaymentOrder.State.STOPPED)
    if standing.filter(month=month).exists():
        found.append(DOUBLE_MONTH)
    return [{"code": code, "text": text} for code, text in found]
