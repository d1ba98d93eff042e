"""Sessions: begun at login, found by their cookie, moved on by use, ended by logout or time."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from sambruk.common.actor import Actor
from sambruk.common.clock import now, today
from sambruk.platform.audit.actions import record
from sambruk.platform.identity.actor import actor_of
from sambruk.platform.identity.models import (
    ApiToken,
    IdentityProvider,
    LoginAttempt,
    Membership,
    Person,
    Session,
    StaffMember,
)
from sambruk.platform.tenancy.compiled import Compiled

COOKIE = "sambruk_session"
#: However much it is used, a session ends after a working day.
ABSOLUTE = timedelta(hours=8)
#: Use is written down at most so often, so that reading pages does not write to the table.
TOUCH_EVERY = timedelta(seconds=60)
_PURGE_BATCH = 200


def digest(secret: str) -> str:
    """Return how a secret of ours (256 random bits) is stored and looked up."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def new_secret() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def idle_time() -> timedelta:
    """Return how long a session lives without use."""
    return timedelta(seconds=settings.SESSION_IDLE_SECONDS)


def start(
    *, account: Person | StaffMember, provider: IdentityProvider, assurance: int, old_key: str | None
) -> tuple[Session, str]:
    """Begin a session; return it and the key for the cookie.

    The key is always new, and a session that the browser had before ends: a key planted in a browser before
    the login is worth nothing after it.
    """
    if old_key:
        Session.objects.filter(key_hash=digest(old_key)).delete()
    key = new_secret()
    begun = now()
    session = Session.objects.create(
        key_hash=digest(key),
        person=account if isinstance(account, Person) else None,
        staff=account if isinstance(account, StaffMember) else None,
        provider=provider,
        assurance=assurance,
        created_at=begun,
        seen_at=begun,
        ends_at=begun + ABSOLUTE,
        expires_at=begun + min(idle_time(), ABSOLUTE),
    )
    return session, key


def _holding(key_hash: str, at: datetime, day: date) -> QuerySet[Session]:
    roles = Membership.objects.filter(Membership.holding(day), staff_id=OuterRef("staff_id")).values(
        json=JSONObject(role="role", unit="unit_id", authority="unit__authority_id")
    )
    return (
        Session.objects.select_related("person", "staff", "mandate")
        .filter(Q(staff__isnull=True) | Q(staff__active=True), key_hash=key_hash, expires_at__gt=at)
        .annotate(roles=ArraySubquery(roles))
        .order_by("id")[:1]
    )


#: Asked by every request of somebody logged in.
_FIND = Compiled(_holding, str, datetime, date)


def find(key: str) -> tuple[Session, Actor] | None:
    """Return the session of a cookie's key and its actor, by one query; None if it does not hold.

    Row-level security sees only this principal's sessions: another principal's cookie finds nothing.
    """
    if not 20 <= len(key) <= 100:
        return None
    session = _FIND.first(digest(key), now(), today())
    if session is None:
        return None
    return session, actor_of(session, getattr(session, "roles", ()))


def touch(session: Session, at: datetime | None = None) -> None:
    """Move the end on by the idle time, never past the absolute end."""
    at = at or now()
    session.seen_at = at
    session.expires_at = min(at + idle_time(), session.ends_at)
    Session.objects.filter(pk=session.pk).update(seen_at=at, expires_at=session.expires_at)


def end(session: Session, by: Actor) -> None:
    """End the session (logout)."""
    record(event="session.ended", by=by, obj=session, person_id=session.person_id)
    Session.objects.filter(pk=session.pk).delete()


def end_all_of_staff(staff_id: UUID) -> None:
    """End every session of a member of staff, at once (the account was closed)."""
    Session.objects.filter(staff_id=staff_id).delete()


def purge_expired() -> int:
    """Delete a batch of what has expired: sessions, login attempts, API tokens. Returns how many.

    Called at each login, so that nothing grows without end where no periodic job runs.
    """
    at = now()
    deleted = 0
    for model in (LoginAttempt, Session, ApiToken):
        # A signature is collected a little after its answer came in.
        before = at - timedelta(hours=1) if model is LoginAttempt else at
        ids = list(model.objects.filter(expires_at__lt=before).values_list("pk", flat=True)[:_PURGE_BATCH])
        if ids:
            deleted += model.objects.filter(pk__in=ids).delete()[0]
    return deleted
