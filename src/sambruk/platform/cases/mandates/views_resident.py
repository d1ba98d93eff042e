"""Mina sidor: who may act for me, for whom I may act, and ending what I have given."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from sambruk.common.clock import today
from sambruk.common.errors import Conflict, NotAllowed, NotFound
from sambruk.platform.cases.mandates.views_staff import scope_text, service_names
from sambruk.platform.identity import actions, queries
from sambruk.platform.identity.decorators import actor_for, resident_required
from sambruk.platform.identity.models import Mandate, MandateKind
from sambruk.platform.ui import notices

#: What the represented person may end alone: the others rest on a decision of the court or chief guardian.
OWN = frozenset({MandateKind.PROXY.value})


@require_GET
@never_cache
@resident_required(assurance=3)
def mine(request: HttpRequest) -> HttpResponse:
    """The mandates that concern the one who is logged in, whomever one acts for meanwhile."""
    actor = actor_for(request)
    assert actor.id is not None  # noqa: S101 - a resident has an id
    names = service_names()
    found = [one for one in queries.mandates_concerning(actor.id) if one.holds_on(today())]

    def shown(one: Mandate) -> dict[str, object]:
        # Both sides know each other: who acts for me is not hidden from me, nor whom I act for.
        other = one.holder if one.represented_id == actor.id else one.represented
        return {
            "mandate": one,
            "other": other.full_name or _("Namn saknas"),
            "scope": scope_text(one, names),
            "may_end": one.kind in OWN,
        }

    context = {
        "given": [shown(one) for one in found if one.represented_id == actor.id],
        "held": [shown(one) for one in found if one.holder_id == actor.id],
    }
    return render(request, "cases/my_mandates.html", context)


@require_POST
@resident_required(assurance=3)
def end(request: HttpRequest, mandate_id: UUID) -> HttpResponse:
    """End a proxy that one has given."""
    actor = actor_for(request)
    mandate = Mandate.objects.filter(pk=mandate_id, represented_id=actor.id).first()
    if mandate is None:
        raise NotFound(_("Uppdraget finns inte."))
    if mandate.kind not in OWN:
        raise NotAllowed(_("Det här uppdraget bygger på ett beslut. Kontakta oss om det är fel."))
    try:
        actions.revoke_mandate(
            by=actor, mandate=mandate, reason=_("Avslutat av den företrädda på Mina sidor")
        )
    except Conflict as error:
        notices.add(request, error.message_sv, "warning")
    else:
        notices.add(request, _("Fullmakten är avslutad. Ombudet kan inte längre göra något åt dig."))
    return HttpResponseRedirect(reverse("cases:my_mandates"))
