"""The three roles: what each is, and that the application's can be trusted with nothing."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

_SELF = "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
_OWNED = "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"


def test_the_application_owns_nothing_and_cannot_bypass_row_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SELF)
        assert cursor.fetchone() == ("sambruk_app", False, False)
        cursor.execute(_OWNED)
        assert cursor.fetchone() == (0,)
