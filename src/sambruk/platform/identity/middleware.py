"""Who asks: ``request.actor``, from the session's cookie, inside the tenant's transaction."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sambruk.common.actor import anonymous_actor
from sambruk.common.clock import now
from sambruk.platform.identity import sessions
from sambruk.platform.identity.cookies import delete_session_key, read_session_key
from sambruk.platform.identity.models import Session
from sambruk.platform.tenancy.context import current_tenant_id, has_tenant

#: Asked by the page itself, not by the person: it must not keep a session alive.
_NOT_USE = ("/session/",)


class ActorMiddleware:
    """Sets ``request.actor``, ``request.login_session`` and ``request.session_expires_at``.

    One query with a cookie, none without. Stands after TenantMiddleware, which opens the transaction. Each
    response to somebody logged in says in ``X-Session-Expires`` when the session ends.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Find the session, answer, and take away a cookie that leads nowhere."""
        looked = has_tenant()
        session = self._identify(request)
        response = self._get_response(request)
        current: Session | None = getattr(request, "login_session", None)
        if current is not None:
            response["X-Session-Expires"] = current.expires_at.isoformat()
            # What somebody logged in sees must not be shown from a cache to the next at the same computer.
            if not response.has_header("Cache-Control"):
                response["Cache-Control"] = "no-store"
        elif (
            # A public address has no tenant: nobody looked for the session, so nothing is known against it.
            looked
            and session is None
            and read_session_key(request)
            and not response.cookies.get(sessions.COOKIE)
        ):
            delete_session_key(response)
        return response

    def _identify(self, request: HttpRequest) -> Session | None:
        key = read_session_key(request)
        found = sessions.find(key) if key and has_tenant() else None
        if found is None:
            set_login(request, None)
            request.actor = anonymous_actor(current_tenant_id() if has_tenant() else None)  # type: ignore[attr-defined]
            return None
        session, actor = found
        set_login(request, session)
        request.actor = actor  # type: ignore[attr-defined]
        at = now()
        if at - session.seen_at > sessions.TOUCH_EVERY and not request.path.startswith(_NOT_USE):
            sessions.touch(session, at)
            request.session_expires_at = session.expires_at  # type: ignore[attr-defined]
        return session


def set_login(request: HttpRequest, session: Session | None) -> None:
    """Let the request know its session, or that it has none (after a logout)."""
    request.login_session = session  # type: ignore[attr-defined]
    request.session_expires_at = session.expires_at if session else None  # type: ignore[attr-defined]
