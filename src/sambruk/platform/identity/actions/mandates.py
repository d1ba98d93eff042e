"""Mandates: who may act for whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.errors import Conflict, Invalid
from sambruk.common.text import single_line
from sambruk.platform.audit.actions import record
from sambruk.platform.identity.actions.persons import require_reason
from sambruk.platform.identity.models import Mandate, MandateKind, Person, Session
from sambruk.platform.identity.models.mandate import ALL_SERVICES
from sambruk.platform.identity.permissions import Permission


@transaction.atomic
def grant_mandate(
    *,
    by: Actor,
    holder: Person,
    represented: Person,
    kind: MandateKind,
    scope: Sequence[str],
    valid_from: date,
    valid_to: date | None,
    source: str,
) -> Mandate:
    """Let ``holder`` act for ``represented``.

    Staff with mandate.register do so for anyone, by what ``source`` says. A resident may give a proxy
    (ombud) for herself only. Raises Invalid for an empty scope or source, or dates in the wrong order.
    """
    own_proxy = by.is_resident and by.id == represented.pk and kind == MandateKind.PROXY
    if not (own_proxy and by.on_behalf_of is None):
        by.require(Permission.MANDATE_REGISTER)
    services = [ALL_SERVICES] if ALL_SERVICES in scope else sorted(set(scope))
    _check(holder, represented, services, valid_from, valid_to)
    grounds = single_line(source, 300)
    if not grounds:
        raise Invalid({"source": "Skriv var uppdraget framgår, till exempel beslut och datum."})
    mandate = Mandate.objects.create(
        holder=holder,
        represented=represented,
        kind=kind.value,
        scope=services,
        valid_from=valid_from,
        valid_to=valid_to,
        source=grounds,
        registered_by=_who(by),
    )
    record(
        event="mandate.granted",
        by=by,
        obj=mandate,
        person_id=represented.pk,
        fields={
            "holder": str(holder.pk),
            "kind": kind.value,
            "scope": services,
            "valid_from": valid_from.isoformat(),
            "valid_to": valid_to.isoformat() if valid_to else None,
            "source": grounds,
        },
    )
    return mandate


def _who(by: Actor) -> str:
    """Who registered or revoked it, as staff read it; a resident's name stays out, it may be protected."""
    return _("Huvudmannen själv") if by.is_resident else by.name


def _check(
    holder: Person, represented: Person, scope: list[str], valid_from: date, valid_to: date | None
) -> None:
    if holder.pk == represented.pk:
        raise Invalid({"holder": "Välj en annan person som företrädare."})
    if not scope or not all(scope):
        raise Invalid({"scope": "Välj vilka tjänster uppdraget gäller."})
    if valid_to is not None and valid_to < valid_from:
        raise Invalid({"valid_to": "Slutdatumet ligger före startdatumet."})


@transaction.atomic
def revoke_mandate(*, by: Actor, mandate: Mandate, reason: str) -> None:
    """End a mandate now: staff with mandate.register, or the person who is represented.

    Sessions that act by it go on for their holder's own part. Raises Conflict if it has ended already.
    """
    if not (by.is_resident and by.id == mandate.represented_id):
        by.require(Permission.MANDATE_REGISTER)
    why = require_reason(reason)
    locked = Mandate.objects.select_for_update().get(pk=mandate.pk)
    if locked.revoked_at is not None:
        raise Conflict("Uppdraget är redan avslutat.")
    locked.revoked_at, locked.revoked_by, locked.revoked_reason = now(), _who(by), why
    locked.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
    Session.objects.filter(mandate_id=mandate.pk).update(mandate=None)
    record(event="mandate.revoked", by=by, obj=locked, person_id=locked.represented_id, reason=why)
    mandate.refresh_from_db()
