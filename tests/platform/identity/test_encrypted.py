"""Encrypted columns: what is written is read back, for its row alone, and never lies in the clear."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sambruk.common.crypto import DecryptionError
from sambruk.platform.identity.encrypted import EncryptedJSONField, EncryptedTextField, place_of
from sambruk.platform.identity.models import Person
from sambruk.platform.tenancy.context import current_tenant_id
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.django_db
TEXT = st.text(max_size=300).filter(lambda text: not any(0xD800 <= ord(char) <= 0xDFFF for char in text))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=15,
)


def raw(person: Person) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT street FROM identity_person WHERE id = %s", [person.pk])
        return bytes(cursor.fetchone()[0])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXT)
def test_text_comes_back_as_it_was_and_does_not_lie_in_the_clear(tenant: Principal, text: str) -> None:
    person = Person.objects.create(street=text)
    assert Person.objects.get(pk=person.pk).street == text
    if len(text.encode()) > 3:
        assert text.encode() not in raw(person)


@settings(max_examples=200, deadline=None)
@given(value=JSON)
def test_json_comes_back_as_it_was(value: Any) -> None:
    field = EncryptedJSONField()
    assert field.from_plain(field.to_plain(value)) == value


def test_equal_values_are_not_equal_in_the_table(tenant: Principal) -> None:
    first, second = Person.objects.create(street="Storgatan 1"), Person.objects.create(street="Storgatan 1")
    assert raw(first) != raw(second)


def test_a_value_moved_to_another_row_is_not_read(tenant: Principal) -> None:
    first, second = Person.objects.create(street="Storgatan 1"), Person.objects.create(street="Lillgatan 2")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE identity_person SET street = %s WHERE id = %s", [raw(first), second.pk])
    with pytest.raises(DecryptionError):
        _ = Person.objects.get(pk=second.pk).street


def test_a_value_moved_to_another_column_is_not_read(tenant: Principal) -> None:
    person = Person.objects.create(street="Storgatan 1", city="Järfälla")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE identity_person SET city = street WHERE id = %s", [person.pk])
    with pytest.raises(DecryptionError):
        _ = Person.objects.get(pk=person.pk).city


def test_the_place_of_a_value_names_its_tenant(
    tenant: Principal,
    botkyrka: Principal,
    as_tenant: Callable[[Principal], AbstractContextManager[Principal]],
) -> None:
    field = Person._meta.get_field("street")
    here = Person(street="x")
    with as_tenant(botkyrka):
        there = Person(pk=here.pk, street="x")
    assert place_of(field, here) != place_of(field, there)


def test_a_row_that_is_not_read_is_not_decrypted(tenant: Principal) -> None:
    person = Person.objects.create(street="Storgatan 1")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE identity_person SET street = '\\x00'::bytea WHERE id = %s", [person.pk])
    assert Person.objects.get(pk=person.pk).given_name == ""


def test_search_and_update_without_a_row_are_refused_with_a_reason(tenant: Principal) -> None:
    Person.objects.create(street="Storgatan 1")
    with pytest.raises(FieldError, match="BlindIndexField"):
        Person.objects.filter(street="Storgatan 1")
    with pytest.raises(FieldError, match="save"):
        Person.objects.update(street="Lillgatan 2")


def test_deferred_and_refreshed_values_are_read(tenant: Principal) -> None:
    person = Person.objects.create(street="Storgatan 1")
    assert Person.objects.defer("street").get(pk=person.pk).street == "Storgatan 1"
    person.street = "Lillgatan 2"
    person.save(update_fields=["street"])
    stale = Person.objects.get(pk=person.pk)
    stale.street = "annat"
    stale.refresh_from_db()
    assert stale.street == "Lillgatan 2"


def test_only_text_is_taken_for_text(tenant: Principal) -> None:
    with pytest.raises(TypeError):
        EncryptedTextField().to_plain(7)
    with pytest.raises(ValueError, match="JSON compliant"):
        EncryptedJSONField().to_plain(float("nan"))


def test_the_blind_index_differs_between_tenants(
    tenant: Principal,
    botkyrka: Principal,
    as_tenant: Callable[[Principal], AbstractContextManager[Principal]],
) -> None:
    here = Person.objects.create(personal_number="199006022397")
    with as_tenant(botkyrka):
        there = Person.objects.create(personal_number="199006022397")
        assert there.tenant_id == current_tenant_id() == botkyrka.pk
    assert here.number_index
    assert there.number_index
    assert here.number_index != there.number_index
