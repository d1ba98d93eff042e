"""Who a command acts as: the operator at the terminal, in one principal, with what that command needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from sambruk.operations.errors import OperationError

if TYPE_CHECKING:
    from sambruk.common.actor import Actor
    from sambruk.platform.identity.models import IdentityProvider, Unit
    from sambruk.platform.tenancy.models import Principal


def principal_of(code: str) -> Principal:
    """Return the principal with the code. Raises OperationError where there is none."""
    from sambruk.platform.tenancy.models import Principal

    found = Principal.objects.filter(code=code).first()
    if found is None:
        raise OperationError(f"Det finns ingen kommun med koden {code}. Kör sambruk municipality list.")
    return found


@contextmanager
def acting_in(code: str, command: str, *permissions: str) -> Iterator[Actor]:
    """Open the principal's transaction and give the command's actor, who holds ``permissions`` alone.

    The log tells the command's name. Raises OperationError where there is no such principal.
    """
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    from sambruk.common.actor import system_actor
    from sambruk.platform.tenancy.context import tenant_transaction

    principal = principal_of(code)
    held = frozenset(str(permission) for permission in permissions)
    with tenant_transaction(principal.pk, principal=principal):
        yield system_actor(principal.pk, f"sambruk {command}", held, channel="job")


def unit_of(slug: str) -> Unit:
    """Return the current principal's unit. Raises OperationError where there is none, naming those there."""
    from sambruk.platform.identity.models import Unit

    found = Unit.objects.filter(slug=slug).select_related("authority").first()
    if found is None:
        there = ", ".join(Unit.objects.order_by("slug").values_list("slug", flat=True)) or "ingen"
        raise OperationError(f"Enheten {slug} finns inte. De som finns: {there}.")
    return found


def staff_provider(slug: str) -> IdentityProvider | None:
    """Return the provider of the name; None for no name: the action then takes the only one for staff."""
    from sambruk.platform.identity.models import IdentityProvider, Purpose

    if not slug:
        return None
    found = IdentityProvider.objects.filter(slug=slug, purpose=Purpose.STAFF).first()
    if found is None:
        raise OperationError(f"Det finns ingen inloggning för medarbetare som heter {slug}.")
    return found


def day_of(text: str) -> date | None:
    """Read a day as YYYY-MM-DD; None for no text. Raises OperationError for anything else."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise OperationError(f"{text} är ingen dag. Skriv den som 2027-01-31.") from error
