"""Identity's addresses, and pages that use it as the other floors do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

from sambruk.platform.identity import signing
from sambruk.platform.identity.api_auth import authenticate
from sambruk.platform.identity.decorators import actor_for, resident_required, staff_required
from sambruk.platform.identity.errors import LoginFailed
from sambruk.platform.identity.permissions import Permission

PAYLOAD = "Jag försäkrar att uppgifterna stämmer.".encode()


def whoami(request: HttpRequest) -> JsonResponse:
    actor = actor_for(request)
    return JsonResponse(
        {
            "kind": actor.kind,
            "id": str(actor.id),
            "name": actor.name,
            "assurance": actor.assurance,
            "for": str(actor.on_behalf_of),
            "channel": actor.channel,
        }
    )


@resident_required(assurance=3)
def resident_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("resident")


@resident_required(staff_may_fill_in=True)
def form_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"for {actor_for(request).on_behalf_of} by {actor_for(request).channel}")


@staff_required(Permission.CASE_DECIDE)
def staff_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("staff")


def sign(request: HttpRequest) -> HttpResponse:
    return signing.begin(request, payload=PAYLOAD, purpose="test", return_to="/signed/?draft=7")


def ask(request: HttpRequest) -> HttpResponse:
    signing.allow_form(request)
    return HttpResponse("<form method=post action=/sign/>")


def signed(request: HttpRequest) -> HttpResponse:
    try:
        evidence = signing.complete(request, purpose="test")
    except LoginFailed as error:
        return JsonResponse({"fault": error.code, "text": error.message_sv}, status=409)
    return JsonResponse({"open": evidence.as_json(), "sealed": evidence.as_sealed_json()})


def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fault", status=500)


def api(request: HttpRequest) -> JsonResponse:
    actor = authenticate(request)
    if actor is None:
        return JsonResponse({}, status=401)
    return JsonResponse({"name": actor.name, "may": sorted(actor.permissions), "units": len(actor.unit_ids)})


urlpatterns = [
    path("", include("sambruk.platform.identity.urls")),
    path("", include("sambruk.platform.ui.urls")),
    path("whoami/", whoami),
    path("resident/", resident_page),
    path("form/", form_page),
    path("staff/", staff_page),
    path("ask/", ask),
    path("sign/", sign),
    path("signed/", signed),
    path("broken/", broken),
    path("api/v1/test", api),
]
handler403 = "sambruk.platform.ui.errors.forbidden"
handler404 = "sambruk.platform.ui.errors.not_found"
handler500 = "sambruk.platform.ui.errors.server_error"
