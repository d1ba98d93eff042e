"""Reads of principals and grants."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q

from sambruk.platform.tenancy.grants import StaffGrant
from sambruk.platform.tenancy.models import Principal


def grants_of(home_id: UUID, staff_id: UUID, day: date) -> list[StaffGrant]:
    """Return what lets a member of another principal's staff into the current tenant on the day."""
    held = Q(valid_to__isnull=True) | Q(valid_to__gte=day)
    found = StaffGrant.objects.filter(held, home_id=home_id, staff_id=staff_id, valid_from__lte=day)
    return list(found.order_by("id"))


def open_to(staff_id: UUID, day: date) -> list[Principal]:
    """Return the principals that a member of the current tenant's own staff may enter on the day, by name.

    Reads past row security by one function that answers for the current tenant's staff alone.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT principals_open_to(%s, %s)", [staff_id, day])
        ids = [row[0] for row in cursor.fetchall()]
    return list(Principal.objects.filter(pk__in=ids).order_by("name"))
