"""What a role gives, where, and how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from sambruk.common.actor import Actor, ActorKind, system_actor
from sambruk.common.clock import now, today
from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound
from sambruk.platform.identity import actions, queries, sessions
from sambruk.platform.identity.models import Membership, StaffMember, Unit
from sambruk.platform.identity.permissions import Permission, may_in, require_in, units_with
from sambruk.platform.identity.roles import ROLES, Role, permissions_of, register_role
from sambruk.platform.tenancy.models import Authority, Principal, StaffGrant

MakeStaff = Callable[..., StaffMember]


def actor(staff: StaffMember) -> Actor:
    """Log in and come back as the next request does."""
    _, key = sessions.start(account=staff, provider=staff.provider, assurance=3, old_key=None)
    found = sessions.find(key)
    assert found is not None
    return found[1]


def test_every_role_says_what_it_is_for() -> None:
    for name, role in ROLES.items():
        assert role.name == name
        assert str(role.display_name)
        assert len(str(role.description)) > 60
        assert role.permissions


def test_no_role_both_prepares_and_approves_a_payment() -> None:
    for role in ROLES.values():
        assert not {Permission.PAYMENT_ORDER, Permission.PAYMENT_APPROVE} <= role.permissions


def test_who_administrates_staff_reads_no_cases() -> None:
    for role in ROLES.values():
        assert not {Permission.ADMIN_STAFF, Permission.CASE_READ} <= role.permissions


def test_an_unknown_role_gives_nothing() -> None:
    assert permissions_of(["gone"]) == frozenset()


def test_a_role_name_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sambruk.platform.identity.roles.ROLES", dict(ROLES))

    class Other(Role):
        name = "caseworker"
        display_name = description = "x"
        permissions = frozenset()

    with pytest.raises(ValueError, match="caseworker"):
        register_role(Other)


def test_a_role_holds_in_its_unit_and_not_in_the_next(make_staff: MakeStaff, unit: Unit) -> None:
    other = Unit.objects.create(
        name="Trafik", slug="trafik", authority=Authority.objects.get(kind="technical")
    )
    staff = make_staff("karin", "decision_maker")
    Membership.objects.create(staff=staff, unit=other, role="field_worker", valid_from=date(2020, 1, 1))
    who = actor(staff)
    assert who.unit_ids == {unit.pk, other.pk}
    assert who.authority_ids == {unit.authority_id, other.authority_id}
    assert who.may(Permission.CASE_DECIDE)
    assert may_in(who, Permission.CASE_DECIDE, unit.pk)
    assert not may_in(who, Permission.CASE_DECIDE, other.pk)
    assert units_with(who, Permission.REPORT_HANDLE) == {other.pk}
    with pytest.raises(NotAllowed):
        require_in(who, Permission.CASE_DECIDE, other.pk)


@pytest.mark.parametrize(
    ("start", "end", "holds"),
    [(0, None, True), (0, 0, True), (-5, -1, False), (1, None, False), (-5, 0, True), (-5, 5, True)],
)
def test_a_role_holds_from_its_first_day_to_its_last(
    make_staff: MakeStaff, unit: Unit, start: int, end: int | None, holds: bool
) -> None:
    staff = make_staff("karin")
    day = today()
    Membership.objects.create(
        staff=staff,
        unit=unit,
        role="caseworker",
        valid_from=day + timedelta(days=start),
        valid_to=None if end is None else day + timedelta(days=end),
    )
    assert actor(staff).may(Permission.CASE_READ) is holds
    assert (staff in queries.staff_in_unit(unit.pk)) is holds


def test_a_role_that_ends_is_gone_at_the_next_request(make_staff: MakeStaff) -> None:
    staff = make_staff("karin", "caseworker")
    _, key = sessions.start(account=staff, provider=staff.provider, assurance=3, old_key=None)
    Membership.objects.filter(staff=staff).update(valid_to=today() - timedelta(days=1))
    found = sessions.find(key)
    assert found is not None
    assert not found[1].permissions


def test_the_same_role_twice_at_once_is_refused_by_the_database(make_staff: MakeStaff, unit: Unit) -> None:
    staff = make_staff("karin", "caseworker")
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(staff=staff, unit=unit, role="caseworker", valid_from=date(2026, 1, 1))
    Membership.objects.create(staff=staff, unit=unit, role="decision_maker", valid_from=date(2026, 1, 1))


def test_finding_who_asks_is_one_query(make_staff: MakeStaff, django_assert_num_queries: Any) -> None:
    staff = make_staff("karin", "caseworker", "decision_maker", "reviewer")
    _, key = sessions.start(account=staff, provider=staff.provider, assurance=3, old_key=None)
    with django_assert_num_queries(1):
        found = sessions.find(key)
        assert found is not None
        assert found[1].may(Permission.CASE_DECIDE)


def guest(make_staff: MakeStaff, home: Principal) -> StaffMember:
    staff = make_staff("gast", "contact_centre", "administrator")
    staff.home, staff.home_staff_id = home, staff.pk
    staff.save()
    return staff


def test_staff_of_another_principal_get_in_by_a_grant_alone(
    make_staff: MakeStaff, botkyrka: Principal
) -> None:
    staff = guest(make_staff, botkyrka)
    assert not actor(staff).permissions
    grant = StaffGrant.objects.create(
        home=botkyrka, staff_id=staff.home_staff_id, roles=["contact_centre"], valid_from=today()
    )
    who = actor(staff)
    assert who.may(Permission.REPORT_REGISTER)
    assert not who.may(Permission.ADMIN_STAFF)
    StaffGrant.objects.filter(pk=grant.pk).update(
        valid_from=today() - timedelta(days=9), valid_to=today() - timedelta(days=1)
    )
    assert not actor(staff).permissions


def test_a_grant_for_one_authority_does_not_open_another(make_staff: MakeStaff, botkyrka: Principal) -> None:
    staff = guest(make_staff, botkyrka)
    StaffGrant.objects.create(
        home=botkyrka,
        staff_id=staff.home_staff_id,
        roles=["contact_centre"],
        valid_from=today(),
        authority_id=Authority.objects.get(kind="technical").pk,
    )
    assert not actor(staff).permissions


def test_a_closed_account_finds_no_session(make_staff: MakeStaff) -> None:
    staff = make_staff("karin", "caseworker")
    _, key = sessions.start(account=staff, provider=staff.provider, assurance=3, old_key=None)
    StaffMember.objects.filter(pk=staff.pk).update(active=False)
    assert sessions.find(key) is None


def test_staff_in_unit_by_permission(make_staff: MakeStaff, unit: Unit) -> None:
    karin, dag = make_staff("karin", "caseworker"), make_staff("dag", "decision_maker")
    assert queries.staff_in_unit(unit.pk) == [dag, karin]
    assert queries.staff_in_unit(unit.pk, permission=Permission.CASE_DECIDE) == [dag]


def test_a_session_ends_by_idleness_and_after_a_working_day(make_staff: MakeStaff) -> None:
    staff = make_staff("karin", "caseworker")
    session, key = sessions.start(account=staff, provider=staff.provider, assurance=3, old_key=None)
    sessions.touch(session, now() + timedelta(hours=7, minutes=50))
    assert session.expires_at == session.ends_at
    session.__class__.objects.filter(pk=session.pk).update(expires_at=now() - timedelta(seconds=1))
    assert sessions.find(key) is None
    assert sessions.purge_expired() == 1


def test_units_are_added_by_the_administrator_and_named_once(admin: Actor, unit: Unit) -> None:
    made = actions.add_unit(by=admin, name=" Trafik ", slug="trafik", authority=unit.authority)
    assert made.name == "Trafik"
    assert {u.slug for u in queries.units()} == {"ekonomi", "trafik"}
    with pytest.raises(Conflict):
        actions.add_unit(by=admin, name="Trafik 2", slug="trafik", authority=unit.authority)
    with pytest.raises(Invalid):
        actions.add_unit(by=admin, name="", slug="x", authority=unit.authority)
    with pytest.raises(NotAllowed):
        actions.add_unit(by=Actor(kind=ActorKind.STAFF), name="X", slug="x", authority=unit.authority)


def test_a_role_that_has_not_begun_is_taken_away_whole(
    admin: Actor, make_staff: MakeStaff, unit: Unit
) -> None:
    staff = make_staff("karin")
    later = today() + timedelta(days=30)
    membership = actions.add_membership(by=admin, staff=staff, unit=unit, role="caseworker", valid_from=later)
    actions.end_membership(by=admin, membership_id=membership.pk)
    assert not Membership.objects.exists()
    with pytest.raises(NotFound):
        actions.end_membership(by=admin, membership_id=membership.pk)


def test_the_system_holds_what_it_was_given_in_every_unit(tenant: Principal, unit: Unit) -> None:
    job = system_actor(tenant.pk, "job", frozenset({"case.work"}))
    assert may_in(job, Permission.CASE_WORK, unit.pk)
    assert not may_in(job, Permission.CASE_DECIDE, unit.pk)
