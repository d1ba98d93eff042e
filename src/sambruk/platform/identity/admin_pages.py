"""What identity offers on the administration's start page, and the way there."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from sambruk.platform.identity.permissions import Permission
from sambruk.platform.ui.administration import AdminPage, Group, register
from sambruk.platform.ui.navigation import NavItem
from sambruk.platform.ui.navigation import register as navigate

_PAGES = (
    (_("Medarbetare"), _("Vilka som får logga in, och i vilka roller."), "staff_list", Group.PEOPLE, 10),
    (
        _("Roller"),
        _("Vad man får göra i varje roll, och hur många som har den."),
        "role_list",
        Group.PEOPLE,
        20,
    ),
    (_("Enheter"), _("Var ärenden handläggs: lägg upp, byt namn, stäng."), "unit_list", Group.PEOPLE, 30),
    (
        _("Kommunens uppgifter"),
        _("Färg och kontaktuppgifter som invånarna ser."),
        "principal_data",
        Group.PRINCIPAL,
        10,
    ),
    (
        _("Inställningar som gäller från en dag"),
        _("Till exempel hur länge loggen sparas, och vilket beslut det bygger på."),
        "dated_settings",
        Group.PRINCIPAL,
        20,
    ),
    (
        _("Inloggning"),
        _("Hur invånare och medarbetare loggar in, och om inloggningarna svarar."),
        "provider_list",
        Group.CONNECTIONS,
        5,
    ),
    (
        _("Anslutna system"),
        _("System som använder kommunens API, vad de får göra och deras nycklar."),
        "api_client_list",
        Group.CONNECTIONS,
        10,
    ),
)


def declare() -> None:
    """Register identity's pages and the item of the staff's menu."""
    for label, text, url_name, group, order in _PAGES:
        of_people = group is Group.PEOPLE
        register(
            AdminPage(
                label=label,
                description=text,
                url_name=url_name,
                permission=Permission.ADMIN_STAFF if of_people else Permission.ADMIN_PRINCIPAL,
                group=group,
                order=order,
            )
        )
    navigate(
        NavItem(
            face="staff",
            label=_("Administration"),
            url_name="administration",
            order=790,
            permission=(Permission.ADMIN_STAFF, Permission.ADMIN_SERVICES, Permission.ADMIN_PRINCIPAL),
        )
    )
