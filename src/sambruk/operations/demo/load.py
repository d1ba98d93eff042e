"""Loads the demo's data: principals, units, logins, staff, residents, and what each system brings.

Run as ``python -m sambruk.operations.demo.load`` after the migrations, at every start: each step finds what
is there and adds what is missing, so that it can be stopped anywhere and run again.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import date
from uuid import UUID

from sambruk.common.actor import Actor, system_actor
from sambruk.operations.demo import people
from sambruk.operations.demo.people import DemoMunicipality

_SINCE = date(2026, 1, 1)

#: What the platform's own parts bring, for the current principal, after people are in place: dotted paths
#: ``module:function`` to ``def load(by: Actor) -> None``, each idempotent.
PLATFORM_LOADERS: tuple[str, ...] = (
    "sambruk.operations.demo.services:load",
    "sambruk.operations.demo.earlier:load",
)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def load_demo(say: Callable[[str], object] = _say) -> None:
    """Load everything, telling ``say`` (in Swedish) of each step as it is done.

    Needs the owner's address for the principals, the application's for the rest, and in the environment
    ``SAMBRUK_DEMO_PORT``, ``SAMBRUK_DEMO_IDP`` (issuer) and ``SAMBRUK_DEMO_IDP_SECRET``.
    """
    principals = _principals()
    for town in people.MUNICIPALITIES:
        begun = time.monotonic()
        _load_municipality(town, principals[town.code])
        say(f"  {town.name} ({time.monotonic() - begun:.1f} s)")


def _principals() -> dict[str, UUID]:
    """Add the principals that are missing, and return their ids by code."""
    from sambruk.operations.municipalities import add_principal
    from sambruk.platform.tenancy.models import Principal

    for town in people.MUNICIPALITIES:
        if Principal.objects.filter(code=town.code).exists():
            continue
        add_principal(
            code=town.code,
            name=town.name,
            short_name=town.short_name,
            hosts=[town.host],
            org_number=town.org_number,
            colour=town.colour,
            city=town.city,
            postal_code=town.postal_code,
            email=f"kommun@{town.code}.example",
            contact_name="Kontaktcenter",
        )
    return dict(Principal.objects.values_list("code", "id"))


def _load_municipality(town: DemoMunicipality, principal_id: UUID) -> None:
    from sambruk.common.system import load_attribute
    from sambruk.config.systems import usable_systems
    from sambruk.platform.identity.permissions import Permission
    from sambruk.platform.tenancy.context import tenant_transaction

    by = system_actor(principal_id, "demo", frozenset(map(str, Permission)), channel="job")
    with tenant_transaction(principal_id):
        _load_logins(town)
        _load_units(by)
        _load_staff(town, by)
        _load_residents(town, by)
    for path in PLATFORM_LOADERS:
        with tenant_transaction(principal_id):
            load_attribute(path)(by)
    for system in usable_systems().systems:
        if system.demo:
            with tenant_transaction(principal_id):
                load_attribute(system.demo)()


def _load_logins(town: DemoMunicipality) -> None:
    """Write the principal's two logins; the issuer's port and ours may have changed since last time."""
    from sambruk.platform.identity.models import IdentityProvider

    origin = town.origin(int(os.environ["SAMBRUK_DEMO_PORT"]))
    for slug, name in (("resident", "Testlegitimation"), ("staff", "Testinloggning för medarbetare")):
        values = {
            "name": name,
            "purpose": slug,
            "issuer": os.environ["SAMBRUK_DEMO_IDP"],
            "client_id": town.client_id(slug),
            "client_secret": os.environ["SAMBRUK_DEMO_IDP_SECRET"],
            "redirect_base": origin,
            "scopes": "openid profile email",
        }
        provider = IdentityProvider.objects.filter(slug=slug).first() or IdentityProvider(slug=slug)
        for field, value in values.items():
            setattr(provider, field, value)
        provider.save()


def _load_units(by: Actor) -> None:
    from sambruk.platform.identity.actions import add_unit
    from sambruk.platform.identity.models import Unit
    from sambruk.platform.tenancy.models import Authority

    for unit in people.UNITS:
        authority, _ = Authority.objects.get_or_create(
            name=unit.authority, defaults={"kind": unit.authority_kind}
        )
        if not Unit.objects.filter(slug=unit.slug).exists():
            add_unit(by=by, name=unit.name, slug=unit.slug, authority=authority)


def _load_staff(town: DemoMunicipality, by: Actor) -> None:
    from sambruk.platform.identity.actions.staff import add_membership, add_staff
    from sambruk.platform.identity.models import IdentityProvider, Membership, StaffMember, Unit

    provider = IdentityProvider.objects.get(slug="staff")
    for one in people.STAFF:
        if one.municipality != town.code:
            continue
        staff = StaffMember.objects.filter(provider=provider, subject=one.sub).first() or add_staff(
            by=by, name=one.name, subject=one.sub, email=one.email, provider=provider
        )
        for slug, role in one.roles:
            unit = Unit.objects.get(slug=slug)
            if not Membership.objects.filter(staff=staff, unit=unit, role=role).exists():
                add_membership(by=by, staff=staff, unit=unit, role=role, valid_from=_SINCE)


def _load_residents(town: DemoMunicipality, by: Actor) -> None:
    """Register those who live here, so that staff find them before they have logged in."""
    from sambruk.common.personal_number import parse
    from sambruk.platform.identity.actions.persons import register_person
    from sambruk.platform.identity.queries import find_person

    for one in people.RESIDENTS:
        if one.municipality != town.code:
            continue
        number = parse(one.personal_number, test_mode=True)
        if find_person(number) is None:
            register_person(
                by=by,
                number=number,
                given_name=one.given_name,
                family_name=one.family_name,
                street="Storgatan 1",
                postal_code=town.postal_code,
                city=town.city,
                email=f"{one.sub}@{town.code}.example",
            )


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sambruk.config.settings")
    django.setup()
    load_demo()
