"""A worker of its own process for the tests: its handler posts to the server that the environment names."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sambruk.config.settings")


def register() -> None:
    """Register the kinds that the tests promise."""
    import time
    from datetime import timedelta
    from uuid import UUID

    import httpx

    from sambruk.common.errors import Unavailable
    from sambruk.platform.exchange import outbox
    from sambruk.platform.exchange.jobs import tenant_task
    from sambruk.platform.exchange.registry import Attempt, Handler
    from sambruk.platform.exchange.schedule import Schedule
    from sambruk.platform.tenancy.models import Authority

    quick = Schedule(tuple(timedelta(seconds=0.2) for _ in range(30)))

    @outbox.handler("test.post", label="Prov", schedule=quick)
    class Post(Handler[str, int]):
        """Posts the object's id with the idempotency key."""

        def prepare(self, attempt: Attempt) -> str | None:
            return str(attempt.object_id)

        def call(self, attempt: Attempt, prepared: str) -> int:
            headers = {"Idempotency-Key": attempt.idempotency_key}
            try:
                answer = httpx.post(os.environ["TEST_SERVER"], json={"object": prepared}, headers=headers)
            except httpx.HTTPError as error:
                raise Unavailable from error
            if not answer.is_success:
                raise Unavailable
            return answer.status_code

        def finish(self, attempt: Attempt, prepared: str, result: int) -> None:
            Authority.objects.create(name=f"posted {prepared}")

    @tenant_task("test.slow", label="Prov")
    def slow(object_id: UUID) -> None:
        time.sleep(2)
        Authority.objects.create(name=f"slow {object_id}")

    @tenant_task("test.make", label="Prov", schedule=quick)
    def make(object_id: UUID) -> None:
        Authority.objects.create(name=f"made {object_id}")


if __name__ == "__main__":
    django.setup()
    register()
    from sambruk.platform.exchange.worker import run_worker

    run_worker(
        concurrency=2,
        heartbeat_seconds=0.3,
        stalled_seconds=1.5,
        shutdown_seconds=10,
    )
    print("stopped", flush=True)  # noqa: T201
