"""What the tests of deliveries share: a recorded handler, and a clock that can be moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from sambruk.common.calendar import now
from sambruk.common.errors import SambrukError
from sambruk.common.ids import uuid7
from sambruk.platform.exchange import outbox, registry, runner
from sambruk.platform.exchange.models import Delivery
from sambruk.platform.exchange.registry import Attempt, Handler, Kind
from sambruk.platform.exchange.schedule import STANDARD, Schedule
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

KIND = "test.call"


@dataclass
class Recorder(Handler[str, str]):
    """A handler that writes down what it did, and fails as it is told."""

    steps: list[str] = field(default_factory=list)
    fail: list[Exception] = field(default_factory=list)
    nothing: bool = False
    during_call: Callable[[], Any] | None = None
    fail_finish: Exception | None = None
    keys: list[str] = field(default_factory=list)
    gave_up_with: list[SambrukError] = field(default_factory=list)

    def prepare(self, attempt: Attempt) -> str | None:
        assert connection.in_atomic_block
        self.steps.append("prepare")
        return None if self.nothing else "what to send"

    def call(self, attempt: Attempt, prepared: str) -> str:
        assert not connection.in_atomic_block
        self.steps.append("call")
        self.keys.append(attempt.idempotency_key)
        if self.during_call:
            self.during_call()
        if self.fail:
            raise self.fail.pop(0)
        return "answer"

    def finish(self, attempt: Attempt, prepared: str, result: str) -> None:
        assert connection.in_atomic_block
        self.steps.append("finish")
        if self.fail_finish:
            raise self.fail_finish

    def gave_up(self, attempt: Attempt, error: SambrukError) -> None:
        self.gave_up_with.append(error)

    __hash__ = object.__hash__


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = field(default_factory=now)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **how: float) -> None:
        self.at += timedelta(**how)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register_kind() -> Iterator[Callable[..., None]]:
    """``register_kind(handler=…)`` or ``(function=…)`` for the kind ``test.call``."""

    def register(*, schedule: Schedule = STANDARD, **how: Any) -> None:
        registry.remove_kind(KIND)
        registry.add_kind(Kind(name=KIND, label="Prov", schedule=schedule, **how))

    yield register
    registry.remove_kind(KIND)


@pytest.fixture
def recorder(register_kind: Callable[..., None]) -> Recorder:
    made = Recorder()
    register_kind(handler=made)
    return made


@dataclass
class Deliveries:
    """Promises and runs deliveries of one tenant, with real transactions."""

    principal: Principal
    clock: Clock

    def promise(self, key: str = "", **how: Any) -> Delivery:
        with tenant_transaction(self.principal.pk):
            return outbox.enqueue(kind=KIND, object_id=uuid7(), key=key or f"test:{uuid7()}", **how)

    def run(self, delivery: Delivery, job_id: int | None = None) -> runner.Outcome:
        return runner.run(
            tenant_id=self.principal.pk, delivery_id=delivery.id, job_id=job_id, clock=self.clock
        )

    def again(self, delivery: Delivery) -> Delivery:
        """The delivery as it stands now."""
        with tenant_transaction(self.principal.pk):
            return Delivery.objects.get(pk=delivery.pk)


@pytest.fixture
def deliveries(committed_db: str, jarfalla: Principal, clock: Clock) -> Deliveries:
    return Deliveries(jarfalla, clock)


def jobs_of(delivery: Delivery) -> list[tuple[Any, ...]]:
    """The jobs of a delivery: id, status, scheduled_at, args."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, status::text, scheduled_at, args FROM procrastinate_jobs"
            " WHERE args->>'delivery_id' = %s ORDER BY id",
            [str(delivery.pk)],
        )
        return list(cursor.fetchall())
