"""Persons, staff, a case between them, and browsers that are logged in as they are: for tests over HTTP."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.test import Client

from sambruk.common.actor import Actor
from sambruk.common.calendar import now, today
from sambruk.platform.cases.models import Case, Party
from sambruk.platform.identity import sessions
from sambruk.platform.identity.models import IdentityProvider, Membership, Person, StaffMember, Unit
from sambruk.platform.tenancy.models import Authority, Principal


def provider(purpose: str = "staff") -> IdentityProvider:
    """The current tenant's provider of a purpose; nobody logs in by it."""
    values = {
        "name": "Inloggning",
        "purpose": purpose,
        "issuer": "https://login.example",
        "client_id": purpose,
        "redirect_base": "https://e.jarfalla.example",
    }
    return IdentityProvider.objects.get_or_create(slug=f"people-{purpose}", defaults=values)[0]


def unit(slug: str = "ekonomi", authority: str = "social") -> Unit:
    """A unit of one of the current tenant's two authorities."""
    of = Authority.objects.get(kind=authority)
    return Unit.objects.get_or_create(slug=slug, defaults={"name": slug.title(), "authority": of})[0]


def staff(subject: str, *roles: str, at: Unit | None = None) -> StaffMember:
    """A member of staff with roles in a unit."""
    member = StaffMember.objects.create(provider=provider(), subject=subject, name=subject.title())
    for role in roles:
        Membership.objects.create(staff=member, unit=at or unit(), role=role, valid_from=date(2020, 1, 1))
    return member


def person(given_name: str = "Anna", **values: Any) -> Person:
    """A person without a personal number."""
    return Person.objects.create(given_name=given_name, family_name="Andersson", **values)


def case(*parties: Person, at: Unit | None = None, serial: int = 1, **values: Any) -> Case:
    """An open case of the parties."""
    of = at or unit()
    values = {
        "year": 2026,
        "serial": serial,
        "service_id": "ekonomiskt-bistand-ateransokan",
        "title": "Ekonomiskt bistånd",
        "definition_hash": "0" * 64,
        "authority_id": of.authority_id,
        "unit": of,
        "secrecy": "social",
        "opened_at": now(),
        "due_on": today() + timedelta(days=14),
        **values,
    }
    made = Case.objects.create(**values)
    for index, each in enumerate(parties):
        role = "co_applicant" if index else "applicant"
        Party.objects.create(case=made, person=each, role=role, name=each.full_name)
    return made


def actor(account: Person | StaffMember) -> Actor:
    """Who the account is when it has just logged in."""
    return _session(account)[1]


def _session(account: Person | StaffMember) -> tuple[str, Actor]:
    purpose = "staff" if isinstance(account, StaffMember) else "resident"
    _, key = sessions.start(account=account, provider=provider(purpose), assurance=3, old_key=None)
    found = sessions.find(key)
    assert found is not None
    return key, found[1]


def browser(principal: Principal, account: Person | StaffMember | None = None) -> Client:
    """A browser at the principal's host, logged in as the account. Call it inside the tenant."""
    host = principal.hostnames.get(primary=True).host
    made = Client(HTTP_HOST=host)
    if account is not None:
        made.cookies[sessions.COOKIE] = _session(account)[0]
    return made
