"""The clock: now and today in Sweden, and safe passage between local time and UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def now() -> datetime:
    """Return the present instant, aware, in UTC: what is stored."""
    return datetime.now(UTC)


def today() -> date:
    """Return today's date in Sweden."""
    return local_date(now())


def to_stockholm(instant: datetime) -> datetime:
    """Return an aware instant as Swedish local time. Raises ValueError for a naive one."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError("a naive datetime has no instant")
    return instant.astimezone(STOCKHOLM)


def local_date(instant: datetime) -> date:
    """Return the Swedish date of an aware instant. Raises ValueError for a naive one."""
    return to_stockholm(instant).date()


def at_stockholm(day: date, clock: time = time(0), *, second: bool = False) -> datetime:
    """Return the instant (aware, UTC) when the clocks in Sweden show ``clock`` on ``day``.

    On the night to summer time 02:00-02:59 do not exist: the instant is as far after the change as the
    given time is after two (02:30 becomes 03:30 summer time), so nothing falls due too early or never.
    On the night back, 02:00-02:59 come twice: the first (summer time) is meant, unless ``second``.
    Raises ValueError if ``clock`` carries a time zone.
    """
    if clock.tzinfo is not None:
        raise ValueError("clock must be local time without a zone")
    local = datetime.combine(day, clock.replace(fold=0), tzinfo=STOCKHOLM)
    if second and _is_ambiguous(local):
        local = local.replace(fold=1)
    return local.astimezone(UTC)


def _is_ambiguous(local: datetime) -> bool:
    """True when the wall time comes twice: the second reading is the later instant."""
    first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    return second > first


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return the instants (UTC) when a Swedish day and the next begin: 23, 24 or 25 hours apart."""
    return at_stockholm(day), at_stockholm(date.fromordinal(day.toordinal() + 1))
