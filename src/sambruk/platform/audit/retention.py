"""How long the log is kept: the principal's decision on disposal, from a day, and the months that are over.

The log is a public record: it may be disposed of only by a decision of the principal's own (arkivlagen
(1990:782) 10 §, gallringsbeslut). Where there is none, nothing is.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from sambruk.common.actor import system_actor
from sambruk.platform.audit.canonical import month_of, next_month
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.audit.permissions import AuditPermission
from sambruk.platform.audit.seal import drop_month
from sambruk.platform.tenancy import dated
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

LOG_YEARS = dated.DatedSetting(
    name="log_years",
    label=_("Hur länge loggen sparas"),
    help=_(
        "Antal år efter månadens slut. Därefter gallras månadens händelser: vem som har läst och ändrat vad. "
        "Att månaden är gallrad, och hur många händelser den hade, står kvar."
    ),
    unit=_("år"),
    unset=_("Inget gallringsbeslut är infört. Loggen sparas tills vidare."),
    minimum=1,
    maximum=100,
)


def years_on(tenant_id: UUID, day: date) -> int | None:
    """Return how many years the current tenant keeps its log by the decision that holds on a day."""
    return dated.value_on(Principal.objects.get(pk=tenant_id), LOG_YEARS.name, day)


def drop_due(tenant_id: UUID, *, today: date) -> int | None:
    """Drop every whole month whose time is over, the oldest first, a transaction each. Returns how many.

    None: there is no decision. For the periodic job, called with no transaction open. Raises Conflict where a
    month is not sealed to its end: it is tried again, and stays on the operator's page meanwhile.
    """
    dropped = 0
    while True:
        with tenant_transaction(tenant_id):
            years = years_on(tenant_id, today)
            if years is None:
                return None
            month = _oldest_month()
            if month is None or _kept_until(month, years) > today:
                return dropped
            by = system_actor(tenant_id, "audit.drop", frozenset({AuditPermission.DISPOSE}))
            drop_month(by=by, month=month, keep_years=years, today=today)
            dropped += 1


def _oldest_month() -> date | None:
    key = AuditEvent.objects.order_by("id").values_list("id", flat=True).first()
    return month_of(key) if key is not None else None


def _kept_until(month: date, years: int) -> date:
    end = next_month(month)
    return date(end.year + years, end.month, 1)
