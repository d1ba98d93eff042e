"""What every page needs around its own content: whose it is, who is logged in, where one can go."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.crypto import salted_hmac

from sambruk.common.actor import Actor
from sambruk.platform.ui import navigation, notices
from sambruk.platform.ui.colour import ColourError
from sambruk.platform.ui.theme import DEFAULT_COLOUR, Theme, theme_for


def theme_of(tenant: Any) -> Theme:
    """Return the theme of a tenant's colour; the house's own where it has none, or one that is no colour."""
    try:
        return theme_for(str(getattr(tenant, "colour", "") or DEFAULT_COLOUR))
    except ColourError:
        return theme_for(DEFAULT_COLOUR)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


class Chrome:
    """The frame of a page. Each part is computed when a template asks for it, so that a page without
    navigation (an error, a fragment) costs no query."""

    login_url = "/logga-in/"
    staff_login_url = "/personal/logga-in/"
    logout_url = "/logga-ut/"

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.tenant: Any = getattr(request, "principal", None)
        self.actor: Actor | None = getattr(request, "actor", None)

    @property
    def name(self) -> str:
        """The principal's name, or the product's where a host has none."""
        return str(getattr(self.tenant, "name", "") or "Sambruk")

    @property
    def has_logo(self) -> bool:
        """Whether there is a coat of arms or logo to show."""
        return bool(getattr(self.tenant, "logo_svg", None))

    @cached_property
    def logo_url(self) -> str:
        """Where the logo is, named by its hash; empty without one."""
        if not self.has_logo:
            return ""
        from sambruk.platform.ui.views import logo_digest

        return reverse("ui:logo", args=[logo_digest(str(self.tenant.logo_svg))])

    @cached_property
    def theme_url(self) -> str:
        """Where the theme's CSS is, named by its hash."""
        return reverse("ui:theme", args=[theme_of(self.tenant).digest])

    @property
    def logged_in(self) -> bool:
        """Whether somebody is logged in."""
        return self.actor is not None and self.actor.id is not None

    @property
    def person_name(self) -> str:
        """Who is logged in, or empty."""
        return self.actor.name if self.actor is not None and self.logged_in else ""

    @property
    def actor_key(self) -> str:
        """A key that tells one login from another in the browser's own storage, and says nothing else."""
        if self.actor is None or self.actor.id is None:
            return ""
        return salted_hmac("sambruk.ui.actor", str(self.actor.id)).hexdigest()[:16]

    @property
    def session_expires(self) -> str:
        """When the session ends, ISO 8601, from ``request.session_expires_at``; empty without one."""
        moment = getattr(self._request, "session_expires_at", None)
        return moment.isoformat() if isinstance(moment, datetime) and self.logged_in else ""

    @cached_property
    def session_extend_url(self) -> str:
        """Where the session is extended by POST (the URL named ``session_extend``), or empty."""
        return _address("session_extend")

    @cached_property
    def palette_url(self) -> str:
        """Where the palette searches cases and persons (the URL named ``palette``), or empty."""
        return _address("palette")

    @cached_property
    def resident_nav(self) -> list[navigation.NavLink]:
        """The resident's navigation."""
        return navigation.links("resident", self._request)

    @cached_property
    def staff_nav(self) -> list[navigation.NavLink]:
        """The staff's navigation."""
        return navigation.links("staff", self._request)

    @cached_property
    def notices(self) -> list[notices.Notice]:
        """What the former request left to be said; said once."""
        return notices.take(self._request)


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``chrome``, ``tenant`` and ``actor``."""
    frame = Chrome(request)
    return {"chrome": frame, "tenant": frame.tenant, "actor": frame.actor}
