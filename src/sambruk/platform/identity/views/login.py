"""Login, the provider's answer, logout, and the session's clock."""

from __future__ import annotations

from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sambruk.common.actor import anonymous_actor
from sambruk.common.clock import now
from sambruk.platform.identity import attempts, login, queries, sessions
from sambruk.platform.identity.cookies import (
    delete_session_key,
    read_browser_key,
    read_session_key,
    set_browser_key,
    set_session_key,
)
from sambruk.platform.identity.decorators import actor_for
from sambruk.platform.identity.errors import LoginFailed, NoProvider, ProviderDown
from sambruk.platform.identity.middleware import set_login
from sambruk.platform.identity.models import IdentityProvider, LoginAttempt, Protocol, Purpose, Session
from sambruk.platform.identity.oidc.metadata import metadata_of
from sambruk.platform.identity.redirects import safe_path
from sambruk.platform.identity.saml import flow as saml
from sambruk.platform.tenancy.context import current_principal

log = structlog.get_logger(__name__)

STAFF_HOME = "/handlaggning/"
RESIDENT_HOME = "/mina-sidor/"
_LOGIN_PATH = {Purpose.RESIDENT: "/logga-in/", Purpose.STAFF: "/personal/logga-in/"}


def _level(text: str) -> int:
    return int(text) if text in ("1", "2", "3", "4") else 0


@never_cache
@require_GET
def resident_login(request: HttpRequest) -> HttpResponse:
    """Begin a resident's login: ``?next=`` is kept, ``?niva=`` asks for a level of assurance."""
    return _begin(request, Purpose.RESIDENT)


@never_cache
@require_GET
def staff_login(request: HttpRequest) -> HttpResponse:
    """Begin a staff login."""
    return _begin(request, Purpose.STAFF)


def _begin(request: HttpRequest, purpose: Purpose) -> HttpResponse:
    staff = purpose == Purpose.STAFF
    target = safe_path(request.GET.get("next"), STAFF_HOME if staff else RESIDENT_HOME)
    level = _level(request.GET.get("niva", ""))
    actor = actor_for(request)
    # ``som`` chooses whom to be in the demo: it must be able to change who is logged in.
    hint = request.GET.get("som", "")[:100] if settings.DEMO else ""
    already = actor.is_staff if staff else actor.is_resident
    if already and actor.assurance >= max(level, 1) and not hint:
        return HttpResponseRedirect(target)
    found = queries.providers(purpose)
    chosen = request.GET.get("idp", "")
    picked = [provider for provider in found if provider.slug == chosen] if chosen else found
    if not picked:
        return _failed(request, NoProvider(), purpose=purpose, target=target)
    if len(picked) > 1:
        links = [(provider.name, _address(request, purpose, idp=provider.slug)) for provider in picked]
        return render(request, "identity/choose_login.html", {"links": links, "staff": staff})
    return _send(request, picked[0], target=target, level=level, hint=hint)


def _address(request: HttpRequest, purpose: Purpose, **changed: str) -> str:
    query = request.GET.copy()
    for name, value in changed.items():
        query[name] = value
    return f"{_LOGIN_PATH[purpose]}?{query.urlencode()}"


def _send(
    request: HttpRequest, provider: IdentityProvider, *, target: str, level: int, hint: str
) -> HttpResponse:
    try:
        begun = attempts.begin(
            provider,
            return_to=target,
            browser_key=read_browser_key(request),
            required_assurance=level,
            login_hint=hint,
        )
    except (ProviderDown, LoginFailed) as error:
        return _failed(request, error, purpose=Purpose(provider.purpose), target=target)
    response = HttpResponseRedirect(begun.url)
    set_browser_key(response, begun.browser_key)
    return response


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer."""
    old: Session | None = getattr(request, "login_session", None)
    try:
        answered = login.answer(
            request.GET.dict(),
            browser_key=read_browser_key(request),
            old_key=read_session_key(request),
            old_session=old,
        )
    except login.AnswerFailed as failure:
        return _answer_failed(request, failure.error, failure.attempt)
    except ProviderDown as error:
        # 503 rolls back: the attempt is as it was, and loading this very page again tries again.
        log.warning("provider_down", detail=error.detail)
        return _page(request, error, 503, retry_url=request.get_full_path(), purpose=Purpose.RESIDENT)
    response = HttpResponseRedirect(answered.return_to)
    if answered.session is not None:
        # From here on the request is the new session's, so that the old cookie is not taken away beside it.
        set_login(request, answered.session)
        set_session_key(response, answered.key)
        rotate_token(request)
    return response


@csrf_exempt  # Another site's form, without our cookies: see attempts.keep_posted.
@never_cache
@require_POST
def saml_answer(request: HttpRequest) -> HttpResponse:
    """Keep a SAML provider's posted answer; lead the browser, with its cookies, to where it is verified."""
    state = request.POST.get("RelayState", "")[:200]
    try:
        attempts.keep_posted(state, request.POST.get("SAMLResponse", ""))
    except LoginFailed as error:
        log.warning("login_refused", code=error.code, detail=error.detail)
        return _failed(request, error, purpose=Purpose.RESIDENT, target=RESIDENT_HOME)
    onward = HttpResponseRedirect(f"{reverse('login_callback')}?{urlencode({'state': state})}")
    # 303: by GET, whatever the browser does with others. To a GET from another site it gives Lax cookies.
    onward.status_code = 303
    return onward


@require_GET
def saml_metadata(request: HttpRequest, slug: str) -> HttpResponse:
    """What we publish of ourselves to a SAML provider: address and certificate. Public, so no login."""
    provider = IdentityProvider.objects.filter(slug=slug, protocol=Protocol.SAML).first()
    if provider is None:
        raise Http404
    xml = saml.our_metadata(provider, name=current_principal().name)
    return HttpResponse(xml, content_type="application/samlmetadata+xml")


def _answer_failed(request: HttpRequest, error: LoginFailed, attempt: LoginAttempt | None) -> HttpResponse:
    if attempt is None:
        return _failed(request, error, purpose=Purpose.RESIDENT, target=RESIDENT_HOME)
    purpose = Purpose(attempt.provider.purpose)
    return _failed(request, error, purpose=purpose, target=attempt.return_to)


_STATUS = {"staff_unknown": 403, "assurance_too_low": 403, "no_personal_number": 403}


def _failed(
    request: HttpRequest, error: LoginFailed | ProviderDown, *, purpose: Purpose, target: str
) -> HttpResponse:
    retry = f"{_LOGIN_PATH[purpose]}?{urlencode({'next': target})}"
    status = 503 if isinstance(error, ProviderDown | NoProvider) else _STATUS.get(error.code, 400)
    return _page(request, error, status, retry_url=retry, purpose=purpose)


def _page(
    request: HttpRequest, error: LoginFailed | ProviderDown, status: int, *, retry_url: str, purpose: Purpose
) -> HttpResponse:
    context = {"error": error, "retry_url": retry_url, "staff": purpose == Purpose.STAFF}
    response = render(request, "identity/login_failed.html", context, status=status)
    if isinstance(error, ProviderDown):
        response["Retry-After"] = "30"
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """Ask (GET) or end the session (POST), here and at the provider where it offers that."""
    session: Session | None = getattr(request, "login_session", None)
    if request.method == "GET":
        return render(request, "identity/logout.html", {"logged_in": session is not None})
    onward, name = "", ""
    if session is not None:
        onward, name = _end_session_url(session.provider), session.provider.name
        sessions.end(session, actor_for(request))
    set_login(request, None)
    request.actor = anonymous_actor(None)  # type: ignore[attr-defined]
    rotate_token(request)
    context = {"logged_in": False, "onward": onward, "provider": name}
    response = render(request, "identity/logout.html", context)
    if onward:
        # Not a redirect: the browser holds the form's whole way to form-action (our own address alone).
        response["Refresh"] = f"0; url={onward}"
    delete_session_key(response)
    return response


def _end_session_url(provider: IdentityProvider) -> str:
    """Return the provider's logout (OpenID Connect RP-Initiated Logout 1.0), or nothing.

    Without ``id_token_hint``, which holds the personal number and would stand in an address; ``client_id``
    says who asks. A provider that is down does not keep anybody logged in here. With SAML there is none.
    """
    if provider.protocol == Protocol.SAML:
        return ""
    try:
        endpoint = metadata_of(provider.issuer).end_session_endpoint
    except (ProviderDown, LoginFailed) as error:
        log.warning("logout_at_provider_failed", provider=provider.slug, detail=error.detail)
        return ""
    if not endpoint:
        return ""
    after = f"{provider.redirect_base.rstrip('/')}/"
    query = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": after})
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"


@never_cache
@require_GET
def session_state(request: HttpRequest) -> JsonResponse:
    """Say when the session ends, without keeping it alive."""
    return _state(request)


@never_cache
@require_POST
def session_extend(request: HttpRequest) -> JsonResponse:
    """Keep the session alive: the person pressed the button of the warning."""
    session: Session | None = getattr(request, "login_session", None)
    if session is not None:
        sessions.touch(session)
        set_login(request, session)
    return _state(request)


def _state(request: HttpRequest) -> JsonResponse:
    session: Session | None = getattr(request, "login_session", None)
    if session is None:
        text = _("Du är utloggad. Logga in igen för att fortsätta.")
        return JsonResponse({"logged_in": False, "message": text}, status=401)
    left = int((session.expires_at - now()).total_seconds())
    return JsonResponse(
        {
            "logged_in": True,
            "expires_at": session.expires_at.isoformat(),
            "ends_at": session.ends_at.isoformat(),
            "seconds_left": max(left, 0),
        }
    )
