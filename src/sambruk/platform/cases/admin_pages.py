"""The review of the log and the mandates: their places in the menus and on the administration's page."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from sambruk.platform.audit.permissions import AuditPermission
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.ui.administration import AdminPage, Group, register
from sambruk.platform.ui.navigation import NavItem
from sambruk.platform.ui.navigation import register as navigate


def declare() -> None:
    """Register them."""
    register(
        AdminPage(
            label=_("Granska loggen"),
            description=_("Vem som har läst och ändrat vad, och utdrag till den som frågar."),
            url_name="cases:log_search",
            permission=AuditPermission.REVIEW,
            group=Group.CONTROL,
        )
    )
    register(
        AdminPage(
            label=_("Uppdrag och fullmakter"),
            description=_("Vem som får göra ärenden åt någon annan: god man, vårdnadshavare, ombud."),
            url_name="cases:mandate_find",
            permission=Permission.MANDATE_REGISTER,
            group=Group.PEOPLE,
            order=40,
        )
    )
    register(
        AdminPage(
            label=_("Drift"),
            description=_("Hur kopplingarna mår, och det som görs av sig självt på bestämda tider."),
            url_name="operator",
            permission=Permission.OPERATOR,
            group=Group.CONTROL,
            order=200,
        )
    )
    navigate(
        NavItem(
            face="staff",
            label=_("Granska loggen"),
            url_name="cases:log_search",
            order=810,
            permission=AuditPermission.REVIEW,
        )
    )
    navigate(
        NavItem(
            face="staff",
            label=_("Uppdrag"),
            url_name="cases:mandate_find",
            order=310,
            permission=Permission.MANDATE_REGISTER,
        )
    )
