"""How periodic work went last, for the operator's page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.utils.translation import gettext as _

from sambruk.common.clock import now, to_stockholm, today
from sambruk.common.errors import SambrukError
from sambruk.common.text import single_line
from sambruk.platform.exchange.models import PeriodicRun
from sambruk.platform.exchange.registry import periodic_work

_DAILY = re.compile(r"(\d+) (\d+) \* \* \*")
_HOURLY = re.compile(r"\d+ \* \* \* \*")
_MINUTES = re.compile(r"\*/(\d+) \* \* \* \*")


@dataclass(frozen=True, slots=True)
class PeriodicLine:
    """Periodic work as the page shows it. ``run`` is None before its first, and for shared work."""

    label: str
    when: str
    run: PeriodicRun | None
    shared: bool


def note(name: str, begun: datetime, text: str | None, *, succeeded: bool = True) -> None:
    """Write how a run of the current tenant went, over what stood there: one statement."""
    PeriodicRun.objects.bulk_create(
        [
            PeriodicRun(
                name=name,
                started_at=begun,
                ended_at=now(),
                succeeded=succeeded,
                note=single_line(text or "", 300),
            )
        ],
        update_conflicts=True,
        unique_fields=["tenant", "name"],
        update_fields=["started_at", "ended_at", "succeeded", "note"],
    )


def sentence(error: Exception) -> str:
    """Return what the page says of a failure: our own sentences, else only that it failed."""
    if isinstance(error, SambrukError):
        return error.message_sv
    return _("Ett oväntat fel. Det står i serverns logg, och arbetet försöks igen.")


def when(cron: str) -> str:
    """Return a schedule (cron, UTC) in words, in Swedish time of today; what is not known as it stands."""
    if found := _DAILY.fullmatch(cron):
        utc = datetime.combine(today(), time(int(found[2]), int(found[1])), UTC)
        return _("varje dag %(time)s") % {"time": f"{to_stockholm(utc):%H.%M}"}
    if found := _MINUTES.fullmatch(cron):
        return _("var %(minutes)s:e minut") % {"minutes": found[1]}
    return _("varje timme") if _HOURLY.fullmatch(cron) else cron


def lines() -> Sequence[PeriodicLine]:
    """Return all periodic work by label, with how it went last for the current tenant. One query."""
    found = {run.name: run for run in PeriodicRun.objects.all()}
    works = sorted(periodic_work().values(), key=lambda work: work.label)
    return [PeriodicLine(w.label, when(w.cron), found.get(w.name), w.shared) for w in works]
