"""When a delivery that failed is tried again: the waits are data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Schedule:
    """The waits after the first, second, … failed attempt. After the last one it gives up.

    ``jitter`` is the largest share by which a wait is lengthened, so that everything which failed together
    does not come back together.
    """

    waits: tuple[timedelta, ...]
    jitter: float = 0.1

    @property
    def attempts(self) -> int:
        """How many attempts are made in all."""
        return len(self.waits) + 1

    def next_at(self, failed_attempts: int, now: datetime, delivery_id: UUID) -> datetime | None:
        """Return when to try again after so many failed attempts (1 or more); None: give up.

        The jitter follows from the delivery's id, so the same delivery always gets the same answer.
        """
        if failed_attempts < 1:
            raise ValueError("nothing has failed yet")
        if failed_attempts > len(self.waits):
            return None
        wait = self.waits[failed_attempts - 1]
        share = (delivery_id.int % 1009) / 1008 * self.jitter
        return now + wait + wait * share


def _minutes(*values: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=value) for value in values)


#: A little over three days: a long week-end's breakdown at the other end is survived without a person.
STANDARD = Schedule(_minutes(1, 5, 15, 60, 120, 240, 480, 720, 1440, 1440))
#: For what is soon of no use, such as a text message about news: about nine hours.
SHORT = Schedule(_minutes(1, 5, 15, 60, 120, 300))
