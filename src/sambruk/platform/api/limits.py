"""How often somebody may ask: counted over all workers, by a keyed hash, and forgotten when the window ends.

A window is a span of the clock; its key is HMAC-SHA-256 (with the installation's secret) over the limit's
name, who asks and the window: a row tells nobody who it was, and cannot be tied to the next window's. The
count stands outside the request's own transaction: what is undone there is still counted. Somebody past the
limit is remembered in the process until the window ends, so that a flood costs the database nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from sambruk.common.clock import now
from sambruk.platform.api.models import RateCount

log = structlog.get_logger(__name__)

#: Past so many remembered keys the oldest windows are forgotten: they are then counted again.
_MOST = 20_000

_COUNT = f"""
INSERT INTO {RateCount._meta.db_table} AS c (key, count, ends_at) VALUES {{places}}
ON CONFLICT (key) DO UPDATE SET count = c.count + 1 RETURNING key, count
"""  # noqa: S608 - the name of our own table


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` requests in each ``seconds`` for one who asks (times ``settings.RATE_LIMITS``)."""

    name: str
    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asks: ``who`` is an address, a client, a draft, a municipality."""

    limit: Limit
    who: str


_lock = threading.Lock()
_full: dict[str, float] = {}


def wait(asked: Sequence[Asked]) -> int:
    """Return how many seconds to wait, as far as this process knows; 0 where one may go on. No query."""
    at = time.time()
    with _lock:
        ends = [_full.get(_key(one, at), 0.0) for one in asked] if _full else []
    return _seconds(max(ends, default=0.0), at)


def count(asked: Sequence[Asked]) -> int:
    """Count one request for each, and return how many seconds to wait; 0 where all are within their limits.

    One statement, in autocommit where no transaction is open. A database that does not answer refuses nobody:
    the request itself meets the fault.
    """
    if not asked:
        return 0
    at = time.time()
    if (left := wait(asked)) > 0:
        return left
    # In one order everywhere, so that two requests cannot wait for each other's rows.
    rows = sorted((_key(one, at), one.limit) for one in asked)
    values = [part for key, limit in rows for part in (key, 1, datetime.fromtimestamp(_end(limit, at), UTC))]
    try:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT.format(places=", ".join(["(%s, %s, %s)"] * len(rows))), values)
            counts = dict(cursor.fetchall())
    except (DatabaseError, InterfaceError) as error:
        log.warning("limits.not_counted", error=type(error).__name__)
        if not connection.in_atomic_block:
            connection.close()
        return 0
    past = [(key, _end(limit, at)) for key, limit in rows if counts.get(key, 0) > _most(limit)]
    if past:
        _remember(past, at)
    return _seconds(max((end for _, end in past), default=0.0), at)


def _most(limit: Limit) -> float:
    return max(1.0, limit.most * float(settings.RATE_LIMITS))


def _end(limit: Limit, at: float) -> float:
    return (int(at // limit.seconds) + 1) * float(limit.seconds)


def _key(asked: Asked, at: float) -> str:
    text = f"{asked.limit.name}|{asked.who}|{int(at // asked.limit.seconds)}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _seconds(end: float, at: float) -> int:
    return max(0, int(end - at) + 1) if end > at else 0


def _remember(past: Sequence[tuple[str, float]], at: float) -> None:
    with _lock:
        if len(_full) > _MOST:
            for key in [key for key, end in _full.items() if end <= at] or list(_full)[: _MOST // 2]:
                del _full[key]
        _full.update(past)


def hold(asked: Asked) -> None:
    """Let one wait until the window ends, in this process: another name of somebody who is past the limit."""
    at = time.time()
    _remember([(_key(asked, at), _end(asked.limit, at))], at)


def forget() -> None:
    """Forget who is past a limit: a test begins, or the process changes database."""
    with _lock:
        _full.clear()


def sweep() -> int:
    """Remove the rows of windows that have ended. Returns how many."""
    deleted, _ = RateCount.objects.filter(ends_at__lt=now()).delete()
    return deleted
