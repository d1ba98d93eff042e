"""Who may open a page: default deny, with a way to log in that leads back."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from sambruk.common.actor import Actor
from sambruk.common.errors import NotAllowed
from sambruk.platform.identity.redirects import login_url

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def actor_for(request: HttpRequest) -> Actor:
    """Return the request's actor (set by ActorMiddleware)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def to_login(request: HttpRequest, *, staff: bool = False, assurance: int = 0) -> HttpResponse:
    """Lead to the login, and back to this page; a fragment's request leads the whole page there."""
    return lead_to(request, login_url(request, staff=staff, assurance=assurance))


def lead_to(request: HttpRequest, url: str) -> HttpResponse:
    """Lead to a login's address.

    A form that is sent when the login has ended gets a page (401) that goes on by itself: a browser holds the
    whole way of a form's redirects to `form-action`, and the way to the identity provider leads elsewhere.
    """
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": url})
    if request.method == "POST":
        response = render(request, "identity/login_again.html", {"url": url}, status=401)
        response["Refresh"] = f"0; url={url}"
        return response
    return HttpResponseRedirect(url)


def resident_required(assurance: int = 1, *, staff_may_fill_in: bool = False) -> Callable[[View[P]], View[P]]:
    """Let in residents logged in with at least this level of assurance (2-4, Tillitsramverket).

    With ``staff_may_fill_in`` also staff who fill in for somebody. Others are sent to the login, and back.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor = actor_for(request)
            fills_in = staff_may_fill_in and actor.is_staff and actor.on_behalf_of is not None
            if fills_in or (actor.is_resident and actor.assurance >= assurance):
                return view(request, *args, **kwargs)
            if actor.is_staff:
                text = (
                    _("Välj först vem du fyller i åt.")
                    if staff_may_fill_in
                    else _("Sidan är för invånare. Logga ut och logga in med din egen e-legitimation.")
                )
                raise NotAllowed(text)
            return to_login(request, assurance=assurance)

        return guarded

    return decorate


def staff_required(*permissions: str) -> Callable[[View[P]], View[P]]:
    """Let in staff who hold any of the permissions (or any staff, where none is named).

    Raises NotAllowed for staff who do not, and for residents; others are sent to the staff's login, and back.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor = actor_for(request)
            if actor.is_staff:
                if permissions and not any(actor.may(permission) for permission in permissions):
                    raise NotAllowed(
                        _("Du har inte behörighet till sidan. Fråga din administratör om du behöver den.")
                    )
                return view(request, *args, **kwargs)
            if actor.is_resident:
                raise NotAllowed(_("Sidan är bara för dem som arbetar här."))
            return to_login(request, staff=True)

        return guarded

    return decorate
