"""The roles that an administrator gives to staff, each in a unit and from a day."""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sambruk.platform.audit.permissions import AuditPermission
from sambruk.platform.identity.permissions import Permission


class Role:
    """A named set of permissions. ``description`` is what an administrator reads before giving it."""

    name: ClassVar[str]
    display_name: ClassVar[str | Promise]
    description: ClassVar[str | Promise]
    permissions: ClassVar[frozenset[str]]


class Caseworker(Role):
    """Handläggare."""

    name = "caseworker"
    display_name = _("Handläggare")
    description = _(
        "Tar emot och arbetar med enhetens ärenden: begär komplettering, räknar, skriver och föreslår "
        "beslut och förbereder utbetalningar. Kan inte själv besluta eller godkänna utbetalningar."
    )
    permissions = frozenset(
        {
            Permission.CASE_READ,
            Permission.CASE_WORK,
            Permission.PAYMENT_ORDER,
            Permission.PERSON_READ,
            Permission.PERSON_REGISTER,
            Permission.FILL_IN_FOR,
            Permission.MANDATE_REGISTER,
        }
    )


class DecisionMaker(Role):
    """Beslutsfattare."""

    name = "decision_maker"
    display_name = _("Beslutsfattare")
    description = _(
        "Läser enhetens ärenden och fattar beslut i dem enligt delegationsordningen, även i ärenden med "
        "skyddade personuppgifter. Den som har föreslagit ett beslut kan inte själv fatta det där "
        "delegationen kräver två personer."
    )
    permissions = frozenset(
        {
            Permission.CASE_READ,
            Permission.CASE_WORK,
            Permission.CASE_DECIDE,
            Permission.PERSON_READ,
            Permission.PROTECTED_OPEN,
            Permission.PROTECTED_SET,
        }
    )


class PaymentApprover(Role):
    """Utbetalningsgodkännare."""

    name = "payment_approver"
    display_name = _("Utbetalningsgodkännare")
    description = _(
        "Kontrollerar och godkänner utbetalningar som någon annan har förberett. Ser de ärenden i enheten "
        "som betalningarna hör till. Är en person skyddad syns bara utbetalningen, inte vem det är eller "
        "var personen bor."
    )
    permissions = frozenset({Permission.CASE_READ, Permission.PERSON_READ, Permission.PAYMENT_APPROVE})


class ContactCentre(Role):
    """Kontaktcenter."""

    name = "contact_centre"
    display_name = _("Kontaktcenter")
    description = _(
        "Svarar invånare i telefon, vid besök och per brev: ser enhetens ärenden, tar emot anmälningar och "
        "fyller i e-tjänster åt den som behöver hjälp. Handlägger inte."
    )
    permissions = frozenset(
        {
            Permission.CASE_READ,
            Permission.CASE_REGISTER,
            Permission.REPORT_REGISTER,
            Permission.PERSON_READ,
            Permission.PERSON_REGISTER,
            Permission.FILL_IN_FOR,
        }
    )


class Registrar(Role):
    """Registrator."""

    name = "registrar"
    display_name = _("Registrator")
    description = _(
        "Registrerar det som kommer in på papper eller per telefon, fördelar ärenden i enheten och lägger in "
        "fullmakter och ställföreträdare."
    )
    permissions = frozenset(
        {
            Permission.CASE_READ,
            Permission.CASE_REGISTER,
            Permission.REPORT_REGISTER,
            Permission.PERSON_READ,
            Permission.PERSON_REGISTER,
            Permission.FILL_IN_FOR,
            Permission.MANDATE_REGISTER,
        }
    )


class FieldWorker(Role):
    """Funktionsbrevlåda eller utförare."""

    name = "field_worker"
    display_name = _("Utförare")
    description = _(
        "Arbetar vid en funktion, till exempel gata och park: tar emot anmälningar som lämnas till enheten, "
        "åtgärdar och svarar, eller lämnar tillbaka med en förklaring. Fattar inga beslut."
    )
    permissions = frozenset({Permission.CASE_READ, Permission.CASE_WORK, Permission.REPORT_HANDLE})


class Administrator(Role):
    """Administratör."""

    name = "administrator"
    display_name = _("Administratör")
    description = _(
        "Lägger upp medarbetare och roller, inför och ställer in e-tjänster och ändrar kommunens uppgifter. "
        "Ger ingen rätt att läsa ärenden."
    )
    permissions = frozenset({Permission.ADMIN_STAFF, Permission.ADMIN_SERVICES, Permission.ADMIN_PRINCIPAL})


class Operator(Role):
    """Driftansvarig."""

    name = "operator"
    display_name = _("Driftansvarig")
    description = _(
        "Ser hur kopplingarna till andra system mår och startar om sändningar som har stannat. Ser inte vad "
        "ärenden innehåller."
    )
    permissions = frozenset({Permission.OPERATOR, AuditPermission.SEAL})


class Archivist(Role):
    """Arkivarie."""

    name = "archivist"
    display_name = _("Arkivarie")
    description = _(
        "Tar fram listor över det som ska gallras i enheten, bekräftar dem och läser protokollen. Ser "
        "ärendens nummer och datum, inte vad de innehåller."
    )
    permissions = frozenset({Permission.CASE_DISPOSE})


class Reviewer(Role):
    """Granskare."""

    name = "reviewer"
    display_name = _("Granskare")
    description = _(
        "Granskar loggen: vem som har läst och ändrat vad, och tar fram utdrag till den som frågar om sina "
        "egna uppgifter. Ger ingen rätt att läsa ärenden."
    )
    permissions = frozenset(
        {Permission.AUDIT_READ, AuditPermission.REVIEW, AuditPermission.EXTRACT, Permission.PERSON_READ}
    )


ROLES: dict[str, type[Role]] = {
    role.name: role
    for role in (
        Caseworker,
        DecisionMaker,
        PaymentApprover,
        ContactCentre,
        Registrar,
        FieldWorker,
        Administrator,
        Operator,
        Archivist,
        Reviewer,
    )
}


def register_role(role: type[Role]) -> type[Role]:
    """Add a role of a system's own, when the app is ready. Raises ValueError for a name that is taken."""
    if ROLES.setdefault(role.name, role) is not role:
        raise ValueError(f"there is a role {role.name} already")
    return role


def permissions_of(role_names: list[str]) -> frozenset[str]:
    """Return what the roles give together. A name that no installed system knows gives nothing."""
    return frozenset(str(p) for name in role_names if name in ROLES for p in ROLES[name].permissions)
