"""Versions are published once and never changed; a municipality adopts one with its own values and units."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, transaction

from sambruk.common.actor import system_actor
from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.definitions import actions, catalogue, effective
from sambruk.platform.definitions.models import Adoption, EffectiveDefinition, ServiceVersion
from sambruk.platform.identity.models import Unit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.models import Authority

if TYPE_CHECKING:
    from sambruk.platform.tenancy.models import Principal

SERVICES = Path(__file__).parents[3] / "services"
BY = system_actor(None, "Test", frozenset({Permission.ADMIN_SERVICES}))
pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(tenant: Principal) -> Unit:
    authority = Authority.objects.get(kind="technical")
    return Unit.objects.create(name="Kontaktcenter", authority=authority, slug="kontaktcenter")


@pytest.fixture
def published(tenant: Principal) -> ServiceVersion:
    return actions.publish(folder=SERVICES / "felanmalan", by=BY)


def test_a_published_service_is_adopted_and_found(unit: Unit, published: ServiceVersion) -> None:
    row = actions.adopt(service="felanmalan", units={"default": unit.pk}, by=BY)
    found = effective.for_service("felanmalan")
    assert found.hash == row.effective_hash == effective.by_hash(found.hash).hash
    assert found.service.version == published.version
    assert found.unit_id == unit.pk
    assert found.process.start({}, found.parameters).ready
    assert found.service.service in [one.service.service for one in effective.offered()]


def test_publishing_the_same_content_again_is_the_same_version(published: ServiceVersion) -> None:
    assert actions.publish(folder=SERVICES / "felanmalan", by=BY).pk == published.pk


def test_other_content_under_the_same_version_is_refused(published: ServiceVersion, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "felanmalan"
    shutil.copytree(SERVICES / "felanmalan", folder)
    text = (folder / "service.yaml").read_text("utf-8")
    (folder / "service.yaml").write_text(text.replace("owner: sambruk", "owner: annan"), "utf-8")
    with pytest.raises(Conflict):
        actions.publish(folder=folder, by=BY)


def test_the_database_refuses_to_change_or_remove_a_version(published: ServiceVersion) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        ServiceVersion.objects.filter(pk=published.pk).update(published_by="någon annan")
    with pytest.raises(DatabaseError), transaction.atomic():
        ServiceVersion.objects.filter(pk=published.pk).delete()


def test_the_owner_cannot_change_a_version_either(committed_db: str, jarfalla: Principal) -> None:
    from django.conf import settings

    from sambruk.platform.tenancy.context import tenant_transaction
    from sambruk.platform.tenancy.owner import ALIAS, owner_connection

    with tenant_transaction(jarfalla.pk):
        actions.publish(folder=SERVICES / "felanmalan", by=BY)
    with (
        owner_connection(settings.OWNER_DATABASE_URL),
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(using=ALIAS),
    ):
        ServiceVersion.objects.using(ALIAS).update(published_by="ägaren")


def test_changed_parameters_give_a_new_definition_and_keep_the_old(
    unit: Unit, published: ServiceVersion
) -> None:
    first = actions.adopt(service="felanmalan", units={"default": unit.pk}, by=BY).effective_hash
    second = actions.adopt(
        service="felanmalan", parameters={"answer_days": 3}, units={"default": unit.pk}, by=BY
    ).effective_hash
    assert first != second
    assert effective.by_hash(first).parameters["answer_days"] != 3
    assert effective.by_hash(second).parameters["answer_days"] == 3
    assert EffectiveDefinition.objects.count() == 2
    assert Adoption.objects.count() == 1


def test_adopting_again_without_change_makes_nothing_new(unit: Unit, published: ServiceVersion) -> None:
    for _ in range(2):
        actions.adopt(service="felanmalan", units={"default": unit.pk}, by=BY)
    assert EffectiveDefinition.objects.count() == 1


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"answer_days": 0}, "lägst"),
        ({"answer_days": "5"}, "fel typ"),
        ({"no_such": 1}, "finns inte"),
    ],
)
def test_wrong_parameters_are_refused_with_a_sentence(
    unit: Unit, published: ServiceVersion, parameters: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Invalid) as caught:
        actions.adopt(service="felanmalan", parameters=parameters, units={"default": unit.pk}, by=BY)
    assert sentence in next(iter(caught.value.field_errors.values()))


def test_another_municipalitys_unit_is_refused(
    tenant: Principal, published: ServiceVersion, botkyrka: Principal, as_tenant: object
) -> None:
    with as_tenant(botkyrka):  # type: ignore[operator]
        other = Unit.objects.create(name="Deras", authority=Authority.objects.first(), slug="deras")
    with pytest.raises(Invalid, match="Enheten finns inte"):
        actions.adopt(service="felanmalan", units={"default": other.pk}, by=BY)


def test_a_paused_service_is_not_offered_but_its_cases_go_on(unit: Unit, published: ServiceVersion) -> None:
    row = actions.adopt(service="felanmalan", units={"default": unit.pk}, by=BY)
    actions.set_offered(service="felanmalan", offered=False, by=BY)
    with pytest.raises(NotFound):
        effective.for_service("felanmalan")
    assert effective.by_hash(row.effective_hash).service.service == "felanmalan"


def test_publishing_and_adopting_ask_for_permission(unit: Unit, published: ServiceVersion) -> None:
    nobody = system_actor(None, "Ingen")
    with pytest.raises(NotAllowed):
        actions.publish(folder=SERVICES / "felanmalan", by=nobody)
    with pytest.raises(NotAllowed):
        actions.adopt(service="felanmalan", units={"default": unit.pk}, by=nobody)
    with pytest.raises(NotAllowed):
        actions.set_offered(service="felanmalan", offered=False, by=nobody)


def test_what_is_not_published_cannot_be_adopted(unit: Unit) -> None:
    with pytest.raises(NotFound):
        actions.adopt(service="felanmalan", units={"default": unit.pk}, by=BY)
    with pytest.raises(NotFound):
        catalogue.get("felanmalan", "9.9.9")


def test_the_log_says_who_published_and_adopted(unit: Unit, published: ServiceVersion) -> None:
    actions.adopt(service="felanmalan", units={"default": unit.pk}, by=BY)
    assert {"service.published", "service.adopted"} <= set(AuditEvent.objects.values_list("event", flat=True))


def test_when_the_log_cannot_be_written_nothing_is_adopted(
    unit: Unit, published: ServiceVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise RuntimeError("no log")

    monkeypatch.setattr("sambruk.platform.definitions.actions.audit.record", refuse)
    with pytest.raises(RuntimeError):
        actions.adopt(service="felanmalan", units={"default": unit.pk}, by=BY)
    assert not Adoption.objects.exists()
