"""Carries out deliveries in children that are killed where each is told. For `test_jobs_killed.py`.

Reads lines of JSON from standard input, a batch a line: a list of [tenant, delivery, point]. Every delivery
of a batch is run in a forked process of its own; answers with their exit codes.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from uuid import UUID

import django


def run(tenant: str, delivery: str, point: str) -> int:
    """Carry out one delivery in a child; return its process id."""
    from sambruk.platform.exchange import failpoints, runner

    pid = os.fork()
    if pid:
        return pid
    os.environ[failpoints.ENVIRONMENT] = point
    try:
        outcome = runner.run(tenant_id=UUID(tenant), delivery_id=UUID(delivery))
        os._exit({"done": 0, "retry": 10, "gave_up": 11}.get(str(outcome), 12))
    except BaseException:  # noqa: BLE001 - a child must never come back as a second parent
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(99)


if __name__ == "__main__":
    django.setup()
    from tests.fault.jobs_of_a_process import register

    register()
    for line in sys.stdin:
        # One at a time: two cores are shared with the database, and a child is done in a moment.
        codes = [os.waitstatus_to_exitcode(os.waitpid(run(*each), 0)[1]) for each in json.loads(line)]
        print(json.dumps(codes), flush=True)  # noqa: T201 - the answer
