"""A new key is put first, everything is written again with it, and then the old one may go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sambruk.common import crypto
from sambruk.common.personal_number import parse
from sambruk.platform.identity.models import Person
from sambruk.platform.identity.queries import find_person
from sambruk.platform.identity.rotation import Rotated, rotate, rotate_batch, stale_rows
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

NUMBER = parse("199006022397", test_mode=True)
OLD, NEW = crypto.new_key_entry("a"), crypto.new_key_entry("b")


@pytest.fixture(autouse=True)
def old_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.setenv(crypto.ENVIRONMENT, OLD)
    return monkeypatch


def test_values_and_index_follow_the_new_key(
    committed_db: str, jarfalla: Principal, old_key: pytest.MonkeyPatch
) -> None:
    with tenant_transaction(jarfalla.pk):
        Person.objects.create(personal_number=NUMBER.digits, street="Storgatan 1")
        for n in range(4):
            Person.objects.create(street=f"Gata {n}")
    old_key.setenv(crypto.ENVIRONMENT, f"{NEW},{OLD}")
    with tenant_transaction(jarfalla.pk):
        found = find_person(NUMBER)
        assert found is not None
        assert found.number_index is not None
        assert found.number_index.startswith("a.")

    heard: list[Rotated] = []
    result = rotate(jarfalla.pk, batch=2, progress=heard.append)

    person = next(entry for entry in result if entry.model == "identity.Person")
    assert (person.rows, person.left) == (5, 0)
    assert [entry.rows for entry in heard if entry.model == "identity.Person"] == [2, 2, 1]
    old_key.setenv(crypto.ENVIRONMENT, NEW)
    with tenant_transaction(jarfalla.pk):
        found = find_person(NUMBER)
        assert found is not None
        assert (found.street, found.personal_number) == ("Storgatan 1", NUMBER.digits)
        assert {p.street for p in Person.objects.all()} >= {"Gata 0", "Gata 3"}


def test_it_can_be_stopped_and_begun_again(tenant: Principal, old_key: pytest.MonkeyPatch) -> None:
    for n in range(3):
        Person.objects.create(street=f"Gata {n}")
    old_key.setenv(crypto.ENVIRONMENT, f"{NEW},{OLD}")
    assert rotate_batch(Person, batch=2) == 2
    assert stale_rows(Person).count() == 1
    assert rotate_batch(Person, batch=2) == 1
    assert rotate_batch(Person, batch=2) == 0


def test_another_tenants_rows_are_left(
    committed_db: str, jarfalla: Principal, botkyrka: Principal, old_key: pytest.MonkeyPatch
) -> None:
    for principal in (jarfalla, botkyrka):
        with tenant_transaction(principal.pk):
            Person.objects.create(street="Storgatan 1")
    old_key.setenv(crypto.ENVIRONMENT, f"{NEW},{OLD}")
    rotate(jarfalla.pk)
    with tenant_transaction(jarfalla.pk):
        assert stale_rows(Person).count() == 0
    with tenant_transaction(botkyrka.pk):
        assert stale_rows(Person).count() == 1


def test_what_cannot_be_decrypted_stops_the_rotation(tenant: Principal, old_key: pytest.MonkeyPatch) -> None:
    Person.objects.create(street="Storgatan 1")
    old_key.setenv(crypto.ENVIRONMENT, NEW)
    with pytest.raises(crypto.DecryptionError):
        rotate_batch(Person)
